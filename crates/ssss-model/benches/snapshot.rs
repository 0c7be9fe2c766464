//! Reading a whole account.

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use ssss_model::rand_core::UnwrapErr;
use ssss_model::ruma_common::serde::Raw;
use ssss_model::ruma_events::AnyGlobalAccountDataEventContent;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{DefaultKey, EncryptedSecret, NewKey, Secret, SecretName, Snapshot};

type Event = (String, Raw<AnyGlobalAccountDataEventContent>);

/// Secrets, and the keys that each is sealed for: what an account has, and what it may have.
const SIZES: [(usize, usize); 3] = [(4, 1), (1_000, 10), (10_000, 2)];

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut group = criterion.benchmark_group("snapshot");
    for (secrets, keys) in SIZES {
        let events = events(secrets, keys);
        let bytes: usize = events
            .iter()
            .map(|(event_type, content)| event_type.len() + content.json().get().len())
            .sum();
        group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap()));
        let id = BenchmarkId::new("secrets × keys", format!("{secrets} × {keys}"));
        group.bench_function(id, |bencher| {
            bencher.iter_batched(|| events.clone(), Snapshot::new, BatchSize::LargeInput);
        });
    }
    group.finish();
    criterion.final_summary();
}

fn events(secrets: usize, keys: usize) -> Vec<Event> {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let keys: Vec<NewKey> = (0..keys).map(|_| NewKey::random(rng).build(rng)).collect();
    let mut events: Vec<Event> = keys
        .iter()
        .map(|key| (key.key().id().event_type(), key.description().to_raw()))
        .collect();
    let pointer = DefaultKey::content(None, keys[0].key().id());
    events.push((DefaultKey::EVENT_TYPE.to_owned(), pointer.to_raw()));
    for index in 0..secrets {
        let name = SecretName::new(&format!("org.example.secret.{index:06}")).unwrap();
        let value = Zeroizing::new(format!("{index:043}"));
        let secret = Secret::new(name.clone(), value).unwrap();
        let entries: Vec<_> = keys
            .iter()
            .map(|key| key.key().seal(&secret, rng).unwrap())
            .collect();
        let content = EncryptedSecret::content(&name, None, &entries).unwrap();
        events.push((name.as_str().to_owned(), content.to_raw()));
    }
    events
}

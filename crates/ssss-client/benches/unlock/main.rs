//! What a new device does: it opens the four secrets of an account with what a person types, over a
//! store that is some way off.

mod distant_store;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode};
use pollster::block_on;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{NewKey, Passphrase, Secret, SecretName, TypedKey};
use ssss_client::{
    Bootstrap, KeyCallbacks, KeyRequest, MemoryStore, NoKeys, ProvidedKey, Publication,
    SecretStorage,
};

use distant_store::DistantStore;

const LATENCIES: [u64; 3] = [0, 20, 100];
const PASSPHRASE: &str = "correct horse battery staple";

/// Types this.
struct Typed(String);

impl KeyCallbacks for Typed {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let text = Zeroizing::new(self.0.clone());
        Some(ProvidedKey::Typed(TypedKey::read(text)))
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.to_owned()));
    let mut group = criterion.benchmark_group("unlock four secrets");
    group.sampling_mode(SamplingMode::Flat);
    for latency in LATENCIES {
        for how in ["recovery key", "passphrase"] {
            let rng = &mut UnwrapErr(getrandom::SysRng);
            let new = NewKey::from_passphrase(&passphrase, rng).build(rng);
            let typed = if how == "passphrase" {
                PASSPHRASE.to_owned()
            } else {
                let key = new.key().recovery_key().unwrap();
                key.format().expose().to_owned()
            };
            let (store, names) = account(new);
            let store = DistantStore::new(store, Duration::from_millis(latency));
            let storage = SecretStorage::new(store, Typed(typed));
            let unlock = || {
                let opened = block_on(storage.get_all(&names)).unwrap();
                let is_open = |opened: &Result<Option<Secret>, _>| matches!(opened, Ok(Some(_)));
                assert!(opened.iter().all(|(_, opened)| is_open(opened)));
                opened
            };
            let id = BenchmarkId::new(how, format!("{latency} ms away"));
            group.bench_function(id, |bencher| bencher.iter(unlock));
        }
    }
    group.finish();
    criterion.final_summary();
}

/// An account with four secrets under a key.
fn account(new: NewKey) -> (MemoryStore, Vec<SecretName>) {
    let mut names = SecretName::CROSS_SIGNING.to_vec();
    names.push(SecretName::MEGOLM_BACKUP);
    let secrets: Vec<Secret> = names
        .iter()
        .map(|name| Secret::from_key(name.clone(), &[7; 32]))
        .collect();
    let mut new = Some(new);
    let mut create_key = async || new.take();
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets: &secrets[..],
        set_up_new: false,
        abandon: &[],
        publish: Publication::default(),
    };
    let store = MemoryStore::new();
    let storage = SecretStorage::new(&store, NoKeys);
    block_on(storage.bootstrap(options, &mut UnwrapErr(getrandom::SysRng))).unwrap();
    (store, names)
}

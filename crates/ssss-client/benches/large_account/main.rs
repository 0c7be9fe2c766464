//! Looking at a large account, and planning a new key for it.

mod account;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ssss_crypto::CostLimits;
use ssss_client::ssss_model::{NewKey, VerifiedKey};
use ssss_client::{OldKey, Plan, Report};

use account::Account;

/// Secrets, and the keys that each is sealed for.
const SIZES: [(u32, u32); 2] = [(1_000, 10), (10_000, 2)];

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    for (secrets, keys) in SIZES {
        let Account { keys, snapshot } = &Account::new(secrets, keys);
        let verified: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
        let size = format!("{secrets} × {}", keys.len());
        let entries = u64::from(secrets) * u64::try_from(keys.len()).unwrap();

        let mut group = criterion.benchmark_group("report");
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Elements(entries));
        for (how, at_hand) in [("without a key", &[][..]), ("with every key", &verified)] {
            group.bench_function(BenchmarkId::new(how, &size), |bencher| {
                bencher.iter(|| Report::new(snapshot, at_hand, CostLimits::default()));
            });
        }
        group.finish();

        let mut group = criterion.benchmark_group("plan of a rotation");
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Elements(entries));
        let rng = &mut UnwrapErr(getrandom::SysRng);
        let new = NewKey::random(rng).build(rng);
        let default = verified[0].id().clone();
        for (how, old) in [
            ("old key kept", OldKey::Kept),
            ("old key revoked", OldKey::Revoked(default)),
        ] {
            group.bench_function(BenchmarkId::new(how, &size), |bencher| {
                bencher.iter(|| Plan::rotate(snapshot, &new, &verified, &old, &[], rng).unwrap());
            });
        }
        group.finish();
    }
    criterion.final_summary();
}

//! Telling a key from another.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use ssss_crypto::rand_core::UnwrapErr;
use ssss_crypto::{KeyCheck, SecretStorageKey};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let bytes = [7; 32];
    let key = SecretStorageKey::from_array(&bytes);
    let other = SecretStorageKey::from_array(&[8; 32]);
    let check = KeyCheck::create(&key, rng);
    criterion.bench_function("key check/create", |bencher| {
        bencher.iter(|| KeyCheck::create(black_box(&key), rng));
    });
    criterion.bench_function("key check/the key", |bencher| {
        bencher.iter(|| check.verify(black_box(&key)).unwrap());
    });
    // Tried a second time, with bit 63 of the IV cleared, only where that is set.
    criterion.bench_function("key check/another key", |bencher| {
        bencher.iter(|| check.verify(black_box(&other)).unwrap_err());
    });
    criterion.bench_function("key check/the key from its bytes", |bencher| {
        bencher.iter(|| {
            let key = SecretStorageKey::from_array(black_box(&bytes));
            check.verify(&key).unwrap()
        });
    });
    criterion.final_summary();
}

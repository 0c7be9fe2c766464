//! Reading and writing recovery keys.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use ssss_recovery_key::RecoveryKey;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let key = RecoveryKey::from_bytes(b"an example of a key of 32 bytes.");
    let text = key.format();
    let text = text.expose();
    let wrong = text.replacen(' ', "1", 1);
    criterion.bench_function("recovery key/parse", |bencher| {
        bencher.iter(|| RecoveryKey::parse(black_box(text)).unwrap());
    });
    criterion.bench_function("recovery key/refuse", |bencher| {
        bencher.iter(|| RecoveryKey::parse(black_box(&wrong)).unwrap_err());
    });
    criterion.bench_function("recovery key/format", |bencher| {
        bencher.iter(|| black_box(&key).format());
    });
    criterion.final_summary();
}

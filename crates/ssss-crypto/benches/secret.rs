//! Sealing and opening bytes.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput};
use ssss_crypto::rand_core::UnwrapErr;
use ssss_crypto::{Label, SecretStorageKey};

/// A cross-signing key in base64 has 43.
const LENGTHS: [usize; 4] = [43, 1 << 10, 1 << 20, 64 << 20];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let key = SecretStorageKey::from_array(b"an example of a key of 32 bytes.");
    let label = Label::new("m.cross_signing.master").unwrap();
    let rng = &mut UnwrapErr(getrandom::SysRng);

    let mut group = criterion.benchmark_group("seal");
    for len in LENGTHS {
        let secret = vec![7; len];
        size_up(&mut group, len);
        group.bench_function(BenchmarkId::new("bytes", len), |bencher| {
            bencher.iter(|| key.seal(label, black_box(&secret), rng));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("open");
    for len in LENGTHS {
        let sealed = key.seal(label, &vec![7; len], rng);
        size_up(&mut group, len);
        group.bench_function(BenchmarkId::new("bytes", len), |bencher| {
            bencher.iter(|| key.open(label, black_box(&sealed)).unwrap());
        });
        group.bench_function(BenchmarkId::new("in place, bytes", len), |bencher| {
            bencher.iter_batched(
                || sealed.clone(),
                |sealed| key.open_in_place(label, sealed).unwrap(),
                // Of large ones there is room for one at a time.
                BatchSize::NumIterations(if len < 1 << 20 { 1_000 } else { 1 }),
            );
        });
    }
    group.finish();
    criterion.final_summary();
}

fn size_up(group: &mut BenchmarkGroup<'_, WallTime>, len: usize) {
    group.throughput(Throughput::Bytes(u64::try_from(len).unwrap()));
    if len >= 64 << 20 {
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
    }
}

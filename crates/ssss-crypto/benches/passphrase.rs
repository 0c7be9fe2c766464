//! Deriving a key from a passphrase.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use ssss_crypto::{CostLimits, Pbkdf2};

/// One for the fixed cost; what a test takes; and what clients make keys with.
const ITERATIONS: [u64; 4] = [1, 1_000, 100_000, 500_000];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    derive(&mut criterion);
    criterion.final_summary();
}

fn derive(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("derive");
    for iterations in ITERATIONS {
        let cost = Pbkdf2::admit(iterations, 256, CostLimits::default()).unwrap();
        group.throughput(Throughput::Elements(iterations));
        if iterations >= 100_000 {
            group.sample_size(10).sampling_mode(SamplingMode::Flat);
            group.warm_up_time(Duration::from_millis(500));
        }
        let id = BenchmarkId::new("iterations", iterations);
        group.bench_function(id, |bencher| {
            bencher.iter(|| cost.derive(black_box(b"correct horse battery staple"), b"a salt"));
        });
    }
}

//! Secrets sealed to JSON and opened from it.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput};
use ssss_model::rand_core::UnwrapErr;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{EncryptedSecret, NewKey, Object, Secret, SecretName};

/// A cross-signing key in base64 has 43.
const LENGTHS: [usize; 4] = [43, 1 << 10, 1 << 20, 64 << 20];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let key = NewKey::random(rng).build(rng).into_key();
    let name = SecretName::new("org.example.secret").unwrap();

    for len in LENGTHS {
        let text = Zeroizing::new("x".repeat(len));
        let secret = Secret::new(name.clone(), text).unwrap();
        let mut group = criterion.benchmark_group("seal to JSON");
        size_up(&mut group, len);
        group.bench_function(BenchmarkId::new("bytes", len), |bencher| {
            bencher.iter(|| {
                let entry = key.seal(black_box(&secret), rng).unwrap();
                EncryptedSecret::content(&name, None, &[entry]).unwrap()
            });
        });
        group.finish();

        let entry = key.seal(&secret, rng).unwrap();
        let content = EncryptedSecret::content(&name, None, &[entry]).unwrap();
        let mut group = criterion.benchmark_group("open from JSON");
        size_up(&mut group, len);
        group.bench_function(BenchmarkId::new("bytes", len), |bencher| {
            bencher.iter(|| {
                let object = Object::parse(black_box(content.as_json())).unwrap();
                let secret = EncryptedSecret::parse(&name, &object);
                key.open(secret.present().unwrap()).unwrap()
            });
        });
        group.finish();
    }
    criterion.final_summary();
}

fn size_up(group: &mut BenchmarkGroup<'_, WallTime>, len: usize) {
    group.throughput(Throughput::Bytes(u64::try_from(len).unwrap()));
    if len >= 64 << 20 {
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
    }
}

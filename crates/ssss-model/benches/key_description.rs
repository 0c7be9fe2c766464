//! Holding a key against its description.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use ssss_model::rand_core::UnwrapErr;
use ssss_model::ssss_crypto::SecretStorageKey;
use ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_model::{KeyDescription, NewKey, Object, UnverifiedKey};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let bytes = [7; 32];
    let new = NewKey::from_key(SecretStorageKey::from_array(&bytes)).build(rng);
    let (id, json) = (new.key().id(), new.description().as_json());
    let typed = RecoveryKey::from_bytes(&bytes).format();
    let typed = typed.expose();
    let read = |json: &str| {
        let object = Object::parse(json).unwrap();
        KeyDescription::parse(id, &object)
            .present()
            .unwrap()
            .clone()
    };
    criterion.bench_function("key description/parse", |bencher| {
        bencher.iter(|| {
            let object = Object::parse(black_box(json)).unwrap();
            KeyDescription::parse(id, &object)
        });
    });
    let description = read(json);
    criterion.bench_function("key description/verify a recovery key", |bencher| {
        bencher.iter(|| {
            let key = RecoveryKey::parse(black_box(typed)).unwrap();
            let key = UnverifiedKey::from_recovery_key(&key);
            description.verify(key).unwrap()
        });
    });
    criterion.bench_function("key description/parse and verify", |bencher| {
        bencher.iter(|| {
            let description = read(black_box(json));
            let key = RecoveryKey::parse(black_box(typed)).unwrap();
            let key = UnverifiedKey::from_recovery_key(&key);
            description.verify(key).unwrap()
        });
    });
    criterion.final_summary();
}

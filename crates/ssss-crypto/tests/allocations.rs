//! Nothing is allocated but what is returned. In a binary of its own, whose allocator counts.

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use ssss_crypto::rand_core::UnwrapErr;
use ssss_crypto::{CostLimits, KeyCheck, Label, Pbkdf2, SecretStorageKey};

#[test]
fn nothing_is_allocated_beyond_outputs() {
    let mut rng = UnwrapErr(getrandom::SysRng);
    let key = SecretStorageKey::generate(&mut rng);
    let label = Label::new("m.cross_signing.master").unwrap();

    // A key is two boxes: its bytes, and what HKDF extracts from them.
    assert_two_boxes(32, || SecretStorageKey::generate(&mut rng));
    assert_two_boxes(64, || SecretStorageKey::from_bytes(&[1; 64]).unwrap());
    let pbkdf2 = Pbkdf2::admit(10, 128, CostLimits::default()).unwrap();
    assert_two_boxes(16, || pbkdf2.derive(b"passphrase", b"salt"));

    for len in [1, 43, 1_000, 100_000] {
        let secret = vec![7; len];
        let sealing = counted(|| key.seal(label, &secret, &mut rng));
        assert_eq!((sealing.count_total, sealing.bytes_total), (1, as_u64(len)));
        let mut sealed = key.seal(label, &secret, &mut rng);
        let opening = counted(|| key.open(label, &sealed).unwrap());
        assert_eq!((opening.count_total, opening.bytes_total), (1, as_u64(len)));
        let mut again = Some(sealed.clone());
        let mut in_place = || key.open_in_place(label, again.take().unwrap());
        let info = measure(|| assert_eq!(in_place().unwrap().expose(), secret));
        assert_eq!((info.count_total, info.count_current), (0, -1), "in place");
        sealed.mac[0] ^= 1;
        assert_eq!(
            counted(|| key.open(label, &sealed)).count_total,
            0,
            "before it is authentic"
        );
    }

    let check = KeyCheck::create(&key, &mut rng);
    let other = SecretStorageKey::generate(&mut rng);
    assert_eq!(counted(|| KeyCheck::create(&key, &mut rng)).count_total, 0);
    assert_eq!(
        counted(|| KeyCheck::from_parts(check.iv(), check.mac())).count_total,
        0
    );
    assert_eq!(counted(|| check.verify(&key)).count_total, 0);
    assert_eq!(counted(|| check.verify(&other)).count_total, 0);
}

/// Counts while something is made and dropped.
fn counted<R>(make: impl FnOnce() -> R) -> AllocationInfo {
    let info = measure(|| drop(black_box(make())));
    assert_eq!(info.count_current, 0, "all is given back");
    info
}

fn assert_two_boxes(len: usize, make: impl FnOnce() -> SecretStorageKey) {
    let info = counted(make);
    assert_eq!(info.count_total, 2);
    let extracted = info.bytes_total - as_u64(len);
    // Two states of SHA-256 of 40 bytes, a block of 64, and no room for more.
    assert!((80..=160).contains(&extracted), "{extracted} bytes");
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap()
}

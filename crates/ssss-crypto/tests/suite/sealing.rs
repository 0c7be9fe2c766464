//! Sealing and opening, compared with the reference implementation.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use ssss_crypto::{EmptyLabelError, KeyLengthError, Label, Sealed, SecretStorageKey};

use crate::reference;
use crate::rng::Chosen;

pub(crate) fn key_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(
        any::<u8>(),
        SecretStorageKey::MIN_LEN..=SecretStorageKey::MAX_LEN,
    )
}

/// Any IV, and often one whose counter carries into or past its upper half.
pub(crate) fn iv() -> impl Strategy<Value = [u8; 16]> {
    let near_the_end = 0_u128..16;
    prop_oneof![
        any::<[u8; 16]>(),
        near_the_end
            .clone()
            .prop_map(|less| (u128::MAX - less).to_be_bytes()),
        (any::<u64>(), near_the_end).prop_map(|(upper, less)| {
            ((u128::from(upper) << 64) + u128::from(u64::MAX) - less).to_be_bytes()
        }),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("m.cross_signing.master".to_owned()),
        "[ -~]{1,80}",
        "\\PC{1,20}",
    ]
}

fn plaintext() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..70),
        vec(any::<u8>(), 43),
        vec(any::<u8>(), 250..600),
    ]
}

fn key(bytes: &[u8]) -> SecretStorageKey {
    SecretStorageKey::from_bytes(bytes).unwrap()
}

fn label(name: &str) -> Label<'_> {
    Label::new(name).unwrap()
}

fn sealed(iv: [u8; 16], (ciphertext, mac): (Vec<u8>, Vec<u8>)) -> Sealed {
    let mac = mac.try_into().unwrap();
    Sealed {
        iv,
        ciphertext,
        mac,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_reference_opens_what_is_sealed(
        bytes in key_bytes(), name in name(), secret in plaintext(), random in any::<[u8; 16]>(),
    ) {
        let mut rng = Chosen(&random);
        let sealed = key(&bytes).seal(label(&name), &secret, &mut rng);
        prop_assert!(rng.0.is_empty(), "an IV is 16 random bytes");
        let mut iv = random;
        iv[8] &= 0x7f;
        prop_assert_eq!(sealed.iv, iv);
        let (ciphertext, mac) = reference::seal(&bytes, &name, &iv, &secret);
        prop_assert_eq!(&sealed.ciphertext, &ciphertext);
        prop_assert_eq!(sealed.mac.to_vec(), mac);
        let opened = reference::open(&bytes, &name, &sealed.iv, &sealed.ciphertext, &sealed.mac);
        prop_assert_eq!(opened, Some(secret));
    }

    #[test]
    fn what_the_reference_seals_is_opened(
        bytes in key_bytes(), name in name(), secret in plaintext(), iv in iv(),
    ) {
        let sealed = sealed(iv, reference::seal(&bytes, &name, &iv, &secret));
        let opened = key(&bytes).open(label(&name), &sealed).unwrap();
        prop_assert_eq!(opened.expose(), &secret);
        let opened = key(&bytes).open_in_place(label(&name), sealed).unwrap();
        prop_assert_eq!(opened.expose(), &secret);
    }

    #[test]
    fn a_changed_bit_is_noticed(
        bytes in key_bytes(), name in name(), secret in plaintext(), iv in iv(),
        place in any::<Index>(), bit in 0..8_u32,
    ) {
        let original = sealed(iv, reference::seal(&bytes, &name, &iv, &secret));
        let mut changed = original.clone();
        let mut changed_key = bytes.clone();
        let places = changed.ciphertext.len() + changed.mac.len() + changed_key.len();
        let all = changed.ciphertext.iter_mut().chain(&mut changed.mac).chain(&mut changed_key);
        *all.into_iter().nth(place.index(places)).unwrap() ^= 1_u8 << bit;
        let key = key(&changed_key);
        prop_assert!(key.open(label(&name), &changed).is_err());
        prop_assert!(key.open_in_place(label(&name), changed).is_err());
    }

    #[test]
    fn a_changed_length_is_noticed(
        bytes in key_bytes(), name in name(), secret in plaintext(), iv in iv(), more in any::<u8>(),
    ) {
        let key = key(&bytes);
        let original = sealed(iv, reference::seal(&bytes, &name, &iv, &secret));
        let mut longer = original.clone();
        longer.ciphertext.push(more);
        prop_assert!(key.open(label(&name), &longer).is_err());
        let mut shorter = original;
        if shorter.ciphertext.pop().is_some() {
            prop_assert!(key.open(label(&name), &shorter).is_err());
        }
    }

    #[test]
    fn another_name_or_key_does_not_open(
        bytes in key_bytes(), name in name(), secret in plaintext(), iv in iv(),
        other_bytes in key_bytes(), other_name in name(), pad in 0_u8..2,
    ) {
        let sealed = sealed(iv, reference::seal(&bytes, &name, &iv, &secret));
        if other_name != name {
            prop_assert!(key(&bytes).open(label(&other_name), &sealed).is_err());
        }
        // HMAC pads keys with zeros: a key and the same key with a zero after it must differ here.
        let mut padded = bytes.clone();
        padded.push(pad);
        for other in [&other_bytes, &padded] {
            if *other != bytes && let Ok(other) = SecretStorageKey::from_bytes(other) {
                prop_assert!(other.open(label(&name), &sealed).is_err());
            }
        }
    }

    /// The scheme has no protection here, and this crate's documentation says so. Should the scheme
    /// change, so must the documentation.
    #[test]
    fn a_changed_iv_is_not_noticed(
        bytes in key_bytes(), name in name(), secret in vec(any::<u8>(), 16..70), iv in iv(),
        bit in 0..128_u32,
    ) {
        let mut sealed = sealed(iv, reference::seal(&bytes, &name, &iv, &secret));
        sealed.iv = (u128::from_be_bytes(iv) ^ (1_u128 << bit)).to_be_bytes();
        let opened = key(&bytes).open(label(&name), &sealed).unwrap();
        prop_assert_ne!(opened.expose(), &secret);
        let (aes_key, _) = reference::derived_keys(&bytes, &name);
        let expected = reference::aes256_ctr(&aes_key, &sealed.iv, &sealed.ciphertext);
        prop_assert_eq!(opened.expose(), &expected);
    }
}

#[test]
fn every_changed_bit_of_one_secret_is_noticed() {
    let bytes: Vec<u8> = (0..32).collect();
    let original = sealed(
        [7; 16],
        reference::seal(&bytes, "m.example", &[7; 16], &[1; 43]),
    );
    for bit in 0..original.ciphertext.len() * 8 {
        let mut changed = original.clone();
        changed.ciphertext[bit / 8] ^= 1 << (bit % 8);
        assert!(
            key(&bytes).open(label("m.example"), &changed).is_err(),
            "ciphertext {bit}"
        );
    }
    for bit in 0..original.mac.len() * 8 {
        let mut changed = original.clone();
        changed.mac[bit / 8] ^= 1 << (bit % 8);
        assert!(
            key(&bytes).open(label("m.example"), &changed).is_err(),
            "MAC {bit}"
        );
    }
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(
            key(&changed).open(label("m.example"), &original).is_err(),
            "key {bit}"
        );
    }
    assert!(key(&bytes).open(label("m.example"), &original).is_ok());
}

#[test]
fn a_key_has_16_to_64_bytes_and_they_are_its_own() {
    let bytes: Vec<u8> = (1..=100).collect();
    for len in 0..=bytes.len() {
        match SecretStorageKey::from_bytes(&bytes[..len]) {
            Ok(key) => {
                assert!((16..=64).contains(&len), "{len}");
                assert_eq!(key.expose(), &bytes[..len]);
            }
            Err(KeyLengthError { .. }) => assert!(!(16..=64).contains(&len), "{len}"),
        }
    }
    let array = bytes[..32].try_into().unwrap();
    assert_eq!(SecretStorageKey::from_array(array).expose(), array);
}

#[test]
fn a_new_key_is_32_random_bytes() {
    let random: Vec<u8> = (0..32).collect();
    let mut rng = Chosen(&random);
    assert_eq!(SecretStorageKey::generate(&mut rng).expose(), random);
    assert!(rng.0.is_empty());
}

#[test]
fn only_the_empty_name_is_no_label() {
    assert!(matches!(Label::new(""), Err(EmptyLabelError { .. })));
    for name in [" ", "\0", "m.cross_signing.master", "名前"] {
        assert!(Label::new(name).is_ok(), "{name:?}");
    }
}

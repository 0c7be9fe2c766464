//! The key check, compared with the reference implementation.

use proptest::collection::vec;
use proptest::prelude::*;
use ssss_crypto::{KeyCheck, KeyCheckShapeError, MatchedForm, SecretStorageKey};

use crate::reference;
use crate::rng::Chosen;
use crate::sealing::{iv, key_bytes};

/// In which form the reference implementation finds that a check matches.
fn expected(key: &[u8], iv: &[u8], mac: &[u8]) -> Option<MatchedForm> {
    if iv.len() == 32 {
        return (reference::check_mac(key, &iv[..16]) == mac).then_some(MatchedForm::First16Bytes);
    }
    if reference::check_mac(key, iv) == mac {
        return Some(MatchedForm::AsStored);
    }
    let mut cleared = iv.to_vec();
    cleared[8] &= 0b0111_1111;
    (reference::check_mac(key, &cleared) == mac).then_some(MatchedForm::Bit63Cleared)
}

fn verify(key: &[u8], iv: &[u8], mac: &[u8]) -> Option<MatchedForm> {
    let key = SecretStorageKey::from_bytes(key).unwrap();
    KeyCheck::from_parts(iv, mac).unwrap().verify(&key).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn what_is_created_matches_as_stored_in_the_reference_too(
        bytes in key_bytes(), random in any::<[u8; 16]>(),
    ) {
        let key = SecretStorageKey::from_bytes(&bytes).unwrap();
        let mut rng = Chosen(&random);
        let check = KeyCheck::create(&key, &mut rng);
        prop_assert!(rng.0.is_empty(), "an IV is 16 random bytes");
        let mut iv = random;
        iv[8] &= 0x7f;
        prop_assert_eq!(check.iv(), &iv);
        prop_assert_eq!(check.mac().to_vec(), reference::check_mac(&bytes, &iv));
        prop_assert_eq!(check.verify(&key), Ok(MatchedForm::AsStored));
    }

    /// The MAC is made over some IV that is near to the stored one, with this key or another: the
    /// three known forms are accepted, whatever a strict check accepts among them, and no more.
    #[test]
    fn exactly_the_known_forms_match(
        bytes in key_bytes(), stored in iv(), long in proptest::option::of(any::<[u8; 16]>()),
        bit in prop_oneof![Just(None), Just(Some(63)), (0..128).prop_map(Some)],
        other in prop_oneof![3 => Just(None), 1 => key_bytes().prop_map(Some)],
    ) {
        let used = u128::from_be_bytes(stored) ^ bit.map_or(0, |bit| 1 << bit);
        let used = used.to_be_bytes();
        let mac = reference::check_mac(other.as_ref().unwrap_or(&bytes), &used);
        let mut iv = stored.to_vec();
        iv.extend(long.iter().flatten());
        let found = verify(&bytes, &iv, &mac);
        prop_assert_eq!(found, expected(&bytes, &iv, &mac));

        let strict = used == stored && other.is_none_or(|other| other == bytes);
        let form = if long.is_some() { MatchedForm::First16Bytes } else { MatchedForm::AsStored };
        prop_assert_eq!(found == Some(form), strict);
    }

    #[test]
    fn a_wrong_key_or_mac_never_matches(
        bytes in key_bytes(), others in vec(key_bytes(), 4), iv in iv(), long in any::<bool>(),
        bit in 0..256_usize,
    ) {
        let mut mac = reference::check_mac(&bytes, &iv);
        let stored = if long { iv.repeat(2) } else { iv.to_vec() };
        prop_assert!(verify(&bytes, &stored, &mac).is_some());
        for other in others.iter().filter(|other| **other != bytes) {
            prop_assert_eq!(verify(other, &stored, &mac), None);
        }
        mac[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(verify(&bytes, &stored, &mac), None);
    }
}

#[test]
fn an_iv_has_16_or_32_bytes_and_a_mac_has_32() {
    let bytes = [5; 80];
    for iv in 0..bytes.len() {
        match KeyCheck::from_parts(&bytes[..iv], &bytes[..32]) {
            Ok(check) => {
                assert!(iv == 16 || iv == 32, "{iv}");
                assert_eq!(check.iv(), &bytes[..iv], "kept as it was");
                assert_eq!(check.mac()[..], bytes[..32]);
            }
            Err(error) => {
                assert!(iv != 16 && iv != 32, "{iv}");
                assert_eq!(error, KeyCheckShapeError::IvLength(iv));
            }
        }
    }
    for mac in (0..bytes.len()).filter(|len| *len != 32) {
        let refused = KeyCheck::from_parts(&bytes[..16], &bytes[..mac]).unwrap_err();
        assert_eq!(refused, KeyCheckShapeError::MacLength(mac));
    }
}

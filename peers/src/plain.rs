//! The scheme in a few calls of RustCrypto's primitives: no types, no wiping, no evidence.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha512};

pub(crate) fn open(
    key: &[u8; 32],
    name: &str,
    iv: &[u8; 16],
    ciphertext: &[u8],
    mac: &[u8; 32],
) -> Option<Vec<u8>> {
    let (aes_key, mac_key) = keys(key, name);
    let mut hmac = Hmac::<Sha256>::new_from_slice(&mac_key).ok()?;
    hmac.update(ciphertext);
    hmac.verify_slice(mac).ok()?;
    let mut plaintext = ciphertext.to_vec();
    Ctr128BE::<Aes256>::new(&aes_key.into(), iv.into()).apply_keystream(&mut plaintext);
    Some(plaintext)
}

pub(crate) fn derive(passphrase: &str, salt: &str, iterations: u32) -> [u8; 32] {
    let mut key = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha512>(passphrase.as_bytes(), salt.as_bytes(), iterations, &mut key);
    key
}

fn keys(key: &[u8; 32], name: &str) -> ([u8; 32], [u8; 32]) {
    let mut keys = [0; 64];
    let hkdf = Hkdf::<Sha256>::new(Some(&[0; 32]), key);
    hkdf.expand(name.as_bytes(), &mut keys)
        .expect("64 bytes are not too many");
    let (aes_key, mac_key) = keys.split_at(32);
    (
        aes_key.try_into().expect("32 bytes"),
        mac_key.try_into().expect("32 bytes"),
    )
}

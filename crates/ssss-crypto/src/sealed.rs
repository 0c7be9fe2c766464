//! Sealing a secret, and opening it.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use crate::cipher::Cipher;
use crate::key::SecretStorageKey;
use crate::label::Label;
use crate::plaintext::Plaintext;

/// A secret as `m.secret_storage.v1.aes-hmac-sha2` stores it: the `iv`, `ciphertext` and `mac` of an
/// entry of `encrypted`, decoded from base64.
///
/// The MAC is over the ciphertext only. The IV is **not** authenticated: who can change it changes
/// what an authentic ciphertext opens to, so callers check that the plaintext is what it should be.
///
/// There is no `==`, because a MAC compared with it would leak how much of it was right.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The initial counter block of AES-256-CTR, big-endian.
    pub iv: [u8; 16],
    /// As long as the plaintext.
    pub ciphertext: Vec<u8>,
    /// HMAC-SHA-256 of the ciphertext, whole.
    pub mac: [u8; 32],
}

/// The MAC does not match: the key or the label is another one, or the data is damaged.
///
/// The scheme cannot tell these apart; a [`KeyCheck`](crate::KeyCheck) can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenError;

impl SecretStorageKey {
    /// Encrypts a secret of any length with a random IV of its own, and authenticates it.
    ///
    /// The IV has bit 63 clear. This and [`open`](Self::open) are `m.secret_storage.v1.aes-hmac-sha2`
    /// of the client-server API, "Secret storage", without its base64.
    #[must_use]
    pub fn seal(&self, label: Label<'_>, plaintext: &[u8], rng: &mut impl CryptoRng) -> Sealed {
        let iv = random_iv(rng);
        let mut ciphertext = plaintext.to_vec();
        let mac = Cipher::with(self, label.as_bytes(), |cipher| {
            cipher.apply_keystream(&iv, &mut ciphertext);
            cipher.mac(&ciphertext)
        });
        Sealed {
            iv,
            ciphertext,
            mac,
        }
    }

    /// Authenticates a secret, and only then decrypts it; [`OpenError`] if the MAC does not match.
    ///
    /// Any 16 bytes are taken as an IV, those with bit 63 set too: the counter has 128 bits. The
    /// plaintext is as long as the ciphertext, may be empty, and is not checked to be text.
    pub fn open(&self, label: Label<'_>, sealed: &Sealed) -> Result<Plaintext, OpenError> {
        let Sealed {
            iv,
            ciphertext,
            mac,
        } = sealed;
        Cipher::with(self, label.as_bytes(), |cipher| {
            if !bool::from(cipher.authenticates(ciphertext, mac)) {
                return Err(OpenError);
            }
            let mut plaintext = Plaintext::new(ciphertext.clone());
            cipher.apply_keystream(iv, plaintext.as_mut());
            Ok(plaintext)
        })
    }

    /// [`open`](Self::open), for large secrets: the ciphertext is decrypted where it lies, and is neither
    /// copied nor given back if the MAC does not match.
    pub fn open_in_place(&self, label: Label<'_>, sealed: Sealed) -> Result<Plaintext, OpenError> {
        let Sealed {
            iv,
            ciphertext,
            mac,
        } = sealed;
        Cipher::with(self, label.as_bytes(), |cipher| {
            if !bool::from(cipher.authenticates(&ciphertext, &mac)) {
                return Err(OpenError);
            }
            let mut plaintext = Plaintext::new(ciphertext);
            cipher.apply_keystream(&iv, plaintext.as_mut());
            Ok(plaintext)
        })
    }
}

/// A random IV with bit 63 clear, as the specification asks, so that clients whose AES-CTR counts in
/// 64 bits read the same.
pub(crate) fn random_iv(rng: &mut impl CryptoRng) -> [u8; 16] {
    let mut iv = [0; 16];
    rng.fill_bytes(&mut iv);
    with_bit_63_cleared(iv)
}

/// Bit 63 of the counter is the highest bit of byte 8.
pub(crate) fn with_bit_63_cleared(iv: [u8; 16]) -> [u8; 16] {
    (u128::from_be_bytes(iv) & !(1 << 63)).to_be_bytes()
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the MAC does not match: this is another key or name, or the data is damaged")
    }
}

impl core::error::Error for OpenError {}

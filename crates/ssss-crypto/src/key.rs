//! The secret storage key.

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::stack::wiped_after;

#[cfg(test)]
mod tests;

/// A secret storage key: 32 bytes, or 16 to 64 where a passphrase block asks for other `bits`.
///
/// Boxed at birth and wiped when dropped. It cannot be cloned, compared, shown or serialised; to
/// keep it, [`expose`](Self::expose) it.
///
/// The *key* of `m.secret_storage.v1.aes-hmac-sha2` in the client-server API, "Secret storage". The
/// extract step of its HKDF runs once, when the key is made, and not once for every secret.
pub struct SecretStorageKey {
    bytes: Zeroizing<Box<[u8]>>,
    /// The result of HKDF's extract step. Wiped on drop: it is an HMAC and nothing else.
    extracted: Box<Hkdf<Sha256>>,
}

/// Bytes that cannot be a key: there are fewer than 16 or more than 64 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLengthError;

impl SecretStorageKey {
    /// Length of a key in bytes.
    pub const LEN: usize = 32;
    /// Length in bytes of the shortest key that a passphrase block can ask for.
    pub const MIN_LEN: usize = 16;
    /// Length in bytes of the longest key that a passphrase block can ask for.
    pub const MAX_LEN: usize = 64;

    /// Draws a key of 32 bytes.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::fill(Self::LEN, |bytes| rng.fill_bytes(bytes))
    }

    /// Copies a key of 16 to 64 bytes; [`KeyLengthError`] if there are fewer or more.
    ///
    /// The caller's copy is the caller's to wipe.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyLengthError> {
        if !(Self::MIN_LEN..=Self::MAX_LEN).contains(&bytes.len()) {
            return Err(KeyLengthError);
        }
        Ok(Self::fill(bytes.len(), |key| key.copy_from_slice(bytes)))
    }

    /// Copies a key of 32 bytes, the length of every key that a recovery key stands for.
    ///
    /// The caller's copy is the caller's to wipe.
    #[must_use]
    pub fn from_array(bytes: &[u8; Self::LEN]) -> Self {
        Self::fill(Self::LEN, |key| key.copy_from_slice(bytes))
    }

    /// The 16 to 64 bytes of the key. A copy that is made of them is not wiped by this crate.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// Makes a key whose bytes are written where they stay.
    pub(crate) fn fill(len: usize, write: impl FnOnce(&mut [u8])) -> Self {
        wiped_after(|| {
            let mut bytes = Zeroizing::new(vec![0; len].into_boxed_slice());
            write(&mut bytes);
            // No salt is a salt of 32 zero bytes, which is what the specification asks for.
            let extracted = Box::new(Hkdf::new(None, &bytes));
            Self { bytes, extracted }
        })
    }

    /// The expand step of HKDF-SHA-256.
    pub(crate) fn extracted(&self) -> &Hkdf<Sha256> {
        &self.extracted
    }
}

impl fmt::Debug for SecretStorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretStorageKey(..)")
    }
}

impl fmt::Display for KeyLengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret storage key has 16 to 64 bytes")
    }
}

impl core::error::Error for KeyLengthError {}

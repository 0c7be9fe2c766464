//! The secret storage key.

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// A secret storage key: 32 bytes, or 16 to 64 where a passphrase block asks for other `bits`.
///
/// Boxed at birth and wiped when dropped. It cannot be cloned, compared, shown or serialised; to
/// keep it, [`expose`](Self::expose) it.
pub struct SecretStorageKey {
    bytes: Zeroizing<Box<[u8]>>,
    /// The extract step of HKDF-SHA-256, which is the same for every secret. Wiped on drop by the
    /// `zeroize` features of `hmac` and `sha2`.
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

    /// Copies a key of 16 to 64 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyLengthError> {
        if !(Self::MIN_LEN..=Self::MAX_LEN).contains(&bytes.len()) {
            return Err(KeyLengthError);
        }
        Ok(Self::fill(bytes.len(), |key| key.copy_from_slice(bytes)))
    }

    /// Copies a key of 32 bytes.
    #[must_use]
    pub fn from_array(bytes: &[u8; Self::LEN]) -> Self {
        Self::fill(Self::LEN, |key| key.copy_from_slice(bytes))
    }

    /// The bytes of the key.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// Makes a key whose bytes are written where they stay.
    pub(crate) fn fill(len: usize, write: impl FnOnce(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new(vec![0; len].into_boxed_slice());
        write(&mut bytes);
        // No salt is a salt of 32 zero bytes, which is what the specification asks for.
        let extracted = Box::new(Hkdf::new(None, &bytes));
        Self { bytes, extracted }
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

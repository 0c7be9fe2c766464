//! What a ciphertext opens to.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroize as _;

/// The bytes of a secret, wiped when dropped.
///
/// It cannot be cloned, compared or printed, and `Debug` shows nothing of it. Whether the bytes are what
/// they should be, for example UTF-8 text, is for the caller to say.
pub struct Plaintext(Vec<u8>);

impl Plaintext {
    /// Takes a buffer of which nothing beyond its length is secret.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The bytes, as many as the ciphertext has. A copy that is made of them is not wiped by this crate.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The buffer itself, to make something else of it without a copy. It is the caller's to wipe.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        core::mem::take(&mut self.0)
    }
}

impl Drop for Plaintext {
    fn drop(&mut self) {
        // As a slice, which is one fill; a `Vec` is wiped byte by byte, which takes ten times as long.
        self.0.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plaintext(..)")
    }
}

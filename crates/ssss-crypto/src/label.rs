//! What the keys for a secret are derived with.

use core::fmt;

/// The name of a secret as the `info` of HKDF, which ties a ciphertext to its name. Never empty:
/// the empty name belongs to the [key check](crate::KeyCheck).
///
/// Any other text is a label, as it is: nothing is trimmed, folded or normalised. Whether a name may
/// name a secret is for the caller to say.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a>(&'a str);

/// The empty text is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmptyLabelError;

impl<'a> Label<'a> {
    /// Takes the name of a secret, for example `m.cross_signing.master`; [`EmptyLabelError`] if it has
    /// no characters.
    pub fn new(name: &'a str) -> Result<Self, EmptyLabelError> {
        if name.is_empty() {
            Err(EmptyLabelError)
        } else {
            Ok(Self(name))
        }
    }

    pub(crate) fn as_bytes(self) -> &'a [u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for EmptyLabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the empty name cannot name a secret")
    }
}

impl core::error::Error for EmptyLabelError {}

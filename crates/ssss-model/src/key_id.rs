//! The id of a secret storage key.

use std::fmt;
use std::sync::Arc;

use rand_core::CryptoRng;

/// Before the key id in the type of a key description's event ("Key storage").
pub(crate) const KEY_EVENT_PREFIX: &str = "m.secret_storage.key.";

/// The id of a secret storage key: what stands after `m.secret_storage.key.` in the type of the
/// event that describes it, and what the secrets' `encrypted` maps are keyed by.
///
/// The specification does not limit its characters, and clients write `/`, `+`, `=` and spaces into
/// it, so anything but the empty text is read. What [`generate`](Self::generate) makes is 32 ASCII
/// letters and digits. Cloning is cheap (the text is shared).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Arc<str>);

/// A text is no [`KeyId`]: it is empty or longer than [`KeyId::MAX_LEN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyIdError;

impl KeyId {
    /// The longest id that is read, in bytes of UTF-8.
    pub const MAX_LEN: usize = 4096;

    /// Reads an id.
    pub fn new(id: &str) -> Result<Self, KeyIdError> {
        if id.is_empty() || id.len() > Self::MAX_LEN {
            return Err(KeyIdError);
        }
        Ok(Self(id.into()))
    }

    /// Draws a new id: 32 ASCII letters and digits, about 190 bits.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(alphanumeric(rng).into())
    }

    /// The id in the type of a key description's event; `None` if it is the type of another event.
    #[must_use]
    pub fn from_event_type(event_type: &str) -> Option<Self> {
        event_type
            .strip_prefix(KEY_EVENT_PREFIX)
            .and_then(|id| Self::new(id).ok())
    }

    /// The type of the event that describes this key.
    #[must_use]
    pub fn event_type(&self) -> String {
        format!("{KEY_EVENT_PREFIX}{}", self.0)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    /// The id as it is. It comes from the server: escape it before a terminal sees it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KeyIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key id has 1 to {} bytes", KeyId::MAX_LEN)
    }
}

impl core::error::Error for KeyIdError {}

/// 32 characters of `A-Za-z0-9`, each as likely as any other: a key id, or a salt.
pub(crate) fn alphanumeric(rng: &mut impl CryptoRng) -> String {
    const CHARACTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(32);
    while text.len() < 32 {
        let mut byte = [0];
        rng.fill_bytes(&mut byte);
        // Six bits a draw; the two values over 61 are drawn again, so that none is favoured.
        if let Some(&character) = CHARACTERS.get(usize::from(byte[0] >> 2)) {
            text.push(char::from(character));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand_core::UnwrapErr;

    use super::*;

    #[test]
    fn a_new_id_is_of_any_letters_and_digits() {
        let rng = &mut UnwrapErr(getrandom::SysRng);
        let mut drawn = BTreeSet::new();
        // Of 6,400 draws of one in 62, one in 10^43 lacks a character.
        for _ in 0..200 {
            let id = KeyId::generate(rng);
            assert_eq!(id.as_str().len(), 32);
            drawn.extend(id.as_str().chars());
        }
        assert!(drawn.iter().all(char::is_ascii_alphanumeric));
        assert_eq!(drawn.len(), 62);
    }
}

//! Public keys of 32 bytes.

use std::fmt;

use ssss_model::ruma_common::serde::Base64;
use ssss_model::ruma_common::serde::base64::Standard;

/// A public key of 32 bytes: ed25519 of a cross-signing key or a device, curve25519 of a key backup.
///
/// Shown as the specification spells keys, in unpadded base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; Self::LEN]);

impl PublicKey {
    /// Its length, in bytes.
    pub const LEN: usize = 32;

    /// The key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Reads base64 of the standard or the URL-safe alphabet, padded or not, with ASCII white space
    /// anywhere in it; `None` if that is not a key of 32 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let folded: String = text
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .map(|c| match c {
                '-' => '+',
                '_' => '/',
                other => other,
            })
            .collect();
        Base64::<Standard, [u8; Self::LEN]>::parse(folded)
            .ok()
            .map(|bytes| Self(bytes.into_inner()))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The key for a person to compare: its base64 in groups of four characters.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut grouped = String::new();
        for (index, c) in self.to_string().chars().enumerate() {
            if index != 0 && index % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(c);
        }
        grouped
    }

    /// Whether a text is this key, as somebody typed or pasted it: in groups or not.
    #[must_use]
    pub fn is_fingerprint(&self, text: &str) -> bool {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        text.trim_end_matches('=') == self.to_string()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64::<Standard, _>::new(self.0).encode())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

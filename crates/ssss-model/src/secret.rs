//! A secret in the clear.

use std::fmt;

use base64ct::{Base64Unpadded, Encoding as _};
use zeroize::Zeroizing;

use crate::secret_name::SecretName;

/// A secret in the clear, with its name.
///
/// The value is UTF-8 text. Under the names of the cross-signing keys and the key backup it is a
/// 32-byte key in base64, which is checked: the scheme does not authenticate the IV, so a value that
/// is nothing of the kind was tampered with. Wiped when dropped; it cannot be cloned, compared or
/// shown.
pub struct Secret {
    name: SecretName,
    text: Zeroizing<String>,
}

/// A text that cannot be the value of the secret of this name: it is not a 32-byte key in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretValueError;

impl Secret {
    /// Takes a value for a name.
    pub fn new(name: SecretName, text: Zeroizing<String>) -> Result<Self, SecretValueError> {
        if name.holds_key() {
            decode_key(&text).ok_or(SecretValueError)?;
        }
        Ok(Self { name, text })
    }

    /// A 32-byte key, spelled as the specification asks: base64 of the standard alphabet without
    /// padding ("Secrets").
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not")]
    pub fn from_key(name: SecretName, key: &[u8; 32]) -> Self {
        // 43 characters, written into place, so that no copy is left behind.
        let mut bytes = Zeroizing::new(vec![0; KEY_CHARACTERS]);
        #[expect(clippy::expect_used, reason = "32 bytes are 43 characters")]
        let text = Base64Unpadded::encode(key, &mut bytes).expect("the buffer is as long");
        Self {
            name,
            text: Zeroizing::new(text.to_owned()),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &SecretName {
        &self.name
    }

    /// The value.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The 32-byte key, under the names that [hold one](SecretName::holds_key); else `None`.
    #[must_use]
    pub fn key(&self) -> Option<Box<Zeroizing<[u8; 32]>>> {
        self.name
            .holds_key()
            .then(|| decode_key(&self.text))
            .flatten()
    }
}

/// Characters of 32 bytes in unpadded base64.
const KEY_CHARACTERS: usize = 43;

/// Decodes in constant time, strictly but for padding; and the form in which early js-sdk versions
/// stored backup keys, decimal numbers with commas between them.
fn decode_key(text: &str) -> Option<Box<Zeroizing<[u8; 32]>>> {
    let mut key = Box::new(Zeroizing::new([0; 32]));
    let unpadded = text.strip_suffix('=').unwrap_or(text);
    if unpadded.len() == KEY_CHARACTERS {
        let decoded = Base64Unpadded::decode(unpadded, &mut **key).ok()?;
        return (decoded.len() == 32).then_some(key);
    }
    let mut numbers = text.split(',');
    for byte in key.iter_mut() {
        *byte = numbers.next()?.parse().ok()?;
    }
    numbers.next().is_none().then_some(key)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for SecretValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("under this name stands a 32-byte key in base64, and this is none")
    }
}

impl core::error::Error for SecretValueError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(text: &str) -> Option<[u8; 32]> {
        decode_key(text).map(|key| **key)
    }

    #[test]
    fn spellings_of_a_key() {
        let expected = [1; 32];
        let decimal = ["1"; 32].join(",");
        for text in [
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
            decimal.as_str(),
        ] {
            assert_eq!(key_of(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "AQEB",
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF",
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE==",
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA-_",
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n",
            &["1"; 31].join(","),
            &["1"; 33].join(","),
            &["256"; 32].join(","),
        ] {
            assert_eq!(key_of(text), None, "{text:?}");
        }
    }

    #[test]
    fn keys_are_written_canonically() {
        let secret = Secret::from_key(SecretName::MEGOLM_BACKUP, &[1; 32]);
        assert_eq!(
            secret.expose(),
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
        );
        assert_eq!(secret.key().map(|key| **key), Some([1; 32]));
    }

    #[test]
    fn only_names_that_hold_keys_are_strict() {
        let text = || Zeroizing::new("hello".to_owned());
        assert!(Secret::new(SecretName::CROSS_SIGNING_MASTER, text()).is_err());
        let other = Secret::new(SecretName::new("org.example.x").unwrap(), text()).unwrap();
        assert!(other.key().is_none());
        assert_eq!(
            format!("{other:?}"),
            "Secret { name: SecretName(\"org.example.x\"), .. }"
        );
    }
}

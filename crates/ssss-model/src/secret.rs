//! A secret in the clear.

use std::fmt;

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use subtle::ConstantTimeEq as _;
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

/// How a 32-byte key is spelled in a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySpelling {
    /// Base64 of the standard alphabet, padded or not.
    Base64,
    /// Base64 of the URL-safe alphabet.
    UrlSafeBase64,
    /// Base64 of the text that is base64 of the key.
    DoubleBase64,
    /// Decimal numbers with commas between them, as early js-sdk versions stored backup keys.
    Decimal,
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
        self.decoded().map(|(key, _)| key)
    }

    /// How that key is spelled.
    #[must_use]
    pub fn spelling(&self) -> Option<KeySpelling> {
        self.decoded().map(|(_, spelling)| spelling)
    }

    /// The same secret as a client writes it today: a key in base64 of the standard alphabet,
    /// anything else as it is.
    #[must_use]
    pub fn canonical(self) -> Self {
        match self.decoded() {
            Some((_, KeySpelling::Base64)) | None => self,
            Some((key, _)) => Self::from_key(self.name, &key),
        }
    }

    /// Whether the values are the same, compared in constant time; keys by what they are, however
    /// they are spelled.
    #[must_use]
    pub fn has_value_of(&self, other: &Self) -> bool {
        match (self.key(), other.key()) {
            (Some(one), Some(other)) => one.as_slice().ct_eq(other.as_slice()).into(),
            _ => self.text.as_bytes().ct_eq(other.text.as_bytes()).into(),
        }
    }

    fn decoded(&self) -> Option<(Box<Zeroizing<[u8; 32]>>, KeySpelling)> {
        self.name
            .holds_key()
            .then(|| decode_key(&self.text))
            .flatten()
    }
}

/// Characters of 32 bytes in unpadded base64.
const KEY_CHARACTERS: usize = 43;

/// Characters of these 43, or of the 44 with padding, in unpadded base64 once more.
const DOUBLE_CHARACTERS: [usize; 2] = [58, 59];

/// Decodes base64 in constant time, strictly but for padding; and decimal numbers.
fn decode_key(text: &str) -> Option<(Box<Zeroizing<[u8; 32]>>, KeySpelling)> {
    let mut key = Box::new(Zeroizing::new([0; 32]));
    let unpadded = text.strip_suffix('=').unwrap_or(text);
    if unpadded.len() == KEY_CHARACTERS {
        if let Ok(decoded) = Base64Unpadded::decode(unpadded, &mut **key) {
            return (decoded.len() == 32).then_some((key, KeySpelling::Base64));
        }
        let decoded = Base64UrlUnpadded::decode(unpadded, &mut **key).ok()?;
        return (decoded.len() == 32).then_some((key, KeySpelling::UrlSafeBase64));
    }
    let unpadded = text.trim_end_matches('=');
    if DOUBLE_CHARACTERS.contains(&unpadded.len()) && text.len() - unpadded.len() <= 2 {
        let mut inner = Zeroizing::new([0; KEY_CHARACTERS + 1]);
        let inner = Base64Unpadded::decode(unpadded, &mut *inner).ok()?;
        let inner = std::str::from_utf8(inner).ok()?;
        let inner = inner.strip_suffix('=').unwrap_or(inner);
        let decoded = Base64Unpadded::decode(inner, &mut **key).ok()?;
        return (decoded.len() == 32).then_some((key, KeySpelling::DoubleBase64));
    }
    let mut numbers = text.split(',');
    for byte in key.iter_mut() {
        *byte = numbers.next()?.parse().ok()?;
    }
    numbers
        .next()
        .is_none()
        .then_some((key, KeySpelling::Decimal))
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
        decode_key(text).map(|(key, _)| **key)
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
    fn old_spellings_of_a_key_are_told_and_written_anew() {
        // 0x3E and 0x3F show the alphabet.
        let key = [0xFB; 32];
        let canonical = "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s";
        let url_safe = canonical.replace('+', "-").replace('/', "_");
        let decimal = ["251"; 32].join(",");
        for (text, expected) in [
            (canonical, KeySpelling::Base64),
            (&format!("{canonical}="), KeySpelling::Base64),
            (url_safe.as_str(), KeySpelling::UrlSafeBase64),
            (decimal.as_str(), KeySpelling::Decimal),
        ] {
            assert_eq!(key_of(text), Some(key), "{text}");
            let text = Zeroizing::new(text.to_owned());
            let secret = Secret::new(SecretName::MEGOLM_BACKUP, text).unwrap();
            assert_eq!(secret.spelling(), Some(expected));
            let rewritten = Secret::from_key(SecretName::MEGOLM_BACKUP, &key);
            assert!(secret.has_value_of(&rewritten));
            let is_padded = expected == KeySpelling::Base64 && secret.expose().ends_with('=');
            if !is_padded {
                assert_eq!(secret.canonical().expose(), canonical);
            }
        }
        for (inner, padding) in [(canonical.to_owned(), ""), (format!("{canonical}="), "=")] {
            let double = Base64Unpadded::encode_string(inner.as_bytes());
            for text in [double.clone(), double.clone() + padding, double + "=="] {
                let (decoded, spelling) = decode_key(&text).unwrap();
                assert_eq!((**decoded, spelling), (key, KeySpelling::DoubleBase64));
                assert_eq!(key_of(&(text + "===")), None);
            }
        }
    }

    #[test]
    fn values_are_the_same_or_not() {
        let text = |text: &str| {
            let name = SecretName::new("org.example.x").unwrap();
            Secret::new(name, Zeroizing::new(text.to_owned())).unwrap()
        };
        let key = |byte| Secret::from_key(SecretName::MEGOLM_BACKUP, &[byte; 32]);
        assert!(text("one").has_value_of(&text("one")));
        assert!(!text("one").has_value_of(&text("two")));
        assert!(!text("one").has_value_of(&text("one more")));
        assert!(key(1).has_value_of(&key(1)));
        assert!(!key(1).has_value_of(&key(2)));
        assert!(!key(1).has_value_of(&text("one")));
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

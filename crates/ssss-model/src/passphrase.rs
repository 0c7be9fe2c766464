//! Passphrases, and how a key is derived from one.

use std::fmt;

use rand_core::CryptoRng;
use ssss_crypto::{CostError, CostLimits, Pbkdf2, SecretStorageKey};
use zeroize::Zeroizing;

use crate::key_id::alphanumeric;
use crate::object::{self, Object, Value};

/// The only algorithm for passphrases.
const PBKDF2: &str = "m.pbkdf2";

/// A passphrase as a person typed it: UTF-8, neither trimmed nor normalised, as every client has it.
///
/// Wiped when dropped; it cannot be cloned, compared or shown.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase.
    #[must_use]
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The passphrase.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// How a key was derived from a passphrase: the `passphrase` block of a key description
/// ("Deriving keys from passphrases").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassphraseInfo {
    salt: String,
    iterations: u64,
    bits: u64,
}

/// The `passphrase` block of a key description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassphraseState {
    /// There is none: the key was not made from a passphrase.
    None,
    /// There is one, and no key can be derived by it. The key still opens by its recovery key.
    Unusable(PassphraseFault),
    /// A key can be derived.
    Usable(PassphraseInfo),
}

/// Why no key can be derived by a `passphrase` block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PassphraseFault {
    /// It is not a JSON object.
    NotAnObject,
    /// Its algorithm is absent or not `m.pbkdf2`.
    Algorithm,
    /// Its salt is absent, no text, or longer than [`PassphraseInfo::MAX_SALT_LEN`] bytes.
    Salt,
    /// Its number of iterations is absent or not a whole number.
    Iterations,
    /// Its number of bits is not a whole number.
    Bits,
}

impl PassphraseInfo {
    /// The longest salt that is read, in bytes of UTF-8.
    pub const MAX_SALT_LEN: usize = 4096;

    /// The salt, as text; its UTF-8 bytes are what PBKDF2 gets.
    #[must_use]
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// PBKDF2 iterations, as the description states them.
    #[must_use]
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// Length of the derived key in bits; 256 where the description is silent.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.bits
    }

    /// Derives the key. The cost, which a server can choose, must lie within the limits.
    pub(crate) fn derive(
        &self,
        passphrase: &Passphrase,
        limits: CostLimits,
    ) -> Result<SecretStorageKey, CostError> {
        let pbkdf2 = Pbkdf2::admit(self.iterations, self.bits, limits)?;
        Ok(pbkdf2.derive(passphrase.expose().as_bytes(), self.salt.as_bytes()))
    }

    /// For a new key: a salt of 32 letters and digits, 256 bits.
    pub(crate) fn generate(iterations: u32, rng: &mut impl CryptoRng) -> Self {
        Self {
            salt: alphanumeric(rng),
            iterations: iterations.into(),
            bits: 256,
        }
    }

    /// The block to write. `bits` is left out: it is 256.
    pub(crate) fn value(&self) -> Value {
        Value::object(&Object::empty().with_all([
            ("algorithm", &Value::string(PBKDF2)),
            ("iterations", &Value::number(self.iterations)),
            ("salt", &Value::string(&self.salt)),
        ]))
    }
}

impl PassphraseState {
    pub(crate) fn parse(value: Option<&str>) -> Self {
        match value.filter(|value| !object::is_null(value)) {
            None => Self::None,
            Some(value) => match parse(value) {
                Ok(info) => Self::Usable(info),
                Err(fault) => Self::Unusable(fault),
            },
        }
    }
}

fn parse(value: &str) -> Result<PassphraseInfo, PassphraseFault> {
    let object = Object::parse(value).map_err(|_| PassphraseFault::NotAnObject)?;
    let text = |name| object.get(name).and_then(object::string);
    if text("algorithm").as_deref() != Some(PBKDF2) {
        return Err(PassphraseFault::Algorithm);
    }
    let salt = text("salt")
        .filter(|salt| salt.len() <= PassphraseInfo::MAX_SALT_LEN)
        .ok_or(PassphraseFault::Salt)?
        .into_owned();
    let iterations = object
        .get("iterations")
        .and_then(whole_number)
        .ok_or(PassphraseFault::Iterations)?;
    let bits = match object.get("bits").filter(|value| !object::is_null(value)) {
        None => 256,
        Some(value) => whole_number(value).ok_or(PassphraseFault::Bits)?,
    };
    Ok(PassphraseInfo {
        salt,
        iterations,
        bits,
    })
}

/// The fields that hold numbers.
const NUMBERS: [&str; 2] = ["iterations", "bits"];

/// Whether a number of the block is spelled as a float.
pub(crate) fn has_odd_numbers(value: Option<&str>) -> bool {
    let object = value.and_then(|value| Object::parse(value).ok());
    object.is_some_and(|object| {
        let mut numbers = NUMBERS.into_iter().filter_map(|name| object.get(name));
        numbers.any(|number| whole_number(number).is_some() && number.parse::<u64>().is_err())
    })
}

/// The block with whole numbers spelled as such.
pub(crate) fn with_whole_numbers(value: Option<&str>) -> Option<Object> {
    let object = Object::parse(value?).ok()?;
    let numbers: Vec<_> = NUMBERS
        .into_iter()
        .filter_map(|name| Some((name, Value::number(whole_number(object.get(name)?)?))))
        .collect();
    Some(object.with_all(numbers.iter().map(|(name, number)| (*name, number))))
}

/// A whole number, also one spelled as a float (`500000.0`, which some JSON libraries write).
fn whole_number(value: &str) -> Option<u64> {
    let number: serde_json::Number = serde_json::from_str(value).ok()?;
    number.as_u64().or_else(|| {
        let float = number.as_f64()?;
        // Up to 2^53 a float holds whole numbers exactly.
        let whole = (0.0..=9_007_199_254_740_992.0).contains(&float) && float.fract() == 0.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, not negative, and at most 2^53"
        )]
        whole.then_some(float as u64)
    })
}

impl fmt::Display for PassphraseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnObject => "`passphrase` is not an object",
            Self::Algorithm => "the algorithm of `passphrase` is not m.pbkdf2",
            Self::Salt => "the salt of `passphrase` is absent, no text or too long",
            Self::Iterations => "the iterations of `passphrase` are absent or no whole number",
            Self::Bits => "the bits of `passphrase` are no whole number",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(iterations: &str, bits: &str) -> PassphraseState {
        PassphraseState::parse(Some(&format!(
            r#"{{"algorithm":"m.pbkdf2","salt":"s","iterations":{iterations},"bits":{bits}}}"#
        )))
    }

    #[test]
    fn numbers_as_clients_write_them() {
        let usable = |iterations, bits| {
            PassphraseState::Usable(PassphraseInfo {
                salt: "s".to_owned(),
                iterations,
                bits,
            })
        };
        assert_eq!(state("500000", "256"), usable(500_000, 256));
        assert_eq!(state("500000.0", "512.0"), usable(500_000, 512));
        assert_eq!(state("5e5", "null"), usable(500_000, 256));
        assert_eq!(state("9007199254740992", "8"), usable(1 << 53, 8));
        assert_eq!(state("18446744073709551615", "0"), usable(u64::MAX, 0));
        for iterations in ["-1", "0.5", "\"500000\"", "null", "1e400", "1e30", "[1]"] {
            let expected = PassphraseState::Unusable(PassphraseFault::Iterations);
            assert_eq!(state(iterations, "256"), expected, "{iterations}");
        }
        assert_eq!(
            state("1", "-8"),
            PassphraseState::Unusable(PassphraseFault::Bits)
        );
    }

    #[test]
    fn blocks_by_which_nothing_is_derived() {
        let fault = |value| match PassphraseState::parse(Some(value)) {
            PassphraseState::Unusable(fault) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(fault("\"m.pbkdf2\""), PassphraseFault::NotAnObject);
        assert_eq!(fault("{}"), PassphraseFault::Algorithm);
        assert_eq!(
            fault(r#"{"algorithm":"m.argon2id"}"#),
            PassphraseFault::Algorithm
        );
        assert_eq!(
            fault(r#"{"algorithm":"m.pbkdf2","iterations":1}"#),
            PassphraseFault::Salt
        );
        assert_eq!(PassphraseState::parse(Some("null")), PassphraseState::None);
        assert_eq!(PassphraseState::parse(None), PassphraseState::None);
    }
}

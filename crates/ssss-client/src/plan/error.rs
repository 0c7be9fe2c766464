//! Why there is no plan for a change.

use std::fmt;

use ssss_model::{KeyId, Malformed, SecretName};

use crate::finding::quoted;

/// Why there is no plan for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// These secrets would be out of reach of the default key afterwards, and no key at hand opens
    /// them. Named by the caller, they are left behind.
    WouldAbandon(Vec<SecretName>),
    /// What is stored under this name for this key would be overwritten, and the key does not open
    /// it. Another key may.
    WouldOverwrite(SecretName, KeyId),
    /// The event of this name holds something else than a secret.
    NotASecret(SecretName, Malformed),
    /// There already is a key of this id.
    KeyExists(KeyId),
    /// The key is shorter than 256 bits, and seals nothing.
    ShortKey(KeyId),
    /// There is no key to seal for.
    NoKey,
    /// There is no such secret.
    NoSecret(SecretName),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WouldAbandon(names) => {
                let names: Vec<_> = names.iter().map(|name| quoted(name.as_str())).collect();
                write!(
                    f,
                    "no key at hand opens {}, and the new default key would not",
                    names.join(", ")
                )
            }
            Self::WouldOverwrite(name, id) => write!(
                f,
                "what {} has for key {} does not open with that key, and would be overwritten",
                quoted(name.as_str()),
                quoted(id.as_str())
            ),
            Self::NotASecret(name, why) => {
                write!(
                    f,
                    "{} is the name of an event that is no secret: {why}",
                    quoted(name.as_str())
                )
            }
            Self::KeyExists(id) => write!(f, "there already is a key {}", quoted(id.as_str())),
            Self::ShortKey(id) => write!(
                f,
                "key {} is shorter than 256 bits; it opens secrets, but seals none",
                quoted(id.as_str())
            ),
            Self::NoKey => f.write_str("there is no key to seal it for"),
            Self::NoSecret(name) => write!(f, "there is no secret {}", quoted(name.as_str())),
        }
    }
}

impl core::error::Error for PlanError {}

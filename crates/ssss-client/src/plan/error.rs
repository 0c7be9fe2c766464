//! Why there is no plan for a change.

use std::fmt;

use ssss_model::{KeyId, Malformed, SecretName, Snapshot};

use crate::quoted::quoted;

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
    /// The store does not give the list of the account's events, only those that it was asked for by name;
    /// and what is not known of might be put out of reach.
    NotListed,
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
    /// There is no such key.
    NoSuchKey(KeyId),
    /// The secret has nothing for this key.
    NoEntry(SecretName, KeyId),
    /// The key is the default. Another one must be, first.
    IsDefault(KeyId),
    /// No key at hand opens this secret, or only one that may have an older value than the default key.
    Locked(SecretName),
    /// Nothing shows that this is the key of its id.
    Unproven(KeyId),
    /// The description of this key would be written over by one of another key.
    OtherKey(KeyId),
    /// This event is not what the change left, so the change cannot be taken back.
    Changed(String),
}

/// Refuses a snapshot which may lack something, for a change that is safe only if all is known.
pub(super) fn require_whole(snapshot: &Snapshot) -> Result<(), PlanError> {
    if snapshot.is_whole() {
        Ok(())
    } else {
        Err(PlanError::NotListed)
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WouldAbandon(names) => {
                let names: Vec<_> = names.iter().map(|name| quoted(name.as_str())).collect();
                write!(
                    f,
                    "{} would be out of reach: no key at hand opens it, or without the default key \
                     nobody knows whether it is the newest value",
                    names.join(", ")
                )
            }
            Self::WouldOverwrite(name, id) => write!(
                f,
                "what {} has for key {} does not open with that key, and would be overwritten",
                quoted(name.as_str()),
                quoted(id.as_str())
            ),
            Self::NotListed => f.write_str(
                "the homeserver does not give the list of the account's data, so there may be secrets and \
                 keys that nobody sees here",
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
            Self::NoSuchKey(id) => write!(f, "there is no key {}", quoted(id.as_str())),
            Self::NoEntry(name, id) => write!(
                f,
                "{} has nothing for key {}",
                quoted(name.as_str()),
                quoted(id.as_str())
            ),
            Self::IsDefault(id) => write!(
                f,
                "key {} is the default; make another key the default first",
                quoted(id.as_str())
            ),
            Self::Locked(name) => write!(
                f,
                "no key at hand opens {}, or only one that may have an older value",
                quoted(name.as_str())
            ),
            Self::Unproven(id) => {
                write!(f, "nothing shows that this is key {}", quoted(id.as_str()))
            }
            Self::OtherKey(id) => write!(
                f,
                "the description of key {} would be replaced by one of another key",
                quoted(id.as_str())
            ),
            Self::Changed(event_type) => write!(
                f,
                "{} has been changed since, so this cannot be taken back",
                quoted(event_type)
            ),
        }
    }
}

impl core::error::Error for PlanError {}

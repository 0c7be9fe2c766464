//! What a change loses.

use std::fmt;

use ssss_model::{KeyId, SecretName};

use crate::quoted::quoted;

/// What a change loses, in so far as the account alone is concerned: a snapshot may have it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// A secret stays behind, out of the default key's reach.
    LeftBehind(SecretName),
    /// What is sealed for a key is written over, and no key at hand opens it, or it is another value.
    Overwritten(SecretName, KeyId),
    /// What is sealed for a key goes.
    Stripped(SecretName, KeyId),
    /// A secret goes.
    Secret(SecretName),
    /// A key's description goes, and the key is of no use any more.
    Key(KeyId),
}

impl Loss {
    /// The kind of loss, for programs. It stays the same.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::LeftBehind(_) => "left-behind",
            Self::Overwritten(..) => "overwritten",
            Self::Stripped(..) => "stripped",
            Self::Secret(_) => "secret",
            Self::Key(_) => "key",
        }
    }

    /// The secret that it is about.
    #[must_use]
    pub fn secret(&self) -> Option<&SecretName> {
        match self {
            Self::LeftBehind(name)
            | Self::Overwritten(name, _)
            | Self::Stripped(name, _)
            | Self::Secret(name) => Some(name),
            Self::Key(_) => None,
        }
    }

    /// The key that it is about.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        match self {
            Self::Overwritten(_, id) | Self::Stripped(_, id) | Self::Key(id) => Some(id),
            Self::LeftBehind(_) | Self::Secret(_) => None,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |id: &KeyId| format!("key {}", quoted(id.as_str()));
        let secret = |name: &SecretName| quoted(name.as_str());
        match self {
            Self::LeftBehind(name) => write!(
                f,
                "{} stays behind, out of the default key's reach",
                secret(name)
            ),
            Self::Overwritten(name, id) => write!(
                f,
                "what {} has for {} is written over",
                secret(name),
                key(id)
            ),
            Self::Stripped(name, id) => {
                write!(
                    f,
                    "{} does not open with {} any more",
                    secret(name),
                    key(id)
                )
            }
            Self::Secret(name) => write!(f, "{} goes, for every key", secret(name)),
            Self::Key(id) => write!(f, "{} is not described any more", key(id)),
        }
    }
}

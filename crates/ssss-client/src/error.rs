//! Why an operation on secret storage failed.

use std::fmt;

use ssss_model::{KeyId, Malformed, OpenError, SecretName};

use crate::account_data::AccountDataError;
use crate::apply::{ApplyError, ApplyErrorKind};
use crate::journal::JournalError;
use crate::plan::PlanError;
use crate::quoted::quoted;
use crate::unlock::UnlockError;

/// Why an operation on secret storage failed. Each kind is another story for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The store failed. Nothing was written.
    Store(AccountDataError),
    /// There is no default key to do it with: no pointer, or one to nothing usable.
    NoDefaultKey,
    /// There is no key of this id, or none that can be used.
    NoSuchKey(KeyId),
    /// A key was needed, and the callbacks supplied none.
    NoKeySupplied,
    /// The key that was supplied is none of those that would have done.
    Unlock(UnlockError),
    /// The key may be the right one, but nothing proves it, and nothing is written under a guess.
    KeyUnproven(KeyId),
    /// The secret's event cannot be read.
    MalformedSecret(SecretName, Malformed),
    /// The secret is there, but for none of the keys that the account describes.
    NoUsableKey(SecretName, Vec<KeyId>),
    /// The key is right and the secret does not open with it.
    Open(SecretName, KeyId, OpenError),
    /// A new key is needed, and the callback did not make one. Nothing was written.
    NoKeyCreated,
    /// There is no safe way to do it. Nothing was written.
    Plan(PlanError),
    /// It was begun and not finished; [what is left of it](ApplyError::leaves_something), the error
    /// tells.
    Apply(ApplyError),
    /// The change could not be remembered. If it had not been begun, nothing was written.
    Journal(JournalError),
}

impl Error {
    /// Whether something of the operation was written, or may have been, and is still there.
    #[must_use]
    pub fn leaves_something(&self) -> bool {
        matches!(self, Self::Apply(error) if error.leaves_something())
    }
}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<AccountDataError> for Error {
    fn from(error: AccountDataError) -> Self {
        Self::Store(error)
    }
}

impl From<UnlockError> for Error {
    fn from(error: UnlockError) -> Self {
        Self::Unlock(error)
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}

impl From<ApplyError> for Error {
    fn from(error: ApplyError) -> Self {
        match error {
            // Nothing was written: that the store failed is the whole story.
            ApplyError {
                kind: ApplyErrorKind::Store(error),
                written,
                published: false,
                ..
            } if written.is_empty() => Self::Store(error),
            ApplyError {
                kind: ApplyErrorKind::NotListed,
                written,
                published: false,
                ..
            } if written.is_empty() => Self::Plan(PlanError::NotListed),
            error => Self::Apply(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::NoDefaultKey => f.write_str("there is no default key that can be used"),
            Self::NoSuchKey(id) => {
                write!(
                    f,
                    "there is no key {} that can be used",
                    quoted(id.as_str())
                )
            }
            Self::NoKeySupplied => {
                f.write_str("a secret storage key is needed, and none was given")
            }
            Self::Unlock(error) => error.fmt(f),
            Self::KeyUnproven(id) => write!(
                f,
                "key {} has no check, and no secret proves that this is the key",
                quoted(id.as_str())
            ),
            Self::MalformedSecret(name, why) => {
                write!(f, "{} cannot be read: {why}", quoted(name.as_str()))
            }
            Self::NoUsableKey(name, _) => write!(
                f,
                "{} is sealed for no key that the account describes",
                quoted(name.as_str())
            ),
            Self::Open(name, id, error) => write!(
                f,
                "{} does not open with key {}: {error}",
                quoted(name.as_str()),
                quoted(id.as_str())
            ),
            Self::NoKeyCreated => f.write_str("a new key is needed, and none was made"),
            Self::Plan(error) => error.fmt(f),
            Self::Apply(error) => error.fmt(f),
            Self::Journal(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {}

//! Why a plan was not carried out.

use std::fmt;

use ssss_model::{KeyId, OpenError, SecretName};

use crate::account_data::AccountDataError;
use crate::plan::PlanError;
use crate::quoted::quoted;

/// A plan was not carried out to its end.
///
/// Whatever was written stays, and leaves the account whole: see [`Plan`](crate::Plan).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyError {
    /// What went wrong.
    pub kind: ApplyErrorKind,
    /// The types of the events that had been written, or may have been, when it did. None, if a look
    /// at the account has shown that nothing of them is there.
    pub written: Vec<String>,
    /// Whether what the plan publishes had been published, or may have been.
    pub published: bool,
    /// Whether all that was written, and is not another client's by now, was taken back since.
    pub taken_back: bool,
}

impl ApplyError {
    /// Whether something of the plan is there, or may be.
    #[must_use]
    pub fn leaves_something(&self) -> bool {
        self.published || !(self.taken_back || self.written.is_empty())
    }
}

/// What kept a plan from being carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApplyErrorKind {
    /// The store failed.
    Store(AccountDataError),
    /// What the plan publishes was not published, or may have been although the store says otherwise.
    Publish(AccountDataError),
    /// This event is not what the plan was made for, or relies on: somebody else has written it.
    Conflict(String),
    /// This event was written, and what is read back is something else: somebody else has written
    /// it since, or the store lost it.
    NotStored(String),
    /// The store does not tell all that the account has, and the next step is safe only if that is known.
    NotListed,
    /// The plan names this key, which was not handed over. Nothing was written.
    NoKey(KeyId),
    /// This secret was written for this key, and what is read back does not open with it.
    DoesNotOpen(SecretName, KeyId, OpenError),
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl core::error::Error for ApplyError {}

impl fmt::Display for ApplyErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) | Self::Publish(error) => error.fmt(f),
            Self::Conflict(event_type) => {
                write!(
                    f,
                    "another client has written {} meanwhile",
                    quoted(event_type)
                )
            }
            Self::NotStored(event_type) => write!(
                f,
                "{} was written, but reads back as something else",
                quoted(event_type)
            ),
            Self::NotListed => PlanError::NotListed.fmt(f),
            Self::NoKey(id) => {
                write!(
                    f,
                    "key {} is needed to check what is written",
                    quoted(id.as_str())
                )
            }
            Self::DoesNotOpen(name, id, error) => write!(
                f,
                "{} was written for key {}, but does not open: {error}",
                quoted(name.as_str()),
                quoted(id.as_str())
            ),
        }
    }
}

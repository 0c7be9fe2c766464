//! Why a journal does not work.

use std::fmt;

/// A journal could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalError {
    kind: JournalErrorKind,
    message: String,
}

/// What kept a journal from being written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalErrorKind {
    /// The operating system refused.
    Io,
    /// What is there is no journal, or is damaged.
    Damaged,
}

impl JournalError {
    /// An error of a journal. The message is for a person, and must hold nothing secret.
    #[must_use]
    pub fn new(kind: JournalErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// What kept the journal from its work.
    #[must_use]
    pub fn kind(&self) -> JournalErrorKind {
        self.kind
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for JournalError {}

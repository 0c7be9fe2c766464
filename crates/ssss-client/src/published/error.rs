//! Why an answer does not say what is published.

use std::fmt;

use ssss_model::ObjectError;

/// Why an answer of a homeserver does not say what it publishes of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishedError {
    /// The answer about keys is no JSON object.
    Keys(ObjectError),
    /// The answer about keys is an answer to something else.
    NotAnAnswer,
    /// The homeserver says that it could not ask itself for the keys.
    Incomplete,
    /// The answer about the key backup is no JSON object.
    Backup(ObjectError),
}

impl fmt::Display for PublishedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(why) => write!(f, "the homeserver's answer about keys: {why}"),
            Self::NotAnAnswer => {
                f.write_str("what the homeserver answered is not about the account's keys")
            }
            Self::Incomplete => f.write_str("the homeserver could not look the keys up"),
            Self::Backup(why) => write!(f, "the homeserver's answer about the key backup: {why}"),
        }
    }
}

impl std::error::Error for PublishedError {}

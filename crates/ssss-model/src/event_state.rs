//! What stands in the place of an account-data event.

use std::fmt;

use crate::object::{Object, ObjectError};

/// What stands in the place of an account-data event of secret storage.
#[derive(Debug, Clone)]
pub enum EventState<T> {
    /// No such event.
    Missing,
    /// The event was blanked: account data cannot be deleted, so clients write `{}` or, for a
    /// secret, `{"encrypted":{}}`.
    Tombstone,
    /// The event has content that cannot be understood.
    Malformed(Malformed),
    /// The event is there and can be read.
    Present(T),
}

/// Why the content of an event cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The content is not JSON, or not a JSON object.
    Object(ObjectError),
    /// A field that must be there is absent or `null`.
    Absent(&'static str),
    /// A field holds another type of JSON value than it must.
    WrongType(&'static str),
    /// The key id is empty or too long.
    KeyId,
    /// The event has content but no `encrypted`: it holds other data than a secret.
    OtherData,
    /// `encrypted` has more entries than [`EncryptedSecret::MAX_ENTRIES`](crate::EncryptedSecret).
    TooManyEntries,
}

impl<T> EventState<T> {
    /// The content, if it can be read.
    #[must_use]
    pub fn present(&self) -> Option<&T> {
        match self {
            Self::Present(content) => Some(content),
            _ => None,
        }
    }

    /// Parses an event that may be absent.
    pub(crate) fn parse(
        object: Option<&Result<Object, ObjectError>>,
        parse: impl FnOnce(&Object) -> Self,
    ) -> Self {
        match object {
            None => Self::Missing,
            Some(Ok(object)) => parse(object),
            Some(Err(error)) => Self::Malformed(Malformed::Object(*error)),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(error) => error.fmt(f),
            Self::Absent(field) => write!(f, "`{field}` is absent"),
            Self::WrongType(field) => write!(f, "`{field}` has a value of the wrong type"),
            Self::KeyId => f.write_str("the key id is empty or too long"),
            Self::OtherData => f.write_str("it holds other data, not a secret"),
            Self::TooManyEntries => f.write_str("`encrypted` has too many entries"),
        }
    }
}

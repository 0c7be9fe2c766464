//! Why a secret did not open.

use std::fmt;

/// Why a secret did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// It is not sealed for this key.
    NotSealedForKey,
    /// What is sealed for this key cannot be read.
    MalformedEntry(EntryFault),
    /// The MAC does not match: for a verified key, the entry is damaged or was sealed with another
    /// key than the one of its id.
    Inauthentic,
    /// It opened to bytes that are not UTF-8 text. The scheme does not authenticate the IV, so the
    /// IV may have been changed.
    NotText,
    /// It opened to text that is not what this name holds: a 32-byte key in base64.
    NotAKey,
}

/// Why an entry of a secret's `encrypted` cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryFault {
    /// It is `null`, or another value that is no object.
    NotAnObject,
    /// A field is absent or no text.
    Field(&'static str),
    /// A field is not base64.
    NotBase64(&'static str),
    /// The IV has this many bytes, not 16.
    IvLength(usize),
    /// The MAC has this many bytes, not 32.
    MacLength(usize),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSealedForKey => f.write_str("it is not sealed for this key"),
            Self::MalformedEntry(fault) => write!(f, "what is sealed for this key is {fault}"),
            Self::Inauthentic => {
                f.write_str("its MAC does not match: it is damaged, or another key sealed it")
            }
            Self::NotText => {
                f.write_str("it opened to bytes that are not text: its IV may be damaged")
            }
            Self::NotAKey => {
                f.write_str("it opened to something that is not a 32-byte key: it may be damaged")
            }
        }
    }
}

impl core::error::Error for OpenError {}

impl fmt::Display for EntryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("no object"),
            Self::Field(field) => write!(f, "malformed: `{field}` is absent or no text"),
            Self::NotBase64(field) => write!(f, "malformed: `{field}` is not base64"),
            Self::IvLength(len) => write!(f, "malformed: `iv` has {len} bytes, not 16"),
            Self::MacLength(len) => write!(f, "malformed: `mac` has {len} bytes, not 32"),
        }
    }
}

use core::error::Error;
use core::fmt;

/// Why a text is not a recovery key. See [`RecoveryKey::parse`](crate::RecoveryKey::parse).
///
/// The variants stand in the order in which they are checked. None holds a character that could be
/// part of a key.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    /// The text is empty, or all of it is ignored.
    Empty,
    /// A character is neither ignored nor one of the 58 of base58. The first such is reported.
    Character {
        /// The character. A recovery key cannot contain it.
        character: char,
        /// Its place among the characters that are not ignored, counted from 1.
        position: usize,
    },
    /// The text has another number of characters than 48.
    Length {
        /// The number of characters that are not ignored.
        found: usize,
    },
    /// The value does not begin with the bytes `8B 01`: this is not a recovery key, or one of its
    /// first characters is wrong.
    Prefix,
    /// The exclusive or of all 35 bytes is not zero: a typing error.
    Parity,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the recovery key is empty"),
            Self::Character {
                character,
                position,
            } => write!(
                f,
                "character {position} of the recovery key is {character:?}, \
                 which no recovery key contains"
            ),
            Self::Length { found } => {
                write!(f, "the recovery key has {found} characters instead of 48")
            }
            Self::Prefix => f.write_str("this is not a recovery key: it does not begin like one"),
            Self::Parity => f.write_str("the recovery key is mistyped: its check does not match"),
        }
    }
}

impl Error for ParseError {}

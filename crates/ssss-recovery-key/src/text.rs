use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

use crate::base58;

/// A recovery key as it is shown to a person: 12 groups of four characters with single spaces
/// between them, 59 ASCII characters in all, wiped when dropped.
///
/// It cannot be cloned, compared or printed by accident, and `Debug` shows nothing of it:
///
/// ```
/// let text = ssss_recovery_key::RecoveryKey::from_bytes(&[7; 32]).format();
/// assert_eq!(format!("{text:?}"), "RecoveryKeyText(..)");
/// ```
/// ```compile_fail,E0599
/// let text = ssss_recovery_key::RecoveryKey::from_bytes(&[7; 32]).format();
/// let copy = text.clone();
/// ```
/// ```compile_fail,E0369
/// let text = ssss_recovery_key::RecoveryKey::from_bytes(&[7; 32]).format();
/// assert!(text == text);
/// ```
/// ```compile_fail,E0277
/// let text = ssss_recovery_key::RecoveryKey::from_bytes(&[7; 32]).format();
/// println!("{text}");
/// ```
pub struct RecoveryKeyText(Zeroizing<String>);

impl RecoveryKeyText {
    /// The text: 59 ASCII characters.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_digits(digits: &[u8; base58::DIGITS]) -> Self {
        // Of full size from the start: a string that grows leaves its old copy behind, unwiped.
        let mut text = Zeroizing::new(String::with_capacity(LEN));
        for group in digits.chunks_exact(GROUP) {
            if !text.is_empty() {
                text.push(' ');
            }
            // The mask changes nothing. It lets the compiler see that the character is one byte of
            // UTF-8, so that appending it does not branch on its value.
            let characters = group.iter().map(|&digit| base58::character(digit) & 0x7f);
            text.extend(characters.map(char::from));
        }
        Self(text)
    }
}

impl fmt::Debug for RecoveryKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKeyText(..)")
    }
}

/// Characters in a group.
const GROUP: usize = 4;

/// Characters in the text: the digits, and a space before each group but the first.
const LEN: usize = base58::DIGITS + base58::DIGITS / GROUP - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_never_grows() {
        // Growth would double the size to 64, and may leave unwiped copies behind.
        let text = RecoveryKeyText::from_digits(&[57; base58::DIGITS]);
        assert_eq!((text.0.len(), text.0.capacity()), (59, LEN));
    }
}

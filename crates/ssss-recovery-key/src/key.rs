use alloc::boxed::Box;
use core::fmt;

use zeroize::Zeroizing;

use crate::base58;
use crate::ignored::is_ignored;
use crate::wiped::Wiped;
use crate::{ParseError, RecoveryKeyText};

/// The 32 bytes that a recovery key stands for, wiped when dropped.
///
/// It cannot be cloned, compared or printed, and `Debug` shows nothing of it:
///
/// ```
/// let key = ssss_recovery_key::RecoveryKey::from_bytes(&[7; 32]);
/// assert_eq!(format!("{key:?}"), "RecoveryKey(..)");
/// ```
/// ```compile_fail,E0599
/// let key = ssss_recovery_key::RecoveryKey::from_bytes(&[7; 32]);
/// let copy = key.clone();
/// ```
/// ```compile_fail,E0369
/// let key = ssss_recovery_key::RecoveryKey::from_bytes(&[7; 32]);
/// assert!(key == key);
/// ```
/// ```compile_fail,E0277
/// let key = ssss_recovery_key::RecoveryKey::from_bytes(&[7; 32]);
/// println!("{key}");
/// ```
// The wiping type is inside the box, so that the bytes are never moved and are wiped in place.
pub struct RecoveryKey(Box<Zeroizing<[u8; Self::LEN]>>);

impl RecoveryKey {
    /// Bytes in a key.
    pub const LEN: usize = 32;

    /// Reads a recovery key: the specification's [cryptographic key representation][spec], with
    /// white space, dashes and zero-width characters ignored wherever they stand.
    ///
    /// A success says that the text is well-formed, not that the key belongs to any account.
    ///
    /// # Errors
    ///
    /// The first of these that applies:
    ///
    /// 1. [`ParseError::Character`]: a character is not one of the 58 of base58.
    /// 2. [`ParseError::Empty`] or [`ParseError::Length`]: there are not 48 characters.
    /// 3. [`ParseError::Prefix`]: the value is not 35 bytes that begin with `8B 01`.
    /// 4. [`ParseError::Parity`]: the exclusive or of the 35 bytes is not zero.
    ///
    /// [spec]: https://spec.matrix.org/v1.18/appendices/#cryptographic-key-representation
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut digits = Wiped::zeros();
        read_digits(text, &mut digits)?;
        let mut bytes = Wiped::zeros();
        let fits = base58::decode(&digits, &mut bytes);

        let [first, second, key @ .., _parity] = &*bytes;
        if !fits || [*first, *second] != PREFIX {
            return Err(ParseError::Prefix);
        }
        if exclusive_or(&*bytes) != 0 {
            return Err(ParseError::Parity);
        }
        Ok(Self::from_bytes(key))
    }

    /// Takes 32 bytes, such as a new key from a random number generator. Every value is a key.
    ///
    /// The caller's bytes are copied, and stay the caller's to wipe.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let mut key = Box::new(Zeroizing::new([0; Self::LEN]));
        key.copy_from_slice(bytes);
        Self(key)
    }

    /// The 32 bytes: the secret storage key.
    #[must_use]
    pub fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Writes the key in the form of the specification: 12 groups of four characters with single
    /// spaces between them.
    #[must_use]
    pub fn format(&self) -> RecoveryKeyText {
        let mut bytes = Wiped::<{ base58::BYTES }>::zeros();
        let [first, second, key @ .., parity] = &mut *bytes;
        [*first, *second] = PREFIX;
        key.copy_from_slice(self.expose());
        *parity = exclusive_or(&PREFIX) ^ exclusive_or(key);

        let mut digits = Wiped::zeros();
        base58::encode(&bytes, &mut digits);
        RecoveryKeyText::from_digits(&digits)
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(..)")
    }
}

/// What the 35 bytes begin with.
const PREFIX: [u8; 2] = [0x8b, 0x01];

/// Collects the 48 digits of a text, or says why it has not 48.
fn read_digits(text: &str, digits: &mut [u8; base58::DIGITS]) -> Result<(), ParseError> {
    let mut found = 0_usize;
    let mut is_digits_and_spaces = true;
    let mut piece = Wiped::zeros();
    for bytes in text.as_bytes().chunks(PIECE) {
        read_piece(bytes, &mut piece);
        for (digit, byte) in piece.iter().zip(bytes) {
            // What is no digit is written too, and the next digit in its place.
            if let Some(place) = digits.get_mut(found) {
                *place = *digit;
            }
            let is_digit = *digit != base58::NO_DIGIT;
            found = found.saturating_add(is_digit.into());
            is_digits_and_spaces &= is_digit || *byte == b' ';
        }
    }
    if !is_digits_and_spaces {
        refuse_others(text)?;
    }
    match found {
        0 => Err(ParseError::Empty),
        base58::DIGITS => Ok(()),
        found => Err(ParseError::Length { found }),
    }
}

/// Refuses the first character that is neither a digit nor ignored.
fn refuse_others(text: &str) -> Result<(), ParseError> {
    let mut position = 1_usize;
    let mut piece = Wiped::zeros();
    let mut starts = 0_usize..;
    for bytes in text.as_bytes().chunks(PIECE) {
        read_piece(bytes, &mut piece);
        for (digit, start) in piece.iter().take(bytes.len()).zip(&mut starts) {
            // Asked first, so that a character that may be secret meets no table and no comparison
            // but the constant-time ones; the lists of `is_ignored` see only what is no digit.
            if *digit != base58::NO_DIGIT {
                position = position.saturating_add(1);
                continue;
            }
            // None where a character goes on that began before.
            let character = text.get(start..).and_then(|rest| rest.chars().next());
            if let Some(character) = character.filter(|one| !is_ignored(*one)) {
                return Err(ParseError::Character {
                    character,
                    position,
                });
            }
        }
    }
    Ok(())
}

/// The digits of a piece of text. All of a key is read by this one loop, because a compiler made branches of
/// the masks where single characters were asked for.
#[inline(never)]
fn read_piece(bytes: &[u8], piece: &mut [u8; PIECE]) {
    for (place, byte) in piece.iter_mut().zip(bytes) {
        *place = *byte;
    }
    base58::digits(piece);
}

/// Bytes of text that are looked at together: as many as a key has, as it is written.
const PIECE: usize = 64;

fn exclusive_or(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

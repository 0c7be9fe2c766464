//! Base58 for the one shape that a recovery key has, 35 bytes and 48 digits, in constant time.
//!
//! # Why 48 digits
//!
//! 58^48 > 256^35, so 48 digits always suffice. The first two bytes are `8B 01`, and
//! 0x8B01 · 256^33 > 58^47, so the first digit is never zero and 48 digits are always needed. The
//! variable part of base58, leading zero bytes written as leading `1`s, therefore never arises:
//! 48 characters that begin with `1` are simply a number whose first byte is not `8B`.
//!
//! # Why this is constant time
//!
//! Each loop runs a fixed number of times (6 ranges, 35 bytes, 48 digits) and touches memory in the
//! same order whatever it holds. Digits are compared and chosen with masks made by subtraction, so
//! no secret selects a branch or an address. The one division, by 58, is a multiplication and a
//! shift, because a division instruction takes longer for some operands than for others. What is
//! left is addition, subtraction, logic, fixed shifts and 32-bit multiplications with a 32-bit
//! result, which take the same time for all operands on nearly every processor.
//!
//! Two verdicts leave this file as something to branch on: that a character is not one of the 58
//! ([`digit`]), and that a number needs more than 35 bytes ([`decode`]). Both only say that the
//! text is not a recovery key.
//!
//! This file names nothing outside itself, so that a checker can compile it on its own.

/// Bytes in an encoded recovery key: prefix 2, key 32, parity 1.
pub(crate) const BYTES: usize = 35;

/// Base58 digits in an encoded recovery key.
pub(crate) const DIGITS: usize = 48;

/// The digit, 0 to 57, that a character stands for, or `None` if it stands for none.
pub(crate) fn digit(character: char) -> Option<u8> {
    let code = u32::from(character);
    let mut successor = 0;
    for (first_code, first_digit, len) in ALPHABET {
        let value = code.wrapping_sub(first_code).wrapping_add(first_digit);
        successor |= within(code, first_code, len) & value.wrapping_add(1);
    }
    let [successor, ..] = successor.to_le_bytes();
    // Zero is no digit's successor: the subtraction fails for a character outside the alphabet.
    successor.checked_sub(1)
}

/// The ASCII character that stands for a digit, 0 to 57.
pub(crate) fn character(digit: u8) -> char {
    let digit = u32::from(digit);
    let mut code = 0;
    for (first_code, first_digit, len) in ALPHABET {
        let value = digit.wrapping_sub(first_digit).wrapping_add(first_code);
        code |= within(digit, first_digit, len) & value;
    }
    let [code, ..] = code.to_le_bytes();
    // The mask changes nothing. It lets the compiler see that the character is one byte of UTF-8,
    // so that appending it to a string does not branch on its value.
    char::from(code & 0x7f)
}

/// Writes the number that `digits` (each 0 to 57, most significant first) stand for to `bytes`,
/// most significant first. False if it does not fit; `bytes` then mean nothing.
#[must_use]
pub(crate) fn decode(digits: &[u8; DIGITS], bytes: &mut [u8; BYTES]) -> bool {
    bytes.fill(0);
    let mut carry = 0;
    for &digit in digits {
        carry = digit;
        for byte in bytes.iter_mut().rev() {
            // At most 255 · 58 + 57 = 14847, whose high byte is 57: the carry stays a digit.
            let product = u16::from(*byte)
                .wrapping_mul(58)
                .wrapping_add(u16::from(carry));
            [*byte, carry] = product.to_le_bytes();
        }
    }
    // Only the last digit can carry out of the first byte, because 58^47 < 256^35.
    carry == 0
}

/// Writes the number that `bytes` (most significant first) stand for to `digits`, each 0 to 57,
/// most significant first. It always fits.
pub(crate) fn encode(bytes: &[u8; BYTES], digits: &mut [u8; DIGITS]) {
    digits.fill(0);
    for &byte in bytes {
        let mut carry = byte;
        for digit in digits.iter_mut().rev() {
            // At most 57 · 256 + 255 = 14847, whose quotient is 255: the carry stays a byte.
            let dividend = u16::from_le_bytes([carry, *digit]);
            let quotient = quotient_by_58(dividend);
            [*digit, _] = dividend
                .wrapping_sub(quotient.wrapping_mul(58))
                .to_le_bytes();
            [carry, _] = quotient.to_le_bytes();
        }
    }
}

/// `123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz`, without `0`, `I`, `O` and `l`, as
/// ranges: the code of the first character, the digit that it stands for, how many there are.
const ALPHABET: [(u32, u32, u32); 6] = [
    (0x31, 0, 9),   // 1 to 9
    (0x41, 9, 8),   // A to H
    (0x4a, 17, 5),  // J to N
    (0x50, 22, 11), // P to Z
    (0x61, 33, 11), // a to k
    (0x6d, 44, 14), // m to z
];

/// All ones if `first <= value < first + len`, else zero. All three are below 2^31.
fn within(value: u32, first: u32, len: u32) -> u32 {
    let offset = value.wrapping_sub(first);
    // Below `first`, the offset wraps and has its top bit set. Inside the range, subtracting the
    // length wraps and sets it. Hence the top bits are (0, 1) inside, (1, _) below, (0, 0) above.
    let inside = !offset & offset.wrapping_sub(len);
    (inside >> 31).wrapping_neg()
}

/// `dividend / 58`, rounded down, without a division instruction; exact below 2^14.
fn quotient_by_58(dividend: u16) -> u16 {
    // 9040 · 58 = 2^19 + 32, so the result is too large by dividend · 32 / 58 / 2^19, which cannot
    // reach the next multiple of 1 / 58 while dividend · 32 < 2^19.
    let [low, high, ..] = (u32::from(dividend).wrapping_mul(9040) >> 19).to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests;

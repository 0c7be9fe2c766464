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
//! Each loop runs a fixed number of times and touches memory in the same order whatever it holds.
//! Digits are compared and chosen with masks made by subtraction, so no secret selects a branch or an
//! address. The divisions, by 58 and by its fifth power, are multiplications and shifts, because a
//! division instruction takes longer for some operands than for others. What is left is addition,
//! subtraction, logic, fixed shifts and multiplications of 32 or 64 bits, which take the same time for
//! all operands on nearly every processor; the Cortex-M3 is one on which they do not.
//!
//! Two verdicts leave this file as something to branch on: that a byte is not one of the 58 characters
//! ([`NO_DIGIT`]), and that a number needs more than 35 bytes ([`decode`]). Both only say that the text
//! is not a recovery key.
//!
//! This file names nothing outside itself but the wiping of its numbers, so that a checker can compile
//! it on its own.

use zeroize::Zeroizing;

/// Bytes in an encoded recovery key: prefix 2, key 32, parity 1.
pub(crate) const BYTES: usize = 35;

/// Base58 digits in an encoded recovery key.
pub(crate) const DIGITS: usize = 48;

/// What stands for a byte that is not one of the 58 characters.
pub(crate) const NO_DIGIT: u8 = 0xff;

/// Replaces each byte of a text by the digit, 0 to 57, that it stands for, or by [`NO_DIGIT`].
pub(crate) fn digits(text: &mut [u8]) {
    for byte in text {
        let code = *byte & 0x7f;
        let digit = GAPS.iter().fold(code.wrapping_sub(b'1'), |digit, gap| {
            digit.wrapping_sub(top_bit(gap.character.wrapping_sub(code)) & gap.width)
        });
        // 0 to 57: the top bit is clear, and subtracting 58 sets it.
        let is_in_range = top_bit(!digit & digit.wrapping_sub(58));
        // Of a byte in a gap, or beyond ASCII, another character's digit has been made.
        let difference = character(digit) ^ *byte;
        let is_another = top_bit(difference | difference.wrapping_neg());
        *byte = digit | !is_in_range | is_another;
    }
}

/// The ASCII character that stands for a digit, 0 to 57.
pub(crate) fn character(digit: u8) -> u8 {
    GAPS.iter().fold(digit.wrapping_add(b'1'), |code, gap| {
        code.wrapping_add(top_bit(gap.digit.wrapping_sub(digit)) & gap.width)
    })
}

/// Writes the number that `digits` (each 0 to 57, most significant first) stand for to `bytes`,
/// most significant first. False if it does not fit; `bytes` then mean nothing.
#[must_use]
pub(crate) fn decode(digits: &[u8; DIGITS], bytes: &mut [u8; BYTES]) -> bool {
    // Least significant first. 58^48 < 2^282, so that nothing is carried out of the last.
    let mut words = Zeroizing::new([0_u64; 5]);
    let (first, others) = digits.split_at(DIGITS % TEN);
    for ten in core::iter::once(first).chain(others.chunks_exact(TEN)) {
        // 58^10 < 2^59.
        let mut carry = ten.iter().fold(0_u64, |sum, digit| {
            sum.wrapping_mul(58).wrapping_add(u64::from(*digit))
        });
        for word in words.iter_mut() {
            let sum = u128::from(*word)
                .wrapping_mul(POWER_10.into())
                .wrapping_add(carry.into());
            (*word, carry) = low_and_high(sum);
        }
    }
    let [words @ .., last] = &*words;
    let [a, b, c, rest @ ..] = bytes;
    [.., *a, *b, *c] = last.to_be_bytes();
    let (places, _) = rest.as_chunks_mut::<8>();
    for (place, word) in places.iter_mut().rev().zip(words) {
        *place = word.to_be_bytes();
    }
    last >> 24 == 0
}

/// Writes the number that `bytes` (most significant first) stand for to `digits`, each 0 to 57,
/// most significant first. It always fits.
pub(crate) fn encode(bytes: &[u8; BYTES], digits: &mut [u8; DIGITS]) {
    // Most significant first.
    let mut words = Zeroizing::new([0_u32; BYTES.div_ceil(4)]);
    for (word, group) in words.iter_mut().rev().zip(bytes.rchunks(4)) {
        *word = group
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    for five in digits.rchunks_mut(FIVE) {
        let mut rest = 0_u32;
        for word in words.iter_mut() {
            let dividend = u64::from(rest) << 32 | u64::from(*word);
            (*word, rest) = divided_by_power_5(dividend);
        }
        for digit in five.iter_mut().rev() {
            (rest, *digit) = divided_by_58(rest);
        }
    }
}

/// A place in the alphabet `123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz` after which
/// some characters of ASCII are left out.
struct Gap {
    /// The last digit before it.
    digit: u8,
    /// The character of that digit.
    character: u8,
    /// How many characters are left out.
    width: u8,
}

const GAPS: [Gap; 5] = [
    Gap {
        digit: 8,
        character: b'9',
        width: 7, // to A
    },
    Gap {
        digit: 16,
        character: b'H',
        width: 1, // I
    },
    Gap {
        digit: 21,
        character: b'N',
        width: 1, // O
    },
    Gap {
        digit: 32,
        character: b'Z',
        width: 6, // to a
    },
    Gap {
        digit: 43,
        character: b'k',
        width: 1, // l
    },
];

/// Digits that are read at once.
const TEN: usize = 10;

/// 58^10
const POWER_10: u64 = 58_u64.pow(10);

/// Digits that are written at once.
const FIVE: usize = 5;

/// 58^5
const POWER_5: u32 = 58_u32.pow(5);

/// All ones if the top bit is set, else zero. The difference of two numbers below 128 has it set if the
/// first is less than the second.
fn top_bit(byte: u8) -> u8 {
    (byte >> 7).wrapping_neg()
}

fn low_and_high(sum: u128) -> (u64, u64) {
    let [low @ .., _, _, _, _, _, _, _, _] = sum.to_le_bytes();
    let [_, _, _, _, _, _, _, _, high @ ..] = sum.to_le_bytes();
    (u64::from_le_bytes(low), u64::from_le_bytes(high))
}

/// Quotient and rest of a number below 58^5 · 2^32, without a division instruction.
fn divided_by_power_5(dividend: u64) -> (u32, u32) {
    /// 2^92 / 58^5, rounded up by less than 1, so that the product is too large by less than
    /// dividend / 2^92 < 1 / 58^5, which cannot reach the next quotient.
    const FACTOR: u64 = 7_544_311_872_078_572_213;
    let [_, _, _, _, _, _, _, _, high @ ..] = u128::from(dividend)
        .wrapping_mul(FACTOR.into())
        .to_le_bytes();
    let quotient = u64::from_le_bytes(high) >> 28;
    let rest = dividend.wrapping_sub(quotient.wrapping_mul(POWER_5.into()));
    (low(quotient), low(rest))
}

/// Quotient and rest of a number below 2^30, without a division instruction.
fn divided_by_58(dividend: u32) -> (u32, u8) {
    /// 2^36 / 58, rounded up by less than 1, so that the product is too large by less than
    /// dividend / 2^36 < 1 / 58.
    const FACTOR: u64 = 1_184_818_565;
    let quotient = low(u64::from(dividend).wrapping_mul(FACTOR) >> 36);
    let [rest, ..] = dividend
        .wrapping_sub(quotient.wrapping_mul(58))
        .to_le_bytes();
    (quotient, rest)
}

/// The lower half.
fn low(word: u64) -> u32 {
    let [a, b, c, d, ..] = word.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests;

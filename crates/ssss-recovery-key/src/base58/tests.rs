use super::*;

const SPELLED_OUT: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#[test]
fn every_byte_is_a_digit_or_none() {
    for byte in u8::MIN..=u8::MAX {
        let expected = SPELLED_OUT
            .bytes()
            .position(|character| character == byte)
            .map_or(NO_DIGIT, |at| u8::try_from(at).unwrap());
        let mut bytes = [byte; 3];
        digits(&mut bytes);
        assert_eq!(bytes, [expected; 3], "{byte:#x}");
    }
}

#[test]
fn no_other_character_of_unicode_has_a_digit_in_it() {
    for character in '\0'..=char::MAX {
        let mut bytes = [0; 4];
        let len = character.encode_utf8(&mut bytes).len();
        digits(&mut bytes);
        let has_digit = bytes[..len].iter().any(|digit| *digit != NO_DIGIT);
        assert_eq!(has_digit, SPELLED_OUT.contains(character), "{character:?}");
    }
}

#[test]
fn every_digit_has_its_character() {
    for (digit, expected) in (0..).zip(SPELLED_OUT.bytes()) {
        assert_eq!(character(digit), expected);
    }
}

/// Quotients are off by one first where the rest is the least or the largest.
#[test]
fn quotients_are_exact() {
    let dividends = (0..1 << 20).chain((0..1 << 30).rev().take(1 << 20));
    for dividend in dividends {
        let (quotient, rest) = divided_by_58(dividend);
        assert_eq!((quotient, rest.into()), (dividend / 58, dividend % 58));
    }
    let divisor = u64::from(POWER_5);
    let largest = u64::from(u32::MAX);
    let quotients = (0..1 << 16)
        .chain((0..=largest).rev().take(1 << 16))
        .chain((0..=largest).step_by(65_521));
    for quotient in quotients {
        for rest in [0, 1, divisor - 1] {
            let found = divided_by_power_5(quotient * divisor + rest);
            assert_eq!(
                (u64::from(found.0), u64::from(found.1)),
                (quotient, rest),
                "{quotient} and {rest}"
            );
        }
    }
}

#[test]
fn forty_eight_digits_suffice_and_are_needed() {
    // 58^48 > 256^35: the largest number of 35 bytes does not need a 49th digit. Were it to, the
    // largest carry would be lost and this would not come back.
    let largest = [0xff; BYTES];
    // Neither direction minds what was in its output before.
    let mut digits = [0xaa; DIGITS];
    encode(&largest, &mut digits);
    let mut back = [0xaa; BYTES];
    assert!(decode(&digits, &mut back));
    assert_eq!(back, largest);

    // 58^47 - 1, the largest number of 47 digits, is less than 8B 01 00…: the first byte is lower.
    let mut digits = [57; DIGITS];
    digits[0] = 0;
    let mut bytes = [0; BYTES];
    assert!(decode(&digits, &mut bytes));
    assert!(bytes[0] < 0x8b, "{:02x}", bytes[0]);

    // Hence the first digit of everything that begins with 8B 01 is E, from the least to the most.
    let mut least = [0; BYTES];
    least[..2].copy_from_slice(&[0x8b, 0x01]);
    let mut most = [0xff; BYTES];
    most[..2].copy_from_slice(&[0x8b, 0x01]);
    for bytes in [least, most] {
        let mut digits = [0; DIGITS];
        encode(&bytes, &mut digits);
        assert_eq!(character(digits[0]), b'E');
    }
}

#[test]
fn one_more_than_the_largest_does_not_fit() {
    let mut digits = [0; DIGITS];
    encode(&[0xff; BYTES], &mut digits);
    for digit in digits.iter_mut().rev() {
        *digit += 1;
        if *digit < 58 {
            break;
        }
        *digit = 0;
    }
    assert!(!decode(&digits, &mut [0; BYTES]));
    assert!(!decode(&[57; DIGITS], &mut [0; BYTES]));
}

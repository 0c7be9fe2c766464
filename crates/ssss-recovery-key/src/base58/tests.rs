use super::*;

const SPELLED_OUT: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#[test]
fn every_character_of_unicode_is_a_digit_or_none() {
    for character in '\0'..=char::MAX {
        let expected = SPELLED_OUT
            .find(character)
            .map(|at| u8::try_from(at).unwrap());
        assert_eq!(digit(character), expected, "{character:?}");
    }
}

#[test]
fn every_digit_has_its_character() {
    for (value, expected) in (0..).zip(SPELLED_OUT.chars()) {
        assert_eq!(character(value), expected);
    }
}

#[test]
fn quotient_is_exact_for_every_dividend_that_occurs() {
    for dividend in 0..=57 * 256 + 255 {
        assert_eq!(quotient_by_58(dividend), dividend / 58);
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
        assert_eq!(character(digits[0]), 'E');
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

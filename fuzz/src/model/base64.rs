//! Base64 of public values.

#[path = "../../../crates/ssss-model/src/lenient_base64.rs"]
#[expect(dead_code, reason = "room is made by those who read many")]
mod lenient_base64;

/// Reads a text as base64, and its bytes as bytes to write.
pub fn decode(data: &[u8]) {
    if let Ok(text) = core::str::from_utf8(data) {
        let mut bytes = b"what was there before".to_vec();
        let is_odd = lenient_base64::decode_into(&mut bytes, text);
        let found = is_odd.map(|is_odd| (bytes, is_odd));
        assert_eq!(found, decoded(text), "{text:?}");
    }
    let mut text = "before".to_owned();
    lenient_base64::encode_onto(&mut text, data);
    let encoded = text.strip_prefix("before").unwrap();
    assert_eq!(decoded(encoded), Some((data.to_vec(), false)));
    assert_eq!(encoded, self::encoded(data));
}

/// The bytes, and whether they are spelled oddly: with white space, or in the URL-safe alphabet.
///
/// Padding may be there or not, or in part; bits that are left over mean nothing.
pub(crate) fn decoded(text: &str) -> Option<(Vec<u8>, bool)> {
    const WHITE_SPACE: [char; 5] = [' ', '\t', '\n', '\r', '\u{c}'];
    let plain: String = text
        .chars()
        .filter(|character| !WHITE_SPACE.contains(character))
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let digits = plain.trim_end_matches('=');
    let padding = plain.len() - digits.len();
    let (bytes, _) = read(digits)?;
    (padding <= (4 - digits.len() % 4) % 4).then_some((bytes, plain != text))
}

/// The bytes that digits of the standard alphabet stand for, and what is left over.
pub(crate) fn read(digits: &str) -> Option<(Vec<u8>, u32)> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for character in digits.chars() {
        let digit = STANDARD.chars().position(|digit| digit == character)?;
        bits = bits << 6 | u32::try_from(digit).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count).unwrap());
            bits &= (1 << count) - 1;
        }
    }
    // A digit alone is not even a byte.
    (count != 6).then_some((bytes, bits))
}

/// Bytes in base64 of the standard alphabet, without padding.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    let bits = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    let digit = |six: &[u8]| {
        let number = (0..6).fold(0, |number, at| number << 1 | six.get(at).unwrap_or(&0));
        char::from(STANDARD.as_bytes()[usize::from(number)])
    };
    bits.chunks(6).map(digit).collect()
}

/// The 64 characters, from 0 to 63.
const STANDARD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

//! Base64 of public values, as the many clients spell it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padding or none, and trailing bits that are not zero.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads standard or URL-safe base64, padded or not, with ASCII white space anywhere in it, into `bytes`,
/// which are replaced. Says whether it is spelled oddly, as no current client spells it: not in the standard
/// alphabet, or with white space in it. Padding is common, and no matter.
pub(crate) fn decode_into(bytes: &mut Vec<u8>, text: &str) -> Option<bool> {
    bytes.clear();
    if LENIENT.decode_vec(text, bytes).is_ok() {
        return Some(false);
    }
    let folded: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    *bytes = LENIENT.decode(folded).ok()?;
    Some(true)
}

/// Enough bytes for what a text may decode to.
pub(crate) fn room(text: &str) -> usize {
    base64::decoded_len_estimate(text.len())
}

/// As many characters as [`encode_onto`] adds.
pub(crate) fn encoded_len(bytes: &[u8]) -> usize {
    base64::encoded_len(bytes.len(), false).unwrap_or_default()
}

/// Writes what the specification asks for, after a text: standard alphabet, no padding.
pub(crate) fn encode_onto(text: &mut String, bytes: &[u8]) {
    LENIENT.encode_string(bytes, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_the_same() {
        let bytes = [0xfb, 0xff, 0xbf, 0x01];
        for text in [
            "+/+/AQ",
            "+/+/AQ==",
            "-_-_AQ",
            "-_-_AQ==",
            "+/+/\n AQ=\t=",
            "+/-_AR",
            "+/+/AQ=",
        ] {
            let is_odd = text.contains(['-', '_', '\n', '\t']);
            let mut decoded = b"before".to_vec();
            assert_eq!(decode_into(&mut decoded, text), Some(is_odd), "{text:?}");
            assert_eq!(decoded, bytes, "{text:?}");
        }
        let mut text = "\"".to_owned();
        encode_onto(&mut text, &bytes);
        assert_eq!(text, "\"+/+/AQ");
        assert_eq!(encoded_len(&bytes), "+/+/AQ".len());
    }

    #[test]
    fn what_is_not_base64() {
        for text in ["A", "AAAAA", "AA=A", "A*", "ÄÄ", "\u{a0}", "AAA===="] {
            assert_eq!(decode_into(&mut Vec::new(), text), None, "{text:?}");
        }
    }
}

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

/// Reads standard or URL-safe base64, padded or not, with ASCII white space anywhere in it.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    if text
        .bytes()
        .any(|byte| byte.is_ascii_whitespace() || matches!(byte, b'-' | b'_'))
    {
        let folded: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .map(|byte| match byte {
                b'-' => b'+',
                b'_' => b'/',
                other => other,
            })
            .collect();
        LENIENT.decode(folded).ok()
    } else {
        LENIENT.decode(text).ok()
    }
}

/// Whether a text that can be read is spelled as no current client spells it: not in the standard
/// alphabet, or with white space in it. Padding is common, and no matter.
pub(crate) fn is_odd(text: &str) -> bool {
    !text
        .trim_end_matches('=')
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Writes what the specification asks for: standard alphabet, no padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    LENIENT.encode(bytes)
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
            assert_eq!(decode(text).as_deref(), Some(&bytes[..]), "{text:?}");
        }
        assert_eq!(encode(&bytes), "+/+/AQ");
    }

    #[test]
    fn what_is_not_base64() {
        for text in ["A", "AAAAA", "AA=A", "A*", "ÄÄ", "\u{a0}", "AAA===="] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}

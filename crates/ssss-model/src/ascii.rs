//! Text of secret bytes.

use zeroize::Zeroizing;

/// The bytes as text, if all of them are ASCII, which is all that their values decide here. The standard
/// library's check for UTF-8 looks some of them up in a table.
pub(crate) fn ascii_text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let all = bytes.iter().fold(0, |all, byte| all | byte);
    if all >= 0x80 {
        return None;
    }
    // Of full size from the start: a string that grows leaves its old copy behind, unwiped.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len()));
    // The mask changes nothing. It lets the compiler see that each is one byte of UTF-8.
    text.extend(bytes.iter().map(|byte| char::from(byte & 0x7f)));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_and_nothing_else() {
        let all: Vec<u8> = (0..0x80).collect();
        let text = ascii_text(&all).unwrap();
        assert_eq!((text.as_bytes(), text.capacity()), (&*all, 0x80));
        assert_eq!(*ascii_text(b"").unwrap(), "");
        for other in ["é".as_bytes(), b"a\x80", b"\xffa"] {
            assert!(ascii_text(other).is_none(), "{other:?}");
        }
    }
}

//! Reading and writing secrets without leaving copies: no buffers but ours, which are wiped.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::os::fd::AsFd as _;

use ssss_client::ssss_model::zeroize::Zeroizing;

/// Why a secret was not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    Io(io::Error),
    /// It has more bytes than this.
    TooLong(usize),
    /// It is not UTF-8.
    NotText,
}

/// Reads everything, at most `limit` bytes of UTF-8.
pub(crate) fn read(mut from: impl Read, limit: usize) -> Result<Zeroizing<String>, ReadError> {
    // Of full size from the start: a buffer that grows leaves its old copy behind, unwiped.
    let mut buffer = Zeroizing::new(vec![0; limit + 1]);
    let mut len = 0;
    loop {
        match from.read(buffer.get_mut(len..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ReadError::Io(error)),
        }
    }
    if len > limit {
        return Err(ReadError::TooLong(limit));
    }
    let bytes = buffer.get(..len).unwrap_or_default();
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NotText)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Removes one line break from the end, and nothing else.
pub(crate) fn without_line_break(mut text: Zeroizing<String>) -> Zeroizing<String> {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// Standard input, past the buffer that the standard library puts before it.
pub(crate) fn stdin() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Writes pieces, some of them secret, to standard output at once, past the buffer of the standard
/// library.
pub(crate) fn write(pieces: &[&[u8]]) -> io::Result<()> {
    // What was printed before comes first.
    io::stdout().flush()?;
    let mut stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    pieces.iter().try_for_each(|piece| stdout.write_all(piece))
}

/// A JSON string with its quotes.
pub(crate) fn json_string(text: &str) -> Zeroizing<Vec<u8>> {
    // Each byte becomes at most six, as in `\u001f`, so that the buffer never grows.
    let mut json = Zeroizing::new(Vec::with_capacity(text.len() * 6 + 2));
    // Writing to memory does not fail.
    _ = serde_json::to_writer(&mut *json, text);
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_is_removed() {
        for (text, expected) in [
            ("a", "a"),
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a\r", "a\r"),
            (" a \n", " a "),
            ("\n", ""),
            ("", ""),
        ] {
            let text = without_line_break(Zeroizing::new(text.to_owned()));
            assert_eq!(*text, expected);
        }
    }

    #[test]
    fn limits_are_exact() {
        assert_eq!(*read(&b"1234"[..], 4).unwrap(), "1234");
        assert!(matches!(read(&b"12345"[..], 4), Err(ReadError::TooLong(4))));
        assert!(matches!(read(&b"\xff"[..], 4), Err(ReadError::NotText)));
    }

    #[test]
    fn json_strings_do_not_grow() {
        let worst = "\u{1}".repeat(100);
        let json = json_string(&worst);
        assert_eq!(json.len(), json.capacity());
        assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), worst);
        assert_eq!(&**json_string("a\"b"), b"\"a\\\"b\"");
    }
}

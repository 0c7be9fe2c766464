//! The ways to write a key's 32 bytes.

use base64ct::{Base64, Base64Unpadded, Encoding as _};
use ssss_client::ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_client::ssss_model::zeroize::Zeroizing;

use crate::args::KeyForm;
use crate::code::Code;
use crate::failure::{Failure, malformed_key};

/// The form that a text has. None of the forms has the length of another.
pub(super) fn recognise(text: &str) -> KeyForm {
    let text = text.trim();
    match text.len() {
        HEX_LEN if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => KeyForm::Hex,
        43 | BASE64_LEN if !text.contains(char::is_whitespace) => KeyForm::Base64,
        _ => KeyForm::RecoveryKey,
    }
}

/// Reads a key.
pub(super) fn read(text: &str, form: KeyForm) -> Result<RecoveryKey, Failure> {
    let trimmed = text.trim();
    let mut bytes = Zeroizing::new([0; RecoveryKey::LEN]);
    let (is_read, what) = match form {
        KeyForm::RecoveryKey => {
            return RecoveryKey::parse(text).map_err(|reason| malformed_key(text, &reason));
        }
        KeyForm::Hex => (
            base16ct::mixed::decode(trimmed, &mut *bytes)
                .is_ok_and(|key| key.len() == RecoveryKey::LEN),
            "32 bytes in hexadecimal have 64 digits",
        ),
        KeyForm::Base64 => {
            let unpadded = trimmed.strip_suffix('=').unwrap_or(trimmed);
            (
                Base64Unpadded::decode(unpadded, &mut *bytes)
                    .is_ok_and(|key| key.len() == RecoveryKey::LEN),
                "32 bytes in base64 have 43 characters of A-Z, a-z, 0-9, + and /, and perhaps one =",
            )
        }
    };
    if is_read {
        Ok(RecoveryKey::from_bytes(&bytes))
    } else {
        Err(Failure::new(
            Code::KeyMalformed,
            "key-malformed",
            "this is not a key in that form",
        )
        .because(what))
    }
}

/// Writes a key.
pub(super) fn write(key: &RecoveryKey, form: KeyForm) -> Zeroizing<String> {
    // Written into place, so that no copy stays behind.
    let mut buffer = Zeroizing::new([0; HEX_LEN]);
    let text = key.format();
    let written = match form {
        KeyForm::RecoveryKey => Some(text.expose()),
        KeyForm::Hex => base16ct::lower::encode_str(key.expose(), &mut *buffer).ok(),
        KeyForm::Base64 => Base64::encode(key.expose(), &mut *buffer).ok(),
    };
    // The buffer is as long as the longest form.
    Zeroizing::new(written.unwrap_or_default().to_owned())
}

const HEX_LEN: usize = 64;
const BASE64_LEN: usize = 44;

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [(KeyForm, &str); 3] = [
        (
            KeyForm::RecoveryKey,
            "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X",
        ),
        (
            KeyForm::Hex,
            "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
        ),
        (
            KeyForm::Base64,
            "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
        ),
    ];

    #[test]
    fn each_form_becomes_every_other() {
        for (from, text) in FORMS {
            assert_eq!(recognise(text), from);
            let key = read(text, from).unwrap();
            for (to, expected) in FORMS {
                assert_eq!(*write(&key, to), expected);
            }
        }
    }

    #[test]
    fn lengths_are_exact() {
        for (form, text) in &FORMS[1..] {
            assert!(read(&format!("{text}A"), *form).is_err());
            assert!(read(&text[1..], *form).is_err());
            assert!(read(&text[2..], *form).is_err());
        }
        let (form, text) = FORMS[2];
        assert!(read(text.trim_end_matches('='), form).is_ok());
    }
}

//! `ssss-recovery-key` against the reference parser of its own tests, which stands on `bs58`.

use std::sync::LazyLock;

use ssss_recovery_key::RecoveryKey;

#[path = "../../crates/ssss-recovery-key/tests/suite/reference.rs"]
mod reference;

/// Reads the input as a text; or, after a byte `FF`, which no text contains, as a key (32 bytes) and
/// typing errors to make in its text (two bytes each: where, and which character).
pub fn parse(data: &[u8]) {
    if let [0xff, data @ ..] = data {
        if let Some((key, errors)) = data.split_first_chunk() {
            agree(&with_errors(&format(key), errors));
        }
    } else if let Ok(text) = core::str::from_utf8(data) {
        agree(text);
    }
}

/// The reference and the crate must accept the same texts, for the same bytes, and refuse the
/// others for the same reason; and what is accepted must have one canonical form.
fn agree(text: &str) {
    let ours = RecoveryKey::parse(text).map(|key| *key.expose());
    assert_eq!(ours, reference::parse(text), "{text:?}");
    if let Ok(bytes) = ours {
        let mut canonical = format(&bytes);
        let mut text = text.to_owned();
        canonical.retain(|character| character != ' ');
        text.retain(|character| character.is_ascii_alphanumeric());
        assert_eq!(text, canonical);
    }
}

fn format(key: &[u8; 32]) -> String {
    let text = RecoveryKey::from_bytes(key).format().expose().to_owned();
    assert_eq!(text, reference::format(key));
    text
}

fn with_errors(text: &str, errors: &[u8]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    // More errors than this meet nothing that fewer do not.
    for error in errors.as_chunks::<2>().0.iter().take(8) {
        let [place, by] = error.map(usize::from);
        let place = place % characters.len();
        characters[place] = WRONG[by % WRONG.len()];
    }
    characters.into_iter().collect()
}

/// What may take a character's place: another of the key, an ignored one, an impossible one.
static WRONG: LazyLock<Vec<char>> = LazyLock::new(|| {
    reference::ALPHABET
        .chars()
        .chain(reference::IGNORED.chars())
        .chain("0OIl".chars())
        .collect()
});

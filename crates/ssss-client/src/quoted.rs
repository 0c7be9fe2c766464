//! Text that a server chose.

/// What a server chose, so that no terminal obeys it: quoted, everything odd escaped.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_graphic() && c != '"' && c != '\\')
        || text
            .chars()
            .all(|c| c.is_alphanumeric() || "._-/+=:@".contains(c))
            && !text.is_empty();
    if plain {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}

//! Characters that people and programs put between the characters of a key.

/// Whether a character is passed over wherever it stands. None of the 58 digits is.
///
/// White space is the standard library's `White_Space`; the other lists are those of Unicode 16.
pub(crate) fn is_ignored(character: char) -> bool {
    character.is_whitespace() || is_dash(character) || is_zero_width(character)
}

/// The property `Dash`, which includes the category `Pd`, and the soft hyphen, which is invisible
/// except at the end of a line and so not a `Dash`.
fn is_dash(character: char) -> bool {
    matches!(
        character,
        '\u{2d}' | '\u{ad}' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2053}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{10d6e}'
                | '\u{10ead}'
    )
}

/// Zero-width spaces and joiners, the byte order mark, and the property `Bidi_Control`.
fn is_zero_width(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200d}'
            | '\u{2060}'
            | '\u{feff}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

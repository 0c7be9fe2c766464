//! What is wrong with the text of a key.

use ssss_client::ssss_model::ssss_recovery_key::{ParseError, RecoveryKey};

use super::Failure;
use crate::code::Code;

/// A text that was taken for a recovery key, and is none for this reason.
///
/// Says where it is wrong, and names a character only if the text looks like a recovery key: such
/// a character occurs in none, so it is no part of a key.
pub(crate) fn malformed_key(text: &str, reason: &ParseError) -> Failure {
    let because = match reason {
        ParseError::Empty => "there is nothing in it".to_owned(),
        ParseError::Character {
            character,
            position,
        } => {
            let shown = if looks_like_recovery_key(text) {
                format!(" is {character:?}, which")
            } else {
                " is one that".to_owned()
            };
            format!(
                "character {} of group {} (character {position} in all){shown} no recovery key \
                 contains{}",
                (position.saturating_sub(1)) % GROUP + 1,
                (position.saturating_sub(1)) / GROUP + 1,
                if matches!(character, '0' | 'O' | 'I' | 'l') && looks_like_recovery_key(text) {
                    "; none has 0, O, I or l, because they look like others"
                } else {
                    ""
                }
            )
        }
        ParseError::Length { found } => {
            let groups = match odd_group(text) {
                Some((group, len)) => format!("; group {group} has {len} instead of {GROUP}"),
                None => String::new(),
            };
            format!("it has {found} characters instead of 48{groups}")
        }
        ParseError::Prefix => {
            "its beginning is wrong: every recovery key begins with EsS, EsT or EsU".to_owned()
        }
        ParseError::Parity => {
            "its check does not match, so at least one character is wrong; which one, it does not \
             tell"
                .to_owned()
        }
        other => other.to_string(),
    };
    let kind = match reason {
        ParseError::Empty => "key-empty",
        _ => "key-malformed",
    };
    Failure::new(Code::KeyMalformed, kind, "this is not a recovery key")
        .because(because)
        .try_this("compare it with your copy, group by group: 12 groups of four characters")
}

/// Whether somebody who wrote this meant a recovery key: it has the beginning, and nearly the length
/// or the look, groups of four.
pub(crate) fn looks_like_recovery_key(text: &str) -> bool {
    let digits = text.chars().filter(|c| is_digit(*c)).count();
    let mut groups = text.split_whitespace();
    let is_grouped = groups.all(|group| {
        group.chars().count() == GROUP && group.chars().all(|c| c.is_ascii_alphanumeric())
    });
    let has_length = digits >= 40 || is_grouped && digits >= 6 * GROUP;
    has_length && text.trim_start().starts_with("Es")
}

const GROUP: usize = 4;

fn is_digit(character: char) -> bool {
    character.is_ascii_alphanumeric() && !matches!(character, '0' | 'O' | 'I' | 'l')
}

/// The first group that has another number of characters than four, in a text that is written in
/// groups.
fn odd_group(text: &str) -> Option<(usize, usize)> {
    let groups: Vec<usize> = text
        .split_whitespace()
        .map(|group| group.chars().count())
        .collect();
    if !(10..=14).contains(&groups.len()) {
        return None;
    }
    let place = groups.iter().position(|len| *len != GROUP)?;
    Some((place + 1, *groups.get(place)?))
}

/// Whether a text is malformed rather than wrong: it was meant as a recovery key, and is none.
pub(crate) fn typing_error(text: &str) -> Option<ParseError> {
    RecoveryKey::parse(text)
        .err()
        .filter(|_| looks_like_recovery_key(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X";

    fn because(text: &str) -> String {
        let reason = RecoveryKey::parse(text).unwrap_err();
        malformed_key(text, &reason).because.unwrap()
    }

    #[test]
    fn places_are_named_in_groups_of_four() {
        assert!(because(&KEY.replace("VYce", "VYle")).starts_with(
            "character 3 of group 4 (character 15 in all) is 'l', which no recovery key contains"
        ));
        assert_eq!(
            because(&KEY.replace("VYce", "VYe")),
            "it has 47 characters instead of 48; group 4 has 3 instead of 4"
        );
        assert!(because(&KEY.replace("VYce", "VYee")).contains("check does not match"));
    }

    #[test]
    fn a_passphrase_is_never_quoted() {
        let text = "correct horse battery staple";
        assert!(!looks_like_recovery_key(text));
        assert!(because(text).contains("is one that no recovery key contains"));
        assert!(typing_error(text).is_none());
        assert!(typing_error(&KEY.replace('5', "6")).is_some());
        assert!(typing_error(KEY).is_none());
        // The example of js-sdk's guide, which is no key.
        assert!(typing_error("EsTT qPME mVyg 9rIF 53yT Zqn3 r9Mb 6diL").is_some());
        assert!(typing_error("Este año four word text more").is_none());
    }
}

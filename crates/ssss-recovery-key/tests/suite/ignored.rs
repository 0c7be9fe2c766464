//! Which characters are passed over, which are digits, and which are refused: all of Unicode.

use ssss_recovery_key::{ParseError, RecoveryKey};

use crate::reference::{self, ALPHABET, IGNORED};

const TEXT: &str = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";

#[test]
fn every_character_of_unicode() {
    for character in '\0'..=char::MAX {
        let expected = if IGNORED.contains(character) {
            ParseError::Empty
        } else if ALPHABET.contains(character) {
            ParseError::Length { found: 1 }
        } else {
            ParseError::Character {
                character,
                position: 1,
            }
        };
        let text = character.encode_utf8(&mut [0; 4]).to_owned();
        assert_eq!(
            RecoveryKey::parse(&text).unwrap_err(),
            expected,
            "{character:?}"
        );
    }
}

#[test]
fn an_ignored_character_is_harmless_anywhere() {
    let expected = reference::parse(TEXT).unwrap();
    for character in IGNORED.chars() {
        for at in 0..=TEXT.len() {
            let text = format!("{}{character}{}", &TEXT[..at], &TEXT[at..]);
            let parsed = RecoveryKey::parse(&text).unwrap();
            assert_eq!(parsed.expose(), &expected, "{text:?}");
        }
        let instead = TEXT.replace(' ', &character.to_string());
        assert_eq!(
            RecoveryKey::parse(&instead).unwrap().expose(),
            &expected,
            "{instead:?}"
        );
    }
}

#[test]
fn ignored_characters_do_not_count_towards_a_position() {
    let text = "\u{feff}Es\u{2014}T\u{200b}c !";
    let expected = ParseError::Character {
        character: '!',
        position: 5,
    };
    assert_eq!(RecoveryKey::parse(text).unwrap_err(), expected);
}

#[test]
fn an_impossible_character_beyond_the_48th_is_still_named() {
    let text = format!("{TEXT} EsTc0");
    let expected = ParseError::Character {
        character: '0',
        position: 53,
    };
    assert_eq!(RecoveryKey::parse(&text).unwrap_err(), expected);
}

/// Cyrillic, Greek, full-width, mathematical, accented and typographic forms of key characters,
/// and the four ASCII letters and digits that base58 leaves out.
#[test]
fn look_alikes_are_refused_and_named() {
    for look_alike in "ЕСТКВаеорсхΕΤΚＥｓＴ１𝐄𝖤𝟏éÉƐⅠⅼ①²0OIl".chars()
    {
        for position in [1, 2, 24, 48] {
            let mut characters: Vec<char> = TEXT.replace(' ', "").chars().collect();
            characters[position - 1] = look_alike;
            assert_eq!(
                RecoveryKey::parse(&String::from_iter(characters)).unwrap_err(),
                ParseError::Character {
                    character: look_alike,
                    position
                },
            );
        }
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let said = |text: &str| RecoveryKey::parse(text).unwrap_err().to_string();
    assert_eq!(said(" "), "the recovery key is empty");
    assert_eq!(
        said("EsTc\tLW2O"),
        "character 8 of the recovery key is 'O', which no recovery key contains"
    );
    assert_eq!(
        said("Es\u{0}"),
        "character 3 of the recovery key is '\\0', which no recovery key contains"
    );
    assert_eq!(
        said("EsTc"),
        "the recovery key has 4 characters instead of 48"
    );
    let mistyped = TEXT.replace("EsTc", "FsTc");
    assert_eq!(
        said(&mistyped),
        "this is not a recovery key: it does not begin like one"
    );
    let mistyped = TEXT.replace("UE4d", "UE4e");
    assert_eq!(
        said(&mistyped),
        "the recovery key is mistyped: its check does not match"
    );
}

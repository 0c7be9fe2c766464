//! Agreement with the reference, on acceptance, on the bytes and on the reason for refusal.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ssss_recovery_key::{ParseError, RecoveryKey};

use crate::reference::{self, ALPHABET, IGNORED};

#[track_caller]
fn agree(text: &str) {
    let ours = RecoveryKey::parse(text).map(|key| *key.expose());
    assert_eq!(ours, reference::parse(text), "{text:?}");
}

/// `text` with the significant character at `at` (the spaces not counted) replaced.
fn substitute(text: &str, at: usize, by: char) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    characters[at + at / 4] = by;
    characters.into_iter().collect()
}

fn any_digit() -> impl Strategy<Value = char> {
    select(ALPHABET.chars().collect::<Vec<_>>())
}

/// What a person might paste: digits, ignored characters, near misses and anything else.
fn any_character() -> impl Strategy<Value = char> {
    prop_oneof![
        8 => any_digit(),
        2 => select(IGNORED.chars().collect::<Vec<_>>()),
        1 => select(vec!['0', 'O', 'I', 'l', '_', '.', 'Е', 'Ｅ']),
        1 => any::<char>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn formats_as_the_reference_and_back(bytes: [u8; 32]) {
        let text = RecoveryKey::from_bytes(&bytes).format();
        prop_assert_eq!(text.expose(), reference::format(&bytes));
        let parsed = RecoveryKey::parse(text.expose()).unwrap();
        prop_assert_eq!(parsed.expose(), &bytes);
        agree(text.expose());
    }

    #[test]
    fn any_text(text: String) {
        agree(&text);
    }

    #[test]
    fn any_text_like_a_key(characters in vec(any_character(), 0..80)) {
        agree(&String::from_iter(characters));
    }

    #[test]
    fn any_48_digits(digits in vec(any_digit(), 48)) {
        agree(&String::from_iter(digits));
    }

    /// Past the prefix, so that parity decides: one in 256 of these is a key.
    #[test]
    fn any_35_bytes_with_the_prefix(bytes: [u8; 33]) {
        let mut all = vec![0x8b, 0x01];
        all.extend(bytes);
        agree(&bs58::encode(all).into_string());
    }

    #[test]
    fn a_key_with_a_few_errors(
        bytes: [u8; 32],
        errors in vec((0_usize..48, any_character()), 1..4),
    ) {
        let mut text = reference::format(&bytes);
        for (at, by) in errors {
            text = substitute(&text, at, by);
        }
        agree(&text);
    }

    #[test]
    fn a_key_with_two_characters_swapped(bytes: [u8; 32], at in 0_usize..47) {
        let mut digits: Vec<char> = reference::format(&bytes).replace(' ', "").chars().collect();
        digits.swap(at, at + 1);
        agree(&String::from_iter(digits));
    }

    #[test]
    fn a_key_with_a_part_cut_off_or_repeated(bytes: [u8; 32], from in 0_usize..59, to in 0_usize..59) {
        let text = reference::format(&bytes);
        agree(&text[from..]);
        agree(&text[..to]);
        agree(&format!("{}{}", &text[..to], &text[from..]));
    }
}

#[test]
fn every_single_substitution() {
    let text = reference::format(&core::array::from_fn(|at| u8::try_from(at * 7).unwrap()));
    let (mut accepted, mut refused) = (0, 0);
    for at in 0..48 {
        let original = text.replace(' ', "").as_bytes()[at];
        for by in ALPHABET.chars().filter(|&by| by != char::from(original)) {
            let mistyped = substitute(&text, at, by);
            agree(&mistyped);
            match RecoveryKey::parse(&mistyped) {
                Ok(_) => accepted += 1,
                Err(ParseError::Prefix | ParseError::Parity) => refused += 1,
                Err(other) => panic!("{mistyped:?}: {other}"),
            }
        }
    }
    assert_eq!(accepted + refused, 48 * 57);
    // Parity is one byte, so about one substitution in 256 passes it: 2736 / 256 is 11.
    assert!(
        (1..30).contains(&accepted),
        "{accepted} of {} accepted",
        accepted + refused
    );
}

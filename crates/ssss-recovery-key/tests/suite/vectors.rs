//! Every file of `tests/vectors`: texts from other implementations' tests and accounts, each with
//! the key bytes or the reason for refusal.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use ssss_recovery_key::{ParseError, RecoveryKey};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    comment: String,
    expect: Vec<Expectation>,
}

#[derive(Deserialize)]
struct Expectation {
    text: String,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Outcome {
    Key { key: String },
    Refused(Refusal),
}

#[derive(Deserialize)]
#[serde(tag = "error")]
enum Refusal {
    Empty,
    Character { character: char, position: usize },
    Length { found: usize },
    Prefix,
    Parity,
}

#[test]
fn every_vector() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut walked = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let file: File = serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            !file.source.is_empty() && !file.comment.is_empty(),
            "{name}"
        );
        assert!(!file.expect.is_empty(), "{name}");
        for expectation in &file.expect {
            check(&name, expectation);
            walked += 1;
        }
    }
    assert!(walked >= 50, "only {walked} expectations found");
}

fn check(name: &str, expectation: &Expectation) {
    let text = &expectation.text;
    let parsed = RecoveryKey::parse(text);
    match &expectation.outcome {
        Outcome::Key { key } => {
            let parsed = parsed.unwrap_or_else(|error| panic!("{name}: {text:?}: {error}"));
            assert_eq!(parsed.expose()[..], bytes_of(key), "{name}: {text:?}");
            assert_eq!(parsed.format().expose(), grouped(text), "{name}: {text:?}");
        }
        Outcome::Refused(refusal) => {
            assert_eq!(parsed.unwrap_err(), refusal.as_error(), "{name}: {text:?}");
        }
    }
}

impl Refusal {
    fn as_error(&self) -> ParseError {
        match *self {
            Self::Empty => ParseError::Empty,
            Self::Character {
                character,
                position,
            } => ParseError::Character {
                character,
                position,
            },
            Self::Length { found } => ParseError::Length { found },
            Self::Prefix => ParseError::Prefix,
            Self::Parity => ParseError::Parity,
        }
    }
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// The specification's form of a text that differs from it in what stands between characters.
fn grouped(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let groups: Vec<String> = digits.chunks(4).map(String::from_iter).collect();
    groups.join(" ")
}

//! The pointer to the default key leads elsewhere: from the start, or between two readings.

use ssss_client::ssss_model::Object;

use crate::account::{Account, id, key};
use crate::script::{At, Script};
use crate::truth::{REAL, Truth, block};

const POINTER: &str = "m.secret_storage.default_key";
const ALGORITHM: &str = r#""algorithm":"m.secret_storage.v1.aes-hmac-sha2""#;

/// An account with keys of every kind to point at.
fn account() -> Account {
    let harvest = format!(r#"{{{ALGORITHM},"passphrase":{}}}"#, block_json());
    let described = key("stranger").description().as_json().to_owned();
    Account::standard(REAL)
        .event(&id("unchecked").event_type(), &format!("{{{ALGORITHM}}}"))
        .event(&id("harvest").event_type(), &harvest)
        .event(&id("stranger").event_type(), &described)
        .event(&id("blanked").event_type(), "{}")
        .event(
            &id("odd").event_type(),
            r#"{"algorithm":"m.curve25519-aes-sha2","pubkey":"x"}"#,
        )
        .event(&id("malformed").event_type(), r#"{"algorithm":7}"#)
}

fn block_json() -> String {
    let object = Object::empty();
    let object = object.with("passphrase", &block("attackers-salt", 1, 256));
    object.get("passphrase").unwrap().to_owned()
}

fn pointers() -> Vec<(String, Option<String>)> {
    let long = "x".repeat(10_000);
    let ids = [
        "unchecked",
        "harvest",
        "stranger",
        "blanked",
        "odd",
        "malformed",
        "gone",
        "",
        "..",
        "../x",
        "%2e%2e",
        "a\\b",
        "a\nb",
        "a?b",
        "a#b",
        "a\0b",
        &long,
    ];
    let mut pointers: Vec<_> = ids
        .iter()
        .map(|id| {
            let shown: String = id.chars().take(20).collect();
            (
                format!("{shown:?}"),
                Some(serde_json::json!({ "key": id }).to_string()),
            )
        })
        .collect();
    for odd in [
        "{}",
        r#"{"key":7}"#,
        r#"{"key":null}"#,
        r#"{"key":["real"]}"#,
        r#"{"key":{"key":"real"}}"#,
        "[]",
        "null",
        r#""real""#,
        r#"{"key":"real","key":"harvest"}"#,
    ] {
        pointers.push((odd.to_owned(), Some(odd.to_owned())));
    }
    pointers.push(("nothing".to_owned(), None));
    pointers
}

const TIMES: [At; 7] = [
    At::Read(1),
    At::Read(2),
    At::Read(3),
    At::Read(4),
    At::Write(1),
    At::Write(2),
    At::Write(5),
];

/// For somebody with a recovery key, and for somebody with a passphrase, who has none here.
fn scripts() -> Vec<Script> {
    let honest = format!(r#"{{"key":"{REAL}"}}"#);
    let mut scripts = Vec::new();
    for (name, pointer) in pointers() {
        for at in TIMES {
            let name = format!("pointer to {name} at {at:?}");
            for truth in [Truth::recovery_key(REAL), harvested()] {
                let script = Script::new(name.clone(), truth, account());
                let script = script.turn(at, POINTER, pointer.as_deref());
                scripts.push(script.clone());
                // And back again, so that no two readings agree.
                if let At::Read(at) = at {
                    scripts.push(script.turn(At::Read(at + 1), POINTER, Some(&honest)));
                }
            }
        }
    }
    scripts
}

/// Somebody who types a passphrase that no key here was made from.
fn harvested() -> Truth {
    Truth::passphrase(false)
}

#[test]
fn no_pointer_leads_to_writing_under_another_key() {
    crate::assert_innocent("pointers", &scripts());
}

#[test]
fn a_client_that_follows_it_is_found_out() {
    crate::assert_guilty(&scripts(), "written under an unproven key");
}

//! What the server chose speaks to a terminal: in names, ids, algorithms, and the texts of errors.

use serde_json::json;
use ssss_client::{AccountData as _, Homeserver};

use crate::account::{Account, key};
use crate::json;
use crate::oracle::speaks;
use crate::script::Script;
use crate::server::{FakeServer, Fault};
use crate::truth::{REAL, Truth};

/// Colours, the title, the clipboard, C1, bidi, and what cannot be seen.
const TEXTS: [&str; 9] = [
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]52;c;ZWNobyBwd25lZA==\u{7}",
    "\u{9b}2J\u{9d}52;c;AA\u{9c}",
    "abc\u{202e}fed\u{2066}x",
    "a\rb\u{8}c\u{7f}",
    "a\nerror: all is well",
    "\u{200b}\u{feff}\u{2028}",
    "\0",
];

fn scripts() -> Vec<Script> {
    let truth = Truth::recovery_key(REAL);
    let honest = Account::standard(REAL);
    let description = key(REAL).description().as_json().to_owned();
    let key_event = |id: &str| format!("m.secret_storage.key.{id}");
    let mut scripts = Vec::new();
    for text in TEXTS {
        let mut add = |what: &str, account: Account| {
            scripts.push(Script::new(
                format!("{text:?} as {what}"),
                truth.clone(),
                account,
            ));
        };
        let named = json::with(&description, &["name"], json!(text));
        add(
            "the name of a key",
            honest.clone().event(&key_event(REAL), &named),
        );
        let algorithm = json::with(&description, &["algorithm"], json!(text));
        add(
            "an algorithm",
            honest.clone().event(&key_event(REAL), &algorithm),
        );
        add(
            "another key's id",
            honest.clone().event(&key_event(text), &description),
        );
        let pointer = json!({ "key": text }).to_string();
        let leading = honest
            .clone()
            .event("m.secret_storage.default_key", &pointer);
        add("a pointer", leading.clone());
        add(
            "the default key's id",
            leading.event(&key_event(text), &description),
        );
        let secret = json!({ "encrypted": { text: { "iv": 1 }, "gone": {} } }).to_string();
        add(
            "the id of an entry",
            honest.clone().event("org.example.x", &secret),
        );
        add("the name of a secret", honest.clone().event(text, &secret));
        let salt = json!({"algorithm": text, "salt": text, "iterations": text, "bits": text});
        let block = json::with(&description, &["passphrase"], salt);
        add(
            "a passphrase block",
            honest.clone().event(&key_event(REAL), &block),
        );
    }
    scripts
}

#[test]
fn nothing_that_a_server_chose_speaks_to_a_terminal() {
    crate::assert_innocent("escapes", &scripts());
}

#[test]
fn a_client_that_shows_what_it_is_told_is_found_out() {
    crate::assert_guilty(&scripts(), "it is shown as it is");
}

/// In what it says when it refuses, and in what it says that it can.
#[test]
fn the_text_of_an_error_does_not_speak_to_a_terminal() {
    for text in TEXTS {
        for status in [400, 403, 404, 429, 500] {
            let body = json!({"errcode": format!("M_{text}"), "error": text, "soft_logout": text})
                .to_string();
            let fault = Fault::Answer(status, &[], body.leak());
            let server = FakeServer::start();
            let shown = crate::http::block_on(async {
                let account = crate::http::account(&server).await;
                server.fail(move |_| Some(fault.clone()));
                let mut shown = Vec::new();
                shown.push(account.get("m.direct").await.unwrap_err().to_string());
                shown.push(account.enumerate().await.unwrap_err().to_string());
                shown.push(account.published().await.unwrap_err().to_string());
                let options = crate::http::options();
                if let Err(error) = Homeserver::connect(&server.url, &options).await {
                    shown.push(error.to_string());
                }
                shown
            });
            for shown in shown {
                assert!(!shown.chars().any(speaks), "{shown:?}");
            }
        }
    }
}

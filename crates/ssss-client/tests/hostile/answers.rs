//! Different answers to different readings: each event is another one, for one reading or from then on.

use serde_json::json;

use crate::account::{Account, id, key, secret};
use crate::json;
use crate::script::{At, Script};
use crate::truth::{REAL, Truth};

fn honest() -> Account {
    Account::standard(REAL)
}

fn content(account: &Account, of: &str) -> String {
    let events = account.events();
    let (_, content) = events.iter().find(|(name, _)| name == of).unwrap();
    content.json().get().to_owned()
}

/// What is said in the place of what is there.
fn lies() -> Vec<(&'static str, String, String)> {
    let honest = honest();
    let backup = content(&honest, "m.megolm_backup.v1");
    let master = content(&honest, "m.cross_signing.master");
    let stranger = Account::standard("stranger");
    let key_event = id(REAL).event_type();
    let description = key(REAL).description().as_json().to_owned();
    let entry = ["encrypted", REAL];
    let field = |name| ["encrypted", REAL, name];
    let at = |what, of: &str, content| (what, of.to_owned(), content);
    let b = "m.megolm_backup.v1";
    vec![
        at("another secret", b, master),
        at(
            "a stranger's",
            b,
            content(&stranger, b).replace("stranger", REAL),
        ),
        at(
            "another MAC",
            b,
            json::with(&backup, &field("mac"), json!("A".repeat(43))),
        ),
        at(
            "a short MAC",
            b,
            json::with(&backup, &field("mac"), json!("AAAA")),
        ),
        at("no MAC", b, json::with(&backup, &field("mac"), json!(null))),
        at(
            "no ciphertext",
            b,
            json::with(&backup, &field("ciphertext"), json!("")),
        ),
        at("a number", b, json::with(&backup, &entry, json!(7))),
        at(
            "a stranger's description",
            &key_event,
            key("stranger").description().as_json().to_owned(),
        ),
        at(
            "no check",
            &key_event,
            r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#.to_owned(),
        ),
        at(
            "another algorithm",
            &key_event,
            json::with(&description, &["algorithm"], json!("x")),
        ),
        at(
            "a damaged check",
            &key_event,
            json::with(&description, &["mac"], json!("AAAA")),
        ),
        at(
            "a stranger's key",
            "m.secret_storage.default_key",
            json!({"key": "stranger"}).to_string(),
        ),
    ]
}

fn scripts() -> Vec<Script> {
    let mut scripts = Vec::new();
    for (what, of, lie) in lies() {
        for at in 1..=8 {
            for goes_on in [false, true] {
                let account = honest()
                    .describe("stranger")
                    .secret(&secret("org.example.x", "canary-x"), &[REAL]);
                let truth = Truth::recovery_key(REAL).knows("org.example.x", "canary-x");
                let name = format!(
                    "{what} at reading {at}{}",
                    if goes_on { " and on" } else { "" }
                );
                let honestly = content(&account, &of);
                let mut script =
                    Script::new(name, truth, account).turn(At::Read(at), &of, Some(&lie));
                if !goes_on {
                    script = script.turn(At::Read(at + 1), &of, Some(&honestly));
                }
                scripts.push(script);
            }
        }
    }
    scripts
}

#[test]
fn no_two_answers_make_a_secret_of_what_is_none() {
    crate::assert_innocent("different answers", &scripts());
}

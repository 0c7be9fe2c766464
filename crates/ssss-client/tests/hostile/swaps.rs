//! Secrets are served under other names, and for other keys.

use crate::account::{Account, key, rng, secret, standard_secrets};
use crate::json;
use crate::script::Script;
use crate::truth::{REAL, Truth};
use crate::work::{OTHER, OTHER_VALUE};
use serde_json::json;
use ssss_client::ssss_model::EncryptedSecret;

fn account() -> Account {
    let other = secret(OTHER, OTHER_VALUE);
    Account::standard(REAL)
        .describe("b")
        .secret(&other, &[REAL, "b"])
}

fn content(of: &str) -> String {
    let events = account().events();
    let (_, content) = events.iter().find(|(name, _)| name == of).unwrap();
    content.json().get().to_owned()
}

fn scripts() -> Vec<Script> {
    let mut names: Vec<_> = standard_secrets()
        .iter()
        .map(|secret| secret.name().to_string())
        .collect();
    names.push(OTHER.to_owned());
    let truth = Truth::recovery_key(REAL).knows(OTHER, OTHER_VALUE);
    let mut scripts = Vec::new();
    for from in &names {
        for to in names.iter().filter(|to| *to != from) {
            let swapped = account().event(to, &content(from));
            scripts.push(Script::new(
                format!("{from} as {to}"),
                truth.clone(),
                swapped,
            ));
        }
    }
    // What is sealed for the one key as if it were for the other.
    let for_b = |value: &str| {
        let sealed = key("b")
            .key()
            .seal(&secret(OTHER, value), &mut rng())
            .unwrap();
        let content =
            EncryptedSecret::content(&crate::account::name(OTHER), None, &[sealed]).unwrap();
        let content: serde_json::Value = serde_json::from_str(content.as_json()).unwrap();
        content["encrypted"]["b"].clone()
    };
    let swapped = json::with(&content(OTHER), &["encrypted", REAL], for_b("canary-of-b"));
    scripts.push(Script::new(
        "b's entry as real's",
        truth.clone(),
        account().event(OTHER, &swapped),
    ));
    // One field of another entry.
    for field in ["ciphertext", "mac", "iv"] {
        for of in &names[..4] {
            let others: serde_json::Value = serde_json::from_str(&content(&names[3])).unwrap();
            let foreign = others["encrypted"][REAL][field].clone();
            let mixed = json::with(&content(of), &["encrypted", REAL, field], foreign);
            let name = format!("{of} with another's {field}");
            scripts.push(Script::new(
                name,
                truth.clone(),
                account().event(of, &mixed),
            ));
        }
    }
    let none = json::with(&content(OTHER), &["encrypted"], json!({ "c": for_b("x") }));
    scripts.push(Script::new(
        "for a key that nothing describes",
        truth,
        account().event(OTHER, &none),
    ));
    scripts
}

#[test]
fn no_secret_passes_for_another() {
    crate::assert_innocent("swaps", &scripts());
}

/// An IV that comes from elsewhere makes other bytes of what has the right MAC.
#[test]
fn a_client_that_takes_any_text_is_found_out() {
    crate::assert_guilty(&scripts(), "is accepted as");
}

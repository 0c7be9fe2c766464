//! What was true once is said again: a snapshot from before a rotation, whole or in parts.

use crate::account::{Account, id, secret};
use crate::script::{At, Script};
use crate::truth::{REAL, Truth};

const OLD: &str = "old";
const X: &str = "org.example.x";

fn now() -> Account {
    Account::standard(REAL)
        .event(&id(OLD).event_type(), "{}")
        .secret(&secret(X, "canary-newer"), &[REAL])
}

fn then() -> Account {
    Account::standard(OLD).secret(&secret(X, "canary-older"), &[OLD])
}

/// The new key is typed; the old one has leaked, and is not to be written under again. An older value
/// that the key of today opens cannot be told from today's, and is not looked for here.
fn scripts() -> Vec<Script> {
    let truth = Truth::recovery_key(REAL).knows(X, "canary-newer");
    let events: Vec<_> = then().events();
    let mut scripts = Vec::new();
    for at in [
        At::Read(1),
        At::Read(2),
        At::Read(3),
        At::Read(4),
        At::Write(1),
        At::Write(2),
        At::Write(4),
    ] {
        let mut whole = Script::new(
            format!("everything of then, at {at:?}"),
            truth.clone(),
            now(),
        );
        for (event_type, content) in &events {
            let content = Some(content.json().get());
            whole = whole.turn(at, event_type, content);
            let name = format!("{event_type} of then, at {at:?}");
            let part = Script::new(name, truth.clone(), now());
            scripts.push(part.turn(at, event_type, content));
        }
        scripts.push(whole);
    }
    scripts
}

#[test]
fn nothing_is_written_under_a_key_of_then() {
    crate::assert_innocent("replays", &scripts());
}

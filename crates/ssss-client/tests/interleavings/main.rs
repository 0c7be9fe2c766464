//! Two clients at once: every order of their accesses to the account, explored to the end.
//!
//! Ours run the operations of the library, over a store that waits at each access until it is let go
//! on. What cannot be promised without compare-and-swap is found here, and is in `docs/security.md`.

#[path = "../suite/account.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod account;
mod clients;
mod explorer;
#[path = "../suite/supplied_keys.rs"]
mod supplied_keys;
mod verdict;
mod world;

use std::io::Write as _;

use crate::account::{Account, secret};
use crate::clients::{
    Client, bootstrap, gc, js_bootstrap, js_put, put, remove_key, rotate, rotate_and_revoke,
    set_default,
};
use crate::explorer::explore;
use crate::verdict::Kind::{Less, Lost, NotDescribed, OutOfReach, Stale};
use crate::verdict::When::{Meanwhile, Silently, Told};
use crate::verdict::{Kind, When};

const X: &str = "org.example.x";
const Y: &str = "org.example.y";

/// One secret, for the default key.
fn account() -> Account {
    Account::new()
        .describe("a")
        .default_key("a")
        .secret(&secret(X, "before"), &["a"])
}

/// The same for two keys.
fn account_with_two_keys() -> Account {
    Account::new()
        .describe("a")
        .describe("b")
        .default_key("a")
        .secret(&secret(X, "before"), &["a", "b"])
}

/// Explores a pair of clients, and expects to find exactly these violations.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "made for this call")]
fn expect(what: &str, account: &Account, clients: [Client; 2], expected: &[(When, Kind)]) {
    let found = explore(account, &clients);
    let kinds: Vec<(When, Kind)> = found.violations.keys().copied().collect();
    let mut lines = vec![format!(
        "{what}: {} states, {:.0} orders, violations: {kinds:?}",
        found.states, found.orders
    )];
    for (kind, (count, trace)) in &found.violations {
        lines.push(format!(
            "  {kind:?}: {count} states; the shortest way there:"
        ));
        lines.extend(trace.iter().map(|line| format!("    {line}")));
    }
    let outcomes = found.outcomes.iter();
    lines.extend(outcomes.map(|(outcome, count)| format!("  {count} ends: {outcome}")));
    lines.push(String::new());
    let report = lines.join("\n");
    // Also where the test passes: what is printed is not shown then.
    std::io::stderr().write_all(report.as_bytes()).unwrap();
    assert!(found.states > 10, "{what}");
    assert_eq!(kinds, expected, "{what}");
}

#[test]
fn two_rotations() {
    expect(
        "rotate, rotate",
        &account(),
        [rotate("m"), rotate("n")],
        &[(Meanwhile, Less)],
    );
}

#[test]
fn a_rotation_and_a_put() {
    let clients = [rotate("n"), put(X, "new")];
    expect(
        "rotate, put",
        &account(),
        clients,
        &[(Meanwhile, Less), (Silently, Lost), (Told, Less)],
    );
}

#[test]
fn a_rotation_and_a_put_of_another_secret() {
    let clients = [rotate("n"), put(Y, "new")];
    expect("rotate, put another", &account(), clients, &[]);
}

#[test]
fn a_rotation_and_a_put_of_a_secret_that_was_blanked() {
    let clients = [rotate("n"), put(Y, "new")];
    let account = account().event(Y, "{}");
    expect("rotate, put what was blanked", &account, clients, &[]);
}

#[test]
fn a_rotation_and_a_put_of_js_sdk() {
    let clients = [rotate("n"), js_put(X, "new")];
    expect(
        "rotate, js-sdk's put",
        &account(),
        clients,
        &[
            (Meanwhile, Less),
            (Silently, Lost),
            (Silently, OutOfReach),
            (Silently, Less),
        ],
    );
}

#[test]
fn a_rotation_that_revokes_and_a_put() {
    let clients = [rotate_and_revoke("n"), put(X, "new")];
    expect(
        "rotate and revoke, put",
        &account(),
        clients,
        &[(Meanwhile, Less), (Silently, Lost), (Told, Less)],
    );
}

#[test]
fn a_rotation_that_revokes_and_a_put_of_js_sdk() {
    let clients = [rotate_and_revoke("n"), js_put(X, "new")];
    expect(
        "rotate and revoke, js-sdk's put",
        &account(),
        clients,
        &[
            (Meanwhile, Less),
            (Silently, Lost),
            (Silently, OutOfReach),
            (Silently, Less),
        ],
    );
}

#[test]
fn two_bootstraps() {
    let clients = [bootstrap("m", true), bootstrap("n", false)];
    expect(
        "bootstrap, bootstrap",
        &Account::new(),
        clients,
        &[(Told, OutOfReach)],
    );
}

#[test]
fn a_bootstrap_and_one_of_js_sdk() {
    let clients = [bootstrap("m", true), js_bootstrap("n")];
    expect(
        "bootstrap, js-sdk's",
        &Account::new(),
        clients,
        &[(Silently, Lost), (Silently, Stale), (Silently, OutOfReach)],
    );
}

#[test]
fn a_removed_key_and_a_put() {
    let clients = [remove_key("b"), put(X, "new")];
    expect(
        "remove key, put",
        &account_with_two_keys(),
        clients,
        &[(Silently, Lost)],
    );
}

#[test]
fn a_removed_key_and_a_put_of_js_sdk() {
    let clients = [remove_key("b"), js_put(X, "new")];
    expect(
        "remove key, js-sdk's put",
        &account_with_two_keys(),
        clients,
        &[(Silently, Lost)],
    );
}

#[test]
fn a_rotation_and_gc() {
    expect(
        "rotate, gc",
        &account(),
        [rotate("n"), gc()],
        &[(Meanwhile, Less), (Meanwhile, NotDescribed)],
    );
}

#[test]
fn another_default_and_a_put() {
    let clients = [set_default("b"), put(X, "new")];
    expect(
        "set default, put",
        &account_with_two_keys(),
        clients,
        &[(Told, Stale)],
    );
}

#[test]
fn two_puts_of_one_secret() {
    let clients = [put(X, "one"), put(X, "two")];
    expect("put, put", &account(), clients, &[(Silently, Lost)]);
}

#[test]
fn two_puts_of_two_secrets() {
    let clients = [put(X, "one"), put(Y, "two")];
    expect("put, put another", &account(), clients, &[]);
}

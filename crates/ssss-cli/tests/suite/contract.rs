//! What scripts rely on.

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::sandbox::Sandbox;

#[track_caller]
fn has(value: &Value, fields: &[&str]) {
    for field in fields {
        assert!(value.get(field).is_some(), "no {field} in {value:#}");
    }
}

#[test]
fn status_has_its_fields() {
    let sandbox = Sandbox::with("clients/js-sdk-passphrase");
    let status = sandbox.account_run("--json status").expect(0).json();
    has(
        &status,
        &["ready", "default_key", "keys", "secrets", "findings"],
    );
    assert_eq!(status["ready"], true);
    let key = &status["keys"][0];
    has(key, &["id", "name", "has_check", "passphrase"]);
    assert_eq!(key["has_check"], true);
    assert_eq!(key["passphrase"], true);
    let names: Vec<_> = status["secrets"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 4);
    for secret in names {
        has(secret, &["name", "state", "keys", "under_default"]);
        assert_eq!(secret["state"], "present");
        assert_eq!(secret["keys"], json!([key["id"]]));
        assert_eq!(secret["under_default"], true);
    }
}

#[test]
fn status_of_an_account_without_secret_storage() {
    let sandbox = Sandbox::new();
    sandbox.write("account.json", r#"{"m.direct":{}}"#);
    let status = sandbox.account_run("--json status").expect(20).json();
    assert_eq!(status["ready"], false);
    assert_eq!(status["default_key"], Value::Null);
    assert_eq!(status["keys"], json!([]));
    assert_eq!(status["secrets"][0]["state"], "missing");
    assert_eq!(status["findings"][0]["code"], "not-set-up");
    let list = sandbox.account_run("--json list").expect(0).json();
    assert_eq!(list["secrets"], json!([]));
}

#[test]
fn findings_have_their_fields() {
    let sandbox = Sandbox::with("oddities/01-desc-no-iv-mac");
    let status = sandbox.account_run("--json status").expect(23).json();
    assert_eq!(status["keys"][0]["has_check"], false);
    assert_eq!(status["keys"][0]["passphrase"], false);
    let findings = status["findings"].as_array().unwrap();
    for finding in findings {
        has(finding, &["code", "severity", "message", "key", "secret"]);
    }
    assert!(findings.iter().any(|finding| {
        finding["code"] == "key-without-check"
            && finding["severity"] == "warning"
            && finding["key"] == "k1"
    }));
    assert!(findings.iter().any(|finding| {
        finding["code"] == "secret-missing"
            && finding["severity"] == "problem"
            && finding["secret"] == "m.cross_signing.master"
    }));
}

#[test]
fn unlock_says_how_the_key_matched() {
    let proven = Sandbox::with("oddities/01-desc-no-iv-mac");
    let unlocked = proven.key_run("--json unlock").expect(0).json();
    assert_eq!(unlocked["matched"], "proven-by-secret");

    let stored = Sandbox::with("oddities/00-control");
    let unlocked = stored.key_run("--json unlock").expect(0).json();
    assert_eq!(unlocked["matched"], "as-stored");
    assert_eq!(unlocked["opens"], json!(["org.example.x"]));

    // 16 more bytes after the IV, as old Nheko wrote them.
    let mut account = Fixture::read("oddities/00-control").account_data().clone();
    let iv = &mut account["m.secret_storage.key.k1"]["iv"];
    *iv = json!("CQkJCQkJCQkREREREREREQAAAAAAAAAAAAAAAAAAAAA=");
    stored.write("account.json", account.to_string());
    let unlocked = stored.key_run("--json unlock").expect(0).json();
    assert_eq!(unlocked["matched"], "first-16-bytes");

    // The same IV with bit 63 set, as Trixnity stores it.
    let iv = &mut account["m.secret_storage.key.k1"]["iv"];
    *iv = json!("CQkJCQkJCQmREREREREREQ==");
    stored.write("account.json", account.to_string());
    let unlocked = stored.key_run("--json unlock").expect(0).json();
    assert_eq!(unlocked["matched"], "bit-63-cleared");
}

#[test]
fn a_key_that_nothing_can_prove_is_not_called_right() {
    let sandbox = Sandbox::with("oddities/01-desc-no-iv-mac");
    let mut account = sandbox.account();
    account["org.example.x"] = json!({});
    sandbox.write("account.json", account.to_string());
    for command in ["unlock", "which-key"] {
        let error = sandbox.key_run(&format!("--json {command}")).expect(12);
        assert_eq!(error.error()["kind"], "key-unproven");
    }
    let before = sandbox.read("account.json");
    let run = sandbox.run_with(
        "--offline account.json --key-file key --json put org.example.x",
        "value",
    );
    assert_eq!(run.expect(24).error()["kind"], "key-unproven");
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn the_text_of_status_begins_with_the_verdict_and_ends_with_the_next_step() {
    for (fixture, code, first, next) in [
        (
            "clients/js-sdk-random",
            0,
            "Secret storage is SET UP.",
            "doctor",
        ),
        (
            "oddities/00-control",
            23,
            "Secret storage has 3 problems.",
            "doctor",
        ),
        (
            "clients/rust-sdk-disabled",
            20,
            "Secret storage is NOT SET UP.",
            "bootstrap",
        ),
    ] {
        let run = Sandbox::with(fixture).account_run("status").expect(code);
        let text = run.stdout();
        assert!(text.starts_with(first), "{text}");
        let last = text.lines().last().unwrap();
        let command = format!("next: ssss --offline account.json {next}");
        assert!(last.starts_with(&command), "{text}");
        assert_eq!(run.stderr, "");
    }
}

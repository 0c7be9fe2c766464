//! What is seen without a key: the right findings for broken accounts.

use ssss_client::Report;
use ssss_client::Severity;
use ssss_client::ssss_model::Snapshot;
use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::ssss_model::ssss_crypto::CostLimits;

use crate::account::{Account, secret};

fn report(account: &Account) -> Report {
    Report::new(&Snapshot::new(account.events()), &[], CostLimits::default())
}

fn codes(report: &Report) -> Vec<&'static str> {
    report
        .findings
        .iter()
        .map(ssss_client::Finding::code)
        .collect()
}

const A: &str = "m.secret_storage.key.a";
const DEFAULT: &str = "m.secret_storage.default_key";

fn pbkdf2(iterations: &str, bits: &str) -> String {
    let description = Account::new().describe("a").json();
    let check = description
        .split_once("\"iv\"")
        .unwrap()
        .1
        .trim_end_matches('}');
    format!(
        r#"{{"algorithm":"m.secret_storage.v1.aes-hmac-sha2","iv"{check},"passphrase":
        {{"algorithm":"m.pbkdf2","salt":"s","iterations":{iterations},"bits":{bits}}}}}"#
    )
}

#[test]
fn a_healthy_account() {
    let healthy = report(&Account::standard("a"));
    assert!(healthy.is_ready() && healthy.is_set_up() && !healthy.has_problems());
    assert_eq!(codes(&healthy), Vec::<&str>::new());
    assert_eq!((healthy.keys.len(), healthy.keys[0].secrets), (1, 4));
    assert!(healthy.secrets.iter().all(|secret| secret.under_default));
}

#[test]
fn an_account_without_a_key_backup_is_ready() {
    let mut account = Account::new().describe("a").default_key("a");
    for secret in &crate::account::standard_secrets()[..3] {
        account = account.secret(secret, &["a"]);
    }
    assert!(report(&account).is_ready() && !report(&account).has_problems());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn findings() {
    let standard = || Account::standard("a");
    let damaged_check = r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2","iv":"AA","mac":"AA"}"#;
    let no_check = r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#;
    let b = "m.secret_storage.key.b";
    for (account, expected) in [
        (Account::new(), vec!["not-set-up"]),
        (
            Account::new().event(DEFAULT, "{}").event(A, "{}"),
            vec!["not-set-up"],
        ),
        (
            Account::new().event("m.direct", r#"{"a":1}"#),
            vec!["not-set-up"],
        ),
        (standard().event(DEFAULT, "{}"), vec!["no-default-key"]),
        (
            standard().event(DEFAULT, r#"{"key":""}"#),
            vec!["default-key-malformed"],
        ),
        (standard().default_key("gone"), vec!["default-key-dangling"]),
        (standard().event(A, "{}"), vec!["default-key-blanked"]),
        (
            standard().event(A, r#"{"iv":1}"#),
            vec!["default-key-description-malformed"],
        ),
        (
            standard().event(A, r#"{"algorithm":"org.example"}"#),
            vec!["default-key-unsupported"],
        ),
        (
            standard().event(b, r#"{"iv":1}"#),
            vec!["key-description-malformed"],
        ),
        (
            standard().event(b, r#"{"algorithm":"org.example"}"#),
            vec!["key-unsupported"],
        ),
        (standard().event(b, "{}"), vec![]),
        (standard().event(A, no_check), vec!["key-without-check"]),
        (
            standard().event(A, damaged_check),
            vec!["key-check-damaged"],
        ),
        (
            standard().event(A, &pbkdf2("-1", "256")),
            vec!["passphrase-unusable"],
        ),
        (
            standard().event(A, &pbkdf2("99999", "256")),
            vec!["passphrase-cheap"],
        ),
        (
            standard().event(A, &pbkdf2("10000001", "256")),
            vec!["passphrase-expensive"],
        ),
        (
            standard().event(A, &pbkdf2("500000", "512")),
            vec!["passphrase-bits"],
        ),
        (
            standard().event(A, &pbkdf2("500000.0", "256")),
            vec!["key-oddly-spelled"],
        ),
        (standard().describe("b"), vec!["key-unused"]),
        (
            standard().event("m.cross_signing.master", "{}"),
            vec!["secret-missing"],
        ),
        (
            standard().event("m.cross_signing.master", r#"{"encrypted":{}}"#),
            vec!["secret-missing"],
        ),
        (standard().event("m.megolm_backup.v1", "{}"), vec![]),
        (
            standard().event("m.megolm_backup.v1", r#"{"a":1}"#),
            vec!["secret-malformed"],
        ),
        (
            standard().event("org.example.x", r#"{"encrypted":1}"#),
            vec!["secret-malformed"],
        ),
        (
            standard().event("org.example.x", r#"{"encrypted":{"a":null}}"#),
            vec!["entry-malformed"],
        ),
        (
            standard()
                .describe("b")
                .secret(&secret("org.example.x", "v"), &["b"]),
            vec!["secret-not-under-default"],
        ),
        (
            standard().secret(&secret("org.example.x", "v"), &["a", "gone"]),
            vec!["secret-under-unknown-key"],
        ),
        (
            standard().secret(&secret("org.example.x", "v"), &["gone"]),
            vec!["secret-not-under-default", "secret-under-unknown-key"],
        ),
    ] {
        let report = report(&account);
        assert_eq!(codes(&report), expected, "{}", account.json());
        let worst = report
            .findings
            .iter()
            .map(ssss_client::Finding::severity)
            .max();
        assert_eq!(report.has_problems(), worst == Some(Severity::Problem));
        assert_eq!(report.is_set_up(), expected != ["not-set-up"]);
        // What is not ready has a finding that says why.
        assert!(
            report.is_ready() || report.has_problems(),
            "{}",
            account.json()
        );
    }
}

#[test]
fn js_sdk_stopped_between_pointer_and_secrets() {
    // Element-web#29553: the new key is the default, and everything is under the old one.
    let report = report(&Account::standard("old").describe("new").default_key("new"));
    assert!(!report.is_ready());
    let mut expected = vec!["secret-not-under-default"; 4];
    expected.push("change-unfinished");
    assert_eq!(codes(&report), expected);
}

#[test]
fn what_a_server_chose_cannot_speak_to_a_terminal() {
    let escape = "\u{1b}[2J\u{202e}\u{9b}31m";
    let account = Account::standard("a")
        .event(&format!("m.secret_storage.key.{escape}"), r#"{"iv":1}"#)
        .event(
            A,
            &format!(r#"{{"algorithm":{}}}"#, serde_json::Value::from(escape)),
        );
    for finding in report(&account).findings {
        let text = finding.to_string();
        assert!(
            !text.chars().any(|c| c.is_control() || c == '\u{202e}'),
            "{text:?}"
        );
    }
}

#[test]
fn every_fixture_reports() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../ssss-model/tests/fixtures");
    for (file, ready, expected) in [
        ("clients/js-sdk-random.json", true, vec![]),
        ("clients/js-sdk-passphrase.json", true, vec![]),
        ("clients/js-sdk-no-backup.json", true, vec![]),
        ("clients/js-sdk-rotated.json", true, vec!["key-unused"]),
        ("clients/rust-sdk-random.json", true, vec![]),
        ("clients/rust-sdk-disabled.json", false, vec!["not-set-up"]),
        (
            "clients/rust-sdk-store.json",
            false,
            vec!["secret-missing"; 3],
        ),
        (
            "clients/mautrix-python-random.json",
            true,
            vec!["key-id-odd"],
        ),
    ] {
        let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        let file_json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let events =
            file_json["account_data"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, content)| {
                    (
                        name.clone(),
                        Raw::<()>::from_json_string(content.to_string()).unwrap(),
                    )
                });
        let report = Report::new(&Snapshot::new(events), &[], CostLimits::default());
        assert_eq!(
            (report.is_ready(), codes(&report)),
            (ready, expected),
            "{file}"
        );
    }
}

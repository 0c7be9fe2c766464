//! What is seen, without a key and with some: the right findings for broken accounts.

use std::collections::BTreeSet;

use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::ssss_model::ssss_crypto::{CostLimits, MatchedForm};
use ssss_client::ssss_model::{
    DescriptionOddity, EntryFault, KeySpelling, OpenError, Secret, SecretName, Snapshot,
};
use ssss_client::{EntryState, Finding, Repair, Report, SecretState, Severity};

use crate::account::{Account, id, name, secret, standard_secrets};
use crate::broken::{
    BACKUP, base64, description_with_iv, encrypted, entry, key_event, look, sealed_bytes,
};
use crate::identity_report;

fn report(account: &Account) -> Report {
    Report::new(&Snapshot::new(account.events()), &[], CostLimits::default())
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(Finding::code).collect()
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

/// An account of which only these events are known, and nobody says whether there are others.
fn unlisted(account: &Account) -> Report {
    let snapshot = Snapshot::partial(account.events());
    Report::new(&snapshot, &[], CostLimits::default())
}

#[test]
fn an_account_that_is_not_listed_is_not_called_healthy_or_empty() {
    let healthy = unlisted(&Account::standard("a").describe("b"));
    // What may be sealed for the second key nobody knows.
    assert_eq!(healthy.findings, [Finding::NotListed]);
    assert!(healthy.is_ready() && healthy.has_problems());
    let nothing = unlisted(&Account::new());
    assert!(nothing.is_set_up() && nothing.has_problems() && !nothing.is_ready());
    assert_eq!(nothing.findings.first(), Some(&Finding::NotListed));
    assert!(!nothing.findings.contains(&Finding::NotSetUp));
}

#[test]
fn an_account_without_a_key_backup_is_ready() {
    let mut account = Account::new().describe("a").default_key("a");
    for secret in &standard_secrets()[..3] {
        account = account.secret(secret, &["a"]);
    }
    assert!(report(&account).is_ready() && !report(&account).has_problems());
}

/// Broken accounts, and what is found without a key.
#[expect(clippy::too_many_lines, reason = "a table")]
fn seen_without_keys() -> Vec<(Account, Vec<&'static str>)> {
    let standard = || Account::standard("a");
    let damaged_check = r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2","iv":"AA","mac":"AA"}"#;
    let no_check = r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#;
    let b = "m.secret_storage.key.b";
    vec![
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
        (
            standard()
                .secret(&secret("org.example.x", "v"), &["a"])
                .event(
                    "org.example.x",
                    &encrypted(&[("b", serde_json::Value::Null), ("a", x_entry("a"))]),
                ),
            vec!["other-entry-malformed"],
        ),
        (
            standard()
                .describe("a/b")
                .secret(&secret("org.example.x", "v"), &["a", "a/b"]),
            vec!["change-unfinished", "key-id-odd"],
        ),
        (
            standard().event(
                A,
                &description_with_iv("a", |iv| base64(&[iv, [7; 16]].concat())),
            ),
            vec!["key-oddly-spelled"],
        ),
        (
            standard().event(A, &description_with_iv("a", |iv| spaced(&base64(&iv)))),
            vec!["key-oddly-spelled"],
        ),
        // Ours, stopped: the default key has every secret, the new one has some.
        (
            standard()
                .describe("b")
                .secret(&standard_secrets()[0], &["a", "b"]),
            vec!["change-unfinished"],
        ),
        // Another client's, stopped: the new key is the default, and has one.
        (
            standard()
                .describe("b")
                .default_key("b")
                .secret(&standard_secrets()[0], &["a", "b"]),
            vec![
                "secret-not-under-default",
                "secret-not-under-default",
                "secret-not-under-default",
                "change-unfinished",
            ],
        ),
        (
            standard().event(
                "org.example.x",
                &encrypted(&[("a", oddly_spelled(x_entry("a")))]),
            ),
            vec!["entry-oddly-spelled"],
        ),
    ]
}

fn x_entry(of: &str) -> serde_json::Value {
    entry(&secret("org.example.x", "v"), of)
}

fn spaced(base64: &str) -> String {
    format!("{} {}", &base64[..5], &base64[5..])
}

fn oddly_spelled(mut entry: serde_json::Value) -> serde_json::Value {
    let mac = spaced(entry["mac"].as_str().unwrap());
    entry["mac"] = mac.into();
    entry
}

/// The backup key 0xFB…, which has all of base64's odd characters, spelled in one way or another.
fn backup_spelled(spelling: KeySpelling) -> Secret {
    let canonical = Secret::from_key(SecretName::MEGOLM_BACKUP, &[0xFB; 32]);
    let text = canonical.expose();
    secret(
        BACKUP,
        &match spelling {
            KeySpelling::UrlSafeBase64 => text.replace('+', "-").replace('/', "_"),
            KeySpelling::DoubleBase64 => base64(text.as_bytes()),
            KeySpelling::Decimal => ["251"; 32].join(","),
            _ => format!("{text}="),
        },
    )
}

/// Broken accounts, and what is found with keys at hand: `a` is the default.
#[expect(clippy::too_many_lines, reason = "a table")]
fn seen_with_keys() -> Vec<(Account, Vec<&'static str>, Vec<Finding>)> {
    let standard = || Account::standard("a");
    let x = || name("org.example.x");
    let v = |value| secret("org.example.x", value);
    let with_x = |entries: &[(&str, serde_json::Value)]| {
        standard()
            .describe("b")
            .event("org.example.x", &encrypted(entries))
    };
    let unfinished = Finding::ChangeUnfinished {
        from: id("a"),
        to: id("b"),
        done: 1,
        of: 5,
    };
    let mut accounts = vec![
        (
            standard().event(
                A,
                &description_with_iv("a", |mut iv| {
                    iv[8] |= 0x80;
                    base64(&iv)
                }),
            ),
            vec!["a"],
            vec![Finding::KeyCheckTolerated(
                id("a"),
                MatchedForm::Bit63Cleared,
            )],
        ),
        (
            // That only the first 16 bytes match is one finding, not two.
            standard().event(
                A,
                &description_with_iv("a", |iv| base64(&[iv, [7; 16]].concat())),
            ),
            vec!["a"],
            vec![Finding::KeyOddlySpelled(id("a"), DescriptionOddity::LongIv)],
        ),
        (
            with_x(&[("a", entry(&v("v"), "b")), ("b", entry(&v("v"), "b"))]),
            vec!["a", "b"],
            vec![
                Finding::EntryDoesNotOpen(x(), id("a"), OpenError::Inauthentic),
                unfinished.clone(),
            ],
        ),
        (
            with_x(&[("a", entry(&v("v"), "a")), ("b", entry(&v("v"), "a"))]),
            vec!["a", "b"],
            vec![
                unfinished.clone(),
                Finding::OtherEntryDoesNotOpen(x(), id("b"), OpenError::Inauthentic),
            ],
        ),
        (
            with_x(&[("a", entry(&v("new"), "a")), ("b", entry(&v("old"), "b"))]),
            vec!["b", "a"],
            vec![unfinished, Finding::ValuesDiffer(x(), id("b"))],
        ),
        (
            standard().event(BACKUP, &encrypted(&[("a", sealed_bytes(BACKUP, b"hello"))])),
            vec!["a"],
            vec![Finding::EntryDoesNotOpen(
                SecretName::MEGOLM_BACKUP,
                id("a"),
                OpenError::NotAKey,
            )],
        ),
        (
            standard().event(
                "org.example.x",
                &encrypted(&[("a", sealed_bytes("org.example.x", &[0xFF, 0xFE]))]),
            ),
            vec!["a"],
            vec![Finding::EntryDoesNotOpen(x(), id("a"), OpenError::NotText)],
        ),
        // The same key in two spellings is one value.
        (
            standard().describe("b").event(
                BACKUP,
                &encrypted(&[
                    ("a", entry(&backup_spelled(KeySpelling::Base64), "a")),
                    ("b", entry(&backup_spelled(KeySpelling::Decimal), "b")),
                ]),
            ),
            vec!["a", "b"],
            vec![
                Finding::ChangeUnfinished {
                    from: id("a"),
                    to: id("b"),
                    done: 1,
                    of: 4,
                },
                Finding::ValueOddlySpelled(SecretName::MEGOLM_BACKUP, KeySpelling::Decimal),
            ],
        ),
        // Padding is no matter.
        (
            standard().secret(&backup_spelled(KeySpelling::Base64), &["a"]),
            vec!["a"],
            vec![],
        ),
        // A key that is not at hand finds nothing out.
        (
            with_x(&[("a", entry(&v("v"), "b"))]).secret(&standard_secrets()[0], &["a", "b"]),
            vec!["b"],
            vec![Finding::ChangeUnfinished {
                from: id("a"),
                to: id("b"),
                done: 1,
                of: 5,
            }],
        ),
    ];
    for spelling in [
        KeySpelling::UrlSafeBase64,
        KeySpelling::DoubleBase64,
        KeySpelling::Decimal,
    ] {
        accounts.push((
            standard().secret(&backup_spelled(spelling), &["a"]),
            vec!["a"],
            vec![Finding::ValueOddlySpelled(
                SecretName::MEGOLM_BACKUP,
                spelling,
            )],
        ));
    }
    accounts
}

#[test]
fn findings() {
    for (account, expected) in seen_without_keys() {
        let report = report(&account);
        assert_eq!(codes(&report), expected, "{}", account.json());
        let worst = report.findings.iter().map(Finding::severity).max();
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

#[test]
fn findings_with_keys_at_hand() {
    for (account, keys, expected) in seen_with_keys() {
        let report = look(&account.store(), &keys);
        assert_eq!(report.findings, expected, "{}", account.json());
        let worst = expected.iter().map(Finding::severity).max();
        assert_eq!(report.has_problems(), worst == Some(Severity::Problem));
    }
}

/// Every oddity of a description is a note, and is mended by a new check.
#[test]
fn odd_descriptions() {
    for (description, oddity) in [
        (
            description_with_iv("a", |iv| base64(&[iv, [7; 16]].concat())),
            DescriptionOddity::LongIv,
        ),
        (
            description_with_iv("a", |iv| spaced(&base64(&iv))),
            DescriptionOddity::Base64,
        ),
        (pbkdf2("500000.0", "256"), DescriptionOddity::Numbers),
        (pbkdf2("500000", "256.0"), DescriptionOddity::Numbers),
    ] {
        let account = Account::standard("a").event(A, &description);
        let finding = Finding::KeyOddlySpelled(id("a"), oddity);
        assert_eq!(
            report(&account).findings,
            std::slice::from_ref(&finding),
            "{description}"
        );
        assert_eq!(finding.severity(), Severity::Note);
        assert_eq!(finding.repair(), Some(Repair::KeyCheck(id("a"))));
    }
}

/// Every finding that there is, from the accounts above.
fn every_finding() -> Vec<Finding> {
    let without = seen_without_keys();
    let without = without
        .into_iter()
        .flat_map(|(account, _)| report(&account).findings);
    let with = seen_with_keys();
    let with = with
        .into_iter()
        .flat_map(|(account, keys, _)| look(&account.store(), &keys).findings);
    let published = identity_report::every_finding();
    let unlisted = unlisted(&Account::standard("a")).findings;
    without
        .chain(with)
        .chain(published)
        .chain(unlisted)
        .collect()
}

#[test]
fn every_kind_of_finding_is_found_here() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/finding.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let code = source
        .split_once("fn code(")
        .unwrap()
        .1
        .split_once("fn severity(")
        .unwrap()
        .0;
    let all: BTreeSet<_> = code
        .lines()
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(all.len() > 30, "{all:?}");
    let found = every_finding();
    let found: BTreeSet<_> = found.iter().map(Finding::code).collect();
    assert_eq!(found, all);
}

#[test]
fn every_finding_is_one_plain_sentence() {
    for finding in every_finding() {
        let text = finding.to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.is_empty() && text.len() < 300, "{text:?}");
        assert!(
            text.starts_with(char::is_alphanumeric) || text.starts_with('"'),
            "{text}"
        );
        assert!(!text.ends_with(['.', ' ', ':', ',']), "{text}");
        for about in [
            finding.key_id().map(ToString::to_string),
            finding.secret().map(ToString::to_string),
        ] {
            assert!(about.is_none_or(|about| text.contains(&about)), "{text}");
        }
        // What is wrong is mended by something, unless only time or another client can.
        let has_repair = finding.repair().is_some();
        let may_lack = [
            "key-id-odd",
            "key-unsupported",
            "key-description-malformed",
            "identity-broken",
            "backup-unsupported",
            "backup-not-signed",
            "not-listed",
        ];
        assert_eq!(has_repair, !may_lack.contains(&finding.code()), "{text}");
    }
}

/// Every key × every secret of an account with everything odd in it.
#[test]
fn the_matrix_of_keys_and_secrets() {
    let v = |value| secret("org.example.x", value);
    let bad_iv = serde_json::json!({"iv": "AA", "ciphertext": "AA", "mac": base64(&[0; 32])});
    let account = Account::standard("a")
        .describe("b")
        .describe("c")
        .event(
            "org.example.x",
            &encrypted(&[
                ("gone", entry(&v("v"), "gone")),
                ("a", entry(&v("v"), "a")),
                ("b", entry(&v("v"), "a")),
                ("c", entry(&v("v"), "c")),
                ("null", serde_json::Value::Null),
                ("short", bad_iv),
            ]),
        )
        .event("org.example.odd", r#"{"encrypted":[]}"#)
        .event("org.example.gone", r#"{"encrypted":{}}"#)
        .event("m.cross_signing.user_signing", "{}");
    let report = look(&account.store(), &["a", "b"]);
    let rows: Vec<_> = report
        .secrets
        .iter()
        .map(|secret| {
            let entries: Vec<_> = secret
                .entries
                .iter()
                .map(|entry| (entry.key.as_str(), entry.state))
                .collect();
            (
                secret.name.as_str(),
                secret.state,
                secret.under_default,
                entries,
            )
        })
        .collect();
    let opens = || vec![("a", EntryState::Opens)];
    assert_eq!(
        rows,
        [
            (
                "m.cross_signing.master",
                SecretState::Present,
                true,
                opens()
            ),
            (
                "m.cross_signing.self_signing",
                SecretState::Present,
                true,
                opens()
            ),
            (
                "m.cross_signing.user_signing",
                SecretState::Tombstone,
                false,
                vec![]
            ),
            (BACKUP, SecretState::Present, true, opens()),
            ("org.example.gone", SecretState::Tombstone, false, vec![]),
            ("org.example.odd", SecretState::Malformed, false, vec![]),
            (
                "org.example.x",
                SecretState::Present,
                true,
                vec![
                    ("a", EntryState::Opens),
                    ("b", EntryState::DoesNotOpen(OpenError::Inauthentic)),
                    ("c", EntryState::Sealed),
                    ("gone", EntryState::Sealed),
                    ("null", EntryState::Malformed(EntryFault::NotAnObject)),
                    ("short", EntryState::Malformed(EntryFault::IvLength(1))),
                ]
            ),
        ]
    );
    let sealed_for: Vec<_> = report.secrets[6]
        .keys
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(sealed_for, ["a", "b", "c", "gone"]);
    let uses: Vec<_> = report
        .keys
        .iter()
        .map(|key| (key.id.as_str(), key.secrets))
        .collect();
    assert_eq!(uses, [("a", 4), ("b", 1), ("c", 1)]);
    // Without keys, the same matrix says nothing of what opens.
    let blind = look(&account.store(), &[]);
    assert!(
        blind
            .secrets
            .iter()
            .flat_map(|secret| &secret.entries)
            .all(|entry| { matches!(entry.state, EntryState::Sealed | EntryState::Malformed(_)) })
    );
    assert_eq!(key_event("a"), A);
}

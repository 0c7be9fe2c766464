//! The check of a passphrase key is stripped and its cost lowered, and the server waits for what is
//! written.

use ssss_client::ssss_model::{EncryptedSecret, Object};

use crate::account::{Account, rng, standard_secrets};
use crate::script::{At, Script};
use crate::truth::{ITERATIONS, REAL, SALT, Truth, block, passphrase_key};

/// What stands in the place of the check. A server cannot make one that fits.
const CHECKS: [(&str, Option<&str>, Option<&str>); 6] = [
    ("no check", None, None),
    ("no MAC", Some(r#""AAAAAAAAAAAAAAAAAAAAAA""#), None),
    ("no IV", None, Some(MAC)),
    ("nulls", Some("null"), Some("null")),
    ("empty texts", Some(r#""""#), Some(r#""""#)),
    (
        "another check",
        Some(r#""AAAAAAAAAAAAAAAAAAAAAA""#),
        Some(MAC),
    ),
];
const MAC: &str = r#""AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA""#;

/// Salt, iterations, bits.
const BLOCKS: [(&str, u64, u64); 8] = [
    ("attackers-salt", 1, 256),
    (SALT, 1, 256),
    (SALT, 2, 256),
    (SALT, ITERATIONS, 8),
    (SALT, ITERATIONS, 128),
    ("attackers-salt", 1, 512),
    (SALT, u64::MAX, 256),
    (SALT, ITERATIONS, 256),
];

/// What becomes of the secrets, which would prove the right key.
const SECRETS: [&str; 4] = ["kept", "hidden", "blanked", "of no entry that opens"];

fn account(secrets: &str) -> Account {
    let key = passphrase_key();
    let mut account = Account::new().default_key(REAL);
    for secret in standard_secrets() {
        let name = secret.name();
        let entry = key.key().seal(&secret, &mut rng()).unwrap();
        let content = EncryptedSecret::content(name, None, &[entry]).unwrap();
        account = match secrets {
            "kept" => account.event(name.as_str(), content.as_json()),
            "hidden" => account,
            "blanked" => account.event(name.as_str(), "{}"),
            _ => {
                let garbage = format!(
                    r#"{{"encrypted":{{"{REAL}":{{"iv":"AAAAAAAAAAAAAAAAAAAAAA","ciphertext":"AAAA","mac":{MAC}}}}}}}"#
                );
                account.event(name.as_str(), &garbage)
            }
        };
    }
    account
}

fn description(check: (Option<&str>, Option<&str>), of: (&str, u64, u64)) -> String {
    let (salt, iterations, bits) = of;
    let object = Object::parse(r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#).unwrap();
    let mut text = object
        .with("passphrase", &block(salt, iterations, bits))
        .as_json()
        .to_owned();
    for (field, value) in [("iv", check.0), ("mac", check.1)] {
        if let Some(value) = value {
            text.insert_str(1, &format!(r#""{field}":{value},"#));
        }
    }
    text
}

fn scripts() -> Vec<Script> {
    let key_event = format!("m.secret_storage.key.{REAL}");
    let honest = passphrase_key()
        .description()
        .with("passphrase", &block(SALT, ITERATIONS, 256));
    let mut scripts = Vec::new();
    for (check, iv, mac) in CHECKS {
        for of in BLOCKS {
            for secrets in SECRETS {
                // Only the right key opens something, and only where there is something.
                let is_right = of == (SALT, ITERATIONS, 256);
                let truth = Truth::passphrase(is_right && secrets == "kept");
                let name = format!("stripped: {check}, {of:?}, secrets {secrets}");
                let stripped = description((iv, mac), of);
                let account = account(secrets).event(&key_event, &stripped);
                scripts.push(Script::new(name, truth, account));
            }
        }
        // The key is described rightly at first; it may be written under until then.
        for at in [At::Read(2), At::Read(3), At::Write(1)] {
            let of = BLOCKS[0];
            let name = format!("stripped: {check}, {of:?}, at {at:?}");
            let account = account("kept").event(&key_event, honest.as_json());
            let stripped = description((iv, mac), of);
            let script = Script::new(name, Truth::passphrase(true), account);
            scripts.push(script.turn(at, &key_event, Some(&stripped)));
        }
    }
    scripts
}

#[test]
fn nothing_is_written_under_a_key_whose_check_was_stripped() {
    crate::assert_innocent("stripped checks", &scripts());
}

#[test]
fn a_client_that_takes_such_a_key_on_faith_is_found_out() {
    crate::assert_guilty(&scripts(), "written under an unproven key");
}

/// The other control: what is honest is done, so it is not for want of writing that nothing is wrong.
#[test]
fn an_honest_account_is_written_to() {
    use crate::client::{Client, run};
    use crate::work::Work;
    let honest = passphrase_key()
        .description()
        .with("passphrase", &block(SALT, ITERATIONS, 256));
    let account = account("kept").event(&format!("m.secret_storage.key.{REAL}"), honest.as_json());
    let script = Script::new("honest", Truth::passphrase(true), account);
    for work in [
        Work::StoreOther,
        Work::StoreKnown,
        Work::Rotate,
        Work::Revoke,
        Work::SetUpNew,
    ] {
        let played = run(Client::Ours, &script, work);
        assert!(
            !played.seen.written.is_empty(),
            "{work:?}: {:?}",
            played.shown
        );
    }
    assert_eq!(run(Client::Ours, &script, Work::Open).opened.len(), 4);
}

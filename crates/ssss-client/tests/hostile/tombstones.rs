//! Secrets, descriptions and the pointer are blanked, or gone, in the middle of an operation.

use crate::account::{Account, id};
use crate::script::{At, Script};
use crate::truth::{REAL, Truth};

const BLANKS: [(&str, Option<&str>); 6] = [
    ("{}", Some("{}")),
    ("an empty map", Some(r#"{"encrypted":{}}"#)),
    ("a null", Some(r#"{"encrypted":null}"#)),
    ("a null entry", Some(r#"{"encrypted":{"real":null}}"#)),
    ("other data", Some(r#"{"data":1}"#)),
    ("gone", None),
];

const TIMES: [At; 9] = [
    At::Read(1),
    At::Read(2),
    At::Read(3),
    At::Read(4),
    // Once the control has read every secret.
    At::Read(8),
    At::Write(1),
    At::Write(2),
    At::Write(3),
    At::Write(6),
];

fn scripts() -> Vec<Script> {
    let targets = [
        "m.cross_signing.master".to_owned(),
        "m.megolm_backup.v1".to_owned(),
        "org.example.x".to_owned(),
        id(REAL).event_type(),
        "m.secret_storage.default_key".to_owned(),
    ];
    let x = crate::account::secret("org.example.x", "canary-custom-value");
    let account = Account::standard(REAL).describe("b").secret(&x, &[REAL]);
    let mut scripts = Vec::new();
    for (blank, content) in BLANKS {
        for target in &targets {
            for at in TIMES {
                let truth = Truth::recovery_key(REAL).knows("org.example.x", "canary-custom-value");
                let name = format!("{target} is {blank} at {at:?}");
                let script = Script::new(name, truth, account.clone());
                scripts.push(script.turn(at, target, content));
            }
        }
    }
    scripts
}

#[test]
fn what_is_blanked_meanwhile_is_not_made_up() {
    crate::assert_innocent("tombstones", &scripts());
}

#[test]
fn a_client_that_makes_it_up_is_found_out() {
    for target in ["m.cross_signing.master", "m.megolm_backup.v1"] {
        crate::assert_guilty(&scripts(), &format!("{target} is made up"));
    }
}

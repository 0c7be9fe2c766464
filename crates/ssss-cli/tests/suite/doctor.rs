//! `doctor`, and the repairs that it suggests, on broken accounts.

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::sandbox::Sandbox;

const FIXTURE: &str = "clients/js-sdk-random";
const BACKUP: &str = "m.megolm_backup.v1";
/// A well-formed recovery key that is nobody's.
const STRANGER: &str = "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X";
const POINTER: &str = "m.secret_storage.default_key";

/// An account that is broken in some way, with the key of the fixture.
fn broken(breaking: impl FnOnce(&mut Value, &str)) -> Sandbox {
    let sandbox = Sandbox::with(FIXTURE);
    let id = Fixture::read(FIXTURE).default_key().unwrap().to_owned();
    let mut account = sandbox.account();
    breaking(&mut account, &id);
    sandbox.write("account.json", account.to_string());
    sandbox
}

/// The findings' codes, with the key of the fixture.
fn codes(sandbox: &Sandbox) -> Vec<String> {
    let run = sandbox.key_run("--json doctor");
    assert!([0, 23].contains(&run.code), "{run:?}");
    let findings = run.json()["findings"].clone();
    let code = |finding: &Value| finding["code"].as_str().unwrap().to_owned();
    findings.as_array().unwrap().iter().map(code).collect()
}

/// What doctor says to type for a finding, as arguments.
fn fix(sandbox: &Sandbox, code: &str) -> String {
    let findings = sandbox.key_run("--json doctor").json()["findings"].clone();
    let finding = findings
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["code"] == code)
        .unwrap_or_else(|| panic!("no {code} in {findings}"))
        .clone();
    let fix = finding["fix"].as_str().unwrap();
    let account = "ssss --offline account.json ";
    fix.strip_prefix(account).unwrap().to_owned()
}

#[test]
fn doctor_opens_everything_and_writes_nothing() {
    let sandbox = Sandbox::with(FIXTURE);
    let before = sandbox.read("account.json");
    let run = sandbox.key_run("--json doctor").expect(0);
    let document = run.json();
    assert_eq!(document["problems"], json!([]));
    assert_eq!(document["opened"][0]["is_default"], true);
    assert_eq!(document["opened"][0]["matched"], "as-stored");
    assert_eq!(document["unfinished"], Value::Null);
    for secret in document["secrets"].as_array().unwrap() {
        assert_eq!(secret["entries"][0]["state"], "opens");
    }
    let text = sandbox.key_run("doctor").expect(0);
    assert!(
        text.stdout()
            .ends_with("4 of 4 secrets opened, 0 problems. Nothing was changed.\n")
    );
    for without in ["doctor --no-key", "doctor"] {
        let document = sandbox
            .account_run(&format!("--json {without}"))
            .expect(0)
            .json();
        assert_eq!(document["opened"], json!([]));
        assert_eq!(document["secrets"][0]["entries"][0]["state"], "sealed");
    }
    sandbox.key_run("--offline absent.json doctor").expect(2);
    sandbox
        .run("--offline account.json --key-file absent doctor")
        .expect(1);
    assert_eq!(sandbox.read("account.json"), before);
    assert!(!sandbox.path("state").exists());
}

#[test]
fn doctor_says_what_a_wrong_key_is() {
    let sandbox = Sandbox::with(FIXTURE);
    sandbox.write_private(
        "stranger",
        "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X",
    );
    sandbox.account_run("--key-file stranger doctor").expect(12);
    sandbox
        .run("--offline account.json doctor --no-key")
        .expect(0);
    let empty = Sandbox::new();
    empty.write("account.json", "{}");
    empty.account_run("doctor --no-key").expect(20);
}

#[test]
fn every_fixture_is_diagnosed_without_being_changed() {
    for fixture in Fixture::all() {
        let sandbox = Sandbox::with(&fixture.name);
        let before = sandbox.read("account.json");
        let run = sandbox.account_run("--json doctor --no-key");
        assert!([0, 20, 23].contains(&run.code), "{}: {run:?}", fixture.name);
        if fixture.recovery_key().is_some() {
            let run = sandbox.key_run("--json doctor");
            assert!(
                [0, 12, 13, 20, 23].contains(&run.code),
                "{}: {run:?}",
                fixture.name
            );
        }
        assert_eq!(sandbox.read("account.json"), before, "{}", fixture.name);
    }
}

/// Breaks an account, follows doctor's advice, and expects health.
#[track_caller]
fn assert_repaired(sandbox: &Sandbox, code: &str, expected_fix: &str) {
    assert_eq!(fix(sandbox, code), expected_fix);
    let before = sandbox.read("account.json");
    sandbox
        .key_run(&format!("--dry-run {expected_fix}"))
        .expect(0);
    assert_eq!(sandbox.read("account.json"), before);
    sandbox.key_run(&format!("--yes {expected_fix}")).expect(0);
    assert!(
        !codes(sandbox).contains(&code.to_owned()),
        "{:?}",
        codes(sandbox)
    );
    for (name, value) in Fixture::read(FIXTURE).secrets() {
        let run = sandbox.key_run(&format!("get {name} --raw")).expect(0);
        assert_eq!(run.stdout(), value, "{name}");
    }
    // Again, it is a no-op.
    let after = sandbox.read("account.json");
    let again = sandbox.key_run(&format!("--yes {expected_fix}"));
    assert!([0, 21].contains(&again.code), "{again:?}");
    if !expected_fix.contains("key-check") {
        assert_eq!(sandbox.read("account.json"), after);
    }
}

#[test]
fn a_pointer_that_is_gone_is_set_again() {
    for pointer in [json!({}), json!({"key": 5}), json!({"key": ""})] {
        let sandbox = broken(|account, _| account[POINTER] = pointer);
        let code = codes(&sandbox)[0].clone();
        assert!(code == "no-default-key" || code == "default-key-malformed");
        assert_repaired(&sandbox, &code, "repair default-key");
        sandbox.key_run("doctor").expect(0);
    }
}

#[test]
fn a_description_that_is_gone_is_written_anew_from_what_the_key_opens() {
    for description in [json!({}), json!({"algorithm": 7}), Value::Null] {
        let mut id = String::new();
        let sandbox = broken(|account, default| {
            id = default.to_owned();
            let event = format!("m.secret_storage.key.{id}");
            if description.is_null() {
                account.as_object_mut().unwrap().remove(&event);
            } else {
                account[event] = description;
            }
        });
        let found = sandbox.key_run("which-key").expect(0);
        assert!(found.stdout().contains(&id), "{}", found.stdout());
        let code = codes(&sandbox)[0].clone();
        assert!(code.starts_with("default-key-"), "{code}");
        assert_repaired(&sandbox, &code, &format!("repair key-check {id}"));
        sandbox.key_run("doctor").expect(0);
    }
}

#[test]
fn a_missing_or_damaged_check_is_filled_in() {
    for (check, code) in [
        (json!({}), "key-without-check"),
        (json!({"iv": "AA", "mac": "AA"}), "key-check-damaged"),
    ] {
        let mut id = String::new();
        let sandbox = broken(|account, default| {
            id = default.to_owned();
            let mut description = check.clone();
            description["algorithm"] = json!("m.secret_storage.v1.aes-hmac-sha2");
            description["org.example.note"] = json!("kept");
            account[format!("m.secret_storage.key.{id}")] = description;
        });
        assert_repaired(&sandbox, code, &format!("repair key-check {id}"));
        let description = &sandbox.account()[format!("m.secret_storage.key.{id}")];
        assert_eq!(description["org.example.note"], "kept");
        assert_eq!(description["iv"].as_str().unwrap().len(), 22);
        sandbox.key_run("doctor").expect(0);
    }
}

#[test]
fn a_secret_that_is_damaged_for_the_default_key_comes_from_another_key() {
    let sandbox = Sandbox::with(FIXTURE);
    let id = Fixture::read(FIXTURE).default_key().unwrap().to_owned();
    let added = sandbox.key_run("--yes --json add-key").expect(0).json();
    sandbox.write_private("second", added["recovery_key"].as_str().unwrap());
    let healthy = sandbox.account();
    for (damage, code) in [
        (
            json!({"iv": "AAAAAAAAAAAAAAAAAAAAAA", "ciphertext": "AAAA",
            "mac": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}),
            "entry-does-not-open",
        ),
        (json!({"iv": "AA"}), "entry-malformed"),
        (Value::Null, "secret-not-under-default"),
    ] {
        let mut account = healthy.clone();
        if damage.is_null() {
            let entries = &mut account[BACKUP]["encrypted"];
            entries.as_object_mut().unwrap().remove(&id);
        } else {
            account[BACKUP]["encrypted"][&id] = damage;
        }
        sandbox.write("account.json", account.to_string());
        let fix = fix(&sandbox, code);
        assert_eq!(fix, format!("repair entry {BACKUP}"));
        // The default key alone does not know the value.
        sandbox.key_run(&format!("--yes {fix}")).expect(24);
        let both = format!("--key-file key --key-file second --yes {fix}");
        sandbox.account_run(&both).expect(0);
        assert_eq!(codes(&sandbox), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn garbage_for_another_key_is_dropped_on_request() {
    let sandbox = broken(|account, _| account[BACKUP]["encrypted"]["old key"] = json!("rubbish"));
    assert_eq!(
        fix(&sandbox, "other-entry-malformed"),
        format!("repair drop-entry {BACKUP} 'old key'")
    );
    let drop = [
        "--offline",
        "account.json",
        "--key-file",
        "key",
        "repair",
        "drop-entry",
        BACKUP,
    ];
    let run = |more: &[&str]| {
        let mut command = sandbox.command();
        command.args(drop).args(more);
        crate::sandbox::run(command, "")
    };
    run(&["old key"]).expect(40);
    run(&["old key", "--yes"]).expect(0);
    assert_eq!(codes(&sandbox), Vec::<String>::new());
    run(&["old key", "--yes"]).expect(21);
}

#[test]
fn an_old_spelling_of_the_backup_key_is_written_anew() {
    let sandbox = Sandbox::with(FIXTURE);
    let decimal = ["7"; 32].join(",");
    sandbox.write("value", &decimal);
    sandbox.key_run(&format!("put {BACKUP} value")).expect(0);
    assert_eq!(codes(&sandbox), ["value-oddly-spelled"]);
    let fix = fix(&sandbox, "value-oddly-spelled");
    assert_eq!(fix, format!("repair legacy {BACKUP}"));
    sandbox.key_run(&fix).expect(0);
    let get = sandbox.key_run(&format!("get {BACKUP} --raw")).expect(0);
    assert_eq!(get.stdout(), "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc");
    assert_eq!(codes(&sandbox), Vec::<String>::new());
}

#[test]
fn a_cheap_passphrase_gets_a_key_of_today_s_cost() {
    let sandbox = Sandbox::with("clients/js-sdk-passphrase");
    let fixture = Fixture::read("clients/js-sdk-passphrase");
    let id = fixture.default_key().unwrap();
    sandbox.write_private("passphrase", fixture.passphrase().unwrap());
    let repair = format!("repair passphrase {id}");
    // The recovery key is not what a key is made from.
    sandbox.key_run(&format!("--yes {repair}")).expect(10);
    for keys in [
        "--key-file key --key-file passphrase",
        "--key-file passphrase --key-file key",
    ] {
        let account = sandbox.read("account.json");
        sandbox
            .account_run(&format!("{keys} --yes {repair}"))
            .expect(0);
        sandbox.write("account.json", account);
    }
    let done = sandbox
        .account_run(&format!("--key-file passphrase --json --yes {repair}"))
        .expect(0)
        .json();
    assert_ne!(done["key_id"], id);
    let account = sandbox.account();
    assert_eq!(account[format!("m.secret_storage.key.{id}")], json!({}));
    let new = &account[format!("m.secret_storage.key.{}", done["key_id"].as_str().unwrap())];
    assert_eq!(new["passphrase"]["iterations"], 500_000);
    for (name, value) in fixture.secrets() {
        let get = format!("--key-file passphrase get {name} --raw");
        assert_eq!(sandbox.account_run(&get).expect(0).stdout(), value);
    }
    sandbox
        .account_run(&format!("--key-file passphrase --yes {repair}"))
        .expect(21);
}

#[test]
fn js_sdk_stopped_after_the_pointer_is_seen_and_taken_back() {
    let sandbox = Sandbox::with(FIXTURE);
    let id = Fixture::read(FIXTURE).default_key().unwrap().to_owned();
    let added = sandbox.key_run("--yes --json add-key").expect(0).json();
    let new = added["key_id"].as_str().unwrap();
    let mut account = sandbox.account();
    for name in Fixture::read(FIXTURE).secrets().map(|(name, _)| name) {
        account[name]["encrypted"]
            .as_object_mut()
            .unwrap()
            .remove(new);
    }
    account[POINTER] = json!({"key": new});
    sandbox.write("account.json", account.to_string());
    let which = sandbox.key_run("which-key").expect(13);
    let expected = format!("This is a valid recovery key, but for key {id}, not the default key.");
    assert!(which.stdout().starts_with(&expected), "{}", which.stdout());
    assert!(codes(&sandbox).contains(&"change-unfinished".to_owned()));
    sandbox.key_run("--yes repair default-key").expect(0);
    assert_eq!(sandbox.account()[POINTER]["key"], id.as_str());
    assert_eq!(codes(&sandbox), ["key-unused"]);
}

/// A secret that was stored with only one of two keys at hand is not in the way of the other.
#[test]
fn a_secret_that_one_key_lacks_is_sealed_for_it() {
    let sandbox = Sandbox::with(FIXTURE);
    let added = sandbox.key_run("--yes --json add-key").expect(0).json();
    sandbox.write_private("spare", added["recovery_key"].as_str().unwrap());
    let spare = added["key_id"].as_str().unwrap();
    sandbox.write("value", "one");
    sandbox.key_run("put org.example.x value").expect(0);
    let fix = fix(&sandbox, "change-unfinished");
    let expected = format!("repair entry --key-id {spare} org.example.x");
    assert_eq!(fix, expected);
    // The one that opens it and the one that it is to be sealed for, whichever comes first.
    for keys in [
        "--key-file key --key-file spare",
        "--key-file spare --key-file key",
    ] {
        let account = sandbox.read("account.json");
        sandbox.account_run(&format!("{keys} {fix}")).expect(0);
        assert_eq!(codes(&sandbox), Vec::<String>::new(), "{keys}");
        sandbox.write("account.json", account);
    }
}

#[test]
fn a_pointer_to_a_key_that_never_was_points_to_the_one_at_hand() {
    let sandbox = broken(|account, _| account[POINTER] = json!({"key": "nothing"}));
    let run = sandbox.account_run("--json status").expect(23);
    let findings = run.json()["findings"].clone();
    let dangling = &findings.as_array().unwrap()[0];
    assert_eq!(dangling["code"], "default-key-dangling");
    let fix = dangling["fix"].as_str().unwrap();
    assert_eq!(fix, "ssss --offline account.json repair default-key");
    sandbox.key_run("--yes repair default-key").expect(0);
    assert_eq!(codes(&sandbox), Vec::<String>::new());
}

/// Whichever of the keys comes first, and whatever another one is.
#[test]
fn doctor_looks_with_every_key_that_fits() {
    let sandbox = Sandbox::with(FIXTURE);
    let added = sandbox.key_run("--yes --json add-key").expect(0).json();
    sandbox.write_private("spare", added["recovery_key"].as_str().unwrap());
    sandbox.write_private("stranger", STRANGER);
    for (keys, opened, warnings) in [
        ("--key-file key", 1, 0),
        ("--key-file key --key-file key", 1, 0),
        ("--key-file key --key-file spare", 2, 0),
        ("--key-file spare --key-file key", 2, 0),
        ("--key-file stranger --key-file key", 1, 1),
        ("--key-file key --key-file stranger", 1, 1),
        ("--key-file key --key-file stranger --key-file spare", 2, 1),
    ] {
        let run = sandbox.account_run(&format!("{keys} --json doctor"));
        let document = run.expect(0).json();
        assert_eq!(
            document["opened"].as_array().unwrap().len(),
            opened,
            "{keys}"
        );
        let warned = document["warnings"].as_array().map_or(0, Vec::len);
        assert_eq!(warned, warnings, "{keys}: {document}");
    }
    sandbox.account_run("--key-file stranger doctor").expect(12);
}

/// The pointer is gone, and one key has what the other has not.
#[test]
fn a_default_key_is_found_among_all_that_are_given() {
    let sandbox = Sandbox::with(FIXTURE);
    let id = Fixture::read(FIXTURE).default_key().unwrap().to_owned();
    let added = sandbox.key_run("--yes --json add-key").expect(0).json();
    sandbox.write_private("spare", added["recovery_key"].as_str().unwrap());
    let mut account = sandbox.account();
    account[BACKUP]["encrypted"]
        .as_object_mut()
        .unwrap()
        .remove(&id);
    account[POINTER] = json!({});
    let account = account.to_string();
    for keys in [
        "--key-file key --key-file spare",
        "--key-file spare --key-file key",
    ] {
        sandbox.write("account.json", &account);
        let repair = format!("{keys} --yes repair default-key");
        sandbox.account_run(&repair).expect(0);
        assert_eq!(sandbox.account()[POINTER]["key"], added["key_id"], "{keys}");
    }
    sandbox.write("account.json", &account);
    sandbox.key_run("--yes repair default-key").expect(24);
}

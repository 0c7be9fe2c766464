//! `ssss bootstrap`

use serde_json::json;

use crate::fixture::Fixture;
use crate::sandbox::{Sandbox, mode};

const SECRETS: [&str; 4] = [
    "m.cross_signing.master",
    "m.cross_signing.self_signing",
    "m.cross_signing.user_signing",
    "m.megolm_backup.v1",
];

#[test]
fn a_new_account_becomes_ready_and_stays_as_it_is() {
    let sandbox = Sandbox::new();
    let done = sandbox
        .account_run("--yes --json bootstrap")
        .expect(0)
        .json();
    assert_eq!(done["stored"], json!(SECRETS));
    assert_eq!(mode(&sandbox.path("account.json")), 0o600);
    let key = done["recovery_key"].as_str().unwrap();
    assert_eq!(key.len(), 59);
    sandbox.write_private("key", key);
    let unlocked = sandbox.key_run("--json unlock").expect(0).json();
    assert_eq!(unlocked["key_id"], done["key_id"]);
    assert_eq!(unlocked["opens"], json!(SECRETS));
    let mut values: Vec<_> = SECRETS
        .iter()
        .map(|name| {
            sandbox
                .key_run(&format!("get {name} --raw"))
                .expect(0)
                .stdout
        })
        .collect();
    values.sort();
    values.dedup();
    assert_eq!(values.len(), 4);
    assert!(values.iter().all(|value| value.len() == 43));
    sandbox.account_run("status").expect(0);

    let before = sandbox.read("account.json");
    // Neither a key nor a yes is needed where nothing is to be done.
    for arguments in ["--json bootstrap", "--yes --json bootstrap"] {
        let again = sandbox.account_run(arguments).expect(0).json();
        assert_eq!(again["recovery_key"], json!(null));
        assert_eq!(again["key_id"], done["key_id"]);
        assert_eq!(again["stored"], json!([]));
        assert_eq!(sandbox.read("account.json"), before);
    }
    let text = sandbox.account_run("bootstrap").expect(0);
    assert!(text.stdout().starts_with("Nothing to do"), "{text:?}");
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn two_accounts_share_nothing() {
    let keys = [(); 2].map(|()| {
        let sandbox = Sandbox::new();
        let done = sandbox
            .account_run("--yes --json bootstrap")
            .expect(0)
            .json();
        (done["recovery_key"].clone(), done["key_id"].clone())
    });
    assert_ne!(keys[0].0, keys[1].0);
    assert_ne!(keys[0].1, keys[1].1);
}

#[test]
fn in_text_the_recovery_key_comes_first() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .account_run("--yes bootstrap --name phone")
        .expect(0);
    let first = run.stdout().lines().next().unwrap();
    let key = first.strip_prefix("Your recovery key:   ").unwrap();
    sandbox.write_private("key", key);
    sandbox.key_run("unlock").expect(0);
    let status = sandbox.account_run("--json status").expect(0).json();
    assert_eq!(status["keys"][0]["name"], "phone");
}

#[test]
fn without_a_yes_nothing_is_made() {
    let sandbox = Sandbox::new();
    let run = sandbox.account_run("--json bootstrap").expect(40);
    assert!(run.error()["hint"].as_str().unwrap().contains("--yes"));
    assert!(!sandbox.path("account.json").exists());
}

#[test]
fn a_passphrase_opens_the_new_key() {
    let sandbox = Sandbox::new();
    sandbox.write_private("passphrase", "new passphrase \n");
    let done = sandbox.account_run("--yes --json bootstrap --passphrase-file passphrase");
    let done = done.expect(0).json();
    let status = sandbox.account_run("--json status").expect(0).json();
    assert_eq!(status["keys"][0]["passphrase"], true);
    for key in ["new passphrase ", done["recovery_key"].as_str().unwrap()] {
        sandbox.write_private("key", key);
        sandbox.key_run("unlock").expect(0);
    }
    sandbox.write_private("key", "new passphrase");
    sandbox.key_run("unlock").expect(12);
}

#[test]
fn passphrases_that_are_none() {
    let sandbox = Sandbox::new();
    sandbox.write_private("empty", "\n");
    let with = |option: &str| sandbox.account_run(&format!("--yes bootstrap {option}"));
    with("--passphrase-file empty").expect(2);
    with("--passphrase-file absent").expect(1);
    with("--passphrase").expect(10);
    with("--passphrase --passphrase-file empty").expect(2);
    assert!(!sandbox.path("account.json").exists());
}

#[test]
fn an_identity_is_never_invented_where_there_may_be_one() {
    // Set up, but without cross-signing keys; and blanked, so that there was an identity once.
    for (fixture, is_new) in [
        ("clients/rust-sdk-store", false),
        ("clients/rust-sdk-disabled", true),
    ] {
        let sandbox = Sandbox::with(fixture);
        let before = sandbox.account();
        let run = sandbox.account_run("--yes --json bootstrap").expect(23);
        let done = run.json();
        assert_eq!(done["recovery_key"].is_string(), is_new, "{fixture}");
        assert_eq!(done["stored"], json!([]), "{fixture}");
        assert_eq!(done["ready"], false);
        let not_stored = done["not_stored"].as_array().unwrap();
        assert!(not_stored.contains(&json!({"name": SECRETS[0], "reason": "no-value"})));
        let after = sandbox.account();
        for name in SECRETS {
            assert_eq!(before[name], after[name], "{fixture}");
        }
        assert_eq!(before == after, !is_new, "{fixture}");
    }
}

#[test]
fn a_new_key_gets_every_secret_or_is_not_made() {
    let fixture = Fixture::read("clients/js-sdk-random");
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let before = sandbox.read("account.json");
    let new = "--yes --json bootstrap --set-up-new";
    let run = sandbox.account_run(new).expect(24);
    assert_eq!(run.error()["kind"], "would-abandon");
    assert!(
        run.error()["hint"]
            .as_str()
            .unwrap()
            .contains("--abandon m.megolm_backup.v1")
    );
    sandbox.write_private(
        "wrong",
        "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X",
    );
    sandbox
        .account_run(&format!("--key-file wrong {new}"))
        .expect(12);
    assert_eq!(sandbox.read("account.json"), before);

    let done = sandbox.key_run(new).expect(0).json();
    assert_eq!(done["stored"], json!([]));
    assert_eq!(done["carried"], json!(SECRETS));
    assert_ne!(done["key_id"].as_str(), fixture.default_key());
    sandbox.write_private("new", done["recovery_key"].as_str().unwrap());
    for (name, value) in fixture.secrets() {
        for key in ["new", "key"] {
            let run = sandbox.account_run(&format!("--key-file {key} get {name} --raw"));
            assert_eq!(run.expect(0).stdout(), value);
        }
    }
}

#[test]
fn secrets_are_left_behind_only_by_name() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let mut arguments = "--yes --json bootstrap --set-up-new".to_owned();
    for name in SECRETS {
        sandbox.account_run(&arguments).expect(24);
        arguments.push_str(" --abandon ");
        arguments.push_str(name);
    }
    let done = sandbox.account_run(&arguments).expect(23).json();
    assert_eq!(done["not_stored"].as_array().unwrap().len(), 4);
    assert_eq!(done["not_stored"][0]["reason"], "abandoned");
    // The old key still opens them.
    sandbox.key_run("get m.megolm_backup.v1 --raw").expect(0);
}

#[test]
fn an_account_whose_default_key_is_lost_is_repaired_with_the_old_key() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let mut account = sandbox.account();
    account["m.secret_storage.default_key"] = json!({"key": "gone"});
    sandbox.write("account.json", account.to_string());
    sandbox.account_run("status").expect(23);
    sandbox.key_run("put org.example.x key").expect(22);
    let done = sandbox.key_run("--yes --json bootstrap").expect(0).json();
    assert_eq!(done["carried"], json!(SECRETS));
    sandbox.account_run("status").expect(0);
}

#[test]
fn any_trace_of_secret_storage_speaks_for_an_identity() {
    for event in [
        "m.secret_storage.default_key",
        "m.secret_storage.key.old",
        "m.cross_signing.master",
        "m.megolm_backup.v1",
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("account.json", json!({event: {}}).to_string());
        let done = sandbox
            .account_run("--yes --json bootstrap")
            .expect(23)
            .json();
        assert_eq!(done["stored"], json!([]), "{event}");
    }
    // Other data is no such trace, and neither is a key of which nothing more came: a bootstrap was
    // stopped after its first write.
    let sandbox = Sandbox::new();
    sandbox.account_run("--yes --json bootstrap").expect(0);
    let mut account = sandbox.account();
    account
        .as_object_mut()
        .unwrap()
        .retain(|event_type, _| event_type.starts_with("m.secret_storage.key."));
    sandbox.write("account.json", account.to_string());
    let done = sandbox
        .account_run("--yes --json bootstrap")
        .expect(0)
        .json();
    assert_eq!(done["stored"], json!(SECRETS));
    let sandbox = Sandbox::new();
    sandbox.write(
        "account.json",
        r#"{"m.direct":{},"m.push_rules":{"global":{}}}"#,
    );
    let done = sandbox
        .account_run("--yes --json bootstrap")
        .expect(0)
        .json();
    assert_eq!(done["stored"], json!(SECRETS));
}

//! Everything that clients wrote, through the command.

use crate::fixture::Fixture;
use crate::sandbox::Sandbox;

/// What is refused, and how: the codes of `unlock` and of `get`.
fn refusal(name: &str) -> (i32, i32) {
    match name {
        // No key can be held against a description of another algorithm.
        "oddities/40-unknown-alg" => (12, 22),
        "oddities/60-short-payload-iv" | "oddities/62-short-payload-mac" => (0, 22),
        _ => (0, 0),
    }
}

/// How `status` ends: the oddities hold one secret only, and no cross-signing keys.
fn status_code(name: &str) -> i32 {
    match name {
        "clients/rust-sdk-disabled" => 20,
        "clients/rust-sdk-store" => 23,
        name if name.starts_with("oddities/") => 23,
        _ => 0,
    }
}

#[test]
fn every_account_in_every_shape_shows_its_status() {
    for fixture in Fixture::all() {
        for (shape, json) in fixture.shapes() {
            let sandbox = Sandbox::new();
            sandbox.write("account.json", json.to_string());
            let code = status_code(&fixture.name);
            let run = sandbox.account_run("--json status").expect(code);
            let status = run.json();
            let what = format!("{} as {shape}", fixture.name);
            assert_eq!(status["ready"], code == 0, "{what}");
            assert_eq!(
                status["default_key"]["id"].as_str(),
                fixture.default_key(),
                "{what}"
            );
            let keys = status["keys"].as_array().unwrap();
            assert_eq!(keys.len(), fixture.keys().count(), "{what}");
            // The same over a pipe, but for commands to be typed: those need a file.
            let piped = sandbox.run_with("--offline - --json status", json.to_string());
            let piped = piped.expect(code);
            let of_file = piped
                .stdout()
                .replace("--offline FILE", "--offline account.json");
            assert_eq!(of_file, run.stdout(), "{what}");
        }
    }
}

#[test]
fn every_secret_of_every_account_opens_with_the_recovery_key() {
    for fixture in Fixture::all() {
        let Some(key) = fixture.recovery_key() else {
            continue;
        };
        let (unlock, get) = refusal(&fixture.name);
        for (_, json) in fixture.shapes() {
            let sandbox = Sandbox::new();
            sandbox.write("account.json", json.to_string());
            sandbox.write_private("key", key);
            let run = sandbox.key_run("--json unlock").expect(unlock);
            if unlock == 0 {
                let unlocked = run.json();
                assert_eq!(unlocked["key_id"].as_str(), fixture.default_key());
                assert_eq!(unlocked["is_default"], true);
            }
            for (name, value) in fixture.secrets() {
                let run = sandbox.key_run(&format!("get {name} --raw")).expect(get);
                let expected = if get == 0 { value } else { "" };
                assert_eq!(run.stdout(), expected, "{} {name}", fixture.name);
            }
        }
    }
}

#[test]
fn every_passphrase_opens_its_account() {
    let mut count = 0;
    for fixture in Fixture::all() {
        let Some(passphrase) = fixture.passphrase() else {
            continue;
        };
        count += 1;
        let sandbox = Sandbox::new();
        sandbox.write("account.json", fixture.account_data().to_string());
        sandbox.write_private("key", format!("{passphrase}\n"));
        let unlocked = sandbox.key_run("--json unlock").expect(0).json();
        assert_eq!(unlocked["key_id"].as_str(), fixture.default_key());
        let (name, value) = fixture.secrets().next().unwrap();
        let run = sandbox.key_run(&format!("get {name} --raw")).expect(0);
        assert_eq!(run.stdout(), value, "{}", fixture.name);
    }
    assert!(count >= 7, "{count}");
}

#[test]
fn a_key_that_is_no_longer_the_default_is_told_apart() {
    let fixture = Fixture::read("clients/js-sdk-rotated");
    let (old, key, _) = fixture
        .keys()
        .find(|(id, ..)| Some(*id) != fixture.default_key())
        .unwrap();
    let sandbox = Sandbox::with("clients/js-sdk-rotated");
    sandbox.write_private("key", key.unwrap());
    let unlocked = sandbox.key_run("--json unlock").expect(0).json();
    assert_eq!(unlocked["key_id"], old);
    assert_eq!(unlocked["is_default"], false);
    let note = unlocked["warnings"][0].as_str().unwrap();
    assert!(note.contains("is not the default key"), "{note}");
    let run = sandbox.key_run("unlock").expect(0);
    assert!(run.stderr.contains("is not the default key"), "{run:?}");
    assert_eq!(sandbox.key_run("-q unlock").expect(0).stderr, "");
    let found = sandbox.key_run("--json which-key").expect(13).json();
    assert_eq!(found["keys"][0]["key_id"], old);
    let error = sandbox
        .key_run("--json get m.megolm_backup.v1")
        .expect(13)
        .error();
    assert_eq!(error["kind"], "other-key");
    assert!(error["message"].as_str().unwrap().contains(old));
    let wanted = fixture.default_key().unwrap();
    assert!(error["because"].as_str().unwrap().contains(wanted));
}

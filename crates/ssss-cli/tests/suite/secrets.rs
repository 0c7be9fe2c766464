//! What `put` stores and `get` prints.

use serde_json::json;

use crate::fixture::Fixture;
use crate::sandbox::{Sandbox, mode};

const SEED: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

#[test]
fn what_is_stored_comes_back_to_the_byte() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    for value in [
        "plain",
        "",
        "\n",
        "two\nlines\n",
        " spaces \t",
        "\u{0}\u{1}\"\\",
        "ünïcödé 名前 \u{202e}",
        &"x".repeat(1 << 20),
    ] {
        sandbox.write("value", value);
        sandbox.key_run("put org.example.x value").expect(0);
        let raw = sandbox.key_run("get org.example.x --raw").expect(0);
        assert_eq!(raw.stdout(), value);
        let line = sandbox.key_run("get org.example.x").expect(0);
        assert_eq!(line.stdout(), format!("{value}\n"));
        let json = sandbox.key_run("--json get org.example.x").expect(0).json();
        assert_eq!(json["name"], "org.example.x");
        assert_eq!(json["value"], value);
    }
}

#[test]
fn put_reads_a_file_or_standard_input() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    for put in ["put org.example.x", "put org.example.x -"] {
        let run = sandbox.run_with(
            &format!("--offline account.json --key-file key {put}"),
            "in\n",
        );
        run.expect(0);
        let run = sandbox.key_run("get org.example.x --raw").expect(0);
        assert_eq!(run.stdout(), "in\n");
    }
    let id = Fixture::read("clients/js-sdk-random")
        .default_key()
        .unwrap()
        .to_owned();
    let run = sandbox.key_run("--json put org.example.y key").expect(0);
    let stored = run.json();
    assert_eq!(stored["name"], "org.example.y");
    assert_eq!(stored["keys"], json!([id]));
    assert_eq!(stored["stale"], json!([]));
    let list = sandbox.account_run("--json list").expect(0).json();
    let names = list["secrets"].as_array().unwrap().iter();
    let names: Vec<_> = names
        .map(|secret| secret["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"org.example.y"), "{names:?}");
}

#[test]
fn seeds_are_checked_and_lose_a_line_break() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let name = "m.cross_signing.master";
    for value in [format!("{SEED}\n"), SEED.to_owned(), format!("{SEED}\r\n")] {
        sandbox.write("value", value);
        sandbox.key_run(&format!("put {name} value")).expect(0);
        let run = sandbox.key_run(&format!("get {name} --raw")).expect(0);
        assert_eq!(run.stdout(), SEED);
    }
    let before = sandbox.read("account.json");
    for value in [
        "a-secret-typing-error",
        "",
        &SEED[1..],
        &format!("{SEED}\n\n"),
    ] {
        sandbox.write("value", value);
        let run = sandbox
            .key_run(&format!("--json put {name} value"))
            .expect(2);
        assert_eq!(run.error()["kind"], "secret-value");
        assert!(value.len() < 10 || !run.stderr.contains(value));
        assert_eq!(sandbox.read("account.json"), before);
    }
}

#[test]
fn values_that_cannot_be_stored() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let before = sandbox.read("account.json");
    for (value, code) in [
        (&b"\xff\x00"[..], 2),
        ("x".repeat((1 << 20) + 1).as_bytes(), 2),
    ] {
        sandbox.write("value", value);
        sandbox.key_run("put org.example.x value").expect(code);
    }
    sandbox.key_run("put org.example.x absent").expect(1);
    sandbox.key_run("put org.example.x .").expect(1);
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn nothing_but_the_secret_changes_in_the_file() {
    let fixture = Fixture::read("oddities/07-extra-fields");
    for (shape, json) in fixture.shapes() {
        let sandbox = Sandbox::with("oddities/07-extra-fields");
        let text = serde_json::to_string_pretty(&json).unwrap();
        sandbox.write_private("account.json", &text);
        sandbox.key_run("put org.example.new key").expect(0);
        sandbox.key_run("--yes rm org.example.new").expect(0);
        let after = String::from_utf8(sandbox.read("account.json")).unwrap();
        // What was added is one run of characters, and the rest is there to the byte.
        let start = text
            .bytes()
            .zip(after.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let end = text.len() - start;
        assert!(
            after.ends_with(&text[text.len() - end..]),
            "{shape}:\n{after}"
        );
        let added = &after[start..after.len() - end];
        assert!(added.contains("org.example.new"), "{shape}: {added}");
        assert_eq!(mode(&sandbox.path("account.json")), 0o600);
    }
}

#[test]
fn values_for_other_keys_stay_and_are_reported() {
    let fixture = Fixture::read("clients/js-sdk-rotated");
    let sandbox = Sandbox::with("clients/js-sdk-rotated");
    let (old, ..) = fixture
        .keys()
        .find(|(id, ..)| Some(*id) != fixture.default_key())
        .unwrap();
    let mut account = sandbox.account();
    let entries = &mut account["m.megolm_backup.v1"]["encrypted"];
    let entry = entries[fixture.default_key().unwrap()].clone();
    entries[old] = entry.clone();
    sandbox.write("account.json", account.to_string());
    sandbox.write("value", SEED);
    let stored = sandbox.key_run("--json put m.megolm_backup.v1 value");
    let stored = stored.expect(0).json();
    assert_eq!(stored["stale"], json!([old]));
    assert_eq!(stored["keys"], json!([fixture.default_key()]));
    let after = sandbox.account();
    assert_eq!(after["m.megolm_backup.v1"]["encrypted"][old], entry);
    let run = sandbox.key_run("put m.megolm_backup.v1 value").expect(0);
    assert!(run.stderr.contains(old), "{run:?}");
}

#[test]
fn what_does_not_open_is_damaged_and_not_overwritten() {
    let sandbox = Sandbox::with("oddities/00-control");
    let mut account = sandbox.account();
    let entry = &mut account["org.example.x"]["encrypted"]["k1"];
    entry["mac"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    sandbox.write("account.json", account.to_string());
    let before = sandbox.read("account.json");
    let error = sandbox.key_run("--json get org.example.x --raw");
    assert_eq!(error.code, 2, "--raw and --json exclude each other");
    let run = sandbox.key_run("--json get org.example.x").expect(22);
    assert_eq!(run.error()["kind"], "secret-damaged");
    let unlocked = sandbox.key_run("--json unlock").expect(0).json();
    assert_eq!(unlocked["damaged"], json!(["org.example.x"]));
    let run = sandbox.key_run("--json put org.example.x key").expect(24);
    assert_eq!(run.error()["kind"], "would-overwrite");
    assert_eq!(sandbox.read("account.json"), before);
    sandbox.write("value", "new");
    sandbox
        .key_run("put org.example.x value --replace-damaged")
        .expect(0);
    let run = sandbox.key_run("get org.example.x --raw").expect(0);
    assert_eq!(run.stdout(), "new");
}

#[test]
fn a_seed_that_opens_to_something_else_is_damaged() {
    // The IV is not authenticated: a changed one gives other bytes under a matching MAC.
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let mut account = sandbox.account();
    let id = account["m.secret_storage.default_key"]["key"].clone();
    let entry = &mut account["m.megolm_backup.v1"]["encrypted"][id.as_str().unwrap()];
    entry["iv"] = json!("AAAAAAAAAAAAAAAAAAAAAA==");
    sandbox.write("account.json", account.to_string());
    let run = sandbox.key_run("get m.megolm_backup.v1 --raw").expect(22);
    assert!(
        run.stderr
            .starts_with("error:   the secret is damaged\nbecause: ")
    );
}

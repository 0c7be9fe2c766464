//! Everything that can be wrong with what the command is given.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::sandbox::Sandbox;

/// Every command that needs the account, with a key at hand.
const COMMANDS: [&str; 8] = [
    "status",
    "list",
    "unlock",
    "which-key",
    "get m.megolm_backup.v1",
    "put org.example.x key",
    "--yes rm m.megolm_backup.v1",
    "--yes bootstrap",
];

/// Every command refuses this file, and leaves it as it is.
#[track_caller]
fn refused(content: &[u8], code: i32, because: &str) {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    sandbox.write("account.json", content);
    for command in COMMANDS {
        let run = sandbox.key_run(&format!("--json {command}")).expect(code);
        let error = run.error();
        let actual = error["because"].as_str().unwrap();
        assert!(actual.contains(because), "{command}: {error}");
        assert!(error["hint"].is_string(), "{error}");
        assert!(sandbox.read("account.json") == content, "{command}");
    }
    let files = fs::read_dir(sandbox.path("")).unwrap().count();
    assert_eq!(files, 2, "nothing else is left behind");
}

#[test]
fn files_that_are_no_account_data() {
    refused(b"", 22, "JSON");
    refused(b"not json", 22, "JSON");
    refused(b"\xff\xfe\x00", 22, "not text");
    refused(b"[1]", 22, "none of");
    refused(b"{\"m.direct\":1}", 22, "m.direct");
    refused(b"{\"account_data\":7}", 22, "none of");
    let whole = Fixture::read("clients/js-sdk-random")
        .account_data()
        .to_string();
    refused(&whole.as_bytes()[..whole.len() - 2], 22, "JSON");
}

#[test]
fn files_that_are_an_attack() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
    refused(deep.as_bytes(), 22, "nested");
    let deeper = format!("{{\"a\":{}", "[".repeat(200_000));
    refused(deeper.as_bytes(), 22, "");
    refused(br#"{"m.direct":{},"m.direct":{}}"#, 22, "twice");
    refused(br#"{"x":{"encrypted":{"a":{},"a":{}}}}"#, 22, "twice");
    // Refused, as far as it is named, without obeying it.
    refused(b"{\"m.\\u001b[2J\":1}", 22, "\\u{1b}");
}

#[test]
fn a_large_file_is_read() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let mut account = sandbox.account();
    account["org.example.large"] = json!({"data": "x".repeat(10 << 20)});
    sandbox.write("account.json", account.to_string());
    sandbox.account_run("status").expect(0);
    sandbox.key_run("put org.example.x key").expect(0);
    sandbox.key_run("get org.example.x").expect(0);
}

#[test]
fn a_folder_and_nothing_at_all() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    fs::create_dir(sandbox.path("folder")).unwrap();
    for command in COMMANDS {
        sandbox
            .run(&format!("--key-file key --offline folder {command}"))
            .expect(1);
        let run = sandbox.run(&format!("--key-file key --offline no/such/file {command}"));
        run.expect(1);
        if command != "--yes bootstrap" {
            let run = sandbox.run(&format!("--key-file key --offline absent {command}"));
            run.expect(1);
        }
    }
    assert!(!sandbox.path("absent").exists());
}

#[test]
fn a_file_that_cannot_be_written() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let path = sandbox.path("account.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    let before = sandbox.read("account.json");
    for command in ["put org.example.x key", "--yes rm m.megolm_backup.v1"] {
        let run = sandbox.key_run(&format!("--json {command}")).expect(1);
        assert_eq!(run.error()["kind"], "file-read-only");
    }
    // Nobody but its new owner has the key that was shown; the document is whole all the same.
    let run = sandbox.key_run("--json --yes bootstrap --set-up-new");
    assert_eq!(run.code, 1);
    let document = run.json();
    assert!(document["recovery_key"].is_string());
    assert_eq!(document["stored"], json!([]));
    assert_eq!(run.error()["kind"], "file-read-only");
    let hint = run.error()["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("that was shown opens nothing"), "{hint}");
    assert_eq!(sandbox.read("account.json"), before);
    assert_eq!(crate::sandbox::mode(&path), 0o400);
    sandbox.key_run("get m.megolm_backup.v1").expect(0);
}

#[test]
fn names_that_no_secret_has() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let before = sandbox.read("account.json");
    for name in [
        "",
        "m.secret_storage.default_key",
        "m.secret_storage.key.x",
        "m.direct",
        "m.push_rules",
        "m.fully_read",
        "a\nb",
        "\u{7f}",
        ".",
        "..",
        &"x".repeat(4097),
    ] {
        for command in ["get", "put", "rm"] {
            let mut process = sandbox.command();
            process.args(["--offline", "account.json", "--key-file", "key", "--json"]);
            process.args(["--yes", command, name]);
            let run = crate::sandbox::run(process, "value").expect(2);
            assert_eq!(run.error()["kind"], "secret-name", "{command} {name:?}");
        }
    }
    // A secret that is there already may have a name that nobody should have chosen.
    for name in ["", "m.secret_storage.default_key", "m.direct"] {
        let mut process = sandbox.command();
        process.args(["--offline", "account.json", "--yes", "bootstrap"]);
        process.args(["--abandon", name]);
        crate::sandbox::run(process, "").expect(2);
    }
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn a_nul_in_a_name_is_escaped_wherever_it_comes_from() {
    // No argument can hold one; a file can.
    let sandbox = Sandbox::with("oddities/00-control");
    let mut account = sandbox.account();
    account["org.example\u{0}"] = account["org.example.x"].clone();
    account["m.secret_storage.key.a\u{0}\u{1b}[2J"] =
        json!({"algorithm": "org.example\u{1b}[2J", "name": "\u{202e}\u{0}"});
    sandbox.write("account.json", account.to_string());
    let before = sandbox.read("account.json");
    // It is listed, because it must not be lost; it can be named by nobody.
    let list = sandbox.account_run("--json list").expect(0).json();
    let secrets = list["secrets"].as_array().unwrap().iter();
    let names: Vec<_> = secrets.map(|secret| &secret["name"]).collect();
    assert_eq!(names, ["org.example\u{0}", "org.example.x"]);
    for command in ["status", "list", "unlock", "which-key"] {
        let run = sandbox.key_run(command);
        for text in [run.stdout(), &run.stderr] {
            let odd = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
            assert!(!text.contains(odd), "{text:?}");
        }
    }
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn a_passphrase_where_there_is_none() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    sandbox.write_private("key", "correct horse battery staple");
    let before = sandbox.read("account.json");
    for command in ["unlock", "get m.megolm_backup.v1", "put org.example.x key"] {
        let run = sandbox.key_run(&format!("--json {command}")).expect(11);
        let hint = run.error()["hint"].as_str().unwrap().to_owned();
        assert!(
            hint.contains("no key here was made from a passphrase"),
            "{hint}"
        );
    }
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn command_lines() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    for arguments in [
        "frobnicate",
        "status",
        "--offline account.json",
        "--offline account.json get",
        "--offline account.json get --bogus",
        "--offline account.json status extra",
        "--offline account.json --max-kdf-iterations 0 status",
        "--offline account.json --max-kdf-iterations many status",
        "--offline account.json --color sometimes status",
        "--key-fd -1 --offline account.json status",
        "key",
        "key convert",
        "key convert --to octal",
        "help no-such-topic",
    ] {
        sandbox.run(arguments).expect(2);
        let run = sandbox.run(&format!("--json {arguments}")).expect(2);
        assert_eq!(run.error()["kind"], "usage", "{arguments}");
    }
    let run = sandbox.run("--json status").expect(2);
    let because = run.error()["because"].as_str().unwrap().to_owned();
    assert!(because.contains("homeserver"), "{because}");
}

#[test]
fn what_is_suggested_can_be_typed() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let account = sandbox.account();
    let id = account["m.secret_storage.default_key"]["key"]
        .as_str()
        .unwrap();
    let hint = |arguments: &str, code: i32| {
        let error = sandbox.key_run(&format!("--json {arguments}")).expect(code);
        error.error()["hint"].as_str().unwrap().to_owned()
    };
    let ssss = "ssss --offline account.json";
    assert_eq!(
        hint(&format!("--yes remove-key {id}"), 24),
        format!(
            "{ssss} rotate --revoke replaces it; {ssss} set-default ID makes another one the default"
        )
    );
    let run = sandbox.run("--yes --json --offline other.json bootstrap");
    sandbox.write_private(
        "other",
        run.expect(0).json()["recovery_key"].as_str().unwrap(),
    );
    let mut account = sandbox.account();
    let other: Value = serde_json::from_slice(&sandbox.read("other.json")).unwrap();
    for (event, content) in other.as_object().unwrap() {
        if event.starts_with("m.secret_storage.key.") {
            account[event] = content.clone();
        }
    }
    sandbox.write("account.json", account.to_string());
    let wrong = "--offline account.json --key-file other --json get m.megolm_backup.v1";
    let error = sandbox.run(wrong).expect(13).error();
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains(&format!("`{ssss} which-key`")), "{hint}");
}

#[test]
fn an_error_is_three_lines() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let run = sandbox.account_run("--color always unlock").expect(10);
    assert!(run.stderr.contains("\u{1b}["), "{:?}", run.stderr);
    let run = sandbox.account_run("unlock").expect(10);
    let labels: Vec<_> = run.stderr.lines().map(|line| &line[..9]).collect();
    assert_eq!(labels, ["error:   ", "because: ", "try:     "]);
}

/// Nothing is sent, and no session is looked for.
#[test]
fn a_session_is_not_rehearsed() {
    let sandbox = Sandbox::new();
    for command in ["login", "logout"] {
        let arguments = format!("-u @a:example.org --json --dry-run {command}");
        let error = sandbox.run(&arguments).expect(2).error();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("--dry-run"), "{message}");
    }
}

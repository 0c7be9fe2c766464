//! The ways to give a key, and what comes of a wrong one.

use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use serde_json::json;

use crate::fixture::Fixture;
use crate::sandbox::{Sandbox, mode, run};

const PASSPHRASE_ACCOUNT: &str = "oddities/20-pass-no-bits";

/// A well-formed recovery key that is nobody's.
const STRANGER: &str = "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X";

#[test]
fn by_file_descriptor_stdin_and_environment() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let key = sandbox.read("key");
    let unlock = "--offline account.json unlock";
    sandbox.run(&format!("--key-file key {unlock}")).expect(0);
    sandbox
        .run_with(&format!("--key-stdin {unlock}"), &key)
        .expect(0);
    sandbox
        .run_with(&format!("--key-fd 0 {unlock}"), &key)
        .expect(0);

    let mut environment = sandbox.command();
    environment
        .env("SSSS_KEY_FILE", "key")
        .args(unlock.split(' '));
    run(environment, "").expect(0);

    let mut shell = Command::new("sh");
    shell.current_dir(sandbox.path("")).env("CI", "true").args([
        "-c",
        r#""$0" --offline account.json --key-fd 7 unlock 7<key"#,
    ]);
    shell.arg(cargo_bin!("ssss"));
    run(shell, "").expect(0);

    let mut pipe = Command::new("sh");
    pipe.current_dir(sandbox.path("")).env("CI", "true").args([
        "-c",
        r#"cat key | "$0" --offline account.json --key-fd 7 unlock 7<&0 0</dev/null"#,
    ]);
    pipe.arg(cargo_bin!("ssss"));
    run(pipe, "").expect(0);
}

#[test]
fn an_option_comes_before_the_environment() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    sandbox.write_private("other", STRANGER);
    let unlock = "--offline account.json unlock";
    for (variable, option, code) in [
        ("other", "--key-file key ", 0),
        ("key", "--key-file other ", 12),
        ("key", "", 0),
        ("other", "", 12),
        ("", "", 10),
    ] {
        let mut command = sandbox.command();
        let arguments = format!("{option}{unlock}");
        command
            .env("SSSS_KEY_FILE", variable)
            .args(arguments.split(' '));
        run(command, "").expect(code);
    }
}

/// Of several keys that are given, the one that fits is used, wherever it stands.
#[test]
fn one_of_several_keys_fits() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    sandbox.write_private("other", STRANGER);
    sandbox.write("value", "one");
    for keys in [
        "--key-file key --key-file other",
        "--key-file other --key-file key",
        "--key-file other --key-file other --key-file key",
    ] {
        for command in [
            "get m.megolm_backup.v1 --raw",
            "put org.example.x value",
            "--yes rotate --dry-run",
            "repair entry m.megolm_backup.v1",
        ] {
            sandbox.account_run(&format!("{keys} {command}")).expect(0);
        }
    }
    let all = "--key-file other --key-file key unlock";
    sandbox.account_run(all).expect(0);
    let none = "--key-file other --key-file other get m.megolm_backup.v1";
    let error = sandbox.account_run(&format!("--json {none}")).expect(12);
    assert_eq!(error.error()["kind"], "key-fits-nothing");
    let doctor = "--key-file other --key-file key doctor";
    let run = sandbox.account_run(doctor).expect(0);
    let warning = "another key that was given is of no use";
    assert_eq!(run.stderr.matches(warning).count(), 1, "{}", run.stderr);
    // It says of one key what it is.
    let which = "--key-file other --key-file key which-key";
    sandbox.account_run(which).expect(2);
}

#[test]
fn options_exclude_each_other_wherever_they_stand() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    for arguments in [
        "--key-file key --key-stdin --offline account.json unlock",
        "--key-file key --offline account.json unlock --key-stdin",
        "--key-fd 0 --offline account.json unlock --key-file key",
    ] {
        sandbox.run(arguments).expect(2);
    }
    for arguments in [
        "--offline - --key-stdin unlock",
        "--offline - --key-fd 0 unlock",
        "--offline account.json --key-stdin put org.example.x",
        "--offline account.json --key-stdin put org.example.x -",
    ] {
        let run = sandbox.run(&format!("--json {arguments}")).expect(2);
        let message = run.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("standard input"), "{message}");
    }
}

#[test]
fn no_key_and_nobody_to_ask() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    for command in ["unlock", "which-key", "get m.megolm_backup.v1", "key check"] {
        let run = sandbox.account_run(&format!("--json {command}")).expect(10);
        let error = run.error();
        assert_eq!(error["kind"], "no-key");
        let hint = error["hint"].as_str().unwrap();
        for way in ["--key-file", "--key-fd", "--key-stdin", "SSSS_KEY_FILE"] {
            assert!(hint.contains(way), "{hint}");
        }
    }
}

#[test]
fn one_line_break_is_removed_and_nothing_else() {
    let sandbox = Sandbox::with(PASSPHRASE_ACCOUNT);
    for (text, code) in [
        ("pass", 0),
        ("pass\n", 0),
        ("pass\r\n", 0),
        ("pass\n\n", 12),
        ("pass ", 12),
        (" pass", 12),
        ("pass\r", 12),
        ("pass\t\n", 12),
        ("Pass", 12),
    ] {
        sandbox.write_private("key", text);
        sandbox.key_run("unlock").expect(code);
    }
}

/// A passphrase is the bytes that were typed, in every client: another spelling of the same letters is
/// another passphrase. It is said what to look for, and nothing is tried behind anybody's back.
#[test]
fn a_passphrase_is_taken_as_it_was_typed() {
    let sandbox = Sandbox::new();
    let (composed, decomposed) = ("caf\u{e9} \u{212b}", "cafe\u{301} A\u{30a}");
    sandbox.write_private("composed", composed);
    sandbox
        .account_run("--yes bootstrap --passphrase-file composed")
        .expect(0);
    for (text, code) in [
        (composed.to_owned(), 0),
        (format!("{composed}\n"), 0),
        (decomposed.to_owned(), 12),
        (composed.replace('\u{212b}', "\u{c5}"), 12),
        (format!("{composed} "), 12),
        (format!(" {composed}"), 12),
        (composed.to_uppercase(), 12),
    ] {
        sandbox.write_private("key", &text);
        let run = sandbox.key_run("unlock").expect(code);
        if code == 12 {
            for word in ["capitals", "accents", "spaces at the ends"] {
                assert!(run.stderr.contains(word), "{text:?}: {}", run.stderr);
            }
        }
    }
}

#[test]
fn a_recovery_key_may_be_spelled_with_anything_between_its_characters() {
    let sandbox = Sandbox::with("oddities/00-control");
    for between in ["", "-", " - ", "\n", "\u{a0}", "\u{200b}", "\t\t\r\n"] {
        sandbox.write_private("key", STRANGER.replace(' ', between) + "\n");
        sandbox.key_run("unlock").expect(0);
    }
}

#[test]
fn a_recovery_key_makes_no_derivation() {
    // Were it tried as a passphrase, the cost would be refused.
    let sandbox = Sandbox::with(PASSPHRASE_ACCOUNT);
    let mut account = sandbox.account();
    account["m.secret_storage.key.k1"]["passphrase"]["iterations"] = json!(1u64 << 53);
    sandbox.write("account.json", account.to_string());
    sandbox.key_run("unlock").expect(0);
    sandbox.write_private("key", STRANGER);
    sandbox.key_run("unlock").expect(12);
}

#[test]
fn a_wrong_key_names_every_key_that_was_tried() {
    let fixture = Fixture::read("clients/js-sdk-rotated");
    let sandbox = Sandbox::with("clients/js-sdk-rotated");
    for wrong in [STRANGER, "no passphrase of this account"] {
        sandbox.write_private("key", wrong);
        for command in [
            "unlock",
            "which-key",
            "get m.cross_signing.master",
            "put org.example.x key",
        ] {
            let run = sandbox.key_run(&format!("--json {command}")).expect(12);
            let error = run.error();
            assert_eq!(error["kind"], "key-fits-nothing");
            for (id, ..) in fixture.keys() {
                assert!(error["because"].as_str().unwrap().contains(id), "{error}");
            }
        }
    }
}

#[test]
fn a_mistyped_recovery_key_is_malformed() {
    let plain = Sandbox::with("oddities/00-control");
    let with_passphrase = Sandbox::with(PASSPHRASE_ACCOUNT);
    for (text, because) in [
        (STRANGER.replace("5m7X", "5m7Y"), "check does not match"),
        (
            STRANGER.replace("VYce", "VYc"),
            "group 4 has 3 instead of 4",
        ),
        (STRANGER.replace("c6Gk", "c6Ol"), "character 3 of group 6"),
        (
            STRANGER.replacen("EsT1", "EsZ1", 1),
            "its beginning is wrong",
        ),
    ] {
        for sandbox in [&plain, &with_passphrase] {
            sandbox.write_private("key", &text);
            for command in ["unlock", "which-key", "get org.example.x"] {
                let run = sandbox.key_run(&format!("--json {command}")).expect(11);
                let error = run.error();
                assert_eq!(error["kind"], "key-malformed", "{text}");
                let actual = error["because"].as_str().unwrap();
                assert!(actual.contains(because), "{actual}");
            }
        }
    }
}

#[test]
fn what_is_no_key_at_all() {
    let plain = Sandbox::with("oddities/00-control");
    let with_passphrase = Sandbox::with(PASSPHRASE_ACCOUNT);
    // Where no key was made from a passphrase, a text can only be a malformed recovery key.
    plain.write_private("key", "open sesame");
    plain.key_run("unlock").expect(11);
    for passphrase in ["open sesame", "Esmeralda, who begins like a recovery key"] {
        with_passphrase.write_private("key", passphrase);
        with_passphrase.key_run("unlock").expect(12);
    }
    for sandbox in [&plain, &with_passphrase] {
        for text in [
            &b""[..],
            b"\n",
            b" ",
            b"\xff\xfe",
            "a".repeat((64 << 10) + 1).as_bytes(),
        ] {
            sandbox.write_private("key", text);
            sandbox.key_run("unlock").expect(11);
        }
        sandbox.account_run("--key-file absent unlock").expect(1);
        sandbox.account_run("--key-file . unlock").expect(1);
        sandbox.account_run("--key-fd 99 unlock").expect(1);
    }
}

#[test]
fn the_cost_of_a_passphrase_is_bounded() {
    let sandbox = Sandbox::with(PASSPHRASE_ACCOUNT);
    sandbox.write_private("key", "pass");
    for (iterations, option, code) in [
        (json!(10), "", 0),
        (json!(10), "--max-kdf-iterations 10 ", 0),
        (json!(10), "--max-kdf-iterations 9 ", 14),
        (json!(0), "", 14),
        (json!(10_000_001), "", 14),
        (json!(1u64 << 53), "", 14),
        (json!(1u64 << 53), "--max-kdf-iterations 4294967295 ", 14),
        // Another number of iterations makes another key.
        (json!(11), "", 12),
    ] {
        let mut account = sandbox.account();
        account["m.secret_storage.key.k1"]["passphrase"]["iterations"] = iterations;
        sandbox.write("account.json", account.to_string());
        let run = sandbox.key_run(&format!("{option}--json unlock"));
        if code == 14 {
            assert_eq!(run.error()["kind"], "kdf-cost");
            let hint = run.error()["hint"].as_str().unwrap().to_owned();
            assert!(hint.contains("--max-kdf-iterations"), "{hint}");
        }
        run.expect(code);
    }
}

#[test]
fn a_key_file_that_others_can_read_is_reported() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    assert_eq!(mode(&sandbox.path("key")), 0o600);
    assert_eq!(sandbox.key_run("unlock").expect(0).stderr, "");
    let key = sandbox.read("key");
    let open = sandbox.write("open", key);
    let status = Command::new("chmod").arg("640").arg(&open).status();
    assert!(status.unwrap().success());
    let run = sandbox.account_run("--key-file open unlock").expect(0);
    assert!(run.stderr.starts_with("warning: "), "{}", run.stderr);
    assert!(run.stderr.contains("chmod 600 open"), "{}", run.stderr);
    let run = sandbox.account_run("-q --key-file open unlock").expect(0);
    assert_eq!(run.stderr, "");
    // And so are the files that other secrets come from.
    sandbox.write("phrase", "a passphrase");
    let status = Command::new("chmod")
        .args(["644", sandbox.path("phrase").to_str().unwrap()])
        .status();
    assert!(status.unwrap().success());
    let new = sandbox.run("--offline new.json --yes bootstrap --passphrase-file phrase");
    assert!(new.expect(0).stderr.contains("the passphrase file phrase"));
    let server = "-u @a:example.org --homeserver http://127.0.0.1:1 --timeout 1";
    let token = sandbox.run(&format!("{server} --access-token-file phrase status"));
    assert!(
        token.stderr.contains("the access token file phrase"),
        "{}",
        token.stderr
    );
    let login = sandbox.run(&format!("{server} --password-file phrase status"));
    assert!(
        login.stderr.contains("the password file phrase"),
        "{}",
        login.stderr
    );
    // With --json it is part of the document, also where that is written piece by piece.
    for command in ["unlock", "get m.megolm_backup.v1", "key convert --to hex"] {
        let run = sandbox.account_run(&format!("--json --key-file open {command}"));
        let run = run.expect(0);
        assert_eq!(run.stderr, "");
        let warning = run.json()["warnings"][0].as_str().unwrap().to_owned();
        assert!(warning.contains("chmod 600 open"), "{warning}");
    }
}

//! Nothing secret where it does not belong.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::fixture::Fixture;
use crate::sandbox::{Run, Sandbox};

#[test]
fn no_error_repeats_what_was_given() {
    let sandbox = Sandbox::with("oddities/20-pass-no-bits");
    // A canary as passphrase, as nearly a recovery key, and as a value.
    let nearly = "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7Y";
    for canary in ["canary-in-the-key", nearly] {
        sandbox.write_private("key", canary);
        for command in [
            "unlock",
            "which-key",
            "get org.example.x",
            "put m.megolm_backup.v1 key",
            "rm org.example.x",
            "key check",
            "key convert --to hex --from hex",
            "key convert --to hex --from base64",
            "--yes bootstrap --set-up-new",
        ] {
            for json in ["", "--json "] {
                let run = sandbox.key_run(&format!("{json}{command}"));
                assert_ne!(run.code, 0);
                for text in [run.stdout(), &run.stderr] {
                    for piece in canary.split([' ', '-']).filter(|piece| piece.len() > 3) {
                        assert!(!text.contains(piece), "{command}: {text}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_key_on_the_command_line_is_refused_and_not_repeated() {
    let sandbox = Sandbox::with("oddities/00-control");
    let key = Fixture::read("oddities/00-control")
        .recovery_key()
        .unwrap()
        .to_owned();
    for words in [
        vec!["unlock", &key],
        vec![&key],
        vec!["unlock", "--key", &key],
        vec!["unlock", &key[..9]],
    ] {
        let mut command = sandbox.command();
        command.args(["--offline", "account.json"]).args(&words);
        let run = crate::sandbox::run(command, "").expect(2);
        assert!(!run.stderr.contains(&key[..4]), "{}", run.stderr);
        let mut command = sandbox.command();
        command.arg(format!("--key={key}"));
        let run = crate::sandbox::run(command, "").expect(2);
        assert!(!run.stderr.contains(&key[..4]), "{}", run.stderr);
    }
}

/// A command with a word that has spaces in it, on the account of the sandbox.
fn with_word(sandbox: &Sandbox, options: &str, before: &str, word: &str, after: &str) -> Run {
    let mut command = sandbox.command();
    let words = |text: &str| -> Vec<String> {
        text.split(' ')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    command.args(words(options)).args(words(before));
    command.arg(word).args(words(after));
    crate::sandbox::run(command, "")
}

#[track_caller]
fn assert_hidden(run: &Run, secret: &str) {
    for text in [run.stdout(), &run.stderr] {
        for piece in secret.split([' ', '-']).filter(|piece| piece.len() > 3) {
            assert!(!text.contains(piece), "{run:#?}");
        }
    }
}

#[test]
fn a_secret_in_the_place_of_its_file_is_not_repeated() {
    let sandbox = Sandbox::with("oddities/00-control");
    let fixture = Fixture::read("oddities/00-control");
    let key = fixture.recovery_key().unwrap();
    let joined = key.replace(' ', "");
    let offline = "--offline account.json";
    let server = "-u @a:localhost --homeserver http://127.0.0.1:1";
    for (options, before, after, named) in [
        (offline, "--key-file", "unlock", "--key-file"),
        (offline, "--key-file", "--yes rotate", "--key-file"),
        (offline, "--key-file key put x", "", "FILE"),
        (
            offline,
            "--key-file key --yes add-key --passphrase-file",
            "",
            "--passphrase-file",
        ),
        (server, "--password-file", "status", "--password-file"),
        (server, "--password-file", "login", "--password-file"),
        (
            server,
            "--access-token-file",
            "status",
            "--access-token-file",
        ),
    ] {
        for secret in [key, &joined, "hunter2", "syt_canary_canary"] {
            for json in ["", "--json"] {
                let run = with_word(
                    &sandbox,
                    &format!("{json} {options}"),
                    before,
                    secret,
                    after,
                );
                assert_ne!(run.code, 0, "{before}");
                assert_hidden(&run, secret);
                assert!(run.stderr.contains(named), "{run:#?}");
                assert!(
                    run.stderr.contains("name of a file is expected"),
                    "{run:#?}"
                );
            }
        }
    }
    let mut command = sandbox.command();
    command.env("SSSS_KEY_FILE", key);
    command.args(["--offline", "account.json", "unlock"]);
    let run = crate::sandbox::run(command, "").expect(1);
    assert_hidden(&run, key);
    assert!(run.stderr.contains("SSSS_KEY_FILE"), "{run:#?}");
    // What is a file is named.
    sandbox.write_private("key-folder-file", [0xff, 0xfe]);
    let run = sandbox.account_run("--key-file key-folder-file unlock");
    assert!(run.expect(11).stderr.contains("key-folder-file"));
}

#[test]
fn a_recovery_key_in_the_place_of_something_else_is_not_repeated() {
    let sandbox = Sandbox::with("oddities/00-control");
    let fixture = Fixture::read("oddities/00-control");
    let key = fixture.recovery_key().unwrap();
    let joined = key.replace(' ', "");
    let offline = "--offline account.json --key-file key";
    for (options, before, after) in [
        (offline, "get", ""),
        (offline, "rm", "--yes"),
        (offline, "remove-key", ""),
        (offline, "set-default", ""),
        (offline, "restore", ""),
        (offline, "repair entry", ""),
        (offline, "snapshot -o", "--dry-run"),
        ("", "--offline", "status"),
        ("", "--offline", "remove-key x"),
        ("", "-u", "status"),
        ("", "-u @a:localhost --homeserver", "status"),
        ("-u @a:localhost", "--ca-file", "status"),
    ] {
        for key in [key, &joined] {
            for json in ["", "--json"] {
                let run = with_word(&sandbox, &format!("{json} {options}"), before, key, after);
                assert!(run.code != 0 || before.starts_with("snapshot"), "{run:#?}");
                assert_hidden(&run, key);
            }
        }
    }
}

#[test]
fn what_cannot_be_written_is_no_success() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    for command in [
        "status",
        "list",
        "doctor",
        "unlock",
        "which-key",
        "key check",
        "--dry-run rotate",
        "help keys",
        "help status",
        "--help",
        "completions bash",
    ] {
        for json in ["", "--json "] {
            let mut full = sandbox.command();
            full.args(["--offline", "account.json", "--key-file", "key"]);
            full.args(format!("{json}{command}").split(' '));
            let device = fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap();
            let output = full
                .stdin(Stdio::null())
                .stdout(device)
                .stderr(Stdio::piped())
                .output()
                .unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{command}: {stderr}");
            assert!(
                stderr.contains("not written completely"),
                "{command}: {stderr}"
            );
            // Who has read enough is not told.
            let mut piped = sandbox.command();
            piped.args(["--offline", "account.json", "--key-file", "key"]);
            piped.args(format!("{json}{command}").split(' '));
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let output = piped
                .stdin(Stdio::null())
                .stdout(writer)
                .stderr(Stdio::piped())
                .output()
                .unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(0), "{command}: {stderr}");
            assert!(!stderr.contains("error"), "{command}: {stderr}");
        }
    }
}

#[test]
fn a_running_command_has_no_key_in_its_arguments_environment_or_reach() {
    let sandbox = Sandbox::with("oddities/00-control");
    let key = Fixture::read("oddities/00-control")
        .recovery_key()
        .unwrap()
        .to_owned();
    let mut child = sandbox
        .command()
        .args(["--offline", "account.json", "--key-stdin", "unlock"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(key.as_bytes()).unwrap();
    let process = format!("/proc/{}", child.id());
    let since = Instant::now();
    // It waits for the end of standard input, and has closed the door to core dumps by then.
    loop {
        let limits = fs::read_to_string(format!("{process}/limits")).unwrap();
        let cores = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<_> = cores.unwrap().split_whitespace().collect();
        if words[4..6] == ["0", "0"] {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "{limits}");
        sleep(Duration::from_millis(10));
    }
    for file in ["cmdline", "environ"] {
        let bytes = match fs::read(format!("{process}/{file}")) {
            Ok(bytes) => bytes,
            // What only root may read of a process without core dumps.
            Err(error) => {
                assert_eq!(
                    (file, error.kind()),
                    ("environ", ErrorKind::PermissionDenied)
                );
                continue;
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&key[..4]), "{text}");
    }
    drop(stdin);
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
fn a_closed_pipe_is_no_crash() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let run = |command: &str| {
        let mut shell = Command::new("bash");
        let script = format!(
            r#"set -o pipefail; "$0" --offline account.json --key-file key {command} | true; echo "${{PIPESTATUS[0]}}""#
        );
        shell.current_dir(sandbox.path("")).env("CI", "true");
        shell
            .args(["-c", &script])
            .arg(assert_cmd::cargo::cargo_bin!("ssss"));
        let run = crate::sandbox::run(shell, "");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run.stdout().trim().to_owned()
    };
    for _ in 0..5 {
        assert_eq!(run("status"), "0");
        // Whether the reader was gone already is up to the system.
        assert!(["0", "1"].contains(&run("get m.megolm_backup.v1 --raw").as_str()));
    }
}

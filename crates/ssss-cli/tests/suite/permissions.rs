//! What lies on the disk is its owner's alone, whatever the mask, and nobody's link is followed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;

use crate::sandbox::{Sandbox, mode, run};

/// Everything below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn with_no_mask_at_all_everything_is_its_owners() {
    let sandbox = Sandbox::new();
    sandbox.write_private("phrase", "a passphrase");
    let script = r#"umask 000
        "$0" --offline account.json --yes bootstrap --passphrase-file phrase
        "$0" --offline account.json --key-file phrase put org.example.x phrase
        "$0" --offline account.json snapshot -o saved.json
        "$0" --offline account.json snapshot"#;
    let mut shell = Command::new("bash");
    shell.current_dir(sandbox.path("")).env("CI", "true");
    shell.env("XDG_STATE_HOME", sandbox.path("state"));
    shell.args(["-euc", script]).arg(cargo_bin!("ssss"));
    run(shell, "").expect(0);
    for file in ["account.json", "saved.json"] {
        assert_eq!(mode(&sandbox.path(file)), 0o600, "{file}");
    }
    let state = sandbox.path("state/ssss");
    let files = below(&state);
    assert!(
        files.iter().filter(|path| path.is_file()).count() >= 3,
        "{files:?}"
    );
    for path in files {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}

/// Where the name of a temporary file could be guessed, a link of that name would be written through.
#[test]
fn a_link_that_lies_in_wait_is_not_written_through() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let victim = sandbox.write("victim", "untouched");
    for name in [
        "account.json.new",
        "account.json.tmp",
        ".account.json.ssss-",
        "saved.json",
    ] {
        symlink(&victim, sandbox.path(name)).unwrap();
    }
    sandbox.key_run("put org.example.x key").expect(0);
    sandbox.account_run("snapshot -o saved.json").expect(1);
    assert_eq!(sandbox.read("victim"), b"untouched");
}

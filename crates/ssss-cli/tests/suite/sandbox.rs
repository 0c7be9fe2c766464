//! A folder to work in, and the command in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

use crate::fixture::Fixture;

/// A folder of its own for a test, with an account in it.
pub(crate) struct Sandbox {
    dir: TempDir,
}

/// How a run of the command ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        Self { dir }
    }

    /// With the account of a fixture, as `account.json`, and its default key's recovery key, as
    /// `key`.
    pub(crate) fn with(fixture: &str) -> Self {
        let sandbox = Self::new();
        let fixture = Fixture::read(fixture);
        sandbox.write("account.json", fixture.account_data().to_string());
        if let Some(key) = fixture.recovery_key() {
            sandbox.write_private("key", key);
        }
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// A file that only its owner reads.
    pub(crate) fn write_private(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn account(&self) -> Value {
        serde_json::from_slice(&self.read("account.json")).unwrap()
    }

    /// The command in this folder, with nobody at a terminal.
    pub(crate) fn command(&self) -> Command {
        let mut command = ssss();
        command
            .current_dir(&self.dir)
            .env("XDG_STATE_HOME", self.path("state"))
            .env("CI", "true");
        command
    }

    /// Runs the command with these arguments, separated by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_with(arguments, "")
    }

    /// The same, with something on standard input.
    pub(crate) fn run_with(&self, arguments: &str, stdin: impl AsRef<[u8]>) -> Run {
        let mut command = self.command();
        command.args(arguments.split(' '));
        run(command, stdin)
    }

    /// Runs the command on the account.
    pub(crate) fn account_run(&self, arguments: &str) -> Run {
        self.run(&format!("--offline account.json {arguments}"))
    }

    /// Runs the command on the account with its key.
    pub(crate) fn key_run(&self, arguments: &str) -> Run {
        self.account_run(&format!("--key-file key {arguments}"))
    }
}

impl Run {
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        if code != 0 && code != 13 && code != 20 && code != 23 {
            assert_eq!(self.stdout(), "", "{self:#?}");
        }
        self
    }

    pub(crate) fn stdout(&self) -> &str {
        str::from_utf8(&self.stdout).unwrap()
    }

    /// The one document on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value: Value = serde_json::from_slice(&self.stdout).unwrap();
        assert_eq!(value["schema"], 1);
        value
    }

    /// The one document on standard error.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stderr).unwrap();
        assert_eq!(value["error"]["code"], self.code);
        value["error"].clone()
    }
}

/// The command, without what this process's environment says to it.
pub(crate) fn ssss() -> Command {
    let mut command = Command::new(cargo_bin!("ssss"));
    for name in [
        "CI",
        "SSSS_KEY_FILE",
        "SSSS_USER",
        "SSSS_HOMESERVER",
        "SSSS_ACCESS_TOKEN",
        "NO_COLOR",
        "CLICOLOR_FORCE",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command, stdin: impl AsRef<[u8]>) -> Run {
    use std::io::Write as _;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It need not read what it is given.
    _ = child.stdin.take().unwrap().write_all(stdin.as_ref());
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

//! The command, for one account.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use tempfile::TempDir;

use super::synapse::Account;
use crate::Result;

/// The secrets that every client knows.
pub(super) const SECRETS: [&str; 4] = [
    "m.cross_signing.master",
    "m.cross_signing.user_signing",
    "m.cross_signing.self_signing",
    "m.megolm_backup.v1",
];

/// Longer than this no command takes, whatever is done to it.
const DEADLINE: Duration = Duration::from_secs(90);

/// The command, with a home of its own.
pub(super) struct Ours {
    ssss: PathBuf,
    user: String,
    folder: TempDir,
}

/// A command that runs, for whoever wants to end it.
pub(super) type Running = Arc<Mutex<Option<Child>>>;

/// How a command ended, and what it printed.
#[derive(Debug)]
pub(super) struct Done {
    /// None if it was killed.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Ours {
    pub(super) fn new(ssss: &Path, account: &Account) -> Result<Self> {
        let ours = Self {
            ssss: ssss.to_owned(),
            user: account.user.clone(),
            folder: tempfile::tempdir()?,
        };
        ours.file("token", &account.token)?;
        Ok(ours)
    }

    /// The four secrets, as this key opens them.
    pub(super) fn secrets(&self, url: &str, key: &str, names: &[&str]) -> Result<Value> {
        let mut secrets = Map::new();
        for name in names {
            let done = self.run(url, &[key], &["get", name, "--raw"])?;
            secrets.insert((*name).to_owned(), done.success()?.stdout.into());
        }
        Ok(secrets.into())
    }

    /// What a command that succeeds prints.
    pub(super) fn json(&self, url: &str, keys: &[&str], arguments: &[&str]) -> Result<Value> {
        let arguments = [&["--json"], arguments].concat();
        let done = self.run(url, keys, &arguments)?;
        Ok(serde_json::from_str(&done.success()?.stdout)?)
    }

    pub(super) fn run(&self, url: &str, keys: &[&str], arguments: &[&str]) -> Result<Done> {
        self.run_under(url, keys, arguments, &Running::default())
    }

    /// Runs a command that may be ended by whoever has the same `running`.
    pub(super) fn run_under(
        &self,
        url: &str,
        keys: &[&str],
        arguments: &[&str],
        running: &Running,
    ) -> Result<Done> {
        let mut command = self.command(url);
        for (number, key) in keys.iter().enumerate() {
            let file = self.file(&format!("key-{number}"), key)?;
            command.arg("--key-file").arg(file);
        }
        command.args(arguments);
        // Held until the child is in it, so that nobody ends what is not there yet.
        let mut slot = running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut child = command.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        *slot = Some(child);
        drop(slot);

        let stderr = thread::spawn(move || read(stderr));
        let stdout = thread::spawn(move || read(stdout));
        let start = Instant::now();
        let status = loop {
            let mut slot = running.lock().unwrap_or_else(PoisonError::into_inner);
            let child = slot.as_mut().ok_or("no child")?;
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if start.elapsed() > DEADLINE {
                child.kill()?;
                child.wait()?;
                return Err(format!("{arguments:?} hangs").into());
            }
            drop(slot);
            thread::sleep(Duration::from_millis(2));
        };
        Ok(Done {
            code: status.code(),
            stdout: stdout.join().map_err(|_| "nothing reads")?,
            stderr: stderr.join().map_err(|_| "nothing reads")?,
        })
    }

    fn command(&self, url: &str) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folder = self.folder.path();
        let mut command = Command::new(&self.ssss);
        command
            .args(["--user", &self.user, "--homeserver", url])
            .args(["--no-input", "--yes", "--access-token-file"])
            .arg(folder.join("token"))
            .current_dir(folder)
            // What the environment of whoever runs this says of accounts and keys is not for us.
            .env_clear()
            .env("PATH", path)
            .env("HOME", folder)
            .env("XDG_STATE_HOME", folder.join("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// A file for its owner only.
    pub(super) fn file(&self, name: &str, text: &str) -> Result<PathBuf> {
        let file = self.folder.path().join(name);
        fs::write(&file, text)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
}

impl Done {
    /// If it succeeded.
    pub(super) fn success(self) -> Result<Self> {
        if self.code == Some(0) {
            return Ok(self);
        }
        Err(format!("it exits with {:?}: {}", self.code, self.stderr.trim()).into())
    }

    /// The recovery key that it shows, if it does. Cut off within the document, that ends with the key.
    pub(super) fn recovery_key(&self) -> Option<&str> {
        let (_, rest) = self.stdout.split_once(r#""recovery_key":""#)?;
        let (key, _) = rest.split_once('"')?;
        (!key.is_empty()).then_some(key)
    }
}

fn read(from: Option<impl std::io::Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        // What was read until an error is what there is.
        let _ = from.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

//! An account file in a folder of its own, and the keys that are at hand.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::shape::shape;
use crate::Result;

pub(super) const ACCOUNT: &str = "account.json";

/// No command is run often enough to show more.
const MAX_KEYS: usize = 16;

/// A folder in which commands run, and the home of who runs them.
pub(super) struct Folder<'a> {
    pub(super) ssss: &'a Path,
    pub(super) path: PathBuf,
}

/// All that may be known of an account from outside, but for what is random.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    /// The shape of the file, or why it is no account data.
    account: std::result::Result<String, String>,
    /// What `ssss status` exits with.
    status: Option<i32>,
    /// What `ssss get` exits with for each secret, and prints, with the first key that opens it.
    secrets: Vec<(String, Option<i32>, String)>,
}

impl State {
    pub(super) fn secret(&self, name: &str) -> Option<&(String, Option<i32>, String)> {
        self.secrets.iter().find(|(found, ..)| found == name)
    }

    /// Whether it is an account of which each secret is as it is in one of these, or not there, if
    /// it is not there before.
    pub(super) fn is_between(&self, before: &Self, after: &Self) -> bool {
        let is_known = |secret: &(String, Option<i32>, String)| {
            let earlier = before.secret(&secret.0);
            let is_absent = |code| code != Some(0);
            after.secrets.contains(secret)
                || before.secrets.contains(secret)
                || is_absent(secret.1) && earlier.is_none_or(|earlier| is_absent(earlier.1))
        };
        self.account.is_ok() && self.secrets.iter().all(is_known)
    }
}

impl Folder<'_> {
    pub(super) fn copy(&self, to: PathBuf) -> Result<Self> {
        let copied = Command::new("cp")
            .arg("--archive")
            .args([&self.path, &to])
            .status()?;
        if !copied.success() {
            return Err(format!("{} cannot be copied", self.path.display()).into());
        }
        Ok(Self { path: to, ..*self })
    }

    /// The account's text; none if there is no file.
    pub(super) fn account(&self) -> Result<Option<String>> {
        match fs::read(self.path.join(ACCOUNT)) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What is there, of which these secrets are looked at. `before` is the text that was there first,
    /// and `first` what was found then, which need not be read again from the same text.
    pub(super) fn state(
        &self,
        before: Option<&str>,
        names: &[String],
        first: Option<&State>,
    ) -> Result<State> {
        let account = match self.account()? {
            None => Ok("no file".to_owned()),
            Some(text) => shape(&text, before),
        };
        let status = self.ssss(None, &["status"])?.status.code();
        if let Some(first) = first.filter(|first| first.account == account) {
            return Ok(State {
                account,
                status,
                secrets: first.secrets.clone(),
            });
        }
        let mut secrets = Vec::new();
        for name in names {
            let output = self.with_keys(&["get", name, "--raw"])?;
            let value = String::from_utf8_lossy(&output.stdout).into_owned();
            // An account that is new has secrets that are random.
            let value = before.map_or(format!("{} bytes", value.len()), |_| value);
            secrets.push((name.clone(), output.status.code(), value));
        }
        Ok(State {
            account,
            status,
            secrets,
        })
    }

    /// The names of the account's secrets.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        let output = self.ssss(None, &["--json", "status"])?;
        let status: Value = serde_json::from_slice(&output.stdout)?;
        let secrets = status["secrets"].as_array().into_iter().flatten();
        let names = secrets.filter_map(|secret| secret["name"].as_str());
        Ok(names.map(ToOwned::to_owned).collect())
    }

    /// Runs a command with one key after the other, until one of them will do.
    pub(super) fn with_keys(&self, arguments: &[&str]) -> Result<Output> {
        let mut output = None;
        for key in self.keys() {
            let done = self.ssss(Some(&key), arguments)?;
            self.keep_key(&done)?;
            if done.status.success() {
                return Ok(done);
            }
            output = Some(done);
        }
        if let Some(output) = output {
            return Ok(output);
        }
        let done = self.ssss(None, arguments)?;
        self.keep_key(&done)?;
        Ok(done)
    }

    /// The words of a command of `ssss`, with the first key.
    pub(super) fn words(&self, key: Option<&Path>, arguments: &[&str]) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![self.ssss.into()];
        words.extend(["--no-input", "--offline", ACCOUNT].map(OsString::from));
        if let Some(key) = key {
            words.extend(["--key-file".into(), key.into()]);
        }
        words.extend(arguments.iter().map(OsString::from));
        words
    }

    fn ssss(&self, key: Option<&Path>, arguments: &[&str]) -> Result<Output> {
        self.run(&self.words(key, arguments))
    }

    pub(super) fn run(&self, words: &[impl AsRef<OsStr>]) -> Result<Output> {
        let (program, arguments) = words.split_first().ok_or("nothing to run")?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        Ok(Command::new(program)
            .args(arguments)
            .current_dir(&self.path)
            // What the environment of whoever runs this says of keys is not for us.
            .env_clear()
            .env("PATH", path)
            .env("HOME", &self.path)
            .env("XDG_STATE_HOME", self.path.join("state"))
            .stdin(Stdio::null())
            .output()?)
    }

    /// The files of the keys that are at hand, the earliest first, by their names in the folder.
    pub(super) fn keys(&self) -> Vec<PathBuf> {
        (1..=MAX_KEYS)
            .map(|number| PathBuf::from(format!("key-{number}")))
            .take_while(|name| self.path.join(name).exists())
            .collect()
    }

    /// Keeps the recovery key that a command shows, if it does, as a person would.
    pub(super) fn keep_key(&self, output: &Output) -> Result {
        let text = String::from_utf8_lossy(&output.stdout);
        // Cut off within the document, it ends with the key.
        let key = text
            .split_once(r#""recovery_key":""#)
            .and_then(|(_, rest)| rest.split('"').next());
        match key {
            None | Some("") => Ok(()),
            Some(key) => {
                let name = format!("key-{}", self.keys().len() + 1);
                self.write(&name, key)
            }
        }
    }

    /// Writes a file for its owner only.
    pub(super) fn write(&self, name: &str, text: &str) -> Result {
        use std::io::Write as _;
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.path.join(name))?;
        Ok(file.write_all(text.as_bytes())?)
    }

    /// How many temporary files there are: all of ours are hidden.
    pub(super) fn temporary_files(&self) -> Result<usize> {
        temporary_files(&self.path)
    }
}

fn temporary_files(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            count += temporary_files(&entry.path())?;
        } else if entry.file_name().as_encoded_bytes().starts_with(b".") {
            count += 1;
        }
    }
    Ok(count)
}

//! What a command does when nothing disturbs it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Output;

use super::commands::{Command, FILES, KEPT};
use super::folder::{Folder, State};
use super::power_cut;
use super::strace::{self, Call, Fault, KILL};
use crate::Result;

/// A command, a folder to run it in, and what is to be expected.
pub(super) struct Reference<'a> {
    pub(super) command: &'a Command,
    is_control: bool,
    /// The folder before the command.
    pub(super) folder: Folder<'a>,
    /// The account before the command.
    pub(super) before: Option<String>,
    /// The secrets before and after.
    pub(super) names: Vec<String>,
    /// The states that the account may be found in: at first, and before each renaming of a file.
    pub(super) moments: Vec<State>,
    pub(super) after: State,
    /// What the command exits with when it has been done already.
    pub(super) again: Option<i32>,
    pub(super) calls: Vec<Call>,
}

impl<'a> Reference<'a> {
    pub(super) fn new(
        ssss: &'a Path,
        command: &'a Command,
        is_control: bool,
        path: &Path,
    ) -> Result<Self> {
        let folder = Folder {
            ssss,
            path: path.join("before"),
        };
        fs::create_dir_all(&folder.path)?;
        for (name, text) in FILES {
            folder.write(name, text)?;
        }
        for arguments in command.before {
            expect_success(&folder.with_keys(arguments)?)?;
        }
        let before = folder.account()?;
        let first = folder.state(before.as_deref(), &[], None)?;
        let mut reference = Self {
            command,
            is_control,
            names: folder.names().unwrap_or_default(),
            folder,
            before,
            moments: Vec::new(),
            after: first,
            again: None,
            calls: Vec::new(),
        };
        reference.observe(path)?;
        Ok(reference)
    }

    fn observe(&mut self, path: &Path) -> Result {
        let after = self.folder.copy(path.join("after"))?;
        let log = path.join("log");
        expect_success(&self.run(&after, &log, None)?)?;
        self.calls = strace::calls(&log)?;
        if let Some(danger) = power_cut::danger(&self.calls) {
            return Err(format!("a power cut may damage what it writes: {danger}").into());
        }
        self.names.extend(after.names()?);
        self.names.sort();
        self.names.dedup();
        let first = self.state(&self.folder)?;
        self.after = self.state(&after)?;
        if first == self.after {
            return Err("it changes nothing".into());
        }
        if first.secret(KEPT) != self.after.secret(KEPT) {
            return Err(format!("it changes {KEPT}").into());
        }
        self.moments.push(first);
        self.again = self.repeat(&after)?;
        let renamings = self.calls.iter();
        for call in renamings.filter(|call| power_cut::is_rename(call)) {
            let name = format!("{}-{}", call.name, call.count);
            let folder = self.folder.copy(path.join(name))?;
            self.run(&folder, &log, Some((call, KILL)))?;
            let moment = self.state(&folder)?;
            if !moment.is_between(&self.moments[0], &self.after) {
                let why = format!("a secret is neither as before nor as after: {moment:?}");
                return Err(why.into());
            }
            self.moments.push(moment);
        }
        Ok(())
    }

    /// Runs the command under strace, and keeps the key that it shows.
    pub(super) fn run(
        &self,
        folder: &Folder<'_>,
        log: &Path,
        disturbed: Option<(&Call, &Fault)>,
    ) -> Result<Output> {
        let mut words = strace::words(log, disturbed);
        let key = folder.keys().into_iter().next();
        words.extend(self.words(folder, key.as_deref())?);
        let output = folder.run(&words)?;
        folder.keep_key(&output)?;
        Ok(output)
    }

    /// Finishes what was stopped, or else runs the command once more, with whichever key will do; gives
    /// what that exits with.
    pub(super) fn repeat(&self, folder: &Folder<'_>) -> Result<Option<i32>> {
        if self.is_control {
            let output = folder.run(&self.words(folder, None)?)?;
            return Ok(output.status.code());
        }
        let resumed = folder.with_keys(&["--json", "resume"])?;
        let text = String::from_utf8_lossy(&resumed.stdout);
        if resumed.status.success() && !text.contains(r#""resumed":null"#) {
            return Ok(resumed.status.code());
        }
        let output = folder.with_keys(self.command.arguments)?;
        Ok(output.status.code())
    }

    pub(super) fn state(&self, folder: &Folder<'_>) -> Result<State> {
        folder.state(self.before.as_deref(), &self.names, self.moments.first())
    }

    fn words(&self, folder: &Folder<'_>, key: Option<&Path>) -> Result<Vec<OsString>> {
        if !self.is_control {
            return Ok(folder.words(key, self.command.arguments));
        }
        let mut words = vec![env::current_exe()?.into()];
        words.extend(self.command.arguments.iter().map(OsString::from));
        Ok(words)
    }
}

fn expect_success(output: &Output) -> Result {
    if output.status.success() {
        return Ok(());
    }
    let error = String::from_utf8_lossy(&output.stderr);
    Err(format!("undisturbed, it fails: {}: {error}", output.status).into())
}

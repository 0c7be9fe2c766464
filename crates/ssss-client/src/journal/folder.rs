//! A journal in a folder.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use jiff::{Timestamp, Unit};
use ssss_model::{Object, Snapshot, Value};
use tempfile::Builder;

use super::error::{JournalError, JournalErrorKind};
use super::{Ending, Journal};
use crate::plan::{Intent, Plan};

/// Keeps changes in a folder: for each a snapshot of the account before it, which is a file of account
/// data like any other, and a journal. Folder and files are for their owner only; each file is there
/// whole or not at all. Nothing is ever deleted but what belongs to a change of which nothing was
/// written.
///
/// The names are the time at which the change began, in UTC, and then:
/// - `.snapshot.json`: the events of secret storage, before the change;
/// - `.unfinished.json`: the plan, until it is carried out to its end;
/// - `.finished.json`, `.undone.json`: the same, afterwards.
#[derive(Debug)]
pub struct JournalFolder {
    path: PathBuf,
    /// The change that was begun last.
    current: Mutex<Option<(Change, Plan)>>,
}

/// A change in a [`JournalFolder`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// When it began, in UTC, as the names of its files say.
    pub time: String,
    /// How far it is.
    pub state: ChangeState,
    /// The file that holds the plan.
    pub journal: PathBuf,
    /// The file that holds the account as it was before.
    pub snapshot: PathBuf,
}

/// How far a [`Change`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeState {
    /// It was begun; how much of it was written, the account tells.
    Unfinished,
    /// It was carried out to its end.
    Finished,
    /// It was taken back.
    Undone,
}

impl ChangeState {
    const ALL: [Self; 3] = [Self::Unfinished, Self::Finished, Self::Undone];

    fn suffix(self) -> &'static str {
        match self {
            Self::Unfinished => ".unfinished.json",
            Self::Finished => ".finished.json",
            Self::Undone => ".undone.json",
        }
    }
}

/// How the names of files begin that are to be renamed when they are whole.
const TEMPORARY_PREFIX: &str = ".ssss-change-";

const SNAPSHOT_SUFFIX: &str = ".snapshot.json";

/// The largest journal that is read, in bytes: 256 MiB, for plans have everything twice.
const MAX_LEN: u64 = 256 << 20;

impl JournalFolder {
    /// A journal in this folder, which comes into being with the first change.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            current: Mutex::new(None),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every change, the latest first.
    pub fn changes(&self) -> Result<Vec<Change>, JournalError> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed("cannot be read", &error)),
        };
        let mut changes = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| self.failed("cannot be read", &error))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                continue;
            };
            let found = ChangeState::ALL
                .into_iter()
                .find_map(|state| Some((name.strip_suffix(state.suffix())?, state)));
            if let Some((time, state)) = found {
                changes.push(self.change(time, state));
            }
        }
        changes.sort_by(|one, other| other.time.cmp(&one.time));
        Ok(changes)
    }

    /// The latest change that is not finished, also if others were made since.
    pub fn unfinished(&self) -> Result<Option<Change>, JournalError> {
        let mut changes = self.changes()?.into_iter();
        Ok(changes.find(|change| change.state == ChangeState::Unfinished))
    }

    /// The latest change that was not taken back.
    pub fn latest(&self) -> Result<Option<Change>, JournalError> {
        let mut changes = self.changes()?.into_iter();
        Ok(changes.find(|change| change.state != ChangeState::Undone))
    }

    /// The plan of a change.
    pub fn plan(&self, change: &Change) -> Result<Plan, JournalError> {
        let mut bytes = Vec::new();
        fs::File::open(&change.journal)
            .and_then(|file| file.take(MAX_LEN).read_to_end(&mut bytes))
            .map_err(|error| failed(&change.journal, "cannot be read", &error))?;
        let text = String::from_utf8(bytes).map_err(|_| {
            let message = format!("{} is not text", change.journal.display());
            JournalError::new(JournalErrorKind::Damaged, message)
        })?;
        let plan = Plan::from_json(&text).map_err(|error| {
            let message = format!("{}: {error}", change.journal.display());
            JournalError::new(error.kind(), message)
        })?;
        Ok(plan.of_change(&change.time))
    }

    /// Says of a change, whose plan this is, that it was carried out to its end. Neither a change that
    /// takes another one back nor that [other one](Plan::undoes) can be taken back any more. Which it is
    /// is never guessed: if the plan does not say, the other one stays what it is, and taking it back
    /// again does no harm.
    pub fn close(&self, change: &Change, plan: &Plan) -> Result<(), JournalError> {
        if plan.intent() != Intent::Undo {
            return self.mark(change, ChangeState::Finished);
        }
        let mut changes = self.changes()?.into_iter();
        let undone = changes.find(|other| {
            plan.undoes() == Some(other.time.as_str()) && other.state != ChangeState::Undone
        });
        // That one first: stopped in between, this one is found again.
        if let Some(undone) = undone {
            self.mark(&undone, ChangeState::Undone)?;
        }
        self.mark(change, ChangeState::Undone)
    }

    /// Says of a change how far it is now.
    pub fn mark(&self, change: &Change, state: ChangeState) -> Result<(), JournalError> {
        let to = self.change(&change.time, state).journal;
        fs::rename(&change.journal, &to)
            .and_then(|()| sync_folder(&self.path))
            .map_err(|error| failed(&change.journal, "cannot be renamed", &error))
    }

    /// Writes a snapshot by itself, named by the time, and says where.
    pub fn save_snapshot(&self, snapshot: &Snapshot) -> Result<PathBuf, JournalError> {
        self.create_folder()?;
        let path = self.change(&now()?, ChangeState::Unfinished).snapshot;
        write(&path, &snapshot_json(snapshot))?;
        Ok(path)
    }

    /// Writes a snapshot to a file of any name, for its owner only. There must be none of that name.
    pub fn write_snapshot(path: &Path, snapshot: &Snapshot) -> Result<(), JournalError> {
        write(path, &snapshot_json(snapshot))
    }

    fn change(&self, time: &str, state: ChangeState) -> Change {
        Change {
            time: time.to_owned(),
            state,
            journal: self.path.join(format!("{time}{}", state.suffix())),
            snapshot: self.path.join(format!("{time}{SNAPSHOT_SUFFIX}")),
        }
    }

    fn create_folder(&self) -> Result<(), JournalError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.path)
            .map_err(|error| self.failed("cannot be made", &error))?;
        self.sweep();
        Ok(())
    }

    /// Removes what a process that was killed has left behind: files that were to be renamed, and that
    /// nobody has locked. What cannot be removed stays, and does no harm.
    fn sweep(&self) {
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_temporary = name
                .to_str()
                .is_some_and(|name| name.starts_with(TEMPORARY_PREFIX));
            let is_left_behind = || {
                let file = fs::File::open(entry.path());
                file.is_ok_and(|file| file.try_lock().is_ok())
            };
            if is_temporary && is_left_behind() {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn failed(&self, what: &str, error: &io::Error) -> JournalError {
        failed(&self.path, what, error)
    }

    /// The change that was begun here last, unless it has ended.
    #[must_use]
    pub fn begun(&self) -> Option<Change> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|(change, _)| change.clone())
    }

    fn take_current(&self) -> Option<(Change, Plan)> {
        // Nothing panics while it holds the lock.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.take()
    }
}

impl Journal for JournalFolder {
    async fn begin(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        self.create_folder()?;
        let change = self.change(&now()?, ChangeState::Unfinished);
        write(&change.snapshot, &snapshot_json(snapshot))?;
        write(&change.journal, &plan.to_json())?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Some((change, plan.clone()));
        Ok(())
    }

    async fn begin_anew(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        let earlier = self.begun();
        self.begin(snapshot, plan).await?;
        match earlier {
            Some(earlier) => self.mark(&earlier, ChangeState::Finished),
            None => Ok(()),
        }
    }

    async fn end(&self, ending: Ending) -> Result<(), JournalError> {
        let Some((change, plan)) = self.take_current() else {
            return Ok(());
        };
        match ending {
            Ending::Finished => self.close(&change, &plan),
            Ending::Untouched => [&change.journal, &change.snapshot]
                .into_iter()
                .try_for_each(fs::remove_file)
                .map_err(|error| failed(&change.journal, "cannot be removed", &error)),
        }
    }
}

/// The events of secret storage as a `{type: content}` map.
fn snapshot_json(snapshot: &Snapshot) -> String {
    let events: Vec<_> = snapshot
        .secret_storage_events()
        .map(|(event_type, content)| (event_type, Value::object(content)))
        .collect();
    let map = Object::empty().with_all(events.iter().map(|(name, value)| (*name, value)));
    map.as_json().to_owned()
}

/// The time, in UTC and as a file name has it on every system, to the microsecond.
fn now() -> Result<String, JournalError> {
    let time = Timestamp::try_from(SystemTime::now())
        .and_then(|time| time.round(Unit::Microsecond))
        .map_err(|_| {
            let message = "the clock of this computer is beyond all bounds";
            JournalError::new(JournalErrorKind::Io, message)
        })?;
    Ok(time.strftime("%Y-%m-%dT%H-%M-%S-%6fZ").to_string())
}

/// Writes a file for its owner only, whole or not at all. There is none of that name.
fn write(path: &Path, text: &str) -> Result<(), JournalError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .tempfile_in(folder)
        .and_then(|mut file| {
            // Whoever finds it without a lock may take it for left behind.
            file.as_file().lock()?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist_noclobber(path).map_err(|error| error.error)?;
            sync_folder(folder)
        })
        .map_err(|error| failed(path, "cannot be written", &error))
}

/// A new name lasts only once the folder is on disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn failed(path: &Path, what: &str, error: &io::Error) -> JournalError {
    let message = format!("{} {what}: {error}", path.display());
    JournalError::new(JournalErrorKind::Io, message)
}

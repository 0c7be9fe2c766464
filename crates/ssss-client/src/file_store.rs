//! Account data in a file.

mod check;
mod disk;
mod document;
mod list;

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::disk::{Disk, Stamp};
use self::document::{Document, DocumentError};
use crate::account_data::{AccountData, AccountDataError, AccountDataErrorKind, Content};
use crate::listing::Listing;
use crate::memory_store::MemoryStore;

/// Account data in a JSON file of one of the shapes in which people come by it:
///
/// - a `{type: content}` map, which is also what Synapse's `export-data` writes;
/// - a `/sync` body (`account_data.events`), or one of simplified sliding sync
///   (`extensions.account_data.global`);
/// - a list of `{"type": …, "content": …}` events;
/// - the answer of Synapse's admin API (`account_data.global`);
/// - a `{type: content}` map within `account_data`, with other fields beside it.
///
/// Only the contents that are written change; every other byte of the file stays. The file is
/// replaced whole or not at all, and keeps its permissions and its owner; a new one is for its owner
/// only. An event that somebody else has changed since it was last looked at is not overwritten: that
/// is a [`Conflict`](AccountDataErrorKind::Conflict). Reading and writing block.
pub struct FileStore {
    path: PathBuf,
    disk: Disk,
    seen: Mutex<Seen>,
    /// For each event that was asked for, what was there: what is decided is decided by that, however
    /// often the file was read since for another event.
    handed_out: Mutex<HashMap<String, Option<u64>>>,
}

/// The file as it was last read or written.
struct Seen {
    /// `None` if there was no file.
    stamp: Option<Stamp>,
    document: Document,
}

impl FileStore {
    /// The largest file that is read, in bytes: 64 MiB.
    pub const MAX_LEN: u64 = 64 << 20;

    /// Opens a file that exists.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, AccountDataError> {
        let store = Self::open_or_create(path)?;
        if store.seen().stamp.is_none() {
            return Err(AccountDataError::new(
                AccountDataErrorKind::Absent,
                format!("there is no file {}", store.path.display()),
            ));
        }
        Ok(store)
    }

    /// Opens a file; one that does not exist is an account without data, and comes into being with
    /// the first write.
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self, AccountDataError> {
        let path = path.as_ref();
        let disk = Disk::new(path).map_err(|error| read_error(path, &error))?;
        let seen = Seen::read(path, &disk)?;
        Ok(Self {
            path: path.to_owned(),
            disk,
            seen: Mutex::new(seen),
            handed_out: Mutex::default(),
        })
    }

    /// Reads account data of any of these shapes that is no file, such as what came over a pipe.
    /// Errors call it `name`.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<MemoryStore, AccountDataError> {
        Ok(parse(Path::new(name), Some(bytes))?
            .events()
            .into_iter()
            .collect())
    }

    /// What the file holds now; read again only if it has changed.
    fn refresh(&self) -> Result<MutexGuard<'_, Seen>, AccountDataError> {
        let mut seen = self.seen();
        let stamp = self
            .disk
            .stamp()
            .map_err(|error| read_error(&self.path, &error))?;
        if stamp != seen.stamp {
            *seen = Seen::read(&self.path, &self.disk)?;
        }
        Ok(seen)
    }

    fn handed_out(&self) -> MutexGuard<'_, HashMap<String, Option<u64>>> {
        self.handed_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing panics between two changes of the fields.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn read(path: &Path, disk: &Disk) -> Result<Self, AccountDataError> {
        // The stamp first: should the file change in between, it is read once more later.
        let stamp = disk.stamp().map_err(|error| read_error(path, &error))?;
        let bytes = disk
            .read(FileStore::MAX_LEN)
            .map_err(|error| read_error(path, &error))?;
        Ok(Self {
            stamp,
            document: parse(path, bytes.as_deref())?,
        })
    }
}

impl AccountData for FileStore {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        let content = self.refresh()?.document.get(event_type);
        self.handed_out()
            .insert(event_type.to_owned(), content.as_ref().map(fingerprint));
        Ok(content)
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.put_all(&[(event_type.to_owned(), content.clone())])
            .await
    }

    async fn put_all(&self, events: &[(String, Content)]) -> Result<(), AccountDataError> {
        let write_error = |error: &io::Error| write_error(&self.path, error);
        let locked = self.disk.lock().map_err(|error| write_error(&error))?;
        let mut seen = self.seen();
        let before = std::mem::replace(&mut *seen, Seen::read(&self.path, &self.disk)?);
        // Under the lock nothing changes any more; what did since it was last looked at was decided
        // without it.
        let mut handed_out = self.handed_out();
        let changed = |(event_type, _): &&(String, Content)| {
            let now = |document: &Document| document.get(event_type).as_ref().map(fingerprint);
            let known = handed_out.get(event_type).copied();
            known.unwrap_or_else(|| now(&before.document)) != now(&seen.document)
        };
        if let Some((event_type, _)) = events.iter().find(changed) {
            let message = format!(
                "{event_type:?} in {} was changed meanwhile",
                self.path.display()
            );
            // Whoever tries again without looking is told again.
            *seen = before;
            return Err(AccountDataError::new(
                AccountDataErrorKind::Conflict,
                message,
            ));
        }
        let text = seen.document.with(events).ok_or_else(|| {
            AccountDataError::new(
                AccountDataErrorKind::Damaged,
                format!("{} cannot be changed", self.path.display()),
            )
        })?;
        if text.len() as u64 > Self::MAX_LEN {
            return Err(AccountDataError::new(
                AccountDataErrorKind::TooLarge,
                format!(
                    "{} would be larger than {} bytes",
                    self.path.display(),
                    Self::MAX_LEN
                ),
            ));
        }
        let document = parse(&self.path, Some(text.as_bytes()))?;
        self.disk
            .replace(&locked, text.as_bytes())
            .map_err(|error| write_error(&error))?;
        let stamp = self.disk.stamp().map_err(|error| write_error(&error))?;
        for (event_type, content) in events {
            handed_out.insert(event_type.clone(), Some(fingerprint(content)));
        }
        *seen = Seen { stamp, document };
        Ok(())
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        let events = self.refresh()?.document.events();
        // All of it was looked at now.
        self.handed_out().clear();
        Ok(events.into())
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// What tells a content from another one.
fn fingerprint(content: &Content) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.json().get().hash(&mut hasher);
    hasher.finish()
}

fn parse(path: &Path, bytes: Option<&[u8]>) -> Result<Document, AccountDataError> {
    let Some(bytes) = bytes else {
        return Ok(Document::empty());
    };
    let damaged = |why: &dyn fmt::Display| {
        AccountDataError::new(
            AccountDataErrorKind::Damaged,
            format!("{} is not account data: {why}", path.display()),
        )
    };
    let text = std::str::from_utf8(bytes).map_err(|_| damaged(&"it is not text"))?;
    Document::parse(text).map_err(|error: DocumentError| damaged(&error))
}

fn read_error(path: &Path, error: &io::Error) -> AccountDataError {
    let kind = match error.kind() {
        io::ErrorKind::FileTooLarge => {
            return AccountDataError::new(
                AccountDataErrorKind::TooLarge,
                format!(
                    "{} is larger than {} bytes",
                    path.display(),
                    FileStore::MAX_LEN
                ),
            );
        }
        _ => AccountDataErrorKind::Io,
    };
    AccountDataError::new(kind, format!("{} cannot be read: {error}", path.display()))
}

fn write_error(path: &Path, error: &io::Error) -> AccountDataError {
    let kind = match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            AccountDataErrorKind::ReadOnly
        }
        _ => AccountDataErrorKind::Io,
    };
    AccountDataError::new(
        kind,
        format!("{} cannot be written: {error}", path.display()),
    )
}

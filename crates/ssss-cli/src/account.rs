//! The account that the command works on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use ssss_client::ssss_model::Secret;
use ssss_client::{
    AccountData, AccountDataError, AccountDataErrorKind, Content, FileStore, HomeserverAccount,
    Listing, MemoryStore, Publication,
};

/// The account that the command works on: on a homeserver, in a file, or what came over a pipe.
#[derive(Debug)]
pub(crate) struct Account {
    store: Store,
    /// With `--dry-run`, what would have been written, in order.
    rehearsal: Option<RefCell<Vec<(String, Content)>>>,
}

#[derive(Debug)]
enum Store {
    File(Box<FileStore>),
    Homeserver(Arc<HomeserverAccount>),
    Memory(MemoryStore),
}

/// How a command uses the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The file must exist.
    Existing,
    /// The file may come into being.
    Create,
}

impl Account {
    /// Opens what a path names. Whatever is no file is read once, to its end.
    pub(crate) fn open(
        path: &Path,
        access: Access,
        rehearse: bool,
    ) -> Result<Self, AccountDataError> {
        let store = if is_stream(path) {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| unreadable(&name, &error))?;
            Store::read(&name, file)?
        } else if access == Access::Create {
            require_folder(path)?;
            Store::File(Box::new(FileStore::open_or_create(path)?))
        } else {
            Store::File(Box::new(FileStore::open(path)?))
        };
        Ok(Self::new(store, rehearse))
    }

    /// Reads standard input.
    pub(crate) fn stdin() -> Result<Self, AccountDataError> {
        let name = "standard input";
        let file = crate::secret_io::stdin().map_err(|error| unreadable(name, &error))?;
        Ok(Self::new(Store::read(name, file)?, false))
    }

    /// The account on a homeserver.
    pub(crate) fn on_homeserver(account: Arc<HomeserverAccount>, rehearse: bool) -> Self {
        Self::new(Store::Homeserver(account), rehearse)
    }

    /// What the homeserver knows, if it is on one.
    pub(crate) fn homeserver(&self) -> Option<&HomeserverAccount> {
        match &self.store {
            Store::Homeserver(account) => Some(account),
            Store::File(_) | Store::Memory(_) => None,
        }
    }

    fn new(store: Store, rehearse: bool) -> Self {
        Self {
            store,
            rehearsal: rehearse.then(RefCell::default),
        }
    }

    /// What would have been written, if this is a rehearsal.
    fn rehearsed(&self) -> Vec<(String, Content)> {
        self.rehearsal
            .as_ref()
            .map(|writes| writes.borrow().clone())
            .unwrap_or_default()
    }
}

impl Store {
    fn read(name: &str, file: File) -> Result<Self, AccountDataError> {
        let mut bytes = Vec::new();
        file.take(FileStore::MAX_LEN + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(name, &error))?;
        if bytes.len() as u64 > FileStore::MAX_LEN {
            let message = format!("{name} is larger than {} bytes", FileStore::MAX_LEN);
            return Err(AccountDataError::new(
                AccountDataErrorKind::TooLarge,
                message,
            ));
        }
        FileStore::parse(name, &bytes).map(Self::Memory)
    }
}

impl AccountData for Account {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        let rehearsed = self.rehearsed();
        if let Some((_, content)) = rehearsed.iter().rev().find(|(name, _)| name == event_type) {
            return Ok(Some(content.clone()));
        }
        match &self.store {
            Store::File(store) => store.get(event_type).await,
            Store::Homeserver(store) => store.get(event_type).await,
            Store::Memory(store) => store.get(event_type).await,
        }
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.put_all(&[(event_type.to_owned(), content.clone())])
            .await
    }

    async fn put_all(&self, events: &[(String, Content)]) -> Result<(), AccountDataError> {
        if let Some(writes) = &self.rehearsal {
            writes.borrow_mut().extend(events.iter().cloned());
            return Ok(());
        }
        match &self.store {
            Store::File(store) => store.put_all(events).await,
            Store::Homeserver(store) => store.put_all(events).await.map_err(refused),
            Store::Memory(_) => Err(AccountDataError::new(
                AccountDataErrorKind::ReadOnly,
                "what comes over a pipe can be read only",
            )),
        }
    }

    fn mention(&self, event_types: &[&str]) {
        if let Store::Homeserver(store) = &self.store {
            store.mention(event_types);
        }
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        let stored = match &self.store {
            Store::File(store) => store.enumerate().await?,
            Store::Homeserver(store) => store.enumerate().await?,
            Store::Memory(store) => store.enumerate().await?,
        };
        let mut events: BTreeMap<_, _> = stored.events.into_iter().collect();
        events.extend(self.rehearsed());
        Ok(Listing {
            events: events.into_iter().collect(),
            is_whole: stored.is_whole,
        })
    }

    async fn publish(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        match &self.store {
            Store::Homeserver(store) => store.publish(publication, secrets).await,
            Store::File(store) => store.publish(publication, secrets).await,
            Store::Memory(store) => store.publish(publication, secrets).await,
        }
    }
}

/// Whether a path names something that can be read only once, such as a pipe.
fn is_stream(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Refuses a file for which there is no folder, before a key is made and shown for it.
fn require_folder(path: &Path) -> Result<(), AccountDataError> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => match folder.metadata() {
            Ok(_) => Ok(()),
            Err(error) => Err(unreadable(&folder.display().to_string(), &error)),
        },
        _ => Ok(()),
    }
}

/// What is too large to be written on a homeserver, is so because that says so; no file is to be looked at.
fn refused(error: AccountDataError) -> AccountDataError {
    match error.kind() {
        AccountDataErrorKind::TooLarge => {
            AccountDataError::new(AccountDataErrorKind::Refused, error.to_string())
        }
        _ => error,
    }
}

fn unreadable(name: &str, error: &std::io::Error) -> AccountDataError {
    AccountDataError::new(
        AccountDataErrorKind::Io,
        format!("{name} cannot be read: {error}"),
    )
}

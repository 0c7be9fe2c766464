#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod account_data;
mod apply;
mod error;
#[cfg(not(target_family = "wasm"))]
mod file_store;
mod finding;
#[cfg(feature = "homeserver")]
mod homeserver;
mod identity;
mod journal;
mod key_callbacks;
mod listing;
mod memory_store;
mod plan;
mod publication;
mod published;
mod quoted;
mod repair;
mod report;
mod secret_source;
mod secret_storage;
mod unlock;

pub use ssss_model;

pub use crate::account_data::{AccountData, AccountDataError, AccountDataErrorKind, Content};
pub use crate::apply::{ApplyError, ApplyErrorKind, Progress, Step, apply};
pub use crate::error::Error;
#[cfg(not(target_family = "wasm"))]
pub use crate::file_store::FileStore;
pub use crate::finding::{Finding, Severity};
#[cfg(feature = "homeserver")]
pub use crate::homeserver::{
    Approval, Asked, Homeserver, HomeserverAccount, HomeserverOptions, KeepTokens, LoggedIn,
    NoApproval, Tokens,
};
pub use crate::identity::{BackupKey, CrossSigningKeys, PublicKey, WrongSecret, public_half};
#[cfg(not(target_family = "wasm"))]
pub use crate::journal::{Change, ChangeState, JournalFolder};
pub use crate::journal::{Ending, Journal, JournalError, JournalErrorKind, NoJournal};
pub use crate::key_callbacks::{KeyCallbacks, KeyRequest, NoKeys, ProvidedKey};
pub use crate::listing::Listing;
pub use crate::memory_store::MemoryStore;
pub use crate::plan::{
    BACKUP_KEYS, Intent, Loss, OldKey, Overwrite, Plan, PlanError, Purpose, ResetBackup, Write,
};
pub use crate::publication::Publication;
pub use crate::published::{
    IdentityState, Pairing, Published, PublishedBackup, PublishedDevice, PublishedError,
    PublishedIdentity, PublishedKey, SignDeviceError,
};
pub use crate::quoted::quoted;
pub use crate::repair::Repair;
pub use crate::report::{EntryReport, EntryState, KeyReport, Report, SecretReport, SecretState};
pub use crate::secret_source::SecretSource;
pub use crate::secret_storage::{
    Bootstrap, Bootstrapped, NotStored, Rotate, Rotated, SecretStorage, Stored,
};
pub use crate::unlock::{KeyMismatch, UnlockError, UnlockScope, Unlocked, unlock};

/// The examples of the repository's README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod repository_readme {}

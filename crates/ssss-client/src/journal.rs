//! Remembering a change, so that it can be finished or taken back.

mod document;
mod error;
#[cfg(not(target_family = "wasm"))]
mod folder;

use ssss_model::Snapshot;

pub use self::error::{JournalError, JournalErrorKind};
#[cfg(not(target_family = "wasm"))]
pub use self::folder::{Change, ChangeState, JournalFolder};
use crate::apply::Progress;
use crate::plan::Plan;

/// Remembers changes: what the account was before, and what was to be written. All of it is as the
/// account data is, sealed or public.
#[expect(
    async_fn_in_trait,
    reason = "futures are as `Send` as the journal makes them"
)]
pub trait Journal {
    /// Remembers the account and the plan, before the first write. On an error nothing is written.
    async fn begin(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError>;

    /// Hears how far the plan is.
    fn progress(&self, progress: Progress<'_>) {
        let _ = progress;
    }

    /// Remembers a plan that goes on from the one that was begun last, which another client's write has
    /// kept from its end. As far as that went, it is a change of its own, and taken back as such; but
    /// only once this one is remembered. On an error it is what it was.
    async fn begin_anew(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError>;

    /// Remembers how the plan ended. Not called if it was stopped on its way.
    async fn end(&self, ending: Ending) -> Result<(), JournalError>;
}

/// How a plan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All of it was carried out.
    Finished,
    /// Nothing of it was written, or all of that was taken back.
    Untouched,
}

impl<J: Journal + ?Sized> Journal for &J {
    async fn begin(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        (**self).begin(snapshot, plan).await
    }

    async fn begin_anew(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        (**self).begin_anew(snapshot, plan).await
    }

    fn progress(&self, progress: Progress<'_>) {
        (**self).progress(progress);
    }

    async fn end(&self, ending: Ending) -> Result<(), JournalError> {
        (**self).end(ending).await
    }
}

/// Remembers nothing. A change that is stopped can be made again, but not taken back.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    async fn begin(&self, _: &Snapshot, _: &Plan) -> Result<(), JournalError> {
        Ok(())
    }

    async fn begin_anew(&self, _: &Snapshot, _: &Plan) -> Result<(), JournalError> {
        Ok(())
    }

    async fn end(&self, _: Ending) -> Result<(), JournalError> {
        Ok(())
    }
}

//! Remembers a change, as a folder would.

use std::sync::{Arc, Mutex};

use ssss_client::ssss_model::Snapshot;
use ssss_client::{Ending, Journal, JournalError, Plan};

/// The plans that were begun, and how the last one ended, unless it was stopped.
#[derive(Default, Clone)]
pub(super) struct Memory {
    begun: Arc<Mutex<Vec<Plan>>>,
    ended: Arc<Mutex<Option<Ending>>>,
}

impl Journal for Memory {
    async fn begin(&self, _: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        self.begun.lock().unwrap().push(plan.clone());
        *self.ended.lock().unwrap() = None;
        Ok(())
    }

    async fn begin_anew(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        self.begin(snapshot, plan).await
    }

    async fn end(&self, ending: Ending) -> Result<(), JournalError> {
        *self.ended.lock().unwrap() = Some(ending);
        Ok(())
    }
}

impl Memory {
    pub(super) fn forget(&self) {
        self.begun.lock().unwrap().clear();
        *self.ended.lock().unwrap() = None;
    }

    pub(super) fn plans(&self) -> Vec<Plan> {
        self.begun.lock().unwrap().clone()
    }

    /// What was begun and not ended.
    pub(super) fn unfinished(&self) -> Option<Plan> {
        let ended = self.ended.lock().unwrap();
        self.plans().pop().filter(|_| ended.is_none())
    }

    pub(super) fn is_finished(&self) -> bool {
        matches!(*self.ended.lock().unwrap(), Some(Ending::Finished))
    }
}

//! What is to be written, decided before anything is.

mod add_key;
mod bootstrap;
mod carry;
mod disable;
mod draft;
mod error;
mod gc;
mod intent;
mod loss;
mod publishing;
mod put;
mod remove;
mod remove_key;
mod repair;
mod reset_backup;
mod restore;
mod rotate;
mod set_default;
mod undo;
mod write;

use std::collections::BTreeSet;

use ssss_model::{DefaultKey, KeyId, Object, SecretName};

pub(crate) use self::bootstrap::SetUp;
pub use self::error::PlanError;
pub use self::intent::Intent;
pub use self::loss::Loss;
pub(crate) use self::publishing::Publishing;
pub use self::put::Overwrite;
pub(crate) use self::reset_backup::is_backup_key;
pub use self::reset_backup::{BACKUP_KEYS, ResetBackup};
pub use self::rotate::OldKey;
pub use self::write::{Purpose, Write};
use crate::publication::Publication;

/// What is to be written: stages of writes, in an order that leaves the account whole wherever it
/// stops. Each [intent](Intent) makes one from a [`Snapshot`](ssss_model::Snapshot);
/// [`apply`](crate::apply()) carries it out.
///
/// A plan holds nothing secret: what it writes is already sealed. It can be shown, kept in a
/// [journal](crate::Journal), carried out again after a stop, and [undone](Self::undo).
#[derive(Debug, Clone)]
pub struct Plan {
    intent: Intent,
    stages: Vec<Vec<Write>>,
    losses: Vec<Loss>,
    relies_on: Vec<Reliance>,
    publishing: Option<Publishing>,
    /// What the journal that kept it calls the change.
    change: Option<String>,
    /// The change that it takes back, as the journal calls that.
    undoes: Option<String>,
}

/// An event that a plan does not write, and that must be what it was when the plan was made.
#[derive(Debug, Clone)]
pub(crate) struct Reliance {
    pub(crate) event_type: String,
    pub(crate) content: Option<Object>,
}

impl Plan {
    /// A plan as a journal kept it.
    pub(crate) fn from_parts(
        intent: Intent,
        stages: Vec<Vec<Write>>,
        losses: Vec<Loss>,
        relies_on: Vec<Reliance>,
        publishing: Option<Publishing>,
    ) -> Self {
        let mut plan = Self {
            intent,
            stages,
            losses,
            relies_on,
            publishing,
            change: None,
            undoes: None,
        };
        plan.drop_empty_stages();
        plan
    }

    fn drop_empty_stages(&mut self) {
        if let Some(publishing) = &mut self.publishing {
            let before = self.stages.iter().take(publishing.after);
            publishing.after = before.filter(|stage| !stage.is_empty()).count();
        }
        self.stages.retain(|stage| !stage.is_empty());
    }

    /// What it is for.
    #[must_use]
    pub fn intent(&self) -> Intent {
        self.intent
    }

    /// The stages, in order. The writes of a stage do not depend on each other.
    #[must_use]
    pub fn stages(&self) -> &[Vec<Write>] {
        &self.stages
    }

    /// Every write, in order.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        self.stages.iter().flatten()
    }

    /// What nobody can read afterwards as before, or what goes: everything that the caller named, and
    /// what the intent says by itself.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty() && self.publishing.is_none()
    }

    /// What is published on the way, and after how many of the stages.
    #[must_use]
    pub fn publication(&self) -> Option<(usize, Publication)> {
        let publishing = self.publishing.as_ref();
        publishing.map(|publishing| (publishing.after, publishing.publication))
    }

    /// The change that it takes back, as the journal calls it that kept the plan of that: its
    /// [time](crate::Change::time). None for other intents, and for a plan that was in no journal.
    #[must_use]
    pub fn undoes(&self) -> Option<&str> {
        self.undoes.as_deref()
    }

    /// The plan of a change that a journal calls so.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn of_change(self, change: &str) -> Self {
        Self {
            change: Some(change.to_owned()),
            ..self
        }
    }

    /// The plan as one that takes a change back which a journal calls so.
    pub(crate) fn undoing(self, undoes: Option<String>) -> Self {
        Self { undoes, ..self }
    }

    /// The keys that are needed to carry it out, each once.
    pub(crate) fn keys(&self) -> BTreeSet<&KeyId> {
        let needed = self.writes().flat_map(|write| write.purpose().keys());
        let publishing = self.publishing.iter().map(|publishing| &publishing.key);
        needed.chain(publishing).collect()
    }

    /// The same, with nothing to be published.
    pub(crate) fn without_publication(&self) -> Self {
        Self {
            publishing: None,
            ..self.clone()
        }
    }

    pub(crate) fn publishing(&self) -> Option<&Publishing> {
        self.publishing.as_ref()
    }

    /// The secrets that are sealed for a key.
    pub(crate) fn stored_for(&self, id: &KeyId) -> impl Iterator<Item = SecretName> {
        self.writes()
            .filter_map(move |write| match write.purpose() {
                Purpose::StoreSecret(name, ids) if ids.contains(id) => Some(name.clone()),
                _ => None,
            })
    }

    /// The types of the events that it writes, relies on, or looks at.
    pub(crate) fn event_types(&self) -> Vec<&str> {
        let written = self.writes().map(Write::event_type);
        let relied_on = self.relies_on.iter().map(|event| event.event_type.as_str());
        let required = self.publishing.iter().flat_map(Publishing::required);
        let published = required.map(SecretName::as_str);
        let all = written.chain(relied_on).chain(published);
        all.chain([DefaultKey::EVENT_TYPE]).collect()
    }

    pub(crate) fn relies_on(&self) -> &[Reliance] {
        &self.relies_on
    }
}

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
mod put;
mod remove;
mod remove_key;
mod repair;
mod restore;
mod rotate;
mod set_default;
mod undo;
mod write;

use ssss_model::{DefaultKey, KeyId, Object, SecretName};

pub use self::error::PlanError;
pub use self::intent::Intent;
pub use self::loss::Loss;
pub use self::put::Overwrite;
pub use self::rotate::OldKey;
pub use self::write::{Purpose, Write};

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
    ) -> Self {
        Self {
            intent,
            stages: stages
                .into_iter()
                .filter(|stage| !stage.is_empty())
                .collect(),
            losses,
            relies_on,
        }
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
        self.stages.is_empty()
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
        let all = written.chain(relied_on).chain([DefaultKey::EVENT_TYPE]);
        all.collect()
    }

    pub(crate) fn relies_on(&self) -> &[Reliance] {
        &self.relies_on
    }
}

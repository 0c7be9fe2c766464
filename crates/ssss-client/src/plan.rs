//! What is to be written, decided before anything is.

mod add_key;
mod bootstrap;
mod error;
mod put;
mod remove;
mod set_default;

use ssss_model::{KeyId, Object, SecretName, Snapshot};

pub use self::error::PlanError;
pub use self::put::Overwrite;

/// What is to be written: stages of writes, in an order that leaves the account whole wherever it
/// stops. Each kind of change makes one from a [`Snapshot`]; [`apply`](crate::apply()) carries it
/// out.
///
/// A plan holds nothing secret: what it writes is already sealed.
#[derive(Debug, Clone)]
pub struct Plan {
    stages: Vec<Vec<Write>>,
}

/// One event to be written.
#[derive(Debug, Clone)]
pub struct Write {
    event_type: String,
    before: Option<Object>,
    after: Object,
    purpose: Purpose,
}

/// What an event is written for, and so what must hold once it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// A new key is described. The description reads back as it was written.
    DescribeKey(KeyId),
    /// A secret is sealed for keys. Each of them opens it.
    StoreSecret(SecretName, Vec<KeyId>),
    /// A secret is blanked.
    RemoveSecret(SecretName),
    /// A key becomes the default.
    SetDefaultKey(KeyId),
    /// No key is the default any more.
    UnsetDefaultKey,
}

impl Purpose {
    /// The keys that a secret is sealed for.
    pub(crate) fn seals_for(&self) -> &[KeyId] {
        match self {
            Self::StoreSecret(_, ids) => ids,
            _ => &[],
        }
    }
}

impl Plan {
    fn new(stages: impl IntoIterator<Item = Vec<Write>>) -> Self {
        let changes = |writes: Vec<Write>| -> Vec<Write> {
            writes.into_iter().filter(Write::is_change).collect()
        };
        Self {
            stages: stages
                .into_iter()
                .map(changes)
                .filter(|stage| !stage.is_empty())
                .collect(),
        }
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

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }
}

impl Write {
    fn new(snapshot: &Snapshot, event_type: String, after: Object, purpose: Purpose) -> Self {
        let before = snapshot.content(&event_type).cloned();
        Self {
            event_type,
            before,
            after,
            purpose,
        }
    }

    /// The type of the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// The content that the plan was made for; `None` if there was no such event.
    #[must_use]
    pub fn before(&self) -> Option<&Object> {
        self.before.as_ref()
    }

    /// The content to be written.
    #[must_use]
    pub fn after(&self) -> &Object {
        &self.after
    }

    /// What it is written for.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    fn is_change(&self) -> bool {
        self.before
            .as_ref()
            .is_none_or(|before| before.as_json() != self.after.as_json())
    }
}

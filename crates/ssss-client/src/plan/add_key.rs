//! Publishing the description of a new key.

use ssss_model::{EventState, NewKey, Snapshot};

use super::{Plan, PlanError, Purpose, Write};

impl Plan {
    /// Describes a new key. Nothing is sealed for it yet, and the default stays.
    pub fn add_key(snapshot: &Snapshot, key: &NewKey) -> Result<Self, PlanError> {
        Ok(Self::new([vec![Write::describe(snapshot, key)?]]))
    }
}

impl Write {
    pub(super) fn describe(snapshot: &Snapshot, key: &NewKey) -> Result<Self, PlanError> {
        let id = key.key().id();
        match snapshot.key(id) {
            EventState::Missing | EventState::Tombstone => {
                let purpose = Purpose::DescribeKey(id.clone());
                Ok(Self::new(
                    snapshot,
                    id.event_type(),
                    key.description().clone(),
                    purpose,
                ))
            }
            EventState::Malformed(_) | EventState::Present(_) => {
                Err(PlanError::KeyExists(id.clone()))
            }
        }
    }
}

//! Publishing the description of a new key.

use ssss_model::{EventState, NewKey, Snapshot};

use super::draft::Draft;
use super::{Intent, Plan, PlanError, Purpose};

impl Plan {
    /// Describes a new key. Nothing is sealed for it yet, and the default stays.
    pub fn describe_key(snapshot: &Snapshot, key: &NewKey) -> Result<Self, PlanError> {
        let mut draft = Draft::new(snapshot, Intent::AddKey);
        describe(&mut draft, key)?;
        Ok(draft.finish())
    }
}

/// Describes a new key. That it is described already, as it is to be, comes of an earlier attempt.
pub(super) fn describe(draft: &mut Draft<'_>, key: &NewKey) -> Result<(), PlanError> {
    let id = key.key().id();
    let event_type = id.event_type();
    let is_free = match draft.snapshot.key(id) {
        EventState::Missing | EventState::Tombstone => true,
        EventState::Present(there) => there.object().is_same_json(key.description()),
        EventState::Malformed(_) => false,
    };
    if !is_free {
        return Err(PlanError::KeyExists(id.clone()));
    }
    draft.write(
        &event_type,
        key.description().clone(),
        Purpose::DescribeKey(id.clone()),
    );
    Ok(())
}

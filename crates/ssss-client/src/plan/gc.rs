//! Blanking descriptions that nothing needs.

use std::collections::BTreeSet;

use ssss_model::{DefaultKey, EventState, KeyDescription, Snapshot};

use super::draft::Draft;
use super::error::require_whole;
use super::{Intent, Plan, PlanError};

impl Plan {
    /// Blanks the descriptions of keys that are not the default and for which no secret has anything,
    /// not even something that cannot be read. Descriptions that cannot be read, or of algorithms that
    /// are not supported, stay: nobody knows what needs them. Refused if the snapshot is not
    /// [whole](Snapshot::is_whole).
    pub fn gc(snapshot: &Snapshot) -> Result<Self, PlanError> {
        require_whole(snapshot)?;
        let used: BTreeSet<_> = snapshot
            .present_secrets()
            .flat_map(|secret| secret.entries().map(|(id, _)| id))
            .collect();
        // What cannot be read may need any key.
        let is_readable = snapshot
            .secrets()
            .all(|(_, secret)| !matches!(secret, EventState::Malformed(_)));
        let has_pointer = !matches!(snapshot.default_key(), EventState::Malformed(_));
        let mut draft = Draft::new(snapshot, Intent::Gc);
        for (id, state) in snapshot.keys() {
            let is_supported = state.present().is_some_and(KeyDescription::is_supported);
            let is_default = snapshot.default_key_id() == Some(id);
            if is_readable && has_pointer && is_supported && !is_default && !used.contains(id) {
                draft.blank_key(id);
            }
        }
        // A key of which nobody has heard yet may be about to become the default.
        draft.rely_on(DefaultKey::EVENT_TYPE);
        Ok(draft.finish())
    }
}

//! Removing a secret.

use ssss_model::{EventState, Malformed, Object, SecretName, Snapshot};

use super::draft::Draft;
use super::{Intent, Loss, Plan, PlanError, Purpose};

impl Plan {
    /// Blanks a secret for every key. Account data cannot be deleted; the event becomes `{}`. One that
    /// cannot be read is blanked too, if it is plainly meant as a secret: by its name, or by
    /// `encrypted`.
    pub fn remove(snapshot: &Snapshot, name: &SecretName) -> Result<Self, PlanError> {
        let mut draft = Draft::new(snapshot, Intent::RemoveSecret);
        match snapshot.secret(name) {
            EventState::Missing => return Err(PlanError::NoSecret(name.clone())),
            EventState::Tombstone => {}
            // What is no JSON object is no account data: no server has it, and nothing is made of it.
            EventState::Malformed(why @ Malformed::Object(_)) => {
                return Err(PlanError::NotASecret(name.clone(), *why));
            }
            EventState::Malformed(why) if !is_plainly_secret(snapshot, name) => {
                return Err(PlanError::NotASecret(name.clone(), *why));
            }
            EventState::Malformed(_) | EventState::Present(_) => blank_secret(&mut draft, name),
        }
        Ok(draft.finish())
    }
}

pub(super) fn blank_secret(draft: &mut Draft<'_>, name: &SecretName) {
    let purpose = Purpose::RemoveSecret(name.clone());
    draft.write(name.as_str(), Object::empty(), purpose);
    draft.lose(Loss::Secret(name.clone()));
}

/// Whether an event that cannot be read as a secret was meant as one.
fn is_plainly_secret(snapshot: &Snapshot, name: &SecretName) -> bool {
    let has_map = snapshot
        .content(name.as_str())
        .is_some_and(|content| content.get("encrypted").is_some());
    has_map || SecretName::KNOWN.contains(name)
}

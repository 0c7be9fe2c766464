//! Removing a secret.

use ssss_model::{EventState, Object, SecretName, Snapshot};

use super::{Plan, PlanError, Purpose, Write};

impl Plan {
    /// Blanks a secret for every key. Account data cannot be deleted; the event becomes `{}`.
    pub fn remove(snapshot: &Snapshot, name: &SecretName) -> Result<Self, PlanError> {
        match snapshot.secret(name) {
            EventState::Missing => Err(PlanError::NoSecret(name.clone())),
            EventState::Tombstone => Ok(Self::new([])),
            EventState::Malformed(why) => Err(PlanError::NotASecret(name.clone(), *why)),
            EventState::Present(_) => {
                let purpose = Purpose::RemoveSecret(name.clone());
                let event_type = name.as_str().to_owned();
                Ok(Self::new([vec![Write::new(
                    snapshot,
                    event_type,
                    Object::empty(),
                    purpose,
                )]]))
            }
        }
    }
}

//! What a plan publishes on its way.

use ssss_model::{EventState, KeyId, SecretName, VerifiedKey};

use super::PlanError;
use super::draft::Draft;
use crate::publication::Publication;

/// What a plan publishes on its way, and of which private halves.
#[derive(Debug, Clone)]
pub(crate) struct Publishing {
    /// How many stages come before.
    pub(crate) after: usize,
    pub(crate) publication: Publication,
    /// The key that opens the private halves.
    pub(crate) key: KeyId,
    /// The secret that is the private half of the backup: under its own name, or one that is not in
    /// its place yet.
    pub(crate) backup: SecretName,
}

impl Publishing {
    /// The secrets that must open, as they are called in the account.
    pub(crate) fn required(&self) -> Vec<&SecretName> {
        let mut names: Vec<&SecretName> = Vec::new();
        if self.publication.identity {
            names.extend(&SecretName::CROSS_SIGNING);
        }
        if self.publication.backup {
            names.push(&self.backup);
        }
        names
    }

    /// The name under which a secret is published.
    pub(crate) fn published_as<'a>(&self, name: &'a SecretName) -> &'a SecretName {
        if *name == self.backup {
            &SecretName::MEGOLM_BACKUP
        } else {
            name
        }
    }
}

impl Draft<'_> {
    /// Once everything so far is written and opened, publishes the public halves of secrets which this
    /// key opens. What follows waits until that was done.
    pub(super) fn publish(
        &mut self,
        publication: Publication,
        key: &VerifiedKey,
        backup: SecretName,
    ) -> Result<(), PlanError> {
        if publication.is_empty() {
            return Ok(());
        }
        self.next_stage();
        let publishing = Publishing {
            after: self.stages_so_far(),
            publication,
            key: key.id().clone(),
            backup,
        };
        for name in publishing.required() {
            match self.secret(name) {
                EventState::Present(secret) if key.open(&secret).is_ok() => {}
                EventState::Present(_) => return Err(PlanError::Locked(name.clone())),
                EventState::Malformed(why) => {
                    return Err(PlanError::NotASecret(name.clone(), why));
                }
                EventState::Missing | EventState::Tombstone => {
                    return Err(PlanError::NoSecret(name.clone()));
                }
            }
        }
        self.set_publishing(publishing);
        Ok(())
    }
}

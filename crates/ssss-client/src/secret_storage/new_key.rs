//! Putting a new key in place, also where another client writes meanwhile.

use ssss_model::{KeyId, NewKey, SecretName, Snapshot, VerifiedKey};

use super::{ATTEMPTS, SecretStorage, is_conflict};
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::{Ending, Journal};
use crate::key_callbacks::KeyCallbacks;
use crate::plan::{Loss, Plan, PlanError};

/// A key that is in place.
pub(super) struct InPlace {
    pub(super) key: NewKey,
    /// The secrets that were sealed for it.
    pub(super) stored: Vec<SecretName>,
    pub(super) losses: Vec<Loss>,
}

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Has a key made if there is a plan for it, which `trial` shows, and carries the plan out. Where
    /// another client writes meanwhile, it is planned anew, for the same key.
    ///
    /// `plan` gets the account, the key whose entries are the newest, and the new key.
    pub(super) async fn put_in_place<C>(
        &self,
        snapshot: &Snapshot,
        keys: &[&VerifiedKey],
        trial: &NewKey,
        create_key: &mut C,
        mut plan: impl FnMut(&Snapshot, Option<&KeyId>, &NewKey) -> Result<Plan, PlanError>,
    ) -> Result<InPlace, Error>
    where
        C: AsyncFnMut() -> Option<NewKey> + ?Sized,
    {
        let newest = snapshot.default_key_id().cloned();
        // A key is made, and shown, only if there is a plan for it.
        plan(snapshot, newest.as_ref(), trial)?;
        let key = create_key().await.ok_or(Error::NoKeyCreated)?;
        let keys: Vec<_> = keys.iter().copied().chain([key.key()]).collect();
        let mut snapshot = snapshot.clone();
        let mut stored = Vec::new();
        let mut attempt = 1;
        let losses = loop {
            let plan = plan(&snapshot, newest.as_ref(), &key)?;
            stored.extend(plan.stored_for(key.key().id()));
            match self.carry_out(&snapshot, &plan, &keys).await {
                Ok(()) => break plan.losses().to_vec(),
                Err(error) if is_conflict(&error) && attempt < ATTEMPTS => {
                    // As far as it went, it is a change of its own, and taken back as such.
                    self.journal.end(Ending::Finished).await?;
                    attempt += 1;
                    snapshot = self.snapshot().await?;
                }
                Err(error) => return Err(error),
            }
        };
        self.keys
            .cache_secret_storage_key(key.key(), key.description());
        stored.sort();
        stored.dedup();
        Ok(InPlace {
            key,
            stored,
            losses,
        })
    }
}

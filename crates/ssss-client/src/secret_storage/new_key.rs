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
    /// another client writes meanwhile, it is planned anew, for the same key. If after that write there
    /// is no plan, what was written is taken back.
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
        let mut next = plan(&snapshot, newest.as_ref(), &key)?;
        let mut stored = Vec::new();
        // What kept an earlier plan from its end, if something of that is there: whatever fails then,
        // it is not as if nothing was written.
        let mut stopped: Option<Error> = None;
        let mut attempt = 1;
        let losses = loop {
            stored.extend(next.stored_for(key.key().id()));
            let done = match &stopped {
                None => self.carry_out(&snapshot, &next, &keys).await,
                Some(_) => self.go_on(&snapshot, &next, &keys).await,
            };
            let Err(error) = done else {
                break next.losses().to_vec();
            };
            let anew = if is_conflict(&error) && attempt < ATTEMPTS {
                self.snapshot().await.and_then(|now| {
                    let anew = plan(&now, newest.as_ref(), &key)?;
                    Ok((now, anew))
                })
            } else {
                Err(error.clone())
            };
            let leaves_something = error.leaves_something();
            let failed = match anew {
                Ok(anew) => {
                    (snapshot, next) = anew;
                    stopped = Some(error).filter(|_| leaves_something).or(stopped);
                    attempt += 1;
                    continue;
                }
                Err(failed) => failed,
            };
            return Err(match (stopped, failed) {
                (None, Error::Plan(_)) if leaves_something => self.taken_back(&next, error).await?,
                (_, _) if leaves_something => error,
                (Some(stopped), _) => stopped,
                (None, failed) => failed,
            });
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

    /// Carries out a plan that goes on from one that another client's write has kept from its end. Also
    /// if nothing of it is written, it stays to be finished: the one before it was begun.
    async fn go_on(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        keys: &[&VerifiedKey],
    ) -> Result<(), Error> {
        if plan.is_empty() {
            return Ok(self.journal.end(Ending::Finished).await?);
        }
        self.journal.begin_anew(snapshot, plan).await?;
        self.apply(plan, keys).await?;
        Ok(self.journal.end(Ending::Finished).await?)
    }
}

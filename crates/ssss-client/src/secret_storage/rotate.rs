//! A new key that opens everything; keys that go.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{KeyId, NewKey, SecretName, VerifiedKey};

use super::hand::{all, without};
use super::{ATTEMPTS, SecretStorage, is_conflict};
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::{Ending, Journal};
use crate::key_callbacks::KeyCallbacks;
use crate::plan::{Loss, OldKey, Plan};

/// How to put a new key in place.
#[derive(Debug)]
pub struct Rotate<'a, C: ?Sized> {
    /// Makes the new key, and shows it to the person who must keep it: after everything that could
    /// refuse has been looked at, and before anything is written. `None` calls the whole thing off.
    pub create_key: &'a mut C,
    /// What becomes of the old one.
    pub old_key: OldKey,
    /// Secrets that may be left behind if no key opens them.
    pub abandon: &'a [SecretName],
}

/// What came of putting a new key in place.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rotated {
    /// The new key.
    pub new_key: NewKey,
    /// The secrets that it opens and that were sealed for it now.
    pub carried: Vec<SecretName>,
    /// What was lost, all of it named by the caller or said by [`OldKey`].
    pub losses: Vec<Loss>,
}

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Makes a new key that opens every secret of the account, and makes it the default, or adds it
    /// to the keys that there are. Keys are asked for until every secret opens.
    ///
    /// Where another client writes meanwhile, it is planned anew, for the same key.
    pub async fn rotate<C>(
        &self,
        options: Rotate<'_, C>,
        rng: &mut impl CryptoRng,
    ) -> Result<Rotated, Error>
    where
        C: AsyncFnMut() -> Option<NewKey> + ?Sized,
    {
        let Rotate {
            create_key,
            old_key,
            abandon,
        } = options;
        let mut snapshot = self.snapshot().await?;
        let keys = self.gather(&snapshot, &all(&snapshot), &[]).await?;
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        // A key is made, and shown, only if there is a plan for it.
        let trial = NewKey::random(rng).build(rng);
        Plan::rotate(&snapshot, &trial, &keys, &old_key, abandon, rng)?;
        let new_key = create_key().await.ok_or(Error::NoKeyCreated)?;
        let first_default = snapshot.default_key_id().cloned();
        let mut carried = Vec::new();
        let mut attempt = 1;
        let losses = loop {
            let newest = first_default.as_ref();
            let plan =
                Plan::rotate_from(&snapshot, newest, &new_key, &keys, &old_key, abandon, rng)?;
            carried.extend(plan.stored_for(new_key.key().id()));
            let mut keys = keys.clone();
            keys.push(new_key.key());
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
            .cache_secret_storage_key(new_key.key(), new_key.description());
        carried.sort();
        carried.dedup();
        Ok(Rotated {
            new_key,
            carried,
            losses,
        })
    }

    /// Takes a key away: what is sealed for it, and then its description. Keys are asked for until
    /// every secret that it opens is seen to open otherwise.
    pub async fn remove_key(&self, id: &KeyId, abandon: &[SecretName]) -> Result<Vec<Loss>, Error> {
        let snapshot = self.snapshot().await?;
        let sealed: Vec<_> = snapshot
            .present_secrets()
            .filter(|secret| secret.is_sealed_for(id))
            .collect();
        let mut keys = self.gather(&snapshot, &sealed, &[]).await?;
        // The key itself shows what it opens, but is no other key.
        let is_other = |key: &&VerifiedKey| key.id() != id;
        let locked: Vec<_> = sealed
            .iter()
            .filter(|secret| {
                !keys
                    .iter()
                    .filter(is_other)
                    .any(|key| key.open(secret).is_ok())
            })
            .filter_map(|secret| without(secret, id))
            .collect();
        let locked: Vec<_> = locked.iter().collect();
        let others = self.gather(&snapshot, &locked, &[]).await?;
        keys.extend(others);
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::remove_key(&snapshot, id, &keys, abandon)?;
        self.carry_out_or_back(&snapshot, &plan, &keys).await?;
        Ok(plan.losses().to_vec())
    }
}

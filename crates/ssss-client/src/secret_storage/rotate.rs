//! A new key that opens everything; keys that go.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{KeyId, NewKey, SecretName, Snapshot, VerifiedKey};

use super::SecretStorage;
use super::hand::{all, without};
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::Journal;
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
        let snapshot = self.whole_snapshot().await?;
        let keys = self.gather(&snapshot, &all(&snapshot), &[]).await?;
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let trial = NewKey::random(rng).build(rng);
        let plan = |snapshot: &Snapshot, newest: Option<&KeyId>, new: &NewKey| {
            Plan::rotate_from(snapshot, newest, new, &keys, &old_key, abandon, rng)
        };
        let done = self
            .put_in_place(&snapshot, &keys, &trial, create_key, plan)
            .await?;
        Ok(Rotated {
            new_key: done.key,
            carried: done.stored,
            losses: done.losses,
        })
    }

    /// Takes a key away: what is sealed for it, and then its description. Keys are asked for until
    /// every secret that it opens is seen to open otherwise.
    pub async fn remove_key(&self, id: &KeyId, abandon: &[SecretName]) -> Result<Vec<Loss>, Error> {
        let snapshot = self.whole_snapshot().await?;
        let sealed: Vec<_> = snapshot
            .present_secrets()
            .filter(|secret| secret.is_sealed_for(id))
            .collect();
        let keys = self.gather(&snapshot, &sealed, &[]).await?;
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
        let keys = self.gather_more(&snapshot, keys, &locked, &[]).await?;
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::remove_key(&snapshot, id, &keys, abandon)?;
        self.carry_out_or_back(&snapshot, &plan, &keys).await?;
        Ok(plan.losses().to_vec())
    }
}

//! Putting right what was found wrong.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{KeyId, SecretName, VerifiedKey};

use super::SecretStorage;
use super::hand::{all, required, without};
use super::secrets::usable_default;
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::Journal;
use crate::key_callbacks::KeyCallbacks;
use crate::plan::{Loss, Plan};

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Makes the key that is supplied the default, if it opens every secret; for an account whose
    /// default key is missing, blanked or lost. Gives its id.
    pub async fn repair_default_key(&self, abandon: &[SecretName]) -> Result<KeyId, Error> {
        let snapshot = self.whole_snapshot().await?;
        let mut keys: Vec<VerifiedKey> = Vec::new();
        let mut refused = None;
        loop {
            let candidates: Vec<_> = snapshot
                .descriptions()
                .filter(|key| key.is_supported() && !keys.iter().any(|one| one.id() == key.id()))
                .collect();
            let unlocked = match (self.ask(&snapshot, &candidates, &[]).await, refused) {
                (Ok(unlocked), _) => unlocked,
                // There is no other key than those that were refused.
                (Err(Error::NoKeySupplied | Error::Unlock(_)), Some(refused)) => {
                    return Err(refused);
                }
                (Err(error), _) => return Err(error),
            };
            if let (true, Some(key)) = (unlocked.keys.is_empty(), unlocked.unchecked.first()) {
                return Err(Error::KeyUnproven(key.id().clone()));
            }
            keys.extend(unlocked.keys);
            let at_hand: Vec<&VerifiedKey> = keys.iter().collect();
            let mut last = Error::NoKeySupplied;
            for key in &keys {
                match Plan::set_default(&snapshot, key, &at_hand, abandon) {
                    Ok(plan) => {
                        self.carry_out_or_back(&snapshot, &plan, &at_hand).await?;
                        return Ok(key.id().clone());
                    }
                    Err(error) => last = error.into(),
                }
            }
            refused = Some(last);
        }
    }

    /// Seals a secret for a key, the default key unless another is named, from the key that opens it.
    /// Both are asked for.
    pub async fn repair_entry(
        &self,
        name: &SecretName,
        id: Option<&KeyId>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Loss>, Error> {
        let snapshot = self
            .snapshot_with(Some(name), id.map_or(&[], std::slice::from_ref))
            .await?;
        let target = match id {
            Some(id) => id.clone(),
            None => usable_default(&snapshot)?.id().clone(),
        };
        let secret = snapshot.secret(name).present();
        let ids = std::slice::from_ref(&target);
        let sealed: Vec<_> = secret.into_iter().collect();
        let keys = self.gather(&snapshot, &sealed, ids).await?;
        let target = required(&snapshot, &keys, &target)?;
        let at_hand: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::reseal(&snapshot, name, target, &at_hand, rng)?;
        self.carry_out_or_back(&snapshot, &plan, &at_hand).await?;
        Ok(plan.losses().to_vec())
    }

    /// Writes a secret in today's spelling. Keys are asked for until the secret opens, and so is each
    /// for which it is sealed in an odd spelling; where the keys so far find nothing odd, every key that
    /// it is sealed for, until no more is supplied.
    pub async fn repair_legacy(
        &self,
        name: &SecretName,
        rng: &mut impl CryptoRng,
    ) -> Result<(), Error> {
        let snapshot = self.snapshot_with(Some(name), &[]).await?;
        let sealed: Vec<_> = snapshot.secret(name).present().into_iter().collect();
        let ids = |is_wanted: &dyn Fn(&KeyId) -> bool| -> Vec<KeyId> {
            let entries = sealed.iter().flat_map(|secret| secret.entries());
            let wanted = entries.map(|(id, _)| id).filter(|id| is_wanted(id));
            wanted.cloned().collect()
        };
        let is_odd = |id: &KeyId| sealed.iter().any(|secret| secret.is_oddly_spelled_for(id));
        let mut keys = self.gather(&snapshot, &sealed, &ids(&is_odd)).await?;
        let at_hand: Vec<&VerifiedKey> = keys.iter().collect();
        if Plan::respell(&snapshot, name, &at_hand, rng)?.is_empty() {
            let is_other = |id: &KeyId| keys.iter().all(|key| key.id() != id);
            let others = ids(&is_other);
            keys = self.gather_more(&snapshot, keys, &[], &others).await?;
        }
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::respell(&snapshot, name, &keys, rng)?;
        self.carry_out_or_back(&snapshot, &plan, &keys).await
    }

    /// Gives a key's description a check, or a new one in today's spelling. The key is asked for, and
    /// must match the check that there is, or be proven by a stored secret.
    pub async fn repair_key_check(
        &self,
        id: &KeyId,
        rng: &mut impl CryptoRng,
    ) -> Result<(), Error> {
        let ids = std::slice::from_ref(id);
        let snapshot = self.snapshot_with(None, ids).await?;
        let keys = self.gather(&snapshot, &[], ids).await?;
        let key = required(&snapshot, &keys, id)?;
        let plan = Plan::back_fill_check(&snapshot, key, rng)?;
        self.carry_out_or_back(&snapshot, &plan, &[key]).await
    }

    /// Takes away what a secret has for one key. Keys are asked for until the secret opens otherwise.
    pub async fn drop_entry(
        &self,
        name: &SecretName,
        id: &KeyId,
        abandon: &[SecretName],
    ) -> Result<Vec<Loss>, Error> {
        let snapshot = self.snapshot_with(Some(name), &[]).await?;
        let secret = snapshot.secret(name).present();
        let rest = secret.and_then(|secret| without(secret, id));
        let rest: Vec<_> = rest.iter().collect();
        let keys = self.gather(&snapshot, &rest, &[]).await?;
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::drop_entry(&snapshot, name, id, &keys, abandon)?;
        self.carry_out_or_back(&snapshot, &plan, &keys).await?;
        Ok(plan.losses().to_vec())
    }

    /// Blanks descriptions that nothing needs. Needs no key. Should another client make one of these
    /// keys the default meanwhile, the descriptions come back, and that is told.
    pub async fn gc(&self) -> Result<Vec<Loss>, Error> {
        let snapshot = self.whole_snapshot().await?;
        let plan = Plan::gc(&snapshot)?;
        self.carry_out_or_back(&snapshot, &plan, &[]).await?;
        Ok(plan.losses().to_vec())
    }

    /// Blanks every secret, every key, and the pointer to the default key. Keys are asked for until
    /// every secret opens: who can open them owns them.
    pub async fn disable(&self, abandon: &[SecretName]) -> Result<Vec<Loss>, Error> {
        let snapshot = self.whole_snapshot().await?;
        let keys = if snapshot
            .present_secrets()
            .all(|secret| abandon.contains(secret.name()))
        {
            Vec::new()
        } else {
            self.gather(&snapshot, &all(&snapshot), &[]).await?
        };
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::disable(&snapshot, &keys, abandon)?;
        self.carry_out_or_back(&snapshot, &plan, &keys).await?;
        Ok(plan.losses().to_vec())
    }
}

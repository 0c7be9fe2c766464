//! Keys: add, get, check; the default key.

use ssss_model::{
    KeyDescription, KeyId, NewKey, SecretName, Snapshot, UnverifiedKey, VerifiedKey, VerifyError,
};

use super::hand::required;
use super::{SecretStorage, usable_key};
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::Journal;
use crate::key_callbacks::KeyCallbacks;
use crate::plan::Plan;

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Publishes the description of a new key, and hands the key to the cache. Nothing is sealed for
    /// it yet, and the default key stays as it is. The reference calls this `addKey`.
    pub async fn add_key(&self, key: &NewKey) -> Result<(), Error> {
        let snapshot = self.snapshot().await?;
        let plan = Plan::describe_key(&snapshot, key)?;
        self.carry_out_or_back(&snapshot, &plan, &[key.key()])
            .await?;
        self.keys
            .cache_secret_storage_key(key.key(), key.description());
        Ok(())
    }

    /// The description of a key, or of the default key; `None` if there is no such key or its
    /// description cannot be read. The reference calls this `getKey`.
    pub async fn key(&self, id: Option<&KeyId>) -> Result<Option<KeyDescription>, Error> {
        let snapshot = self
            .snapshot_with(None, id.map_or(&[], std::slice::from_ref))
            .await?;
        let id = id.or(snapshot.default_key_id());
        Ok(id.and_then(|id| snapshot.key(id).present()).cloned())
    }

    /// Whether there is a key of this id, or a default key. The reference calls this `hasKey`, and
    /// says yes to a blanked description too; this does not.
    pub async fn has_key(&self, id: Option<&KeyId>) -> Result<bool, Error> {
        Ok(self.key(id).await?.is_some())
    }

    /// Whether a key is the described one. A description without a check is answered by what the
    /// account has sealed for it; where that is nothing, with
    /// [`KeyUnproven`](Error::KeyUnproven). The reference calls this `checkKey`, and says yes there.
    pub async fn check_key(&self, id: &KeyId, key: UnverifiedKey) -> Result<bool, Error> {
        let snapshot = self.snapshot_with(None, std::slice::from_ref(id)).await?;
        let description = usable_key(&snapshot, id).ok_or_else(|| Error::NoSuchKey(id.clone()))?;
        match description.check(&key) {
            Ok(Some(_)) => return Ok(true),
            Ok(None) => {}
            Err(VerifyError::WrongKey) => return Ok(false),
            Err(_) => return Err(Error::NoSuchKey(id.clone())),
        }
        let sealed: Vec<_> = snapshot
            .present_secrets()
            .filter(|secret| secret.is_sealed_for(id))
            .collect();
        if sealed.is_empty() {
            return Err(Error::KeyUnproven(id.clone()));
        }
        Ok(sealed
            .into_iter()
            .any(|secret| description.is_proven_by(&key, secret)))
    }

    /// The id that the pointer to the default key names; `None` if there is no pointer, or it is
    /// blanked or cannot be read. The reference calls this `getDefaultKeyId`.
    pub async fn default_key_id(&self) -> Result<Option<KeyId>, Error> {
        Ok(self.snapshot().await?.default_key_id().cloned())
    }

    /// Makes a key the default. It is asked for, and so is the present default key; it must open every
    /// secret of the account to the value that that one opens it to, but for those that are named to
    /// be left behind. The reference calls this `setDefaultKeyId`, and flips the pointer whatever the
    /// key opens.
    pub async fn set_default_key(&self, id: &KeyId, abandon: &[SecretName]) -> Result<(), Error> {
        let snapshot = self.whole_snapshot().await?;
        let ids = std::slice::from_ref(id);
        let in_doubt: Vec<_> = snapshot
            .present_secrets()
            .filter(|secret| !abandon.contains(secret.name()))
            .collect();
        let keys = self.gather(&snapshot, &in_doubt, ids).await?;
        let key: &VerifiedKey = required(&snapshot, &keys, id)?;
        let at_hand: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::set_default(&snapshot, key, &at_hand, abandon)?;
        self.carry_out_or_back(&snapshot, &plan, &at_hand).await
    }

    /// Makes no key the default. The keys and what is sealed for them stay.
    pub async fn unset_default_key(&self) -> Result<(), Error> {
        let snapshot: Snapshot = self.snapshot().await?;
        let plan = Plan::unset_default(&snapshot);
        self.carry_out_or_back(&snapshot, &plan, &[]).await
    }
}

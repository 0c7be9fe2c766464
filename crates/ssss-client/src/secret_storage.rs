//! Secret storage of one account: the operations.

mod bootstrap;
mod keys;
mod secrets;

use ssss_model::ssss_crypto::CostLimits;
use ssss_model::{KeyDescription, KeyId, SecretName, Snapshot, VerifiedKey};

pub use self::bootstrap::{Bootstrap, Bootstrapped, NotStored};
pub use self::secrets::Stored;
use crate::account_data::AccountData;
use crate::error::Error;
use crate::key_callbacks::{KeyCallbacks, KeyRequest};
use crate::report::Report;
use crate::unlock::{UnlockScope, Unlocked, unlock};

/// Secret storage of one account, over a store, with keys from callbacks.
///
/// Each operation reads what it needs, decides, and, if it writes, does so by way of a
/// [`Plan`](crate::Plan). Nothing is kept between operations.
#[derive(Debug)]
pub struct SecretStorage<S, K> {
    store: S,
    keys: K,
    limits: CostLimits,
}

impl<S: AccountData, K: KeyCallbacks> SecretStorage<S, K> {
    /// Takes a store and the callbacks that supply keys. Passphrases may cost what
    /// [`CostLimits::default`] allows.
    pub fn new(store: S, keys: K) -> Self {
        Self {
            store,
            keys,
            limits: CostLimits::default(),
        }
    }

    /// Bounds the cost of deriving keys from passphrases.
    #[must_use]
    pub fn with_cost_limits(self, limits: CostLimits) -> Self {
        Self { limits, ..self }
    }

    /// The store.
    pub fn account_data(&self) -> &S {
        &self.store
    }

    /// Reads the account.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(Snapshot::new(self.store.enumerate().await?))
    }

    /// Tells what is there and what is wrong with it, without any key. The reference calls this
    /// `getSecretStorageStatus`.
    pub async fn status(&self) -> Result<Report, Error> {
        Ok(Report::new(&self.snapshot().await?, self.limits))
    }

    /// Whether everything is there that should be. The reference calls this
    /// `isSecretStorageReady`.
    pub async fn is_ready(&self) -> Result<bool, Error> {
        Ok(self.status().await?.is_ready())
    }

    /// Asks for a key, once, and finds out which of the candidates it is.
    async fn ask<'a>(
        &self,
        snapshot: &'a Snapshot,
        candidates: &[&'a KeyDescription],
        secrets: &[SecretName],
    ) -> Result<Unlocked, Error> {
        let default_key = snapshot.default_key_id();
        let request = KeyRequest {
            candidates,
            default_key,
            secrets,
        };
        let provided = self
            .keys
            .secret_storage_key(&request)
            .await
            .ok_or(Error::NoKeySupplied)?;
        // One secret needs one key; several may be sealed for several.
        let scope = if secrets.len() > 1 {
            UnlockScope::Every
        } else {
            UnlockScope::First
        };
        Ok(unlock(
            snapshot,
            candidates.iter().copied(),
            &provided,
            scope,
            self.limits,
        )?)
    }

    /// Asks for one key, which must be proven: for writing.
    async fn ask_for(
        &self,
        snapshot: &Snapshot,
        id: &KeyId,
        secrets: &[SecretName],
    ) -> Result<VerifiedKey, Error> {
        let description = usable_key(snapshot, id).ok_or_else(|| Error::NoSuchKey(id.clone()))?;
        let unlocked = self.ask(snapshot, &[description], secrets).await?;
        unlocked
            .keys
            .into_iter()
            .next()
            .ok_or_else(|| Error::KeyUnproven(id.clone()))
    }
}

/// The description of a key, if it can be used.
fn usable_key<'a>(snapshot: &'a Snapshot, id: &KeyId) -> Option<&'a KeyDescription> {
    snapshot.key(id).present().filter(|key| key.is_supported())
}

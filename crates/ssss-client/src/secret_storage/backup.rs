//! The key of the key backup: a new one, and one that comes back.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{EncryptedSecret, KeyId, Secret, SecretName, Snapshot, VerifiedKey};

use super::SecretStorage;
use super::hand::required;
use super::secrets::usable_default;
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::Journal;
use crate::key_callbacks::KeyCallbacks;
use crate::plan::{Loss, Plan, ResetBackup, is_backup_key};

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Puts a new backup key in place of the one that there may be, and publishes a version of the
    /// backup for it, in an order that loses no key wherever it stops; see [`Plan::reset_backup`]. The
    /// reference's `resetKeyBackup`, which deletes the old version first.
    ///
    /// The old version stays on the server, and its key under the name of an
    /// [archive](crate::BACKUP_KEYS).
    pub async fn reset_backup(
        &self,
        options: ResetBackup<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Loss>, Error> {
        let snapshot = self.whole_snapshot().await?;
        let (keys, id) = self.backup_keys(&snapshot, options.abandon).await?;
        let target = required(&snapshot, &keys, &id)?;
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::reset_backup(&snapshot, options, target, &keys, rng)?;
        self.carry_out_or_back(&snapshot, &plan, &keys).await?;
        Ok(plan.losses().to_vec())
    }

    /// Finds the backup key of which `is_current` says that the server's version is for it among
    /// all secrets that open, and puts it in its place; see [`Plan::repair_backup_key`].
    pub async fn repair_backup_key(
        &self,
        is_current: impl Fn(&Secret) -> bool,
        abandon: &[SecretName],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Loss>, Error> {
        let snapshot = self.whole_snapshot().await?;
        let (keys, id) = self.backup_keys(&snapshot, abandon).await?;
        let target = required(&snapshot, &keys, &id)?;
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let plan = Plan::repair_backup_key(&snapshot, is_current, target, &keys, abandon, rng)?;
        self.carry_out_or_back(&snapshot, &plan, &keys).await?;
        Ok(plan.losses().to_vec())
    }

    /// Asks for the default key, whose id comes with it, and for those that open backup keys.
    async fn backup_keys(
        &self,
        snapshot: &Snapshot,
        abandon: &[SecretName],
    ) -> Result<(Vec<VerifiedKey>, KeyId), Error> {
        let id = usable_default(snapshot)?.id().clone();
        let sealed: Vec<&EncryptedSecret> = snapshot
            .present_secrets()
            .filter(|secret| is_backup_key(secret.name()) && !abandon.contains(secret.name()))
            .collect();
        let ids = std::slice::from_ref(&id);
        let keys = self.gather(snapshot, &sealed, ids).await?;
        Ok((keys, id))
    }
}

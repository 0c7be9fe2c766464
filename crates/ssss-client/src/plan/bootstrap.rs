//! Setting secret storage up.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{NewKey, Secret, SecretName, Snapshot, VerifiedKey};

use super::{Overwrite, Plan, PlanError, Write};

impl Plan {
    /// Sets secret storage up with a new key: describes it, stores the secrets for it beside what
    /// is there, and only then makes it the default.
    ///
    /// Refused if a secret of the account is neither among the secrets to store nor named to be
    /// left behind.
    pub fn set_up(
        snapshot: &Snapshot,
        key: &NewKey,
        secrets: &[Secret],
        abandon: &[SecretName],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let carried = |name: &SecretName| secrets.iter().any(|secret| secret.name() == name);
        let lost: Vec<_> = snapshot
            .present_secrets()
            .map(|secret| secret.name().clone())
            .filter(|name| !carried(name) && !abandon.contains(name))
            .collect();
        if !lost.is_empty() {
            return Err(PlanError::WouldAbandon(lost));
        }
        let describe = Write::describe(snapshot, key)?;
        let stores = stores(snapshot, key.key(), secrets, rng)?;
        let point = Write::point(snapshot, key.key().id());
        Ok(Self::new([vec![describe], stores, vec![point]]))
    }

    /// Stores secrets for the default key, which exists.
    pub fn complete(
        snapshot: &Snapshot,
        key: &VerifiedKey,
        secrets: &[Secret],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        Ok(Self::new([stores(snapshot, key, secrets, rng)?]))
    }
}

fn stores(
    snapshot: &Snapshot,
    key: &VerifiedKey,
    secrets: &[Secret],
    rng: &mut impl CryptoRng,
) -> Result<Vec<Write>, PlanError> {
    secrets
        .iter()
        .map(|secret| Write::secret(snapshot, secret, &[key], Overwrite::Readable, rng))
        .collect()
}

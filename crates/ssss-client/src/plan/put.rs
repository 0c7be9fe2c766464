//! Storing a secret.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{
    AddEntryError, EncryptedSecret, EventState, OpenError, Secret, Snapshot, VerifiedKey,
};

use super::{Plan, PlanError, Purpose, Write};

/// What to do with something that is stored for a key which that key does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Keep it, and store nothing: another key may open it.
    Readable,
    /// Replace it: the caller has named the secret.
    Anything,
}

impl Plan {
    /// Stores a secret, sealed for each of these keys. What is sealed for other keys, and every
    /// field that is not known here, stays.
    pub fn put(
        snapshot: &Snapshot,
        secret: &Secret,
        keys: &[&VerifiedKey],
        overwrite: Overwrite,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        Ok(Self::new([vec![Write::secret(
            snapshot, secret, keys, overwrite, rng,
        )?]]))
    }
}

impl Write {
    pub(super) fn secret(
        snapshot: &Snapshot,
        secret: &Secret,
        keys: &[&VerifiedKey],
        overwrite: Overwrite,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        if keys.is_empty() {
            return Err(PlanError::NoKey);
        }
        let name = secret.name();
        if let (EventState::Present(stored), Overwrite::Readable) =
            (snapshot.secret(name), overwrite)
        {
            for key in keys {
                if would_be_lost(stored, key) {
                    return Err(PlanError::WouldOverwrite(name.clone(), key.id().clone()));
                }
            }
        }
        let mut entries = Vec::new();
        for key in keys {
            let entry = key
                .seal(secret, rng)
                .map_err(|_| PlanError::ShortKey(key.id().clone()))?;
            entries.push(entry);
        }
        if let EventState::Malformed(why) = snapshot.secret(name) {
            return Err(PlanError::NotASecret(name.clone(), *why));
        }
        let after = EncryptedSecret::content(name, snapshot.content(name.as_str()), &entries)
            .map_err(|error| match error {
                AddEntryError::NotASecret(why) => PlanError::NotASecret(name.clone(), why),
                _ => PlanError::NoKey,
            })?;
        let ids = keys.iter().map(|key| key.id().clone()).collect();
        let purpose = Purpose::StoreSecret(name.clone(), ids);
        Ok(Self::new(
            snapshot,
            name.as_str().to_owned(),
            after,
            purpose,
        ))
    }
}

/// Whether there is something for a key which the key does not open, and which is not plainly empty.
fn would_be_lost(stored: &EncryptedSecret, key: &VerifiedKey) -> bool {
    stored.has_data_for(key.id())
        && matches!(
            key.open(stored),
            Err(OpenError::Inauthentic | OpenError::MalformedEntry(_))
        )
}

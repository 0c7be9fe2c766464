//! Storing a secret.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{
    AddEntryError, DefaultKey, EncryptedSecret, EventState, Secret, Snapshot, VerifiedKey,
};

use super::draft::Draft;
use super::{Intent, Loss, Plan, PlanError, Purpose};

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
        let mut draft = Draft::new(snapshot, Intent::PutSecret);
        put(&mut draft, secret, keys, overwrite, rng)?;
        // Whoever stores for the default key means the one that is the default when all is done.
        if keys
            .iter()
            .any(|key| Some(key.id()) == snapshot.default_key_id())
        {
            draft.rely_on(DefaultKey::EVENT_TYPE);
        }
        Ok(draft.finish())
    }
}

/// Stores a secret, unless what would be written over may be of use.
pub(super) fn put(
    draft: &mut Draft<'_>,
    secret: &Secret,
    keys: &[&VerifiedKey],
    overwrite: Overwrite,
    rng: &mut impl CryptoRng,
) -> Result<(), PlanError> {
    let name = secret.name();
    if let EventState::Present(stored) = draft.secret(name) {
        let lost = keys.iter().filter(|key| would_be_lost(&stored, key));
        for key in lost {
            if overwrite == Overwrite::Readable {
                return Err(PlanError::WouldOverwrite(name.clone(), key.id().clone()));
            }
            draft.lose(Loss::Overwritten(name.clone(), key.id().clone()));
        }
        for key in keys.iter().filter(|key| would_change(&stored, key, secret)) {
            draft.lose(Loss::Overwritten(name.clone(), key.id().clone()));
        }
    }
    seal(draft, secret, keys, rng)
}

/// Seals a secret for keys, beside what is there for others.
pub(super) fn seal(
    draft: &mut Draft<'_>,
    secret: &Secret,
    keys: &[&VerifiedKey],
    rng: &mut impl CryptoRng,
) -> Result<(), PlanError> {
    if keys.is_empty() {
        return Err(PlanError::NoKey);
    }
    let name = secret.name();
    let mut entries = Vec::new();
    for key in keys {
        let entry = key
            .seal(secret, rng)
            .map_err(|_| PlanError::ShortKey(key.id().clone()))?;
        entries.push(entry);
    }
    let after = EncryptedSecret::content(name, draft.content(name.as_str()), &entries).map_err(
        |error| match error {
            AddEntryError::NotASecret(why) => PlanError::NotASecret(name.clone(), why),
            _ => PlanError::NoKey,
        },
    )?;
    // Full to the brim, it could not be read afterwards.
    if let EventState::Malformed(why) = EncryptedSecret::parse(name, &after) {
        return Err(PlanError::NotASecret(name.clone(), why));
    }
    let ids = keys.iter().map(|key| key.id().clone()).collect();
    draft.write(
        name.as_str(),
        after,
        Purpose::StoreSecret(name.clone(), ids),
    );
    Ok(())
}

/// Whether there is something for a key which the key does not open, or which is no text or not what
/// the name holds: another client may make something of it. What is plainly empty is not.
pub(super) fn would_be_lost(stored: &EncryptedSecret, key: &VerifiedKey) -> bool {
    stored.has_data_for(key.id()) && key.open(stored).is_err()
}

/// Whether a key opens what is stored, and to another value than this.
pub(super) fn would_change(stored: &EncryptedSecret, key: &VerifiedKey, to: &Secret) -> bool {
    key.open(stored).is_ok_and(|value| !value.has_value_of(to))
}

//! Asking for keys until there are enough.

use ssss_model::{
    EncryptedSecret, EventState, KeyDescription, KeyId, SecretName, Snapshot, VerifiedKey,
};

use super::{SecretStorage, usable_key};
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::Journal;
use crate::key_callbacks::KeyCallbacks;

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Asks for keys until each of these secrets opens, with the default key if it is sealed for that,
    /// and each of these keys is there; or until no other key is supplied. What then is missing, the
    /// plan says.
    ///
    /// A first key that is none of those asked for is an error; a later one ends the asking, since
    /// some callbacks have one key, and supply it whatever they are asked for.
    pub(super) async fn gather(
        &self,
        snapshot: &Snapshot,
        secrets: &[&EncryptedSecret],
        ids: &[KeyId],
    ) -> Result<Vec<VerifiedKey>, Error> {
        let undescribed = snapshot.undescribed_keys();
        let mut keys: Vec<VerifiedKey> = Vec::new();
        loop {
            let is_at_hand = |id: &KeyId| keys.iter().any(|key| key.id() == id);
            let missing: Vec<&EncryptedSecret> = secrets
                .iter()
                .copied()
                .filter(|secret| is_missing(snapshot, secret, &keys))
                .collect();
            let wanted = |key: &&KeyDescription| {
                let is_named = ids.contains(key.id());
                let opens = missing.iter().any(|secret| secret.is_sealed_for(key.id()));
                key.is_supported() && !is_at_hand(key.id()) && (is_named || opens)
            };
            let described = snapshot.descriptions().chain(&undescribed);
            let candidates: Vec<_> = described.filter(wanted).collect();
            if candidates.is_empty() {
                return Ok(keys);
            }
            let names: Vec<SecretName> =
                missing.iter().map(|secret| secret.name().clone()).collect();
            let unlocked = match self.ask(snapshot, &candidates, &names).await {
                Ok(unlocked) => unlocked,
                Err(Error::NoKeySupplied) => return Ok(keys),
                Err(Error::Unlock(_)) if !keys.is_empty() => return Ok(keys),
                Err(error) => return Err(error),
            };
            if unlocked.keys.is_empty() {
                // It may be the right key, and nothing proves it: that is no refusal.
                let unproven = unlocked.unchecked.iter().find(|key| ids.contains(key.id()));
                return match unproven {
                    Some(key) => Err(Error::KeyUnproven(key.id().clone())),
                    None => Ok(keys),
                };
            }
            keys.extend(unlocked.keys);
        }
    }
}

/// A key of this id among those that were gathered.
pub(super) fn required<'k>(
    snapshot: &Snapshot,
    keys: &'k [VerifiedKey],
    id: &KeyId,
) -> Result<&'k VerifiedKey, Error> {
    if let Some(key) = keys.iter().find(|key| key.id() == id) {
        return Ok(key);
    }
    let is_known = usable_key(snapshot, id).is_some()
        || snapshot.undescribed_keys().iter().any(|key| key.id() == id);
    Err(if is_known {
        Error::NoKeySupplied
    } else {
        Error::NoSuchKey(id.clone())
    })
}

/// Every secret that can be read.
pub(super) fn all(snapshot: &Snapshot) -> Vec<&EncryptedSecret> {
    snapshot.present_secrets().collect()
}

/// A secret as it is without what it has for a key; `None` if nothing else is there.
pub(super) fn without(secret: &EncryptedSecret, id: &KeyId) -> Option<EncryptedSecret> {
    match EncryptedSecret::parse(secret.name(), &secret.without(&[id])) {
        EventState::Present(rest) => Some(rest),
        _ => None,
    }
}

/// Whether another key would tell more about a secret.
fn is_missing(snapshot: &Snapshot, secret: &EncryptedSecret, keys: &[VerifiedKey]) -> bool {
    let default = snapshot
        .default_key_id()
        .filter(|id| usable_key(snapshot, id).is_some() && secret.is_sealed_for(id));
    let is_default_at_hand =
        default.is_none_or(|default| keys.iter().any(|key| key.id() == default));
    !is_default_at_hand || !keys.iter().any(|key| key.open(secret).is_ok())
}

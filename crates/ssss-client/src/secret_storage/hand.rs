//! Asking for keys until there are enough.

use std::collections::{HashMap, HashSet};

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
        self.gather_more(snapshot, Vec::new(), secrets, ids).await
    }

    /// The same, where some keys are there already; with these.
    pub(super) async fn gather_more(
        &self,
        snapshot: &Snapshot,
        mut keys: Vec<VerifiedKey>,
        secrets: &[&EncryptedSecret],
        ids: &[KeyId],
    ) -> Result<Vec<VerifiedKey>, Error> {
        let undescribed = snapshot.undescribed_keys();
        loop {
            let at_hand: HashMap<_, _> = keys.iter().map(|key| (key.id(), key)).collect();
            let missing: Vec<&EncryptedSecret> = secrets
                .iter()
                .copied()
                .filter(|secret| is_missing(snapshot, secret, &at_hand))
                .collect();
            let mut wanted = sealed_for(&missing);
            wanted.extend(ids);
            wanted.retain(|id| !at_hand.contains_key(id));
            let is_wanted = |key: &&KeyDescription| key.is_supported() && wanted.contains(key.id());
            let described = snapshot.descriptions().chain(&undescribed);
            let candidates: Vec<_> = described.filter(is_wanted).collect();
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

/// The keys for which one of these secrets has something that looks sound. There may be any number of both
/// keys and secrets, so that looking through the secrets for each key is too much.
pub(super) fn sealed_for<'a>(secrets: &[&'a EncryptedSecret]) -> HashSet<&'a KeyId> {
    let entries = secrets.iter().flat_map(|secret| secret.entries());
    let sound = entries.filter(|(_, fault)| fault.is_none());
    sound.map(|(id, _)| id).collect()
}

/// Whether another key would tell more about a secret.
fn is_missing(
    snapshot: &Snapshot,
    secret: &EncryptedSecret,
    at_hand: &HashMap<&KeyId, &VerifiedKey>,
) -> bool {
    let default = snapshot
        .default_key_id()
        .filter(|id| usable_key(snapshot, id).is_some() && secret.is_sealed_for(id));
    let is_default_at_hand = default.is_none_or(|default| at_hand.contains_key(default));
    let opens = |id: &KeyId| at_hand.get(id).is_some_and(|key| key.open(secret).is_ok());
    !is_default_at_hand || !secret.entries().any(|(id, _)| opens(id))
}

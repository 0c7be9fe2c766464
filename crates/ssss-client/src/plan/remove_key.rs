//! Taking a key away.

use ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyId, SecretName, Snapshot, VerifiedKey,
};

use super::carry::{Hand, unread};
use super::draft::Draft;
use super::error::require_whole;
use super::{Intent, Loss, Plan, PlanError, Purpose};

impl Plan {
    /// Takes away what is sealed for a key, and then its description. Refused for the default key,
    /// and if there is a secret for this key which no other key at hand opens, or opens to another
    /// value; but not for those in `abandon`. Refused if the snapshot is not [whole](Snapshot::is_whole).
    ///
    /// Whoever has a copy of the old ciphertext and the key can still open that: a key that was
    /// compromised means new secrets.
    pub fn remove_key(
        snapshot: &Snapshot,
        id: &KeyId,
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
    ) -> Result<Self, PlanError> {
        require_whole(snapshot)?;
        if snapshot.default_key_id() == Some(id) {
            return Err(PlanError::IsDefault(id.clone()));
        }
        let hand = Hand {
            keys,
            abandon,
            newest: snapshot.default_key_id(),
        };
        let mut draft = Draft::new(snapshot, Intent::RemoveKey);
        // They may have something for this key.
        let unread = unread(snapshot).filter(|name| !hand.may_lose(name));
        let mut lost: Vec<_> = unread.cloned().collect();
        let mut is_known = !matches!(
            snapshot.key(id),
            EventState::Missing | EventState::Tombstone
        );
        for secret in snapshot.present_secrets() {
            if !secret.entries().any(|(other, _)| other == id) {
                continue;
            }
            is_known = true;
            let openers = other_openers(hand, secret, id);
            // Also what cannot be read here may be of use to somebody.
            let has_data = secret.has_data_for(id);
            if has_data && openers.is_empty() && !hand.may_lose(secret.name()) {
                lost.push(secret.name().clone());
                continue;
            }
            strip_entry(&mut draft, secret, id, openers);
        }
        if !is_known {
            return Err(PlanError::NoSuchKey(id.clone()));
        }
        if !lost.is_empty() {
            return Err(PlanError::WouldAbandon(lost));
        }
        draft.next_stage();
        draft.blank_key(id);
        // Another client may make it the default meanwhile.
        draft.rely_on(DefaultKey::EVENT_TYPE);
        Ok(draft.finish())
    }
}

/// The keys at hand that open a secret otherwise than by this key, and to no other value than it.
pub(super) fn other_openers(hand: Hand<'_>, secret: &EncryptedSecret, id: &KeyId) -> Vec<KeyId> {
    let value = hand.key(id).and_then(|key| key.open(secret).ok());
    let others = hand.keys.iter().filter(|key| key.id() != id);
    let opening = others.filter(|key| match (key.open(secret), &value) {
        (Ok(other), Some(value)) => other.has_value_of(value),
        (Ok(_), None) => true,
        (Err(_), _) => false,
    });
    opening.map(|key| key.id().clone()).collect()
}

/// Takes what is sealed for a key out of a secret, which these other keys open.
pub(super) fn strip_entry(
    draft: &mut Draft<'_>,
    secret: &EncryptedSecret,
    id: &KeyId,
    openers: Vec<KeyId>,
) {
    let name = secret.name();
    let after = secret.without(&[id]);
    let (loss, purpose) = if after.is_empty() {
        (
            Loss::Secret(name.clone()),
            Purpose::RemoveSecret(name.clone()),
        )
    } else {
        let purpose = Purpose::StripSecret(name.clone(), openers);
        (Loss::Stripped(name.clone(), id.clone()), purpose)
    };
    draft.write(name.as_str(), after, purpose);
    draft.lose(loss);
}

/// Takes away what is sealed for an old key wherever a new key opens the secret. Says whether
/// nothing is left for the old key.
pub(super) fn strip(draft: &mut Draft<'_>, old: &KeyId, new: &VerifiedKey) -> bool {
    let mut is_clean = unread(draft.snapshot).next().is_none();
    for name in draft.secrets() {
        let EventState::Present(secret) = draft.secret(&name) else {
            continue;
        };
        if !secret.entries().any(|(id, _)| id == old) {
            continue;
        }
        if new.open(&secret).is_ok() {
            strip_entry(draft, &secret, old, vec![new.id().clone()]);
        } else {
            is_clean = false;
        }
    }
    is_clean
}

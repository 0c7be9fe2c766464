//! Pointing at the default key.

use ssss_model::{DefaultKey, Object, SecretName, Snapshot, VerifiedKey};

use super::carry::{Hand, Known, unread};
use super::draft::Draft;
use super::error::require_whole;
use super::{Intent, Loss, Plan, PlanError, Purpose};

impl Plan {
    /// Makes a key the default. Refused unless the key opens every secret, to the value that the
    /// present default key opens it to; but for the secrets that the caller names. `keys` are the
    /// keys at hand; the present default key should be among them, since without it nobody knows
    /// whether what it opens is newer. Refused if the snapshot is not [whole](Snapshot::is_whole).
    pub fn set_default(
        snapshot: &Snapshot,
        key: &VerifiedKey,
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
    ) -> Result<Self, PlanError> {
        require_whole(snapshot)?;
        if snapshot.key(key.id()).present().is_none() {
            return Err(PlanError::NoSuchKey(key.id().clone()));
        }
        let keys: Vec<_> = [key].into_iter().chain(keys.iter().copied()).collect();
        let hand = Hand {
            keys: &keys,
            abandon,
            newest: snapshot.default_key_id(),
        };
        let mut draft = Draft::new(snapshot, Intent::SetDefaultKey);
        let mut opens = Vec::new();
        let mut lost = Vec::new();
        for secret in snapshot.present_secrets() {
            let name = secret.name();
            let opened = key.open(secret);
            let is_right = match (&opened, hand.value(snapshot, secret)) {
                (Ok(opened), Known::Value(value)) => opened.has_value_of(&value),
                _ => false,
            };
            if opened.is_ok() {
                opens.push(name.clone());
            }
            if is_right {
                continue;
            }
            if hand.may_lose(name) {
                draft.lose(Loss::LeftBehind(name.clone()));
            } else {
                lost.push(name.clone());
            }
        }
        for name in unread(snapshot) {
            if hand.may_lose(name) {
                draft.lose(Loss::LeftBehind(name.clone()));
            } else {
                lost.push(name.clone());
            }
        }
        if !lost.is_empty() {
            return Err(PlanError::WouldAbandon(lost));
        }
        draft.point(key.id(), opens);
        Ok(draft.finish())
    }

    /// Makes no key the default: the pointer becomes `{}`.
    #[must_use]
    pub fn unset_default(snapshot: &Snapshot) -> Self {
        let mut draft = Draft::new(snapshot, Intent::SetDefaultKey);
        unset(&mut draft);
        draft.finish()
    }
}

pub(super) fn unset(draft: &mut Draft<'_>) {
    if draft.snapshot.contains(DefaultKey::EVENT_TYPE) {
        let empty = Object::empty();
        draft.write(DefaultKey::EVENT_TYPE, empty, Purpose::UnsetDefaultKey);
    }
}

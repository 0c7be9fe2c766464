//! Carrying secrets over to a key.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{
    EncryptedSecret, EventState, KeyDescription, KeyId, Malformed, Secret, SecretName, Snapshot,
    VerifiedKey,
};

use super::draft::Draft;
use super::put::{seal, would_be_lost};
use super::{Loss, PlanError};

/// What is at hand to carry secrets with.
#[derive(Clone, Copy)]
pub(super) struct Hand<'a> {
    pub(super) keys: &'a [&'a VerifiedKey],
    /// Secrets that may be lost, because the caller named them.
    pub(super) abandon: &'a [SecretName],
    /// The key that is right where keys disagree: the one that clients write for, or did until a
    /// moment ago.
    pub(super) newest: Option<&'a KeyId>,
}

/// What the keys at hand make of a secret.
pub(super) enum Known {
    /// This is its value, and the default key says so, or has nothing to say.
    Value(Secret),
    /// Another key than the default has this value; the default key's may be newer.
    Doubtful(Secret),
    /// No key at hand opens it.
    Locked,
}

impl Hand<'_> {
    pub(super) fn may_lose(&self, name: &SecretName) -> bool {
        self.abandon.contains(name)
    }

    pub(super) fn key(&self, id: &KeyId) -> Option<&VerifiedKey> {
        self.keys.iter().copied().find(|key| key.id() == id)
    }

    /// The value of a secret. Where keys disagree, the default key is right.
    pub(super) fn value(&self, snapshot: &Snapshot, secret: &EncryptedSecret) -> Known {
        let default = self
            .newest
            .filter(|id| is_usable(snapshot, id) && secret.is_sealed_for(id));
        let others = || {
            let others = self.keys.iter().filter(|key| Some(key.id()) != default);
            others.copied().find_map(|key| key.open(secret).ok())
        };
        let Some(default) = default else {
            return others().map_or(Known::Locked, Known::Value);
        };
        match self.key(default).map(|key| key.open(secret)) {
            Some(Ok(value)) => Known::Value(value),
            // The default key opens nothing here, so nothing can be newer.
            Some(Err(_)) => others().map_or(Known::Locked, Known::Value),
            None => others().map_or(Known::Locked, Known::Doubtful),
        }
    }
}

/// Seals every secret for a key, beside what is there; but for those in `except`, which are stored
/// otherwise. Refused if there is one that cannot be carried, and that the caller did not name.
pub(super) fn carry(
    draft: &mut Draft<'_>,
    target: &VerifiedKey,
    hand: Hand<'_>,
    except: &[SecretName],
    rng: &mut impl CryptoRng,
) -> Result<(), PlanError> {
    let snapshot = draft.snapshot;
    // What the key opens already is right, unless the default key says otherwise.
    let keys: Vec<_> = [target]
        .into_iter()
        .chain(hand.keys.iter().copied())
        .collect();
    let hand = Hand {
        keys: &keys,
        ..hand
    };
    let others = unread(snapshot).filter(|name| !except.contains(name));
    let mut left: Vec<_> = others.cloned().collect();
    for secret in snapshot.present_secrets() {
        let name = secret.name();
        if except.contains(name) {
            continue;
        }
        let opened = target.open(secret).ok();
        let value = match (hand.value(snapshot, secret), &opened) {
            (Known::Value(value), Some(opened)) if value.has_value_of(opened) => continue,
            (Known::Value(value), _) => value,
            (Known::Doubtful(value), _) if hand.may_lose(name) => value,
            (Known::Doubtful(_) | Known::Locked, _) => {
                left.push(name.clone());
                continue;
            }
        };
        if would_be_lost(secret, target) {
            if !hand.may_lose(name) {
                return Err(PlanError::WouldOverwrite(name.clone(), target.id().clone()));
            }
            draft.lose(Loss::Overwritten(name.clone(), target.id().clone()));
        }
        seal(draft, &value, &[target], rng)?;
    }
    let lost: Vec<_> = left
        .iter()
        .filter(|name| !hand.may_lose(name))
        .cloned()
        .collect();
    if !lost.is_empty() {
        return Err(PlanError::WouldAbandon(lost));
    }
    for name in left {
        draft.lose(Loss::LeftBehind(name));
    }
    Ok(())
}

/// Secrets of more keys than are read here, which another client may open. No key at hand does, so they
/// are lost like any other.
pub(super) fn unread(snapshot: &Snapshot) -> impl Iterator<Item = &SecretName> {
    let secrets = snapshot.secrets();
    secrets.filter_map(|(name, state)| is_unread(state).then_some(name))
}

pub(super) fn is_unread(state: &EventState<EncryptedSecret>) -> bool {
    matches!(state, EventState::Malformed(Malformed::TooManyEntries))
}

/// The secrets that a key opens, as they will be.
pub(super) fn opened_by(draft: &Draft<'_>, key: &VerifiedKey) -> Vec<SecretName> {
    let opens = |name: &SecretName| match draft.secret(name) {
        EventState::Present(secret) => key.open(&secret).is_ok(),
        _ => false,
    };
    draft.secrets().into_iter().filter(opens).collect()
}

/// Whether a key is described and supported.
fn is_usable(snapshot: &Snapshot, id: &KeyId) -> bool {
    let description = snapshot.key(id).present();
    description.is_some_and(KeyDescription::is_supported)
}

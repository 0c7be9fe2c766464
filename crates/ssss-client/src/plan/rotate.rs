//! A new key that opens everything.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{KeyId, NewKey, SecretName, Snapshot, VerifiedKey};

use super::add_key::describe;
use super::carry::{Hand, carry, opened_by};
use super::error::require_whole;
use super::remove_key::strip;
use super::{Intent, Plan, PlanError, draft::Draft};

/// What becomes of the default key when a new key takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OldKey {
    /// It stays the default: the new key is one more.
    StaysDefault,
    /// It opens what it opened, and is not the default any more.
    Kept,
    /// This key's entries go where the new key opens the secret, and its description with them.
    Revoked(KeyId),
}

impl Plan {
    /// Describes a new key and seals every secret of the account for it, of names that mean nothing
    /// here too, beside what is there. Only then it becomes the default, and only then the old key's
    /// entries go, each according to what is said of the old key.
    ///
    /// `keys` are the keys at hand, and open what is there. Refused if a secret is there which none
    /// of them opens, or which the default key opens and is not among them, so that its value is in
    /// doubt; but not for the secrets in `abandon`, which are then left behind, or carried as the keys
    /// at hand know them. Refused, too, if the snapshot is not [whole](Snapshot::is_whole), whatever becomes
    /// of the old key: the new one is to open everything, and nobody would see what it does not.
    pub fn rotate(
        snapshot: &Snapshot,
        new: &NewKey,
        keys: &[&VerifiedKey],
        old: &OldKey,
        abandon: &[SecretName],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let newest = snapshot.default_key_id();
        Self::rotate_from(snapshot, newest, new, keys, old, abandon, rng)
    }

    /// The same where the new key may be the default already, so that it is another key whose entries
    /// are the newest: what a client stored that had not heard of the new key.
    pub(crate) fn rotate_from(
        snapshot: &Snapshot,
        newest: Option<&KeyId>,
        new: &NewKey,
        keys: &[&VerifiedKey],
        old: &OldKey,
        abandon: &[SecretName],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        require_whole(snapshot)?;
        let intent = match old {
            OldKey::StaysDefault => Intent::AddKey,
            OldKey::Kept | OldKey::Revoked(_) => Intent::Rotate,
        };
        let hand = Hand {
            keys,
            abandon,
            newest,
        };
        let mut draft = Draft::new(snapshot, intent);
        describe(&mut draft, new)?;
        carry(&mut draft, new.key(), hand, &[], rng)?;
        if *old == OldKey::StaysDefault {
            return Ok(draft.finish());
        }
        draft.next_stage();
        let opens = opened_by(&draft, new.key());
        draft.point(new.key().id(), opens);
        if let OldKey::Revoked(id) = old
            && id != new.key().id()
        {
            draft.next_stage();
            if strip(&mut draft, id, new.key()) {
                draft.next_stage();
                draft.blank_key(id);
            }
        }
        Ok(draft.finish())
    }
}

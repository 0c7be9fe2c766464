//! Setting secret storage up.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{DefaultKey, KeyId, NewKey, Secret, SecretName, Snapshot, VerifiedKey};

use super::add_key::describe;
use super::carry::{Hand, carry, opened_by};
use super::put::put;
use super::{Intent, Overwrite, Plan, PlanError, draft::Draft};

impl Plan {
    /// Sets secret storage up with a new key: describes it, stores the secrets for it beside what
    /// is there, carries every other secret of the account over with the keys at hand, and only then
    /// makes it the default. Refused where [`rotate`](Self::rotate) is.
    pub fn set_up(
        snapshot: &Snapshot,
        new: &NewKey,
        secrets: &[Secret],
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let newest = snapshot.default_key_id();
        Self::set_up_from(snapshot, newest, new, secrets, keys, abandon, rng)
    }

    /// The same where the new key may be the default already, so that it is another key whose entries
    /// are the newest.
    pub(crate) fn set_up_from(
        snapshot: &Snapshot,
        newest: Option<&KeyId>,
        new: &NewKey,
        secrets: &[Secret],
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let hand = Hand {
            keys,
            abandon,
            newest,
        };
        let mut draft = Draft::new(snapshot, Intent::Bootstrap);
        describe(&mut draft, new)?;
        draft.next_stage();
        for secret in secrets {
            put(&mut draft, secret, &[new.key()], Overwrite::Readable, rng)?;
        }
        let stored: Vec<_> = secrets.iter().map(|secret| secret.name().clone()).collect();
        carry(&mut draft, new.key(), hand, &stored, rng)?;
        draft.next_stage();
        let opens = opened_by(&draft, new.key());
        draft.point(new.key().id(), opens);
        Ok(draft.finish())
    }

    /// Stores secrets for the default key, which exists.
    pub fn complete(
        snapshot: &Snapshot,
        key: &VerifiedKey,
        secrets: &[Secret],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let mut draft = Draft::new(snapshot, Intent::Bootstrap);
        for secret in secrets {
            put(&mut draft, secret, &[key], Overwrite::Readable, rng)?;
        }
        draft.rely_on(DefaultKey::EVENT_TYPE);
        Ok(draft.finish())
    }
}

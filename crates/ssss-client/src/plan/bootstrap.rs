//! Setting secret storage up.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{DefaultKey, KeyId, NewKey, Secret, SecretName, Snapshot, VerifiedKey};

use super::add_key::describe;
use super::carry::{Hand, carry, opened_by};
use super::error::require_whole;
use super::put::put;
use super::{Intent, Overwrite, Plan, PlanError, draft::Draft};
use crate::publication::Publication;

/// How secret storage is set up.
#[derive(Clone, Copy)]
pub(crate) struct SetUp<'a> {
    /// The key whose entries are the newest.
    pub(crate) newest: Option<&'a KeyId>,
    pub(crate) secrets: &'a [Secret],
    pub(crate) keys: &'a [&'a VerifiedKey],
    pub(crate) abandon: &'a [SecretName],
    pub(crate) publish: Publication,
}

impl Plan {
    /// Sets secret storage up with a new key: describes it, stores the secrets for it beside what
    /// is there, carries every other secret of the account over with the keys at hand, publishes what
    /// is to be published, and only then makes it the default. Refused where [`rotate`](Self::rotate)
    /// is, also for a snapshot that is not whole, and where the new key would not open what is to be published.
    pub fn set_up(
        snapshot: &Snapshot,
        new: &NewKey,
        secrets: &[Secret],
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
        publish: Publication,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let options = SetUp {
            newest: snapshot.default_key_id(),
            secrets,
            keys,
            abandon,
            publish,
        };
        Self::set_up_from(snapshot, new, options, rng)
    }

    /// The same where the new key may be the default already, so that it is another key whose entries
    /// are the newest.
    pub(crate) fn set_up_from(
        snapshot: &Snapshot,
        new: &NewKey,
        options: SetUp<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        require_whole(snapshot)?;
        let hand = Hand {
            keys: options.keys,
            abandon: options.abandon,
            newest: options.newest,
        };
        let mut draft = Draft::new(snapshot, Intent::Bootstrap);
        // Nobody uses the key before it is the default, so what is sealed for it need not wait for its
        // description.
        describe(&mut draft, new)?;
        for secret in options.secrets {
            put(&mut draft, secret, &[new.key()], Overwrite::Readable, rng)?;
        }
        let stored = options.secrets.iter().map(|secret| secret.name().clone());
        let stored: Vec<_> = stored.collect();
        carry(&mut draft, new.key(), hand, &stored, rng)?;
        draft.publish(options.publish, new.key(), SecretName::MEGOLM_BACKUP)?;
        draft.next_stage();
        let opens = opened_by(&draft, new.key());
        draft.point(new.key().id(), opens);
        Ok(draft.finish())
    }

    /// Stores secrets for the default key, which exists, and publishes what is to be published: of
    /// these secrets, or of others that the key opens.
    pub fn complete(
        snapshot: &Snapshot,
        key: &VerifiedKey,
        secrets: &[Secret],
        publish: Publication,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let mut draft = Draft::new(snapshot, Intent::Bootstrap);
        for secret in secrets {
            put(&mut draft, secret, &[key], Overwrite::Readable, rng)?;
        }
        draft.publish(publish, key, SecretName::MEGOLM_BACKUP)?;
        draft.rely_on(DefaultKey::EVENT_TYPE);
        Ok(draft.finish())
    }
}

//! Putting right what was found wrong.

use ssss_model::rand_core::CryptoRng;
use ssss_model::ssss_crypto::MatchedForm;
use ssss_model::{
    DefaultKey, EncryptedSecret, EventState, Evidence, KeyDescription, KeyId, KeySpelling, Secret,
    SecretName, Snapshot, Value, VerifiedKey,
};

use super::carry::{Hand, Known};
use super::draft::Draft;
use super::put::{seal, would_be_lost, would_change};
use super::remove_key::{other_openers, strip_entry};
use super::{Intent, Loss, Plan, PlanError, Purpose};

impl Plan {
    /// Seals one secret anew for a key, the default key as a rule, from what another key at hand
    /// opens. What is there for the key and does not open with it is written over: the secret was
    /// named.
    pub fn reseal(
        snapshot: &Snapshot,
        name: &SecretName,
        target: &VerifiedKey,
        keys: &[&VerifiedKey],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let secret = present(snapshot, name)?;
        let keys: Vec<_> = [target].into_iter().chain(keys.iter().copied()).collect();
        let hand = Hand {
            keys: &keys,
            abandon: &[],
            newest: snapshot.default_key_id(),
        };
        let mut draft = Draft::new(snapshot, Intent::Repair);
        match hand.value(snapshot, secret) {
            Known::Value(value) => {
                if !opens_to(target, secret, &value) {
                    if would_be_lost(secret, target) || would_change(secret, target, &value) {
                        draft.lose(Loss::Overwritten(name.clone(), target.id().clone()));
                    }
                    seal(&mut draft, &value, &[target], rng)?;
                }
            }
            Known::Doubtful(_) | Known::Locked => {
                return Err(PlanError::Locked(name.clone()));
            }
        }
        Ok(draft.finish())
    }

    /// Writes a secret as clients write it today, for each of the keys at hand that opens it: a key in
    /// base64 of the standard alphabet, and so what is sealed.
    pub fn respell(
        snapshot: &Snapshot,
        name: &SecretName,
        keys: &[&VerifiedKey],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let secret = present(snapshot, name)?;
        let mut draft = Draft::new(snapshot, Intent::Repair);
        let mut opens = false;
        for key in keys {
            let Ok(value) = key.open(secret) else {
                continue;
            };
            opens = true;
            let is_odd = value
                .spelling()
                .is_some_and(|spelling| spelling != KeySpelling::Base64);
            if is_odd || secret.is_oddly_spelled_for(key.id()) {
                draft.next_stage();
                seal(&mut draft, &value.canonical(), &[key], rng)?;
            }
        }
        if opens {
            Ok(draft.finish())
        } else {
            Err(PlanError::Locked(name.clone()))
        }
    }

    /// Gives a key's description a check, or a new one, and whole numbers: the key has matched the
    /// old check, or a stored secret proves it. A key that is only assumed to be right is refused. One
    /// that a stored secret proves is described anew, if its description is gone or cannot be read;
    /// its other fields stay. A description that nothing is wrong with stays as it is.
    pub fn back_fill_check(
        snapshot: &Snapshot,
        key: &VerifiedKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        let id = key.id();
        let readable = readable(snapshot, id);
        let mut draft = Draft::new(snapshot, Intent::Repair);
        let description = match (snapshot.key(id), key.evidence()) {
            (_, Evidence::Assumed) => return Err(PlanError::Unproven(id.clone())),
            (EventState::Present(description), Evidence::Matched(MatchedForm::AsStored))
                if description.oddities().is_empty() =>
            {
                return Ok(draft.finish());
            }
            (EventState::Present(description), _) => description,
            (_, Evidence::ProvenBySecret(_)) => &readable,
            _ => return Err(PlanError::NoSuchKey(id.clone())),
        };
        let after = description
            .with_check(key, rng)
            .ok_or_else(|| PlanError::NoSuchKey(id.clone()))?;
        let purpose = Purpose::DescribeKey(id.clone());
        draft.write(&id.event_type(), after, purpose);
        Ok(draft.finish())
    }

    /// Takes away what a secret has for one key: garbage, or of a key that nobody describes. Refused
    /// unless another key at hand opens the secret, or the secret is in `abandon`; and so is what the
    /// default key may open, since it would then be out of its reach.
    pub fn drop_entry(
        snapshot: &Snapshot,
        name: &SecretName,
        id: &KeyId,
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
    ) -> Result<Self, PlanError> {
        let secret = present(snapshot, name)?;
        if !secret.entries().any(|(other, _)| other == id) {
            return Err(PlanError::NoEntry(name.clone(), id.clone()));
        }
        let hand = Hand {
            keys,
            abandon,
            newest: snapshot.default_key_id(),
        };
        let openers = other_openers(hand, secret, id);
        let is_garbage = hand.key(id).is_some_and(|key| key.open(secret).is_err());
        let is_defaults =
            snapshot.default_key_id() == Some(id) && secret.is_sealed_for(id) && !is_garbage;
        if (openers.is_empty() || is_defaults) && !hand.may_lose(name) {
            return Err(PlanError::WouldAbandon(vec![name.clone()]));
        }
        let mut draft = Draft::new(snapshot, Intent::Repair);
        strip_entry(&mut draft, secret, id, openers);
        // Another client may make it the default meanwhile.
        draft.rely_on(DefaultKey::EVENT_TYPE);
        Ok(draft.finish())
    }
}

/// A description that can be read, of one that cannot: with the algorithm, and with every other field
/// that is there, such as how the key is made from a passphrase.
fn readable(snapshot: &Snapshot, id: &KeyId) -> KeyDescription {
    let bare = KeyDescription::bare(id);
    let Some(there) = snapshot.content(&id.event_type()) else {
        return bare;
    };
    let object = there.with("algorithm", &Value::string(bare.algorithm()));
    match KeyDescription::parse(id, &object) {
        EventState::Present(description) => description,
        _ => bare,
    }
}

fn present<'a>(
    snapshot: &'a Snapshot,
    name: &SecretName,
) -> Result<&'a EncryptedSecret, PlanError> {
    match snapshot.secret(name) {
        EventState::Present(secret) => Ok(secret),
        EventState::Malformed(why) => Err(PlanError::NotASecret(name.clone(), *why)),
        EventState::Missing | EventState::Tombstone => Err(PlanError::NoSecret(name.clone())),
    }
}

fn opens_to(key: &VerifiedKey, secret: &EncryptedSecret, value: &Secret) -> bool {
    key.open(secret)
        .is_ok_and(|opened| opened.has_value_of(value))
}

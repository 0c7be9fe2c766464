//! Finding the keys that a typed text, or a cached key, opens.

#[cfg(not(target_family = "wasm"))]
mod aside;

use std::cell::LazyCell;
use std::collections::HashMap;
use std::fmt;

use ssss_model::ssss_crypto::{CostLimits, SecretStorageKey};
use ssss_model::ssss_recovery_key::ParseError;
use ssss_model::{
    DeriveError, EncryptedSecret, KeyDescription, KeyId, PassphraseState, RejectedKey, Snapshot,
    TypedKey, UncheckedKey, UnverifiedKey, Verification, VerifiedKey, VerifyError,
};

use crate::key_callbacks::ProvidedKey;

/// The keys of an account which a text or a key turned out to be.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unlocked {
    /// The keys that it is, the default key first. A recovery key may have been published under
    /// several ids.
    pub keys: Vec<VerifiedKey>,
    /// Keys that it may be: their descriptions have no check, and no secret is sealed for them
    /// that would prove it.
    pub unchecked: Vec<UncheckedKey>,
}

impl Unlocked {
    /// No keys.
    pub(crate) fn none() -> Self {
        Self {
            keys: Vec::new(),
            unchecked: Vec::new(),
        }
    }
}

/// Why no key was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnlockError {
    /// There is no key to hold it against.
    NoKeys,
    /// It is not a recovery key, for this reason, and no key here was made from a passphrase.
    NotARecoveryKey(ParseError),
    /// It fits none of these keys, each with what was found.
    FitsNothing(Vec<(KeyId, KeyMismatch)>),
}

/// Why a key is not the one that was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyMismatch {
    /// It was held against the description, and refused.
    Refused(VerifyError),
    /// No key could be derived from the passphrase.
    NotDerived(DeriveError),
    /// The description has no check, and no secret that is sealed for this key opens.
    OpensNothing,
    /// Other keys had used up the whole cost that was allowed.
    CostSpent,
}

/// How far unlocking by passphrase looks; each key costs a derivation. What costs nothing, a recovery
/// key or a cached one, is always held against every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlockScope {
    /// Until the first key that fits.
    First,
    /// Every key.
    Every,
}

/// Holds what was provided against descriptions, in their order.
///
/// `limits` bound the cost of each derivation, and its ceiling that of all together.
pub fn unlock<'a>(
    snapshot: &Snapshot,
    candidates: impl IntoIterator<Item = &'a KeyDescription>,
    provided: &ProvidedKey,
    scope: UnlockScope,
    limits: CostLimits,
) -> Result<Unlocked, UnlockError> {
    let mut spent = 0;
    let mut unlocked = Unlocked {
        keys: Vec::new(),
        unchecked: Vec::new(),
    };
    let mut mismatches = Vec::new();
    let mut any_passphrase = false;
    let proofs = LazyCell::new(|| proofs(snapshot));
    for description in candidates {
        if is_costly(provided) && scope == UnlockScope::First && !unlocked.keys.is_empty() {
            break;
        }
        any_passphrase |= *description.passphrase() != PassphraseState::None;
        let verdict = candidate_key(description, provided, limits, &mut spent).and_then(|key| {
            match description.verify(key) {
                Ok(verification) => settle(&proofs, verification),
                Err(rejected) => prove(&proofs, description, *rejected),
            }
        });
        match verdict {
            Ok(Verification::Verified(key)) => unlocked.keys.push(key),
            Ok(Verification::Unchecked(key)) => unlocked.unchecked.push(key),
            Err(mismatch) => mismatches.push((description.id().clone(), mismatch)),
        }
    }
    if !unlocked.keys.is_empty() || !unlocked.unchecked.is_empty() {
        return Ok(unlocked);
    }
    match provided {
        _ if mismatches.is_empty() => Err(UnlockError::NoKeys),
        ProvidedKey::Typed(TypedKey::Passphrase(_, reason)) if !any_passphrase => {
            Err(UnlockError::NotARecoveryKey(reason.clone()))
        }
        _ => Err(UnlockError::FitsNothing(mismatches)),
    }
}

/// The same, with derivations from a passphrase on a thread of their own, so that requests go on
/// meanwhile. Where there are no threads, that is here.
pub(crate) async fn unlock_aside(
    snapshot: &Snapshot,
    candidates: &[&KeyDescription],
    provided: ProvidedKey,
    scope: UnlockScope,
    limits: CostLimits,
) -> Result<Unlocked, UnlockError> {
    #[cfg(not(target_family = "wasm"))]
    if is_costly(&provided) {
        let snapshot = snapshot.clone();
        let candidates: Vec<KeyDescription> = candidates.iter().copied().cloned().collect();
        let work = move || unlock(&snapshot, &candidates, &provided, scope, limits);
        return aside::aside(work).await;
    }
    let candidates = candidates.iter().copied();
    unlock(snapshot, candidates, &provided, scope, limits)
}

/// Whether keys are derived from what was provided.
fn is_costly(provided: &ProvidedKey) -> bool {
    matches!(provided, ProvidedKey::Typed(TypedKey::Passphrase(..)))
}

/// The key that would be the described one if it was provided.
fn candidate_key(
    description: &KeyDescription,
    provided: &ProvidedKey,
    limits: CostLimits,
    spent: &mut u64,
) -> Result<UnverifiedKey, KeyMismatch> {
    match provided {
        ProvidedKey::Typed(TypedKey::RecoveryKey(key)) => Ok(UnverifiedKey::from_recovery_key(key)),
        ProvidedKey::Typed(TypedKey::Passphrase(passphrase, _)) => {
            let cost = match description.passphrase() {
                PassphraseState::Usable(info) => info.iterations(),
                _ => 0,
            };
            let ceiling = u64::from(limits.ceiling);
            if cost <= ceiling && spent.saturating_add(cost) > ceiling {
                return Err(KeyMismatch::CostSpent);
            }
            let key = description
                .derive(passphrase, limits)
                .map_err(KeyMismatch::NotDerived)?;
            *spent = spent.saturating_add(cost);
            Ok(key)
        }
        ProvidedKey::Cached(id, key) if id == description.id() => {
            SecretStorageKey::from_bytes(key.expose())
                .map(UnverifiedKey::from_key)
                .map_err(|_| KeyMismatch::Refused(VerifyError::WrongKey))
        }
        ProvidedKey::Cached(..) => Err(KeyMismatch::Refused(VerifyError::WrongKey)),
    }
}

/// The secrets that are sealed for each key. There may be any number of both, so that looking through all
/// secrets for every key is too much.
type Proofs<'a> = HashMap<&'a KeyId, Vec<&'a EncryptedSecret>>;

fn proofs(snapshot: &Snapshot) -> Proofs<'_> {
    let mut proofs = Proofs::new();
    for secret in snapshot.present_secrets() {
        for (id, _) in secret.entries().filter(|(_, fault)| fault.is_none()) {
            proofs.entry(id).or_default().push(secret);
        }
    }
    proofs
}

/// A key whose check is damaged is proven by any secret that is sealed for it, or refused.
fn prove(
    proofs: &Proofs<'_>,
    description: &KeyDescription,
    rejected: RejectedKey,
) -> Result<Verification, KeyMismatch> {
    let RejectedKey { mut key, reason } = rejected;
    if matches!(reason, VerifyError::DamagedCheck(_)) {
        for secret in proofs.get(description.id()).into_iter().flatten() {
            key = match description.prove(key, secret) {
                Ok(key) => return Ok(Verification::Verified(key)),
                Err(key) => key,
            };
        }
    }
    Err(KeyMismatch::Refused(reason))
}

/// A key without a check is proven by any secret that is sealed for it, or refuted by all of them.
fn settle(proofs: &Proofs<'_>, verification: Verification) -> Result<Verification, KeyMismatch> {
    let mut key = match verification {
        Verification::Unchecked(key) => key,
        verified @ Verification::Verified(_) => return Ok(verified),
    };
    let Some(secrets) = proofs.get(key.id()) else {
        return Ok(Verification::Unchecked(key));
    };
    for secret in secrets {
        key = match key.prove(secret) {
            Ok(key) => return Ok(Verification::Verified(key)),
            Err(key) => key,
        };
    }
    Err(KeyMismatch::OpensNothing)
}

impl fmt::Display for UnlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKeys => f.write_str("there is no key to hold it against"),
            Self::NotARecoveryKey(reason) => write!(
                f,
                "it is not a recovery key ({reason}), and no key here was made from a passphrase"
            ),
            Self::FitsNothing(keys) => match keys.len() {
                1 => f.write_str("it does not fit the one key here"),
                count => write!(f, "it fits none of the {count} keys here"),
            },
        }
    }
}

impl core::error::Error for UnlockError {}

impl fmt::Display for KeyMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::NotDerived(error) => error.fmt(f),
            Self::OpensNothing => {
                f.write_str("the key has no check, and no secret that is sealed for it opens")
            }
            Self::CostSpent => f.write_str("the other keys had used up the cost that is allowed"),
        }
    }
}

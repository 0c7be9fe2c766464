//! Explaining why a key does not open what it was meant to.

use std::collections::HashSet;
use std::hash::Hash;

use ssss_client::ssss_model::ssss_crypto::{CostError, CostLimits};
use ssss_client::ssss_model::ssss_recovery_key::ParseError;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{DeriveError, KeyDescription, KeyId, Snapshot, TypedKey};
use ssss_client::{KeyMismatch, ProvidedKey, UnlockError, UnlockScope, quoted, unlock};

use crate::code::Code;
use crate::failure::{Failure, SSSS, malformed_key, typing_error};

/// A search for a key among some of an account's keys.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) candidates: &'a [&'a KeyDescription],
    pub(crate) limits: CostLimits,
}

impl Search<'_> {
    /// Explains a search that found nothing, after looking among the account's other keys.
    pub(crate) fn explain(&self, text: &str, error: UnlockError) -> Failure {
        let elsewhere = match self.look_elsewhere(text) {
            Ok(ids) => return self.other_key(&ids),
            Err(error) => error,
        };
        if let Some(reason) = typing_error(text) {
            return malformed_key(text, &reason);
        }
        if let Some(reason) = only_malformed(&error, &elsewhere) {
            return malformed_key(text, reason)
                .try_this("no key here was made from a passphrase; only a recovery key opens it");
        }
        let mut mismatches = mismatches_of(error, self.candidates.iter().copied());
        mismatches.extend(mismatches_of(elsewhere, self.others()));
        if mismatches.is_empty() {
            return no_keys();
        }
        cost_failure(&mismatches).unwrap_or_else(|| fits_nothing(text, &mismatches))
    }

    /// The account's other keys.
    fn others(&self) -> impl Iterator<Item = &KeyDescription> {
        all_but(
            self.snapshot.descriptions(),
            self.candidates,
            KeyDescription::id,
        )
    }

    /// The ids of other keys that the text proves to be.
    fn look_elsewhere(&self, text: &str) -> Result<Vec<KeyId>, UnlockError> {
        let typed = TypedKey::read(Zeroizing::new(text.to_owned()));
        let provided = ProvidedKey::Typed(typed);
        let unlocked = unlock(
            self.snapshot,
            self.others(),
            &provided,
            UnlockScope::First,
            self.limits,
        )?;
        if unlocked.keys.is_empty() {
            return Err(UnlockError::NoKeys);
        }
        Ok(unlocked.keys.iter().map(|key| key.id().clone()).collect())
    }

    fn other_key(&self, ids: &[KeyId]) -> Failure {
        let wanted = self.candidates.iter().map(|key| quoted(key.id().as_str()));
        let wanted: Vec<_> = wanted.collect();
        let found: Vec<_> = ids.iter().map(|id| quoted(id.as_str())).collect();
        Failure::new(
            Code::OtherKey,
            "other-key",
            format!(
                "this is the right key for {}, not for this",
                found.join(", ")
            ),
        )
        .because(format!(
            "what is wanted here is key {}",
            wanted.join(" or ")
        ))
        .try_this(format!(
            "look for the other key; `{SSSS} which-key` says what this one opens"
        ))
    }
}

/// All but some, told apart by their ids. There may be very many of both.
fn all_but<'a, T, Id: Eq + Hash + 'a>(
    all: impl Iterator<Item = &'a T>,
    some: &[&'a T],
    id: fn(&T) -> &Id,
) -> impl Iterator<Item = &'a T> {
    let ids: HashSet<&Id> = some.iter().map(|one| id(one)).collect();
    all.filter(move |one| !ids.contains(id(one)))
}

/// Why the text is no recovery key, if it can be nothing else: no key that was searched, here or
/// elsewhere, was made from a passphrase.
fn only_malformed<'a>(here: &'a UnlockError, elsewhere: &'a UnlockError) -> Option<&'a ParseError> {
    match (here, elsewhere) {
        (UnlockError::FitsNothing(_), _) | (_, UnlockError::FitsNothing(_)) => None,
        (UnlockError::NotARecoveryKey(reason), _) | (_, UnlockError::NotARecoveryKey(reason)) => {
            Some(reason)
        }
        _ => None,
    }
}

/// What was found for each key that was searched.
fn mismatches_of<'a>(
    error: UnlockError,
    searched: impl Iterator<Item = &'a KeyDescription>,
) -> Vec<(KeyId, KeyMismatch)> {
    let no_passphrase = || KeyMismatch::NotDerived(DeriveError::NoPassphrase);
    match error {
        UnlockError::FitsNothing(found) => found,
        UnlockError::NotARecoveryKey(_) => searched
            .map(|key| (key.id().clone(), no_passphrase()))
            .collect(),
        _ => Vec::new(),
    }
}

fn no_keys() -> Failure {
    Failure::new(
        Code::Damaged,
        "no-usable-key",
        "this account has no key that can be read",
    )
    .because("there is nothing to hold a key against")
    .try_this(format!("{SSSS} status says what is wrong"))
}

/// The first cost that kept a passphrase from being tried. It may be the right one.
fn cost_failure(mismatches: &[(KeyId, KeyMismatch)]) -> Option<Failure> {
    mismatches.iter().find_map(|(id, mismatch)| {
        let hint = match mismatch {
            KeyMismatch::NotDerived(DeriveError::Cost(CostError::AboveCeiling {
                iterations, ..
            })) => match u32::try_from(*iterations) {
                Ok(iterations) => {
                    format!("--max-kdf-iterations {iterations}, if you trust the server; or the recovery key")
                }
                Err(_) => {
                    "the recovery key: that many are beyond --max-kdf-iterations and any computer"
                        .to_owned()
                }
            },
            KeyMismatch::NotDerived(DeriveError::Cost(_)) => {
                "the recovery key: --max-kdf-iterations does not help here".to_owned()
            }
            KeyMismatch::CostSpent => {
                "a larger --max-kdf-iterations, which bounds all keys together".to_owned()
            }
            _ => return None,
        };
        Some(
            Failure::new(
                Code::Cost,
                "kdf-cost",
                "the passphrase was not tried on every key, because of what it would cost",
            )
            .because(format!("key {}: {mismatch}", quoted(id.as_str())))
            .try_this(hint),
        )
    })
}

fn fits_nothing(text: &str, mismatches: &[(KeyId, KeyMismatch)]) -> Failure {
    let typed = TypedKey::read(Zeroizing::new(text.to_owned()));
    let count = match mismatches.len() {
        1 => "does not open the one key here".to_owned(),
        count => format!("opens none of the {count} keys here"),
    };
    let (message, hint) = match typed {
        TypedKey::RecoveryKey(_) => (
            format!("this is a well-formed recovery key, but it {count}"),
            "look for a newer key. Do not reset yet: another signed-in device may still have your keys",
        ),
        TypedKey::Passphrase(..) => (
            format!("this passphrase {count}"),
            "check capitals, accents, spaces at the ends and the keyboard layout; or use the recovery key",
        ),
    };
    let tried: Vec<_> = mismatches
        .iter()
        .take(SHOWN)
        .map(|(id, mismatch)| format!("key {}: {mismatch}", quoted(id.as_str())))
        .collect();
    let more = match mismatches.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Failure::new(Code::KeyFitsNothing, "key-fits-nothing", message)
        .because(format!("{}{more}", tried.join("; ")))
        .try_this(hint)
}

/// A server can make up any number of keys.
const SHOWN: usize = 10;

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::Hasher;

    use super::*;

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// An id that counts how often it is compared.
    struct Id(usize);

    impl PartialEq for Id {
        fn eq(&self, other: &Self) -> bool {
            COMPARED.set(COMPARED.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Id {}

    impl Hash for Id {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    /// A hundred million comparisons, were every key held against every candidate.
    #[test]
    fn other_keys_are_found_without_holding_each_against_each_candidate() {
        let all: Vec<Id> = (0..20_000).map(Id).collect();
        let candidates: Vec<&Id> = all.iter().filter(|id| id.0 % 2 == 0).collect();
        let others: Vec<usize> = all_but(all.iter(), &candidates, |id| id)
            .map(|id| id.0)
            .collect();
        assert!(others.iter().all(|id| id % 2 == 1));
        assert_eq!(others.len(), 10_000);
        // One for each candidate that is found, and a few for hashes that look alike.
        let compared = COMPARED.get();
        assert!(compared < 2 * all.len(), "{compared}");
    }
}

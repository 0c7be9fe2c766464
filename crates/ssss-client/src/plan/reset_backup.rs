//! A new key for the key backup, and one that comes back.

use ssss_model::rand_core::CryptoRng;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    DefaultKey, EventState, Malformed, Object, Secret, SecretName, Snapshot, VerifiedKey,
};

use super::carry::{Hand, Known};
use super::draft::Draft;
use super::error::require_whole;
use super::put::{put, seal, would_be_lost};
use super::{Intent, Overwrite, Plan, PlanError, Purpose};
use crate::publication::Publication;

/// How the names begin under which backup keys lie that are in nobody's use: then follows `pending`
/// for the key of a version that is being made, the id of the version that it is the key of, or
/// `unknown`.
pub const BACKUP_KEYS: &str = "io.github.ssss_rs.backup_key.";

/// What follows for a key of a version that is being made.
const PENDING: &str = "pending";

/// What follows for a key of a version that nobody knows.
const UNKNOWN: &str = "unknown";

/// A new backup, in the place of the one that there may be.
#[derive(Debug, Clone, Copy)]
pub struct ResetBackup<'a> {
    /// The new backup's private key: `m.megolm_backup.v1`.
    pub key: &'a Secret,
    /// The version that the server has now, if what is stored is its key, or may be.
    pub version: Option<&'a str>,
    /// Secrets that may be lost if no key opens them.
    pub abandon: &'a [SecretName],
}

impl Plan {
    /// Puts a new backup key in place: stores it under a name of its own, and with it what is there now
    /// under an [archive's name](BACKUP_KEYS); publishes a version of the backup for it; and only then
    /// writes `m.megolm_backup.v1`, and blanks the first.
    ///
    /// `target` is the default key, and `keys` are those at hand. Refused if a backup key is there that
    /// none of them opens, or whose value is in doubt; but not for the names in `abandon`. Refused if
    /// the snapshot is not [whole](Snapshot::is_whole): it may lack an archive.
    pub fn reset_backup(
        snapshot: &Snapshot,
        options: ResetBackup<'_>,
        target: &VerifiedKey,
        keys: &[&VerifiedKey],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        require_whole(snapshot)?;
        let hand = hand(snapshot, keys, options.abandon);
        let pending = pending_name()?;
        let new = named(options.key, &SecretName::MEGOLM_BACKUP)?;
        let mut draft = Draft::new(snapshot, Intent::ResetBackup);
        let mut lost = Vec::new();
        for (name, version) in [
            (&SecretName::MEGOLM_BACKUP, options.version),
            (&pending, None),
        ] {
            if !archive(&mut draft, name, version, &new, target, hand, rng)? {
                lost.push(name.clone());
            }
        }
        if !lost.is_empty() {
            return Err(PlanError::WouldAbandon(lost));
        }
        // What is written over must be kept before, and what is written at once is so in any order.
        if snapshot.secret(&pending).present().is_some() {
            draft.next_stage();
        }
        replace(&mut draft, &named(&new, &pending)?, target, hand, rng)?;
        let publication = Publication {
            identity: false,
            backup: true,
        };
        draft.publish(publication, target, pending.clone())?;
        draft.next_stage();
        replace(&mut draft, &new, target, hand, rng)?;
        draft.next_stage();
        // It has come to its place, and nothing is lost.
        let purpose = Purpose::RemoveSecret(pending.clone());
        draft.write(pending.as_str(), Object::empty(), purpose);
        draft.rely_on(DefaultKey::EVENT_TYPE);
        Ok(draft.finish())
    }

    /// Puts a backup key back in its place which lies in any other: the one of which `is_current` says
    /// that the server's version is for it. What is there now goes to an [archive](BACKUP_KEYS).
    /// Refused if the snapshot is not [whole](Snapshot::is_whole): it may lie where nobody sees it.
    pub fn repair_backup_key(
        snapshot: &Snapshot,
        is_current: impl Fn(&Secret) -> bool,
        target: &VerifiedKey,
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, PlanError> {
        require_whole(snapshot)?;
        let name = SecretName::MEGOLM_BACKUP;
        let keys: Vec<_> = [target].into_iter().chain(keys.iter().copied()).collect();
        let hand = hand(snapshot, &keys, abandon);
        let mut draft = Draft::new(snapshot, Intent::Repair);
        let found = find(snapshot, &keys, is_current)?;
        let there = snapshot.secret(&name).present();
        let is_right = there.is_some_and(|there| {
            target
                .open(there)
                .is_ok_and(|value| value.has_value_of(&found))
        });
        if !is_right {
            if !archive(&mut draft, &name, None, &found, target, hand, rng)? {
                return Err(PlanError::WouldAbandon(vec![name]));
            }
            draft.next_stage();
            replace(&mut draft, &found, target, hand, rng)?;
            draft.rely_on(DefaultKey::EVENT_TYPE);
        }
        Ok(draft.finish())
    }
}

/// Whether a secret is a backup key, in its place or in another.
pub(crate) fn is_backup_key(name: &SecretName) -> bool {
    *name == SecretName::MEGOLM_BACKUP || name.as_str().starts_with(BACKUP_KEYS)
}

fn hand<'a>(
    snapshot: &'a Snapshot,
    keys: &'a [&'a VerifiedKey],
    abandon: &'a [SecretName],
) -> Hand<'a> {
    Hand {
        keys,
        abandon,
        newest: snapshot.default_key_id(),
    }
}

/// The key that is wanted, wherever it lies.
fn find(
    snapshot: &Snapshot,
    keys: &[&VerifiedKey],
    is_current: impl Fn(&Secret) -> bool,
) -> Result<Secret, PlanError> {
    let mut is_locked = false;
    // What is in its place comes first, under whichever key.
    let (in_place, others): (Vec<_>, Vec<_>) = snapshot
        .present_secrets()
        .partition(|secret| *secret.name() == SecretName::MEGOLM_BACKUP);
    for secret in in_place.into_iter().chain(others) {
        let mut opens = false;
        for key in keys {
            let Ok(value) = key.open(secret) else {
                continue;
            };
            opens = true;
            if let Ok(value) = named(&value, &SecretName::MEGOLM_BACKUP)
                && is_current(&value)
            {
                return Ok(value);
            }
        }
        is_locked |= !opens && is_backup_key(secret.name());
    }
    let name = SecretName::MEGOLM_BACKUP;
    Err(if is_locked {
        PlanError::Locked(name)
    } else {
        PlanError::NoSecret(name)
    })
}

/// Keeps what a secret is now, unless it is the new value, under the name of an archive. Says whether
/// nothing is lost, or only what may be.
fn archive(
    draft: &mut Draft<'_>,
    name: &SecretName,
    version: Option<&str>,
    new: &Secret,
    target: &VerifiedKey,
    hand: Hand<'_>,
    rng: &mut impl CryptoRng,
) -> Result<bool, PlanError> {
    let there = match draft.snapshot.secret(name) {
        EventState::Missing | EventState::Tombstone => return Ok(true),
        EventState::Malformed(why) => return Err(PlanError::NotASecret(name.clone(), *why)),
        EventState::Present(there) => there,
    };
    match hand.value(draft.snapshot, there) {
        Known::Value(value) => {
            let place = free_place(draft, &value, version, target)?;
            let is_new = named(&value, new.name()).is_ok_and(|value| value.has_value_of(new));
            if let Some(place) = place.filter(|_| !is_new) {
                seal(draft, &named(&value, &place)?, &[target], rng)?;
            }
            Ok(true)
        }
        Known::Doubtful(_) | Known::Locked => Ok(hand.may_lose(name)),
    }
}

/// The name of an archive that is not taken; `None` if the value lies in one already.
fn free_place(
    draft: &Draft<'_>,
    value: &Secret,
    version: Option<&str>,
    target: &VerifiedKey,
) -> Result<Option<SecretName>, PlanError> {
    let version = version.filter(|version| {
        !matches!(*version, PENDING | UNKNOWN)
            && SecretName::new(&format!("{BACKUP_KEYS}{version}.1")).is_ok()
    });
    let version = version.unwrap_or(UNKNOWN);
    for number in 1_usize.. {
        let name = match number {
            1 => own_name(version)?,
            _ => own_name(&format!("{version}.{number}"))?,
        };
        match draft.secret(&name) {
            EventState::Missing | EventState::Tombstone => return Ok(Some(name)),
            EventState::Present(there) => {
                let is_same = target.open(&there).is_ok_and(|there| {
                    let value = named(value, &name);
                    value.is_ok_and(|value| value.has_value_of(&there))
                });
                if is_same {
                    return Ok(None);
                }
            }
            EventState::Malformed(_) => {}
        }
    }
    Ok(None)
}

/// Writes a secret for the key, where what is there was kept, or may be lost.
fn replace(
    draft: &mut Draft<'_>,
    secret: &Secret,
    target: &VerifiedKey,
    hand: Hand<'_>,
    rng: &mut impl CryptoRng,
) -> Result<(), PlanError> {
    let name = secret.name();
    if hand.may_lose(name) {
        return put(draft, secret, &[target], Overwrite::Anything, rng);
    }
    if let EventState::Present(there) = draft.secret(name)
        && would_be_lost(&there, target)
    {
        return Err(PlanError::WouldOverwrite(name.clone(), target.id().clone()));
    }
    seal(draft, secret, &[target], rng)
}

fn pending_name() -> Result<SecretName, PlanError> {
    own_name(PENDING)
}

fn own_name(what: &str) -> Result<SecretName, PlanError> {
    SecretName::new(&format!("{BACKUP_KEYS}{what}"))
        .map_err(|_| PlanError::NoSecret(SecretName::MEGOLM_BACKUP))
}

/// The same value under another name. Under that of the backup key it must be a key.
fn named(secret: &Secret, name: &SecretName) -> Result<Secret, PlanError> {
    let text = Zeroizing::new(secret.expose().to_owned());
    let other = |_| PlanError::NotASecret(secret.name().clone(), Malformed::OtherData);
    Secret::new(name.clone(), text).map_err(other)
}

//! Holding what was read back against what it was written for.

use std::collections::HashSet;

use ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyDescription, KeyId, Object, OpenError, SecretName,
    Snapshot, VerifiedKey,
};

use super::course::same_or_blank;
use super::error::ApplyErrorKind;
use crate::plan::{Purpose, Write};

/// Holds what was read back against what the write was for.
pub(super) fn verify(
    write: &Write,
    current: Option<&Object>,
    keys: &[&VerifiedKey],
) -> Result<(), ApplyErrorKind> {
    let is_as_written = same_or_blank(current, write.after());
    let holds = match (write.purpose(), current) {
        (Purpose::StoreSecret(name, ids) | Purpose::StripSecret(name, ids), Some(current)) => {
            is_as_written && opens(name, ids, current, keys)?
        }
        (Purpose::DescribeKey(id), Some(current)) => {
            is_as_written && KeyDescription::parse(id, current).present().is_some()
        }
        (Purpose::SetDefaultKey { id, .. }, Some(current)) => DefaultKey::parse(current)
            .present()
            .is_some_and(|default| default.id() == id),
        (
            Purpose::StoreSecret(..)
            | Purpose::StripSecret(..)
            | Purpose::DescribeKey(_)
            | Purpose::SetDefaultKey { .. },
            None,
        ) => false,
        (
            Purpose::RemoveSecret(_)
            | Purpose::BlankKey(_)
            | Purpose::UnsetDefaultKey
            | Purpose::Restore,
            _,
        ) => is_as_written,
    };
    if holds {
        Ok(())
    } else {
        Err(ApplyErrorKind::NotStored(write.event_type().to_owned()))
    }
}

/// Nothing is taken away before what stays was opened.
pub(super) fn verify_before_strip(
    write: &Write,
    current: Option<&Object>,
    keys: &[&VerifiedKey],
) -> Result<(), ApplyErrorKind> {
    match (write.purpose(), current) {
        (Purpose::StripSecret(name, ids), Some(current)) => {
            opens(name, ids, current, keys).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Before and after a key becomes the default: whether it is described, and opens what it should, and
/// whatever another client has stored since the plan was made. Without the key, nothing may have been.
pub(super) fn verify_default(
    id: &KeyId,
    opens: &[SecretName],
    passes_over: &[SecretName],
    keys: &[&VerifiedKey],
    now: &Snapshot,
) -> Result<(), ApplyErrorKind> {
    if now.key(id).present().is_none() {
        return Err(ApplyErrorKind::Conflict(id.event_type()));
    }
    let conflict = |name: &SecretName| ApplyErrorKind::Conflict(name.as_str().to_owned());
    let is_there = |name: &&SecretName| now.secret(name).present().is_none();
    if let Some(gone) = opens.iter().find(is_there) {
        return Err(conflict(gone));
    }
    let key = keys.iter().find(|key| key.id() == id);
    let excused: HashSet<&SecretName> = passes_over.iter().collect();
    for secret in now.present_secrets() {
        // It did open when the plan was made, or was not there: somebody has written it since.
        if !excused.contains(secret.name()) && key.is_none_or(|key| key.open(secret).is_err()) {
            return Err(conflict(secret.name()));
        }
    }
    Ok(())
}

/// Opens a secret with each of these keys. `false` if there is no secret.
fn opens(
    name: &SecretName,
    ids: &[KeyId],
    current: &Object,
    keys: &[&VerifiedKey],
) -> Result<bool, ApplyErrorKind> {
    let EventState::Present(secret) = EncryptedSecret::parse(name, current) else {
        return Ok(false);
    };
    for id in ids {
        let key = keys.iter().find(|key| key.id() == id);
        let opened = key.map_or(Err(OpenError::NotSealedForKey), |key| key.open(&secret));
        opened.map_err(|error| ApplyErrorKind::DoesNotOpen(name.clone(), id.clone(), error))?;
    }
    Ok(true)
}

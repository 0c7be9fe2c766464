//! Holding what was read back against what it was written for.

use ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyDescription, KeyId, Object, OpenError, SecretName,
    VerifiedKey,
};

use super::error::ApplyErrorKind;
use super::same_or_blank;
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
        (Purpose::SetDefaultKey(id, _), Some(current)) => DefaultKey::parse(current)
            .present()
            .is_some_and(|default| default.id() == id),
        (
            Purpose::StoreSecret(..)
            | Purpose::StripSecret(..)
            | Purpose::DescribeKey(_)
            | Purpose::SetDefaultKey(..),
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

/// Once a key is the default: whether it is described, and opens what it should.
pub(super) fn verify_default<'a>(
    id: &KeyId,
    secrets: &[SecretName],
    keys: &[&VerifiedKey],
    content: impl Fn(&str) -> Option<&'a Object>,
) -> Result<(), ApplyErrorKind> {
    let event_type = id.event_type();
    let description = content(&event_type).map(|content| KeyDescription::parse(id, content));
    if !matches!(description, Some(EventState::Present(_))) {
        return Err(ApplyErrorKind::Conflict(event_type));
    }
    for name in secrets {
        let changed = || ApplyErrorKind::Conflict(name.as_str().to_owned());
        let current = content(name.as_str()).ok_or_else(changed)?;
        match opens(name, std::slice::from_ref(id), current, keys) {
            Ok(true) => {}
            // It did open a moment ago: somebody has written it since.
            Ok(false) | Err(_) => return Err(changed()),
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

//! The private halves of what is published.

use ssss_model::zeroize::Zeroizing;
use ssss_model::{EncryptedSecret, EventState, OpenError, Secret, SecretName, VerifiedKey};

use super::error::ApplyErrorKind;
use super::reading::Reading;
use crate::plan::Publishing;

/// Opens the private halves of what is published, as the account has them now: for a backup also the
/// master key that signs it, if it is there.
pub(super) fn private_halves(
    publishing: &Publishing,
    keys: &[&VerifiedKey],
    now: &Reading,
) -> Result<Vec<Secret>, ApplyErrorKind> {
    let key = keys.iter().find(|key| *key.id() == publishing.key);
    let key = key.ok_or_else(|| ApplyErrorKind::NoKey(publishing.key.clone()))?;
    let mut secrets = Vec::new();
    for name in publishing.required() {
        let secret = open(name, key, now)?;
        let secret = secret.ok_or_else(|| ApplyErrorKind::Conflict(name.as_str().to_owned()))?;
        secrets.push(renamed(secret, publishing.published_as(name), key)?);
    }
    let master = SecretName::CROSS_SIGNING_MASTER;
    if !publishing.publication.identity
        && let Ok(Some(master)) = open(&master, key, now)
    {
        secrets.push(master);
    }
    Ok(secrets)
}

fn open(
    name: &SecretName,
    key: &VerifiedKey,
    now: &Reading,
) -> Result<Option<Secret>, ApplyErrorKind> {
    let Some(content) = now.content(name.as_str())? else {
        return Ok(None);
    };
    let EventState::Present(secret) = EncryptedSecret::parse(name, &content) else {
        return Ok(None);
    };
    let opened = key.open(&secret);
    opened
        .map(Some)
        .map_err(|error| ApplyErrorKind::DoesNotOpen(name.clone(), key.id().clone(), error))
}

/// A secret under the name that its value is for.
fn renamed(secret: Secret, name: &SecretName, key: &VerifiedKey) -> Result<Secret, ApplyErrorKind> {
    if secret.name() == name {
        return Ok(secret);
    }
    let text = Zeroizing::new(secret.expose().to_owned());
    Secret::new(name.clone(), text).map_err(|_| {
        let name = secret.name().clone();
        ApplyErrorKind::DoesNotOpen(name, key.id().clone(), OpenError::NotAKey)
    })
}

//! What a homeserver publishes of an account, beside its account data.

mod backup;
mod device;
mod error;
mod identity;
mod signing;

use std::collections::BTreeMap;

use ssss_model::ruma_common::{DeviceId, OwnedDeviceId, OwnedUserId, UserId};
use ssss_model::{Object, Secret, SecretName};

pub use self::backup::PublishedBackup;
pub use self::device::PublishedDevice;
pub use self::error::PublishedError;
pub use self::identity::{IdentityState, PublishedIdentity, PublishedKey};
pub use self::signing::SignDeviceError;

use crate::identity::{PublicKey, public_half};

/// What a homeserver publishes of an account: the public halves of its cross-signing keys, its devices,
/// and its key backup.
///
/// Whatever is there and cannot be read has a state of its own, so that it is never taken for nothing.
/// A homeserver may publish what it likes: only with the private halves, or a fingerprint, is it known
/// to be the account's.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Published {
    /// Whose account it is.
    pub user_id: OwnedUserId,
    /// The public halves of the cross-signing keys.
    pub identity: PublishedIdentity,
    /// The devices that have keys, by their ids.
    pub devices: BTreeMap<OwnedDeviceId, PublishedDevice>,
    /// The key backup, if there is one.
    pub backup: Option<PublishedBackup>,
}

/// How a private key that is stored and the public key that is published go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pairing {
    /// It is the private half of what is published.
    Matches,
    /// It is the private half of this key, and another one is published.
    Other(PublicKey),
    /// No key is published that it could be the private half of, or none that can be read.
    NotPublished,
}

impl Pairing {
    /// `matches`, `other` or `not-published`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Matches => "matches",
            Self::Other(_) => "other",
            Self::NotPublished => "not-published",
        }
    }
}

impl Published {
    /// Reads the body of an answer to `POST /_matrix/client/v3/keys/query` for this user, and that of
    /// one to `GET /_matrix/client/v3/room_keys/version`; `None` where there is no backup, which a
    /// homeserver says by `404 M_NOT_FOUND`.
    pub fn parse(
        user_id: &UserId,
        keys_query: &str,
        backup: Option<&str>,
    ) -> Result<Self, PublishedError> {
        let keys = Object::parse(keys_query).map_err(PublishedError::Keys)?;
        let of_user = |field: &str| -> Result<Option<String>, PublishedError> {
            let Some(all) = keys.get(field) else {
                return Ok(None);
            };
            let all = Object::parse(all).map_err(|_| PublishedError::NotAnAnswer)?;
            Ok(all.get(user_id.as_str()).map(ToOwned::to_owned))
        };
        // Every homeserver has this field. Without it the text is an answer to something else, and
        // must not be read as an account without an identity.
        if keys.get("device_keys").is_none() {
            return Err(PublishedError::NotAnAnswer);
        }
        if let Some(failures) = keys.get("failures") {
            let failures = Object::parse(failures).map_err(|_| PublishedError::NotAnAnswer)?;
            if failures.get(user_id.server_name().as_str()).is_some() {
                return Err(PublishedError::Incomplete);
            }
        }
        let identity = PublishedIdentity::read(
            user_id,
            of_user("master_keys")?.as_deref(),
            of_user("self_signing_keys")?.as_deref(),
            of_user("user_signing_keys")?.as_deref(),
        );
        let devices = match of_user("device_keys")? {
            None => BTreeMap::new(),
            Some(devices) => {
                let devices = Object::parse(&devices).map_err(|_| PublishedError::NotAnAnswer)?;
                let read = |(id, json): (&str, &str)| {
                    let id = OwnedDeviceId::from(id);
                    let device = PublishedDevice::read(user_id, &id, json, &identity);
                    (id, device)
                };
                devices.iter().map(read).collect()
            }
        };
        let backup = backup
            .map(|json| PublishedBackup::read(user_id, json, &identity, &devices))
            .transpose()?;
        Ok(Self {
            user_id: user_id.to_owned(),
            identity,
            devices,
            backup,
        })
    }

    /// A device.
    #[must_use]
    pub fn device(&self, id: &DeviceId) -> Option<&PublishedDevice> {
        self.devices.get(id)
    }

    /// The public key that is published as the counterpart of this secret, if it can be read.
    #[must_use]
    pub fn public_key(&self, name: &SecretName) -> Option<PublicKey> {
        if *name == SecretName::MEGOLM_BACKUP {
            return self.backup.as_ref()?.public_key;
        }
        self.identity.key(name)?.public_key()
    }

    /// How a secret and what is published go together. `None` for a secret that has no public half.
    #[must_use]
    pub fn pairing(&self, secret: &Secret) -> Option<Pairing> {
        // Public keys are compared, of which no time tells anything.
        let own = public_half(secret)?;
        Some(match self.public_key(secret.name()) {
            Some(published) if published == own => Pairing::Matches,
            Some(_) => Pairing::Other(own),
            None => Pairing::NotPublished,
        })
    }
}

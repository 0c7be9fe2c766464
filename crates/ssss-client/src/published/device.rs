//! A device and its key.

use ssss_model::ruma_common::{CanonicalJsonValue, DeviceId, OwnedDeviceId, UserId};

use super::PublishedIdentity;
use crate::identity::{PublicKey, SignedJson};

/// A device of the account ("Device keys").
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishedDevice {
    /// Its id.
    pub id: OwnedDeviceId,
    /// Its ed25519 key; `None` if what is published for it cannot be read, or is of another user or
    /// device.
    pub key: Option<PublicKey>,
    /// Whether that key has signed what is published for the device.
    pub is_signed_by_itself: bool,
    /// Whether the identity has signed it: the self-signing key, which the master key has signed.
    pub is_cross_signed: bool,
    /// What is published for it.
    pub(super) json: Option<SignedJson>,
}

impl PublishedDevice {
    pub(super) fn read(
        user_id: &UserId,
        id: &DeviceId,
        json: &str,
        identity: &PublishedIdentity,
    ) -> Self {
        let json = SignedJson::read(user_id, json).filter(|json| {
            json.text("user_id") == Some(user_id.as_str())
                && json.text("device_id") == Some(id.as_str())
        });
        let key = json.as_ref().and_then(|json| {
            let keys = json.get("keys").and_then(CanonicalJsonValue::as_object)?;
            PublicKey::parse(keys.get(&format!("ed25519:{id}"))?.as_str()?)
        });
        let self_signing = identity.self_signing;
        let self_signing = self_signing
            .public_key()
            .filter(|_| self_signing.is_sound());
        let is_signed = |by: &dyn Fn(&SignedJson) -> bool| json.as_ref().is_some_and(by);
        Self {
            id: id.to_owned(),
            is_signed_by_itself: key
                .is_some_and(|key| is_signed(&|json| json.is_signed_by(id.as_str(), &key))),
            is_cross_signed: self_signing
                .is_some_and(|key| is_signed(&|json| json.is_cross_signed_by(&key))),
            key,
            json,
        }
    }

    /// The key for a person to compare, in groups of four characters.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        self.key.map(|key| key.fingerprint())
    }
}

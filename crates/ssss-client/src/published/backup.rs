//! The key backup.

use std::collections::BTreeMap;

use ssss_model::Object;
use ssss_model::ruma_common::{CanonicalJsonValue, OwnedDeviceId, UserId};

use super::{PublishedDevice, PublishedError, PublishedIdentity};
use crate::identity::{BackupKey, PublicKey, SignedJson};

/// The current version of an account's key backup ("Server-side key backups").
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishedBackup {
    /// The version. Empty if it cannot be read.
    pub version: String,
    /// The algorithm. Empty if it cannot be read.
    pub algorithm: String,
    /// The public key; `None` if the algorithm is another than [`BackupKey::ALGORITHM`], or the key
    /// cannot be read.
    pub public_key: Option<PublicKey>,
    /// How many keys are in it.
    pub count: Option<u64>,
    /// Changes whenever its keys do.
    pub etag: Option<String>,
    /// Whether the master key has signed it.
    pub is_signed_by_master: bool,
    /// The devices of the account that have signed it.
    pub signed_by_devices: Vec<OwnedDeviceId>,
    /// Whether the identity vouches for it: the master key has signed it, or a device that the
    /// identity has signed. Some clients sign nothing.
    pub is_signed_by_identity: bool,
}

impl PublishedBackup {
    pub(super) fn read(
        user_id: &UserId,
        json: &str,
        identity: &PublishedIdentity,
        devices: &BTreeMap<OwnedDeviceId, PublishedDevice>,
    ) -> Result<Self, PublishedError> {
        let backup = Object::parse(json).map_err(PublishedError::Backup)?;
        let field = |name: &str| -> Option<serde_json::Value> {
            serde_json::from_str(backup.get(name)?).ok()
        };
        let text = |name: &str| match field(name) {
            Some(serde_json::Value::String(text)) => Some(text),
            Some(serde_json::Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let algorithm = text("algorithm").unwrap_or_default();
        let auth_data = backup
            .get("auth_data")
            .filter(|_| algorithm == BackupKey::ALGORITHM)
            .and_then(|json| SignedJson::read(user_id, json));
        let public_key = auth_data.as_ref().and_then(|auth_data| {
            PublicKey::parse(
                auth_data
                    .get("public_key")
                    .and_then(CanonicalJsonValue::as_str)?,
            )
        });
        let is_signed_by_master = identity.master.public_key().is_some_and(|master| {
            auth_data
                .as_ref()
                .is_some_and(|auth_data| auth_data.is_cross_signed_by(&master))
        });
        let signers = auth_data.iter().flat_map(SignedJson::signers);
        let signed_by: Vec<&PublishedDevice> = signers
            .filter_map(|name| devices.get(&OwnedDeviceId::from(name)))
            .filter(|device| {
                device.key.is_some_and(|key| {
                    auth_data
                        .as_ref()
                        .is_some_and(|auth_data| auth_data.is_signed_by(device.id.as_str(), &key))
                })
            })
            .collect();
        Ok(Self {
            version: text("version").unwrap_or_default(),
            public_key,
            count: field("count").and_then(|count| count.as_u64()),
            etag: text("etag"),
            is_signed_by_master,
            is_signed_by_identity: is_signed_by_master
                || signed_by
                    .iter()
                    .any(|device| device.is_signed_by_itself && device.is_cross_signed),
            signed_by_devices: signed_by.iter().map(|device| device.id.clone()).collect(),
            algorithm,
        })
    }

    /// Whether the algorithm is the one that there is.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        self.algorithm == BackupKey::ALGORITHM
    }
}

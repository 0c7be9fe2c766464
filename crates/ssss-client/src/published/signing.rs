//! Signing a device with the identity's self-signing key.

use std::fmt;

use ssss_model::ruma_common::{DeviceId, OwnedDeviceId};
use ssss_model::{Object, Secret, SecretName};

use super::{Published, PublishedDevice, PublishedKey};
use crate::identity::{PublicKey, body, object, signing_key, verifying_half, wiped_after};
use crate::quoted::quoted;

/// Why a device is not signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignDeviceError {
    /// The account has no device of this id, or it has no keys.
    NoSuchDevice(OwnedDeviceId),
    /// What is published for the device cannot be read, or is of another user or device.
    Malformed(OwnedDeviceId),
    /// The device has not signed what is published for it: somebody else may have made it up.
    NotSignedByItself(OwnedDeviceId),
    /// The device's key is this one, and not the one that was expected.
    OtherFingerprint(OwnedDeviceId, PublicKey),
    /// The account has no cross-signing keys.
    NoIdentity,
    /// The self-signing key cannot be read, or the master key has not signed it.
    BrokenIdentity,
    /// The secret is not the private half of the self-signing key that is published.
    WrongSecret,
}

impl Published {
    /// A device that may be signed. Whether it is the one that is meant, only its fingerprint tells:
    /// it is held against this text, in groups or not, or a person compares it.
    pub fn device_to_sign(
        &self,
        id: &DeviceId,
        fingerprint: Option<&str>,
    ) -> Result<&PublishedDevice, SignDeviceError> {
        let owned = || id.to_owned();
        match self.identity.self_signing {
            PublishedKey::Missing => return Err(SignDeviceError::NoIdentity),
            PublishedKey::Sound(_) => {}
            _ => return Err(SignDeviceError::BrokenIdentity),
        }
        let device = self
            .device(id)
            .ok_or_else(|| SignDeviceError::NoSuchDevice(owned()))?;
        let key = device
            .key
            .ok_or_else(|| SignDeviceError::Malformed(owned()))?;
        if !device.is_signed_by_itself {
            return Err(SignDeviceError::NotSignedByItself(owned()));
        }
        if fingerprint.is_some_and(|expected| !key.is_fingerprint(expected)) {
            return Err(SignDeviceError::OtherFingerprint(owned(), key));
        }
        Ok(device)
    }

    /// The body of `POST /_matrix/client/v3/keys/signatures/upload` that signs a device with the
    /// self-signing key ([`SecretName::CROSS_SIGNING_SELF_SIGNING`]). It can be sent again; the same
    /// signature comes of it.
    pub fn sign_device(
        &self,
        id: &DeviceId,
        fingerprint: Option<&str>,
        self_signing: &Secret,
    ) -> Result<Object, SignDeviceError> {
        let device = self.device_to_sign(id, fingerprint)?;
        let json = wiped_after(|| {
            let key = signing_key(self_signing, SecretName::CROSS_SIGNING_SELF_SIGNING)
                .map_err(|_| SignDeviceError::WrongSecret)?;
            if self.identity.self_signing != PublishedKey::Sound(verifying_half(&key)) {
                return Err(SignDeviceError::WrongSecret);
            }
            let json = device.json.as_ref();
            let json = json.ok_or_else(|| SignDeviceError::Malformed(id.to_owned()))?;
            let mut json = json.without_signatures();
            json.cross_sign(&key);
            Ok(json)
        })?;
        let devices = [(id.to_string(), json.into_json())];
        Ok(body([(self.user_id.as_str(), object(devices))]))
    }
}

impl fmt::Display for SignDeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let device = |id: &DeviceId| format!("device {}", quoted(id.as_str()));
        match self {
            Self::NoSuchDevice(id) => {
                write!(f, "the account has no {}, or it has no keys", device(id))
            }
            Self::Malformed(id) => {
                write!(f, "what is published for {} cannot be read", device(id))
            }
            Self::NotSignedByItself(id) => write!(
                f,
                "{} has not signed its own keys, so they may be somebody else's",
                device(id)
            ),
            Self::OtherFingerprint(id, key) => write!(
                f,
                "the fingerprint of {} is another: {}",
                device(id),
                key.fingerprint()
            ),
            Self::NoIdentity => f.write_str("the account has no cross-signing keys"),
            Self::BrokenIdentity => f.write_str(
                "the account's self-signing key cannot be read, or the master key has not signed it",
            ),
            Self::WrongSecret => {
                f.write_str("the secret is not the private half of the account's self-signing key")
            }
        }
    }
}

impl std::error::Error for SignDeviceError {}

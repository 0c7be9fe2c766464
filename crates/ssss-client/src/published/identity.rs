//! The public halves of the cross-signing keys.

use ssss_model::SecretName;
use ssss_model::ruma_common::{CanonicalJsonValue, UserId};

use crate::identity::{PublicKey, SignedJson};

/// The public halves of an account's cross-signing keys ("Cross-signing").
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishedIdentity {
    /// The key that signs the other two, and that other users know the account by.
    pub master: PublishedKey,
    /// The key that signs the account's devices.
    pub self_signing: PublishedKey,
    /// The key that signs other users. Only the account itself is shown it.
    pub user_signing: PublishedKey,
}

/// The public half of a cross-signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishedKey {
    /// There is none.
    Missing,
    /// There is something that cannot be read: not of this user, for another use, or no key.
    Malformed,
    /// There is this key, and the master key has not signed it.
    NotSigned(PublicKey),
    /// There is this key, signed by the master key where it must be.
    Sound(PublicKey),
}

/// How an account's cross-signing keys are, all together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityState {
    /// There are none.
    Missing,
    /// All three are sound.
    Sound,
    /// Something is there, and not all of it is sound.
    Broken,
}

impl PublishedIdentity {
    pub(super) fn read(
        user_id: &UserId,
        master: Option<&str>,
        self_signing: Option<&str>,
        user_signing: Option<&str>,
    ) -> Self {
        let master = PublishedKey::read(user_id, master, "master", |_| true);
        let by_master = |key: &SignedJson| {
            master
                .public_key()
                .is_some_and(|master| key.is_cross_signed_by(&master))
        };
        Self {
            self_signing: PublishedKey::read(user_id, self_signing, "self_signing", by_master),
            user_signing: PublishedKey::read(user_id, user_signing, "user_signing", by_master),
            master,
        }
    }

    /// The counterpart of a secret; `None` if it is none of the three.
    #[must_use]
    pub fn key(&self, name: &SecretName) -> Option<&PublishedKey> {
        let [master, self_signing, user_signing] = SecretName::CROSS_SIGNING;
        if *name == master {
            Some(&self.master)
        } else if *name == self_signing {
            Some(&self.self_signing)
        } else if *name == user_signing {
            Some(&self.user_signing)
        } else {
            None
        }
    }

    /// How the three are together.
    #[must_use]
    pub fn state(&self) -> IdentityState {
        let keys = [&self.master, &self.self_signing, &self.user_signing];
        if keys.iter().all(|key| **key == PublishedKey::Missing) {
            IdentityState::Missing
        } else if keys.iter().all(|key| key.is_sound()) {
            IdentityState::Sound
        } else {
            IdentityState::Broken
        }
    }
}

impl PublishedKey {
    fn read(
        user_id: &UserId,
        json: Option<&str>,
        usage: &str,
        is_signed: impl FnOnce(&SignedJson) -> bool,
    ) -> Self {
        let Some(json) = json else {
            return Self::Missing;
        };
        let Some(key) = SignedJson::read(user_id, json) else {
            return Self::Malformed;
        };
        let usages = key.get("usage").and_then(CanonicalJsonValue::as_array);
        let is_for = |wanted: &str| {
            let mut usages = usages.into_iter().flatten();
            usages.any(|usage| usage.as_str() == Some(wanted))
        };
        if key.text("user_id") != Some(user_id.as_str()) || !is_for(usage) {
            return Self::Malformed;
        }
        let keys = key.get("keys").and_then(CanonicalJsonValue::as_object);
        let mut keys = keys
            .into_iter()
            .flatten()
            .filter(|(id, _)| id.starts_with("ed25519:"))
            .map(|(_, value)| PublicKey::parse(value.as_str()?));
        match (keys.next().flatten(), keys.next()) {
            (Some(public), None) if is_signed(&key) => Self::Sound(public),
            (Some(public), None) => Self::NotSigned(public),
            _ => Self::Malformed,
        }
    }

    /// The key, if it can be read.
    #[must_use]
    pub fn public_key(&self) -> Option<PublicKey> {
        match self {
            Self::Missing | Self::Malformed => None,
            Self::NotSigned(key) | Self::Sound(key) => Some(*key),
        }
    }

    /// Whether the key is there, and signed where it must be.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        matches!(self, Self::Sound(_))
    }
}

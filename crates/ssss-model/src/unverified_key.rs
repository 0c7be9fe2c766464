//! A key before anything is known about it.

use std::fmt;

use ssss_crypto::SecretStorageKey;
use ssss_recovery_key::RecoveryKey;

/// A key as a person, a file or a cache gave it, before it was held against a description.
///
/// It neither opens nor seals anything; [`KeyDescription::verify`](crate::KeyDescription::verify)
/// makes something of it.
pub struct UnverifiedKey {
    key: SecretStorageKey,
    origin: KeyOrigin,
}

/// Where a key comes from, which decides what it may do where a description has no check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOrigin {
    /// The key itself: 256 random bits. There is nothing in it to guess.
    Key,
    /// Derived from a passphrase at a cost that the server states. What is written under such a
    /// key tells the server when it has guessed the passphrase.
    Passphrase,
}

impl UnverifiedKey {
    /// The key that a recovery key spells.
    #[must_use]
    pub fn from_recovery_key(recovery_key: &RecoveryKey) -> Self {
        Self::from_key(SecretStorageKey::from_array(recovery_key.expose()))
    }

    /// A key that a cache kept, or another program handed over.
    #[must_use]
    pub fn from_key(key: SecretStorageKey) -> Self {
        Self::new(key, KeyOrigin::Key)
    }

    /// Where the key comes from.
    #[must_use]
    pub fn origin(&self) -> KeyOrigin {
        self.origin
    }

    pub(crate) fn new(key: SecretStorageKey, origin: KeyOrigin) -> Self {
        Self { key, origin }
    }

    pub(crate) fn bytes(&self) -> &SecretStorageKey {
        &self.key
    }

    pub(crate) fn into_bytes(self) -> SecretStorageKey {
        self.key
    }
}

impl fmt::Debug for UnverifiedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedKey")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

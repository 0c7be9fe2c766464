//! A key that is known to be what it is said to be.

use std::fmt;

use rand_core::CryptoRng;
use ssss_crypto::{MatchedForm, SecretStorageKey};
use ssss_recovery_key::RecoveryKey;

use crate::encrypted_secret::{EncryptedSecret, SealedEntry};
use crate::key_id::KeyId;
use crate::open_error::OpenError;
use crate::secret::Secret;
use crate::secret_name::SecretName;

/// A secret storage key with the evidence that it is the one of its id.
///
/// Only such a key seals. There is no way to make one but to
/// [verify](crate::KeyDescription::verify) a key, to [prove](crate::UncheckedKey::prove) one, or to
/// [create](crate::NewKey) one.
pub struct VerifiedKey {
    id: KeyId,
    key: SecretStorageKey,
    evidence: Evidence,
}

/// Why a key is believed to be the one of its id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// Its description's check matched, in this form.
    Matched(MatchedForm),
    /// Its description has no check, and it opened this secret that was sealed for its id.
    ProvenBySecret(SecretName),
    /// It was made here.
    Created,
    /// Somebody said so:
    /// [`dangerous_assume_valid`](crate::UncheckedKey::dangerous_assume_valid).
    Assumed,
}

/// A key that is too short to seal with; it opens what there is.
///
/// Keys shorter than 256 bits come from a passphrase block with fewer `bits`, which a hostile server
/// may have written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortKeyError;

impl VerifiedKey {
    pub(crate) fn new(id: KeyId, key: SecretStorageKey, evidence: Evidence) -> Self {
        Self { id, key, evidence }
    }

    /// The id of the key.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Why the key is believed to be the one of its id.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The key, to be kept in a cache.
    #[must_use]
    pub fn key(&self) -> &SecretStorageKey {
        &self.key
    }

    /// The key as a person keeps it; `None` for a key that is not 32 bytes long, which only its
    /// passphrase spells.
    #[must_use]
    pub fn recovery_key(&self) -> Option<RecoveryKey> {
        self.key
            .expose()
            .try_into()
            .ok()
            .map(RecoveryKey::from_bytes)
    }

    /// Opens a secret.
    pub fn open(&self, secret: &EncryptedSecret) -> Result<Secret, OpenError> {
        secret.open(&self.id, &self.key)
    }

    /// Seals a secret under this key, with an IV of its own.
    pub fn seal(
        &self,
        secret: &Secret,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedEntry, ShortKeyError> {
        if self.key.expose().len() < SecretStorageKey::LEN {
            return Err(ShortKeyError);
        }
        let name = secret.name();
        let sealed = self.key.seal(name.label(), secret.expose().as_bytes(), rng);
        Ok(SealedEntry::new(name.clone(), self.id.clone(), sealed))
    }
}

impl fmt::Debug for VerifiedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedKey")
            .field("id", &self.id)
            .field("evidence", &self.evidence)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ShortKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing is sealed under a key shorter than 256 bits")
    }
}

impl core::error::Error for ShortKeyError {}

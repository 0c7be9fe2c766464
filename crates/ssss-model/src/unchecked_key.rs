//! A key that nothing confirms or refutes.

use std::fmt;

use crate::encrypted_secret::EncryptedSecret;
use crate::key_id::KeyId;
use crate::open_error::OpenError;
use crate::secret::Secret;
use crate::unverified_key::{KeyOrigin, UnverifiedKey};
use crate::verified_key::{Evidence, VerifiedKey};

/// A key for a description without `iv` and `mac`.
///
/// The specification has clients assume that such a key is valid. A server that strips the check
/// and lowers the cost of a passphrase would then read it out of what is written. So this key may
/// try to open secrets, and writes nothing: it must be [proven](Self::prove) first.
pub struct UncheckedKey {
    id: KeyId,
    key: UnverifiedKey,
}

impl UncheckedKey {
    pub(crate) fn new(id: KeyId, key: UnverifiedKey) -> Self {
        Self { id, key }
    }

    /// The id that the key is taken to have.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Where the key comes from.
    #[must_use]
    pub fn origin(&self) -> KeyOrigin {
        self.key.origin()
    }

    /// Tries to open a secret.
    pub fn open(&self, secret: &EncryptedSecret) -> Result<Secret, OpenError> {
        secret.open(&self.id, self.key.bytes())
    }

    /// Proves the key by a secret that is sealed for its id: nobody but its owner can have made an
    /// entry that it authenticates. Gives the key back if the secret does not open.
    pub fn prove(self, secret: &EncryptedSecret) -> Result<VerifiedKey, Self> {
        if secret.authenticates(&self.id, self.key.bytes()) {
            let evidence = Evidence::ProvenBySecret(secret.name().clone());
            Ok(VerifiedKey::new(self.id, self.key.into_bytes(), evidence))
        } else {
            Err(self)
        }
    }

    /// Takes the key for valid without evidence. What is then written under it is lost if it is
    /// not.
    ///
    /// Refused, giving the key back, for a key from a passphrase: writing under it is what lets a
    /// hostile server find the passphrase.
    pub fn dangerous_assume_valid(self) -> Result<VerifiedKey, Self> {
        match self.key.origin() {
            KeyOrigin::Passphrase => Err(self),
            KeyOrigin::Key => Ok(VerifiedKey::new(
                self.id,
                self.key.into_bytes(),
                Evidence::Assumed,
            )),
        }
    }

    /// The key, to be held against another description.
    #[must_use]
    pub fn into_unverified(self) -> UnverifiedKey {
        self.key
    }
}

impl fmt::Debug for UncheckedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UncheckedKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

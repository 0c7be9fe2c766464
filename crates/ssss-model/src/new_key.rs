//! Making a secret storage key.

use rand_core::CryptoRng;
use ssss_crypto::{KeyCheck, Pbkdf2, SecretStorageKey};

use crate::key_description::{AES_HMAC_SHA2, with_check};
use crate::key_id::KeyId;
use crate::object::{Object, Value};
use crate::passphrase::{Passphrase, PassphraseInfo};
use crate::verified_key::{Evidence, VerifiedKey};

/// A key that was just made, with the description to publish ("Key storage").
#[derive(Debug)]
pub struct NewKey {
    key: VerifiedKey,
    description: Object,
}

/// How to make a [`NewKey`].
#[derive(Debug)]
pub struct NewKeyBuilder {
    key: SecretStorageKey,
    passphrase: Option<PassphraseInfo>,
    id: Option<KeyId>,
    name: Option<String>,
}

impl NewKey {
    /// A random key, known to a person by its recovery key only.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> NewKeyBuilder {
        Self::from_key(SecretStorageKey::generate(rng))
    }

    /// A key from a passphrase, with a random salt of 32 letters and digits and
    /// [`Pbkdf2::DEFAULT_ITERATIONS`] rounds of PBKDF2-HMAC-SHA-512, as every client makes it. The
    /// recovery key opens it too.
    #[must_use]
    pub fn from_passphrase(passphrase: &Passphrase, rng: &mut impl CryptoRng) -> NewKeyBuilder {
        let info = PassphraseInfo::generate(Pbkdf2::DEFAULT_ITERATIONS, rng);
        let key = Pbkdf2::DEFAULT.derive(passphrase.expose().as_bytes(), info.salt().as_bytes());
        NewKeyBuilder {
            passphrase: Some(info),
            ..Self::from_key(key)
        }
    }

    /// A key that the caller already has.
    #[must_use]
    pub fn from_key(key: SecretStorageKey) -> NewKeyBuilder {
        NewKeyBuilder {
            key,
            passphrase: None,
            id: None,
            name: None,
        }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &VerifiedKey {
        &self.key
    }

    /// The content of the event that describes the key, at [`KeyId::event_type`].
    #[must_use]
    pub fn description(&self) -> &Object {
        &self.description
    }

    /// The key without its description.
    #[must_use]
    pub fn into_key(self) -> VerifiedKey {
        self.key
    }
}

impl NewKeyBuilder {
    /// Names the key, for people.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()).filter(|name: &String| !name.is_empty()),
            ..self
        }
    }

    /// Gives the key an id, in place of a random one of 32 letters and digits.
    #[must_use]
    pub fn id(self, id: KeyId) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// Makes the key and its description: name, passphrase block, and a check with a 16-byte IV.
    #[must_use]
    pub fn build(self, rng: &mut impl CryptoRng) -> NewKey {
        let Self {
            key,
            passphrase,
            id,
            name,
        } = self;
        let check = KeyCheck::create(&key, rng);
        let mut fields = vec![("algorithm", Value::string(AES_HMAC_SHA2))];
        if let Some(name) = &name {
            fields.push(("name", Value::string(name)));
        }
        if let Some(info) = &passphrase {
            fields.push(("passphrase", info.value()));
        }
        let unchecked = Object::empty().with_all(fields.iter().map(|(name, value)| (*name, value)));
        let description = with_check(&unchecked, &check);
        let id = id.unwrap_or_else(|| KeyId::generate(rng));
        NewKey {
            key: VerifiedKey::new(id, key, Evidence::Created),
            description,
        }
    }
}

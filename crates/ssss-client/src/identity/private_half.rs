//! From a secret to the public key that it is the private half of.

use std::fmt;

use ed25519_dalek::SigningKey;
use ssss_model::rand_core::CryptoRng;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{Secret, SecretName};
use x25519_dalek::StaticSecret;

use super::PublicKey;
use super::stack::wiped_after;

/// A secret of another name than the one that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongSecret {
    /// The name of the secret that is asked for.
    pub expected: SecretName,
}

/// 32 random bytes, of which any are a seed or a private key.
pub(super) fn random_bytes(rng: &mut impl CryptoRng) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *bytes);
    bytes
}

/// The public key that a secret is the private half of: ed25519 of the cross-signing keys, curve25519
/// of the key backup's key. `None` for a secret of another name, which is no such key.
#[must_use]
pub fn public_half(secret: &Secret) -> Option<PublicKey> {
    let bytes = secret.key()?;
    Some(wiped_after(|| {
        if *secret.name() == SecretName::MEGOLM_BACKUP {
            curve25519_half(&bytes)
        } else {
            verifying_half(&SigningKey::from_bytes(&bytes))
        }
    }))
}

/// The key that a cross-signing secret is the seed of, if it is the one of this name.
pub(crate) fn signing_key(
    secret: &Secret,
    expected: SecretName,
) -> Result<SigningKey, WrongSecret> {
    match secret.key() {
        Some(seed) if *secret.name() == expected => Ok(SigningKey::from_bytes(&seed)),
        _ => Err(WrongSecret { expected }),
    }
}

/// The public half of a key of a key backup.
pub(super) fn curve25519_half(private: &[u8; 32]) -> PublicKey {
    let private = StaticSecret::from(*private);
    PublicKey::from_bytes(x25519_dalek::PublicKey::from(&private).to_bytes())
}

/// The public half of a cross-signing key.
pub(crate) fn verifying_half(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

impl fmt::Display for WrongSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not the secret {}", self.expected)
    }
}

impl std::error::Error for WrongSecret {}

//! The key backup's key, with its private half.

use std::fmt;

use ssss_model::rand_core::CryptoRng;
use ssss_model::ruma_common::{CanonicalJsonValue, UserId};
use ssss_model::{Object, Secret, SecretName};

use super::PublicKey;
use super::private_half::{WrongSecret, curve25519_half, public_half, random_bytes, signing_key};
use super::signed_json::{SignedJson, body};
use super::stack::wiped_after;

/// The key of a key backup, with its private half ("Server-side key backups").
pub struct BackupKey {
    secret: Secret,
    public: PublicKey,
}

impl BackupKey {
    /// The algorithm of the key backup.
    pub const ALGORITHM: &str = "m.megolm_backup.v1.curve25519-aes-sha2";

    /// A new key.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        wiped_after(|| {
            let bytes = random_bytes(rng);
            Self {
                secret: Secret::from_key(SecretName::MEGOLM_BACKUP, &bytes),
                public: curve25519_half(&bytes),
            }
        })
    }

    /// The key that a secret holds: [`SecretName::MEGOLM_BACKUP`].
    pub fn from_secret(secret: Secret) -> Result<Self, WrongSecret> {
        let expected = SecretName::MEGOLM_BACKUP;
        match public_half(&secret) {
            Some(public) if *secret.name() == expected => Ok(Self { secret, public }),
            _ => Err(WrongSecret { expected }),
        }
    }

    /// The private half, to be stored.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The private half.
    #[must_use]
    pub fn into_secret(self) -> Secret {
        self.secret
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// The body of `POST /_matrix/client/v3/room_keys/version`: a new backup for this key, signed by
    /// the master key ([`SecretName::CROSS_SIGNING_MASTER`]). The same keys always give the same body.
    pub fn version_body(&self, user_id: &UserId, master: &Secret) -> Result<Object, WrongSecret> {
        let public = CanonicalJsonValue::String(self.public.to_string());
        let content = [("public_key".to_owned(), public)].into();
        let mut auth_data = SignedJson::unsigned(user_id, content);
        wiped_after(|| {
            let master = signing_key(master, SecretName::CROSS_SIGNING_MASTER)?;
            auth_data.cross_sign(&master);
            Ok(())
        })?;
        Ok(body([
            (
                "algorithm",
                CanonicalJsonValue::String(Self::ALGORITHM.to_owned()),
            ),
            ("auth_data", auth_data.into_json()),
        ]))
    }
}

impl fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BackupKey").field(&self.public).finish()
    }
}

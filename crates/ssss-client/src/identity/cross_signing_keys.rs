//! The three cross-signing keys, with their private halves.

use std::fmt;

use ed25519_dalek::SigningKey;
use ssss_model::rand_core::CryptoRng;
use ssss_model::ruma_common::{CanonicalJsonObject, CanonicalJsonValue, UserId};
use ssss_model::{Object, Secret, SecretName};

use super::PublicKey;
use super::private_half::{WrongSecret, random_bytes, signing_key, verifying_half};
use super::signed_json::{SignedJson, body, object};
use super::stack::wiped_after;

/// The three cross-signing keys of an account, with their private halves: those of a new identity, or
/// those that secret storage holds ("Cross-signing").
///
/// Wiped when dropped.
pub struct CrossSigningKeys {
    /// In the order of [`SecretName::CROSS_SIGNING`], as all that is here.
    secrets: [Secret; 3],
    keys: Box<[SigningKey; 3]>,
}

/// What a request calls each key, and what each is for.
const ROLES: [(&str, &str); 3] = [
    ("master_key", "master"),
    ("self_signing_key", "self_signing"),
    ("user_signing_key", "user_signing"),
];

impl CrossSigningKeys {
    /// New keys.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        wiped_after(|| {
            let [master, self_signing, user_signing] = SecretName::CROSS_SIGNING.map(|name| {
                let seed = random_bytes(rng);
                (Secret::from_key(name, &seed), SigningKey::from_bytes(&seed))
            });
            Self {
                secrets: [master.0, self_signing.0, user_signing.0],
                keys: Box::new([master.1, self_signing.1, user_signing.1]),
            }
        })
    }

    /// The keys of these seeds, which come in the order of [`SecretName::CROSS_SIGNING`].
    pub fn from_secrets(secrets: [Secret; 3]) -> Result<Self, WrongSecret> {
        let [master, self_signing, user_signing] = SecretName::CROSS_SIGNING;
        let [a, b, c] = &secrets;
        let keys = wiped_after(|| {
            Ok(Box::new([
                signing_key(a, master)?,
                signing_key(b, self_signing)?,
                signing_key(c, user_signing)?,
            ]))
        })?;
        Ok(Self { secrets, keys })
    }

    /// The seeds, in the order of [`SecretName::CROSS_SIGNING`], to be stored.
    #[must_use]
    pub fn secrets(&self) -> &[Secret; 3] {
        &self.secrets
    }

    /// The seeds, in the order of [`SecretName::CROSS_SIGNING`].
    #[must_use]
    pub fn into_secrets(self) -> [Secret; 3] {
        self.secrets
    }

    /// The public halves, in the order of [`SecretName::CROSS_SIGNING`].
    #[must_use]
    pub fn public_keys(&self) -> [PublicKey; 3] {
        self.keys.each_ref().map(verifying_half)
    }

    /// The body of `POST /_matrix/client/v3/keys/device_signing/upload`, without `auth`: the three
    /// public keys, signed by the master key. The same keys always give the same body.
    #[must_use]
    pub fn upload_body(&self, user_id: &UserId) -> Object {
        let [master, ..] = &*self.keys;
        let fields = self.keys.iter().zip(ROLES).map(|(key, (field, usage))| {
            let content = public_content(user_id, &verifying_half(key), usage);
            let mut key = SignedJson::unsigned(user_id, content);
            // That the master key signs itself nobody asks for; clients of the reference do it.
            wiped_after(|| key.cross_sign(master));
            (field, key.into_json())
        });
        body(fields)
    }
}

/// A `CrossSigningKey` of the specification, without its signatures.
fn public_content(user_id: &UserId, key: &PublicKey, usage: &str) -> CanonicalJsonObject {
    let text = |text: &str| CanonicalJsonValue::String(text.to_owned());
    let keys = [(format!("ed25519:{key}"), text(&key.to_string()))];
    [
        ("keys", object(keys)),
        ("usage", CanonicalJsonValue::Array(vec![text(usage)])),
        ("user_id", text(user_id.as_str())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

impl fmt::Debug for CrossSigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CrossSigningKeys")
            .field(&self.public_keys())
            .finish()
    }
}

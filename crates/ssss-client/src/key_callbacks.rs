//! How secret storage comes by its keys.

use ssss_model::ssss_crypto::SecretStorageKey;
use ssss_model::{KeyDescription, KeyId, Object, SecretName, TypedKey, VerifiedKey};

/// Supplies secret storage keys, and may keep them.
///
/// Secret storage keeps no key from one operation to the next. It asks once in an operation, however
/// many secrets that opens, and again only where a change needs a key that it does not have yet;
/// whoever does not want to ask a person each time caches.
#[expect(
    async_fn_in_trait,
    reason = "futures are as `Send` as the callbacks make them"
)]
pub trait KeyCallbacks {
    /// Supplies a key; `None` if there is none, or a person does not want to give it. The reference
    /// calls this `getSecretStorageKey`.
    async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey>;

    /// Hears of a key that was just made and published with this description, so that
    /// [`secret_storage_key`](Self::secret_storage_key) need not ask for it. The reference calls
    /// this `cacheSecretStorageKey`.
    fn cache_secret_storage_key(&self, key: &VerifiedKey, description: &Object) {
        let _ = (key, description);
    }
}

impl<K: KeyCallbacks + ?Sized> KeyCallbacks for &K {
    async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey> {
        (**self).secret_storage_key(request).await
    }

    fn cache_secret_storage_key(&self, key: &VerifiedKey, description: &Object) {
        (**self).cache_secret_storage_key(key, description);
    }
}

/// What a key is wanted for.
#[derive(Debug)]
#[non_exhaustive]
pub struct KeyRequest<'a> {
    /// Every key that would do, the default key first if it is among them.
    pub candidates: &'a [&'a KeyDescription],
    /// The id of the default key.
    pub default_key: Option<&'a KeyId>,
    /// The secrets to be opened or sealed.
    pub secrets: &'a [SecretName],
}

/// A key, as a callback has it. Nothing of it is believed: it is held against the descriptions.
#[derive(Debug)]
pub enum ProvidedKey {
    /// What a person typed, or a recovery key: tried on every candidate.
    Typed(TypedKey),
    /// A key that was cached, for the candidate of this id.
    Cached(KeyId, SecretStorageKey),
}

/// No keys at all: for what needs none, such as looking and removing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

impl KeyCallbacks for NoKeys {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        None
    }
}

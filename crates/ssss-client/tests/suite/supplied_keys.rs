//! Callbacks that supply keys the tests know, and remember what they were asked.

use std::cell::RefCell;

use ssss_client::ssss_model::ssss_crypto::SecretStorageKey;
use ssss_client::ssss_model::{KeyId, Object, VerifiedKey};
use ssss_client::{KeyCallbacks, KeyRequest, ProvidedKey};

use crate::account::key;

/// Supplies the key of the first of its ids that is a candidate.
#[derive(Default)]
pub(crate) struct SuppliedKeys {
    ids: Vec<KeyId>,
    /// For each time that it was asked: the candidates and the secrets.
    pub(crate) asked: RefCell<Vec<(Vec<String>, Vec<String>)>>,
    /// The keys that it was handed to cache.
    pub(crate) cached: RefCell<Vec<String>>,
}

impl SuppliedKeys {
    pub(crate) fn new(ids: &[&str]) -> Self {
        Self {
            ids: ids.iter().map(|of| crate::account::id(of)).collect(),
            ..Self::default()
        }
    }
}

impl KeyCallbacks for SuppliedKeys {
    async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let candidates: Vec<_> = request
            .candidates
            .iter()
            .map(|key| key.id().clone())
            .collect();
        self.asked.borrow_mut().push((
            candidates.iter().map(ToString::to_string).collect(),
            request.secrets.iter().map(ToString::to_string).collect(),
        ));
        let id = self.ids.iter().find(|id| candidates.contains(id))?;
        let bytes = SecretStorageKey::from_bytes(key(id.as_str()).key().key().expose()).ok()?;
        Some(ProvidedKey::Cached(id.clone(), bytes))
    }

    fn cache_secret_storage_key(&self, key: &VerifiedKey, _: &Object) {
        self.cached.borrow_mut().push(key.id().to_string());
    }
}

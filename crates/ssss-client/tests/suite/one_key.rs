//! A callback that has one key, and supplies it whatever it is asked for.

use pollster::block_on;
use ssss_client::ssss_model::ssss_crypto::SecretStorageKey;
use ssss_client::{
    Error, KeyCallbacks, KeyRequest, MemoryStore, PlanError, ProvidedKey, SecretStorage,
};

use crate::account::{Account, id, key, name, rng, secret};

struct OneKey;

impl KeyCallbacks for OneKey {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let bytes = SecretStorageKey::from_bytes(key("a").key().key().expose()).unwrap();
        Some(ProvidedKey::Cached(id("a"), bytes))
    }
}

fn storage(account: &Account) -> SecretStorage<MemoryStore, OneKey> {
    SecretStorage::new(account.events().into_iter().collect(), OneKey)
}

/// That no other key is there is what the plan says, and not that the one does not fit.
#[test]
fn a_key_is_removed_with_what_the_one_key_cannot_see() {
    let locked = name("org.example.locked");
    let account = Account::standard("a")
        .describe("b")
        .describe("c")
        .secret(&secret("org.example.open", "one"), &["a", "c"])
        .secret(&secret("org.example.locked", "two"), &["b", "c"]);
    let refused = block_on(storage(&account).remove_key(&id("c"), &[]));
    match refused.unwrap_err() {
        Error::Plan(PlanError::WouldAbandon(names)) => {
            assert_eq!(names, std::slice::from_ref(&locked));
        }
        other => panic!("{other:?}"),
    }
    let storage = storage(&account);
    let losses = block_on(storage.remove_key(&id("c"), &[locked])).unwrap();
    assert!(!losses.is_empty());
}

#[test]
fn a_sound_secret_needs_no_other_key_to_stay_as_it_is() {
    let account = Account::standard("a")
        .describe("b")
        .secret(&secret("org.example.x", "one"), &["a", "b"]);
    let storage = storage(&account);
    block_on(storage.repair_legacy(&name("org.example.x"), &mut rng())).unwrap();
}

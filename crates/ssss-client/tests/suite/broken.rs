//! What it takes to build accounts as other clients leave them, and to watch them being mended.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ssss_client::ssss_model::ssss_crypto::{CostLimits, Label, SecretStorageKey};
use ssss_client::ssss_model::{
    CheckState, EventState, KeyDescription, NewKey, Object, Secret, Snapshot, VerifiedKey,
};
use ssss_client::{
    AccountData, AccountDataError, Content, Error, Finding, Listing, MemoryStore, ProvidedKey,
    Report, SecretStorage, UnlockScope, unlock,
};

use crate::account::{Account, default_opens, dump, id, key, rng, snapshot};
use crate::supplied_keys::SuppliedKeys;

pub(crate) const DEFAULT: &str = "m.secret_storage.default_key";
pub(crate) const BACKUP: &str = "m.megolm_backup.v1";
pub(crate) const MASTER: &str = "m.cross_signing.master";

/// Every key that these tests use.
const KEYS: [&str; 8] = ["a", "b", "c", "d", "old", "new", "next", "third"];

pub(crate) fn key_event(of: &str) -> String {
    id(of).event_type()
}

/// What is sealed for a key, as JSON.
pub(crate) fn entry(secret: &Secret, with: &str) -> serde_json::Value {
    let event = Account::new().secret(secret, &[with]);
    let event: serde_json::Value = serde_json::from_str(&event.json()).unwrap();
    event[secret.name().as_str()]["encrypted"][with].clone()
}

/// An entry that is sealed rightly and holds bytes of any kind.
pub(crate) fn sealed_bytes(name: &str, bytes: &[u8]) -> serde_json::Value {
    let key = key("a");
    let label = Label::new(name).unwrap();
    let sealed = key.key().key().seal(label, bytes, &mut rng());
    serde_json::json!({
        "iv": base64(&sealed.iv),
        "ciphertext": base64(&sealed.ciphertext),
        "mac": base64(&sealed.mac),
    })
}

/// The content of a secret's event.
pub(crate) fn encrypted(entries: &[(&str, serde_json::Value)]) -> String {
    let entries: serde_json::Map<_, _> = entries
        .iter()
        .map(|(id, entry)| ((*id).to_owned(), entry.clone()))
        .collect();
    serde_json::json!({ "encrypted": entries }).to_string()
}

/// Base64, for spellings that nothing here writes.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut block = [0; 4];
        block[1..=chunk.len()].copy_from_slice(chunk);
        let block = u32::from_be_bytes(block);
        for place in 0..=chunk.len() {
            let index = (block >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

/// The IV and the MAC of a key's check.
pub(crate) fn check_of(description: &Object, of: &str) -> ([u8; 16], [u8; 32]) {
    let parsed = KeyDescription::parse(&id(of), description);
    let CheckState::Usable(check) = parsed.present().unwrap().check_state().clone() else {
        panic!("no check");
    };
    (check.iv().try_into().unwrap(), *check.mac())
}

/// The description of a key with another IV in its check.
pub(crate) fn description_with_iv(of: &str, iv: impl FnOnce([u8; 16]) -> String) -> String {
    let key = key(of);
    let (checked, mac) = check_of(key.description(), of);
    serde_json::json!({
        "algorithm": "m.secret_storage.v1.aes-hmac-sha2", "iv": iv(checked), "mac": base64(&mac),
    })
    .to_string()
}

/// The key as it matches its description, or is proven, in an account.
pub(crate) fn at_hand(snapshot: &Snapshot, of: &str) -> VerifiedKey {
    let bytes = SecretStorageKey::from_bytes(key(of).key().key().expose()).unwrap();
    let provided = ProvidedKey::Cached(id(of), bytes);
    let undescribed = snapshot.undescribed_keys();
    let candidates = snapshot.descriptions().chain(&undescribed);
    let candidates = candidates.filter(|key| key.is_supported());
    let limits = CostLimits::default();
    let unlocked = unlock(snapshot, candidates, &provided, UnlockScope::Every, limits).unwrap();
    let mut keys = unlocked.keys.into_iter();
    keys.find(|key| key.id().as_str() == of).unwrap()
}

/// The report of an account, with these keys at hand.
pub(crate) fn look(store: &MemoryStore, keys: &[&str]) -> Report {
    let snapshot = snapshot(store);
    let keys: Vec<_> = keys.iter().map(|of| at_hand(&snapshot, of)).collect();
    let keys: Vec<&VerifiedKey> = keys.iter().collect();
    Report::new(&snapshot, &keys, CostLimits::default())
}

pub(crate) fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(Finding::code).collect()
}

/// The operations on an account that is watched.
pub(crate) type Storage<'a> = SecretStorage<&'a Watched<'a>, SuppliedKeys>;

/// A store that remembers the account after each write.
pub(crate) struct Watched<'a> {
    inner: &'a MemoryStore,
    pub(crate) states: RefCell<Vec<Snapshot>>,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(inner: &'a MemoryStore) -> Self {
        Self {
            inner,
            states: RefCell::default(),
        }
    }
}

impl AccountData for Watched<'_> {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.inner.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.inner.put(event_type, content).await?;
        self.states.borrow_mut().push(snapshot(self.inner));
        Ok(())
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        self.inner.enumerate().await
    }
}

/// What a key opens, keys in one spelling.
pub(crate) fn values(snapshot: &Snapshot, key: &VerifiedKey) -> BTreeMap<String, String> {
    let opened = snapshot.present_secrets().filter_map(|secret| {
        let name = secret.name().as_str().to_owned();
        Some((name, key.open(secret).ok()?.canonical().expose().to_owned()))
    });
    let mut values: BTreeMap<_, _> = opened.collect();
    for value in values.values_mut() {
        if let Some(unpadded) = value.strip_suffix('=') {
            *value = unpadded.to_owned();
        }
    }
    values
}

/// P1 to P3, of one state of an account and an earlier one. `written` are entries that somebody asked
/// to be written over or to be taken away, as `secret` and `key`.
pub(crate) fn assert_kept(before: &Snapshot, after: &Snapshot, written: &[(&str, &str)]) {
    let keys = KEYS.map(key);
    let all: Vec<_> = keys.iter().map(NewKey::key).collect();
    let default = before.default_key_id().map(ToString::to_string);
    // P1: the default key opens what it opened.
    let can = default_opens(after, &all);
    for name in default_opens(before, &all).keys() {
        let is_asked = written.contains(&(name, default.as_deref().unwrap_or_default()));
        assert!(is_asked || can.contains_key(name), "P1: {name}");
    }
    // P2 and P3: what any key opens, it opens to the same value.
    for key in &all {
        let of = key.id().as_str();
        let can = values(after, key);
        for (name, value) in values(before, key) {
            let is_asked = written.contains(&(name.as_str(), of));
            assert!(
                is_asked || can.get(&name) == Some(&value),
                "P2: {name} for {of}"
            );
        }
    }
    // What nobody here opens stays as it is, to the byte.
    for secret in before.present_secrets() {
        let name = secret.name();
        for (id, _) in secret.entries() {
            if written.contains(&(name.as_str(), id.as_str())) {
                continue;
            }
            if all
                .iter()
                .any(|key| key.id() == id && key.open(secret).is_ok())
            {
                continue;
            }
            let EventState::Present(now) = after.secret(name) else {
                panic!("P3: {name} is gone");
            };
            assert!(secret.is_same_for(now, id), "P3: {name} for {id}");
        }
        let EventState::Present(now) = after.secret(name) else {
            continue;
        };
        let unknown = secret
            .object()
            .iter()
            .filter(|(field, _)| *field != "encrypted");
        for (field, value) in unknown {
            assert_eq!(now.object().get(field), Some(value), "P2: {name}: {field}");
        }
    }
}

/// Mends an account with these keys, and holds every state on the way against P1 to P3.
pub(crate) fn mend_over<T>(
    store: &MemoryStore,
    keys: &[&str],
    written: &[(&str, &str)],
    run: impl FnOnce(&Storage<'_>) -> Result<T, Error>,
) -> T {
    let before = snapshot(store);
    let watched = Watched::new(store);
    let storage = SecretStorage::new(&watched, SuppliedKeys::new(keys));
    let result = run(&storage).unwrap();
    for state in watched.states.borrow().iter() {
        assert_kept(&before, state, written);
    }
    result
}

/// [`mend_over`], where nothing may be written over.
pub(crate) fn mend<T>(
    store: &MemoryStore,
    keys: &[&str],
    run: impl FnOnce(&Storage<'_>) -> Result<T, Error>,
) -> T {
    mend_over(store, keys, &[], run)
}

/// An operation that is refused, and that writes nothing.
pub(crate) fn refuse<T: std::fmt::Debug>(
    store: &MemoryStore,
    keys: &[&str],
    run: impl FnOnce(&Storage<'_>) -> Result<T, Error>,
) -> Error {
    let before = dump(store);
    let watched = Watched::new(store);
    let storage = SecretStorage::new(&watched, SuppliedKeys::new(keys));
    let error = run(&storage).unwrap_err();
    assert_eq!(watched.states.borrow().len(), 0, "{error}");
    assert_eq!(dump(store), before);
    error
}

/// The keys of an account in one spelling, and that is the end: no finding of this account.
pub(crate) fn assert_sound(store: &MemoryStore, keys: &[&str]) {
    let report = look(store, keys);
    assert!(report.is_ready() && !report.has_problems());
    assert_eq!(codes(&report), Vec::<&str>::new());
}

/// The four standard secrets, as any key that has them opens them.
pub(crate) fn assert_opens_standard(store: &MemoryStore, of: &str) {
    let opened = values(&snapshot(store), key(of).key());
    for secret in crate::account::standard_secrets() {
        let value = opened.get(secret.name().as_str()).map(String::as_str);
        assert_eq!(value, Some(secret.expose()), "{}", secret.name());
    }
}

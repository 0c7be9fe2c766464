//! Accounts for tests, and what must hold of them.

use std::collections::BTreeMap;

use pollster::block_on;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::ssss_model::ssss_crypto::SecretStorageKey;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyId, NewKey, Object, Secret, SecretName, Snapshot,
    Value, VerifiedKey,
};
use ssss_client::{AccountData as _, Content, MemoryStore};

pub(crate) fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

pub(crate) fn name(name: &str) -> SecretName {
    SecretName::new(name).unwrap()
}

pub(crate) fn id(id: &str) -> KeyId {
    KeyId::new(id).unwrap()
}

pub(crate) fn secret(of: &str, value: &str) -> Secret {
    Secret::new(name(of), Zeroizing::new(value.to_owned())).unwrap()
}

/// The three cross-signing keys and the backup key.
pub(crate) fn standard_secrets() -> Vec<Secret> {
    let mut names = SecretName::CROSS_SIGNING.to_vec();
    names.push(SecretName::MEGOLM_BACKUP);
    (1..)
        .zip(names)
        .map(|(byte, name)| Secret::from_key(name, &[byte; 32]))
        .collect()
}

/// The key of an id, always the same.
pub(crate) fn key(of: &str) -> NewKey {
    let mut bytes = [0x5A; 32];
    for (byte, letter) in bytes.iter_mut().zip(of.bytes()) {
        *byte = letter;
    }
    NewKey::from_key(SecretStorageKey::from_array(&bytes))
        .id(id(of))
        .build(&mut rng())
}

/// Puts an account together.
#[derive(Clone, Default)]
pub(crate) struct Account {
    events: BTreeMap<String, Object>,
}

impl Account {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn event(mut self, event_type: &str, content: &str) -> Self {
        self.events
            .insert(event_type.to_owned(), Object::parse(content).unwrap());
        self
    }

    /// The standard secrets, sealed for several keys.
    pub(crate) fn sealed_for(mut self, keys: &[&str]) -> Self {
        for secret in standard_secrets() {
            self = self.secret(&secret, keys);
        }
        self
    }

    pub(crate) fn describe(mut self, of: &str) -> Self {
        self.events
            .insert(id(of).event_type(), key(of).description().clone());
        self
    }

    pub(crate) fn default_key(mut self, of: &str) -> Self {
        self.events.insert(
            DefaultKey::EVENT_TYPE.to_owned(),
            DefaultKey::content(None, &id(of)),
        );
        self
    }

    pub(crate) fn secret(mut self, secret: &Secret, keys: &[&str]) -> Self {
        let entries: Vec<_> = keys
            .iter()
            .map(|of| key(of).key().seal(secret, &mut rng()).unwrap())
            .collect();
        let event_type = secret.name().as_str().to_owned();
        let existing = self.events.get(&event_type);
        let content = EncryptedSecret::content(secret.name(), existing, &entries).unwrap();
        self.events.insert(event_type, content);
        self
    }

    /// A field that nobody here knows, in an event that is there.
    pub(crate) fn unknown_field(mut self, event_type: &str) -> Self {
        let event = self.events.get_mut(event_type).unwrap();
        *event = event.with("org.example.unknown", &Value::string("kept"));
        self
    }

    /// A secret storage as js-sdk leaves it: a key, the default, four secrets.
    pub(crate) fn standard(of: &str) -> Self {
        let mut account = Self::new().describe(of).default_key(of);
        for secret in standard_secrets() {
            account = account.secret(&secret, &[of]);
        }
        account
    }

    pub(crate) fn events(&self) -> Vec<(String, Content)> {
        self.events
            .iter()
            .map(|(name, object)| (name.clone(), object.to_raw()))
            .collect()
    }

    pub(crate) fn store(&self) -> MemoryStore {
        self.events().into_iter().collect()
    }

    /// The account in a `{type: content}` map.
    pub(crate) fn json(&self) -> String {
        let values: Vec<_> = self
            .events
            .iter()
            .map(|(name, object)| (name, Value::object(object)))
            .collect();
        let fields = values.iter().map(|(name, value)| (name.as_str(), value));
        Object::empty().with_all(fields).as_json().to_owned()
    }
}

pub(crate) fn snapshot(store: &MemoryStore) -> Snapshot {
    block_on(store.enumerate()).unwrap().into_snapshot()
}

/// The events of a store as text.
pub(crate) fn dump(store: &MemoryStore) -> BTreeMap<String, String> {
    let text = |raw: Content| Raw::into_json(raw).get().to_owned();
    block_on(store.enumerate())
        .unwrap()
        .events
        .into_iter()
        .map(|(name, raw)| (name, text(raw)))
        .collect()
}

/// What a key opens in a snapshot.
pub(crate) fn opens(snapshot: &Snapshot, key: &VerifiedKey) -> BTreeMap<String, String> {
    snapshot
        .present_secrets()
        .filter_map(|secret| {
            let opened = key.open(secret).ok()?;
            Some((
                secret.name().as_str().to_owned(),
                opened.expose().to_owned(),
            ))
        })
        .collect()
}

/// What the default key opens: one of these keys, or nothing.
pub(crate) fn default_opens(
    snapshot: &Snapshot,
    keys: &[&VerifiedKey],
) -> BTreeMap<String, String> {
    let default = snapshot.default_key_id();
    let key = keys.iter().find(|key| Some(key.id()) == default);
    match key.filter(|key| matches!(snapshot.key(key.id()), EventState::Present(_))) {
        Some(key) => opens(snapshot, key),
        None => BTreeMap::new(),
    }
}

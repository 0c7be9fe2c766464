//! All of an account's events at one moment.

use std::collections::{BTreeMap, BTreeSet};

use ssss_model::ruma_common::serde::Raw;
use ssss_model::{KeyId, Malformed, ObjectError, SecretName, Snapshot};

use super::state::{State, agree};
use super::{default_key, key_description, secret};
use crate::json::{self, Fields, Json};

/// Reads account data, `{type: content}`, of which any content may be anything.
pub fn read(data: &[u8]) {
    let text = core::str::from_utf8(data).unwrap_or_default();
    let Some(account) = json::object(text) else {
        return;
    };
    let events = account.all().map(|(event_type, content)| {
        let content = Raw::<()>::from_json_string(content.to_owned()).unwrap();
        (event_type.to_owned(), content)
    });
    let snapshot = Snapshot::new(events);
    let account: BTreeMap<&str, &str> = account.last_of_each().into_iter().collect();
    let plain = Plain::new(&account);
    nothing_is_lost(&snapshot, &account);
    every_state_is_the_plain_one(&snapshot, &plain);
    what_follows_is_what_follows(&snapshot, &plain);
    let ours: Vec<_> = snapshot
        .secret_storage_events()
        .map(|(event_type, object)| (event_type, object.as_json()))
        .collect();
    let expected = account.iter().filter(|(event_type, content)| {
        let name = SecretName::of_event(event_type);
        let is_ours = **event_type == DEFAULT_KEY
            || id_of(event_type).is_some()
            || name.is_some_and(|name| plain.secrets.contains_key(&name));
        is_ours && json::object(content).is_some()
    });
    let expected: Vec<_> = expected.map(|(name, content)| (*name, *content)).collect();
    assert_eq!(ours, expected);
}

const DEFAULT_KEY: &str = "m.secret_storage.default_key";

/// The plain reading.
struct Plain<'t> {
    default_key: Option<State<String>>,
    keys: BTreeMap<KeyId, &'t str>,
    secrets: BTreeMap<SecretName, &'t str>,
}

impl<'t> Plain<'t> {
    fn new(account: &BTreeMap<&str, &'t str>) -> Self {
        let mut secrets = BTreeMap::new();
        for (event_type, content) in account {
            let has_map = json::object(content).is_some_and(|c| c.get("encrypted").is_some());
            if let Some(name) = SecretName::of_event(event_type)
                && (has_map || SecretName::KNOWN.contains(&name))
            {
                secrets.insert(name, *content);
            }
        }
        let pointer = account.get(DEFAULT_KEY);
        Self {
            default_key: pointer.map(|content| state(content, default_key::pointer)),
            keys: account
                .iter()
                .filter_map(|(event_type, content)| Some((id_of(event_type)?, *content)))
                .collect(),
            secrets,
        }
    }

    fn default_key_id(&self) -> Option<&str> {
        match &self.default_key {
            Some(State::Present(id)) => Some(id),
            _ => None,
        }
    }

    fn is_described(&self, id: &str) -> bool {
        let content = self.keys.iter().find(|(key, _)| key.as_str() == id);
        let state = content.map(|(_, content)| state(content, key_description::description));
        matches!(state, Some(State::Present(_)))
    }
}

fn id_of(event_type: &str) -> Option<KeyId> {
    let id = event_type.strip_prefix("m.secret_storage.key.")?;
    KeyId::new(id).ok()
}

fn state<T>(content: &str, read: impl FnOnce(&Fields<'_>) -> State<T>) -> State<T> {
    match json::read(content) {
        Json::Object(fields) => read(&fields),
        Json::NotAnObject => State::Malformed(Malformed::Object(ObjectError::NotAnObject)),
        Json::Invalid => panic!("{content:?} is part of what was JSON"),
    }
}

fn nothing_is_lost(snapshot: &Snapshot, account: &BTreeMap<&str, &str>) {
    for (event_type, content) in account {
        assert!(snapshot.contains(event_type));
        let expected = json::object(content).map(|fields| fields.text);
        let found = snapshot.content(event_type);
        assert_eq!(found.map(ssss_model::Object::as_json), expected);
        if let Some(object) = found {
            assert_eq!(object.to_raw::<()>().json().get(), *content);
        }
    }
    assert!(!snapshot.contains("org.example.none") || account.contains_key("org.example.none"));
}

fn every_state_is_the_plain_one(snapshot: &Snapshot, plain: &Plain<'_>) {
    let pointer = match &plain.default_key {
        Some(State::Present(id)) => Some(State::Present(id.clone())),
        Some(State::Malformed(why)) => Some(State::Malformed(*why)),
        Some(State::Tombstone) => Some(State::Tombstone),
        None => None,
    };
    agree(snapshot.default_key(), pointer, default_key::parts);
    assert_eq!(
        snapshot.default_key_id().map(KeyId::as_str),
        plain.default_key_id()
    );
    let keys: Vec<_> = snapshot.keys().map(|(id, _)| id).collect();
    assert_eq!(keys, plain.keys.keys().collect::<Vec<_>>());
    for (id, content) in &plain.keys {
        let expected = state(content, key_description::description);
        agree(snapshot.key(id), Some(expected), key_description::parts);
    }
    let names: Vec<_> = snapshot.secrets().map(|(name, _)| name).collect();
    assert_eq!(names, plain.secrets.keys().collect::<Vec<_>>());
    for (name, content) in &plain.secrets {
        let expected = state(content, secret::entries);
        agree(snapshot.secret(name), Some(expected), secret::parts);
    }
    let none = KeyId::new("nobody's").unwrap();
    if !plain.keys.contains_key(&none) {
        agree(snapshot.key(&none), None, key_description::parts);
    }
}

/// Lists that are made of the states: of descriptions, and of keys that lack one.
fn what_follows_is_what_follows(snapshot: &Snapshot, plain: &Plain<'_>) {
    let mut described: Vec<&str> = plain.keys.keys().map(KeyId::as_str).collect();
    described.retain(|id| plain.is_described(id));
    described.sort_by_key(|id| Some(*id) != plain.default_key_id());
    let found = snapshot.descriptions().map(|key| key.id().as_str());
    assert_eq!(found.collect::<Vec<_>>(), described);

    let mut undescribed = BTreeSet::new();
    for content in plain.secrets.values() {
        if let State::Present(entries) = state(content, secret::entries) {
            let sound = entries.into_iter().filter(|entry| entry.fault.is_none());
            undescribed.extend(sound.map(|entry| entry.id));
        }
    }
    undescribed.retain(|id| !plain.is_described(id));
    let found = snapshot.undescribed_keys().into_iter();
    let found: Vec<_> = found.map(|key| key.id().as_str().to_owned()).collect();
    assert_eq!(found, undescribed.into_iter().collect::<Vec<_>>());
}

//! All of an account's secret-storage events at one moment.

use std::collections::{BTreeMap, BTreeSet};

use ruma_common::serde::Raw;

use crate::default_key::DefaultKey;
use crate::encrypted_secret::EncryptedSecret;
use crate::event_state::{EventState, Malformed};
use crate::key_description::KeyDescription;
use crate::key_id::{KEY_EVENT_PREFIX, KeyId};
use crate::object::{Object, ObjectError};
use crate::secret_name::SecretName;

/// All of an account's secret-storage events at one moment, parsed and raw.
#[derive(Debug, Clone)]
pub struct Snapshot {
    contents: BTreeMap<String, Result<Object, ObjectError>>,
    default_key: EventState<DefaultKey>,
    keys: BTreeMap<KeyId, EventState<KeyDescription>>,
    secrets: BTreeMap<SecretName, EventState<EncryptedSecret>>,
    is_whole: bool,
}

impl Snapshot {
    /// Reads all account data: event types with their contents. Events that are none of secret
    /// storage's are kept, so that no secret is written over them.
    ///
    /// Of two events of one type the later one counts.
    #[must_use]
    pub fn new<T>(events: impl IntoIterator<Item = (String, Raw<T>)>) -> Self {
        Self::read(events, true)
    }

    /// The same of an account of which nobody says what else it has: only the names are known that were
    /// asked for.
    #[must_use]
    pub fn partial<T>(events: impl IntoIterator<Item = (String, Raw<T>)>) -> Self {
        Self::read(events, false)
    }

    fn read<T>(events: impl IntoIterator<Item = (String, Raw<T>)>, is_whole: bool) -> Self {
        let contents: BTreeMap<_, _> = events
            .into_iter()
            .map(|(event_type, content)| (event_type, Object::from_raw(&content)))
            .collect();
        let default_key =
            EventState::parse(contents.get(DefaultKey::EVENT_TYPE), DefaultKey::parse);
        let mut keys = BTreeMap::new();
        let mut secrets = BTreeMap::new();
        for (event_type, content) in &contents {
            if event_type.starts_with(KEY_EVENT_PREFIX) {
                if let Some(id) = KeyId::from_event_type(event_type) {
                    let parse = |object: &Object| KeyDescription::parse(&id, object);
                    let state = EventState::parse(Some(content), parse);
                    keys.insert(id, state);
                }
            } else if let Some(name) = SecretName::of_event(event_type) {
                let parse = |object: &Object| EncryptedSecret::parse(&name, object);
                let state = EventState::parse(Some(content), parse);
                // Of names without a meaning here, only what says `encrypted` is a secret.
                let has_map = content
                    .as_ref()
                    .is_ok_and(|object| object.get("encrypted").is_some());
                if has_map || SecretName::KNOWN.contains(&name) {
                    secrets.insert(name, state);
                }
            }
        }
        Self {
            contents,
            default_key,
            keys,
            secrets,
            is_whole,
        }
    }

    /// Whether this is every event that there is. If not, a key or secret that is not here may be there
    /// all the same, unless its name was asked for.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The pointer to the default key.
    #[must_use]
    pub fn default_key(&self) -> &EventState<DefaultKey> {
        &self.default_key
    }

    /// The id of the default key, if the pointer can be read.
    #[must_use]
    pub fn default_key_id(&self) -> Option<&KeyId> {
        self.default_key.present().map(DefaultKey::id)
    }

    /// The description of a key.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> &EventState<KeyDescription> {
        const MISSING: &EventState<KeyDescription> = &EventState::Missing;
        self.keys.get(id).unwrap_or(MISSING)
    }

    /// Every key that has an event, blanked and malformed ones too.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &EventState<KeyDescription>)> {
        self.keys.iter()
    }

    /// Every description that can be read, that of the default key first.
    pub fn descriptions(&self) -> impl Iterator<Item = &KeyDescription> {
        let default = self.default_key_id();
        let first = default.and_then(|id| self.key(id).present());
        let rest = self.keys.values().filter_map(EventState::present);
        first
            .into_iter()
            .chain(rest.filter(move |key| Some(key.id()) != default))
    }

    /// Keys that secrets are sealed for and that nothing describes, or nothing that can be read: each
    /// as a description without a check. Opening a secret tells whether a key is the right one.
    #[must_use]
    pub fn undescribed_keys(&self) -> Vec<KeyDescription> {
        let sealed = self.present_secrets().flat_map(EncryptedSecret::entries);
        let ids: BTreeSet<_> = sealed
            .filter(|(id, fault)| fault.is_none() && self.key(id).present().is_none())
            .map(|(id, _)| id)
            .collect();
        ids.into_iter().map(KeyDescription::bare).collect()
    }

    /// A secret, of any name.
    #[must_use]
    pub fn secret(&self, name: &SecretName) -> &EventState<EncryptedSecret> {
        const MISSING: &EventState<EncryptedSecret> = &EventState::Missing;
        const TOMBSTONE: &EventState<EncryptedSecret> = &EventState::Tombstone;
        const OTHER_DATA: &EventState<EncryptedSecret> =
            &EventState::Malformed(Malformed::OtherData);
        match (self.secrets.get(name), self.contents.get(name.as_str())) {
            (Some(state), _) => state,
            (None, None) => MISSING,
            (None, Some(Ok(object))) if object.is_empty() => TOMBSTONE,
            // Had it `encrypted`, it would be among the secrets.
            (None, Some(_)) => OTHER_DATA,
        }
    }

    /// Every secret that has an event, blanked and malformed ones too. Of a name that means nothing
    /// here only an event with `encrypted` is one.
    pub fn secrets(&self) -> impl Iterator<Item = (&SecretName, &EventState<EncryptedSecret>)> {
        self.secrets.iter()
    }

    /// Every secret that can be read.
    pub fn present_secrets(&self) -> impl Iterator<Item = &EncryptedSecret> {
        self.secrets.values().filter_map(EventState::present)
    }

    /// The content of an event; `None` if there is no such event or its content is no JSON object.
    #[must_use]
    pub fn content(&self, event_type: &str) -> Option<&Object> {
        self.contents.get(event_type)?.as_ref().ok()
    }

    /// Whether there is an event of this type.
    #[must_use]
    pub fn contains(&self, event_type: &str) -> bool {
        self.contents.contains_key(event_type)
    }

    /// The events of secret storage that can be read as JSON objects, with their types: descriptions of
    /// keys, the pointer to the default key, and secrets.
    pub fn secret_storage_events(&self) -> impl Iterator<Item = (&str, &Object)> {
        let is_ours = |event_type: &str| {
            event_type == DefaultKey::EVENT_TYPE
                || KeyId::from_event_type(event_type).is_some()
                || SecretName::of_event(event_type)
                    .is_some_and(|name| self.secrets.contains_key(&name))
        };
        self.contents
            .iter()
            .filter_map(|(event_type, content)| Some((event_type.as_str(), content.as_ref().ok()?)))
            .filter(move |(event_type, _)| is_ours(event_type))
    }
}

//! A secret as it lies on the server.

use std::fmt;

use ssss_crypto::{Sealed, SecretStorageKey};
use zeroize::{Zeroize as _, Zeroizing};

use crate::event_state::{EventState, Malformed};
use crate::key_id::KeyId;
use crate::lenient_base64;
use crate::object::{self, Object, Value};
use crate::open_error::{EntryFault, OpenError};
use crate::secret::Secret;
use crate::secret_name::SecretName;

/// The content of a secret's event: what is sealed, for each key, with the name that the event's
/// type states ("Secrets").
#[derive(Debug, Clone)]
pub struct EncryptedSecret {
    name: SecretName,
    object: Object,
    entries: Vec<(KeyId, Result<Sealed, EntryFault>)>,
}

/// A secret sealed for one key, not yet part of an event.
#[derive(Debug, Clone)]
pub struct SealedEntry {
    name: SecretName,
    key_id: KeyId,
    sealed: Sealed,
}

/// Why an entry cannot become part of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddEntryError {
    /// The entry was sealed for another name; nothing would ever open it here.
    OtherName,
    /// The event has content that is no secret.
    NotASecret(Malformed),
}

impl EncryptedSecret {
    /// More keys than this under one secret are an attack.
    pub const MAX_ENTRIES: usize = 1000;

    /// Reads the content of the event. `{}` and `{"encrypted":{}}` are
    /// [tombstones](EventState::Tombstone).
    ///
    /// An entry that cannot be read hides none of the others.
    #[must_use]
    pub fn parse(name: &SecretName, object: &Object) -> EventState<Self> {
        if object.is_empty() {
            return EventState::Tombstone;
        }
        let Some(encrypted) = object.get("encrypted") else {
            return EventState::Malformed(Malformed::OtherData);
        };
        let Ok(encrypted) = Object::parse(encrypted) else {
            return EventState::Malformed(Malformed::WrongType("encrypted"));
        };
        if encrypted.is_empty() {
            return EventState::Tombstone;
        }
        let entries: Vec<_> = encrypted
            .iter()
            .filter_map(|(id, value)| Some((KeyId::new(id).ok()?, parse_entry(value))))
            .take(Self::MAX_ENTRIES + 1)
            .collect();
        if entries.len() > Self::MAX_ENTRIES {
            return EventState::Malformed(Malformed::TooManyEntries);
        }
        EventState::Present(Self {
            name: name.clone(),
            object: object.clone(),
            entries,
        })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &SecretName {
        &self.name
    }

    /// The content of the event.
    #[must_use]
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// The keys it is sealed for, in the order of the event, each with what is wrong with its
    /// entry, if anything is to be seen without a key.
    pub fn entries(&self) -> impl Iterator<Item = (&KeyId, Option<EntryFault>)> {
        self.entries
            .iter()
            .map(|(id, entry)| (id, entry.as_ref().err().copied()))
    }

    /// Whether there is an entry for a key that looks sound. Only opening it shows that it is.
    #[must_use]
    pub fn is_sealed_for(&self, id: &KeyId) -> bool {
        matches!(self.entry(id), Some(Ok(_)))
    }

    /// Whether there is anything for a key which may be worth keeping: any object, sound or not.
    #[must_use]
    pub fn has_data_for(&self, id: &KeyId) -> bool {
        matches!(self.entry(id), Some(entry) if !matches!(entry, Err(EntryFault::NotAnObject)))
    }

    /// The content of a secret's event with entries added: that of the event as it stands, with the
    /// entries of these keys replaced, and every other byte kept.
    pub fn content(
        name: &SecretName,
        existing: Option<&Object>,
        entries: &[SealedEntry],
    ) -> Result<Object, AddEntryError> {
        let empty = Object::empty();
        let existing = existing.unwrap_or(&empty);
        if entries.iter().any(|entry| entry.name != *name) {
            return Err(AddEntryError::OtherName);
        }
        let encrypted = match existing.get("encrypted") {
            None if existing.is_empty() => Object::empty(),
            None => return Err(AddEntryError::NotASecret(Malformed::OtherData)),
            Some(value) => Object::parse(value)
                .map_err(|_| AddEntryError::NotASecret(Malformed::WrongType("encrypted")))?,
        };
        let values: Vec<_> = entries
            .iter()
            .map(|entry| {
                (
                    entry.key_id.as_str(),
                    entry.value(encrypted.get(entry.key_id.as_str())),
                )
            })
            .collect();
        let encrypted = encrypted.with_all(values.iter().map(|(id, value)| (*id, value)));
        Ok(existing.with("encrypted", &Value::object(&encrypted)))
    }

    pub(crate) fn open(&self, id: &KeyId, key: &SecretStorageKey) -> Result<Secret, OpenError> {
        let sealed = match self.entry(id) {
            None => return Err(OpenError::NotSealedForKey),
            Some(Err(fault)) => return Err(OpenError::MalformedEntry(*fault)),
            Some(Ok(sealed)) => sealed,
        };
        let mut bytes = key
            .open(self.name.label(), sealed)
            .map_err(|_| OpenError::Inauthentic)?;
        // Moves the one buffer along; on an error it is wiped here.
        let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
            error.into_bytes().zeroize();
            OpenError::NotText
        })?;
        Secret::new(self.name.clone(), Zeroizing::new(text)).map_err(|_| OpenError::NotAKey)
    }

    /// Whether the entry for an id was sealed with this key. What it opens to does not matter.
    pub(crate) fn authenticates(&self, id: &KeyId, key: &SecretStorageKey) -> bool {
        match self.entry(id) {
            Some(Ok(sealed)) => key.open(self.name.label(), sealed).is_ok(),
            _ => false,
        }
    }

    fn entry(&self, id: &KeyId) -> Option<&Result<Sealed, EntryFault>> {
        self.entries
            .iter()
            .find(|(other, _)| other == id)
            .map(|(_, entry)| entry)
    }
}

impl SealedEntry {
    pub(crate) fn new(name: SecretName, key_id: KeyId, sealed: Sealed) -> Self {
        Self {
            name,
            key_id,
            sealed,
        }
    }

    /// The secret that is sealed.
    #[must_use]
    pub fn name(&self) -> &SecretName {
        &self.name
    }

    /// The key that it is sealed for.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The entry; fields of the one it replaces which are not known here are kept.
    fn value(&self, existing: Option<&str>) -> Value {
        let existing = existing.and_then(|value| Object::parse(value).ok());
        Value::object(&existing.unwrap_or_else(Object::empty).with_all([
            (
                "iv",
                &Value::string(&lenient_base64::encode(&self.sealed.iv)),
            ),
            (
                "ciphertext",
                &Value::string(&lenient_base64::encode(&self.sealed.ciphertext)),
            ),
            (
                "mac",
                &Value::string(&lenient_base64::encode(&self.sealed.mac)),
            ),
        ]))
    }
}

fn parse_entry(value: &str) -> Result<Sealed, EntryFault> {
    let object = Object::parse(value).map_err(|_| EntryFault::NotAnObject)?;
    let bytes = |name| {
        let text = object
            .get(name)
            .and_then(object::string)
            .ok_or(EntryFault::Field(name))?;
        lenient_base64::decode(&text).ok_or(EntryFault::NotBase64(name))
    };
    let iv = bytes("iv")?;
    let mac = bytes("mac")?;
    Ok(Sealed {
        iv: iv
            .as_slice()
            .try_into()
            .map_err(|_| EntryFault::IvLength(iv.len()))?,
        mac: mac
            .as_slice()
            .try_into()
            .map_err(|_| EntryFault::MacLength(mac.len()))?,
        ciphertext: bytes("ciphertext")?,
    })
}

impl fmt::Display for AddEntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherName => f.write_str("the entry was sealed for another secret"),
            Self::NotASecret(malformed) => write!(f, "the event is not a secret: {malformed}"),
        }
    }
}

impl core::error::Error for AddEntryError {}

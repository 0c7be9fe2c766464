//! A secret as it lies on the server.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::fmt;

use ssss_crypto::{Sealed, SecretStorageKey};
use zeroize::{Zeroize as _, Zeroizing};

use crate::ascii::ascii_text;
use crate::event_state::{EventState, Malformed};
use crate::key_id::KeyId;
use crate::lenient_base64;
use crate::object::{self, Object, Part, View};
use crate::open_error::{EntryFault, OpenError};
use crate::secret::Secret;
use crate::secret_name::SecretName;

/// The content of a secret's event: what is sealed, for each key, with the name that the event's
/// type states ("Secrets").
#[derive(Debug, Clone)]
pub struct EncryptedSecret {
    name: SecretName,
    object: Object,
    entries: Vec<Entry>,
}

/// What is sealed for a key.
#[derive(Debug, Clone)]
struct Entry {
    id: KeyId,
    sealed: Result<Sealed, EntryFault>,
    is_oddly_spelled: bool,
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
        let Ok(encrypted) = View::parse(encrypted) else {
            return EventState::Malformed(Malformed::WrongType("encrypted"));
        };
        if encrypted.is_empty() {
            return EventState::Tombstone;
        }
        let found = encrypted
            .iter()
            .filter_map(|(id, value)| Some(Entry::parse(KeyId::new(id).ok()?, value)))
            .take(Self::MAX_ENTRIES + 1);
        let mut entries = Vec::with_capacity(encrypted.field_count().min(Self::MAX_ENTRIES + 1));
        entries.extend(found);
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
            .map(|entry| (&entry.id, entry.sealed.as_ref().err().copied()))
    }

    /// Whether there is an entry for a key that looks sound. Only opening it shows that it is.
    #[must_use]
    pub fn is_sealed_for(&self, id: &KeyId) -> bool {
        self.entry(id).is_some_and(|entry| entry.sealed.is_ok())
    }

    /// Whether there is anything for a key which may be worth keeping: any object, sound or not.
    #[must_use]
    pub fn has_data_for(&self, id: &KeyId) -> bool {
        self.entry(id)
            .is_some_and(|entry| !matches!(entry.sealed, Err(EntryFault::NotAnObject)))
    }

    /// The content of a secret's event with entries added: that of the event as it stands, with the
    /// entries of these keys replaced, and every other byte kept.
    pub fn content(
        name: &SecretName,
        existing: Option<&Object>,
        entries: &[SealedEntry],
    ) -> Result<Object, AddEntryError> {
        let empty = View::empty();
        let existing = existing.map_or(&empty, Object::view);
        if entries.iter().any(|entry| entry.name != *name) {
            return Err(AddEntryError::OtherName);
        }
        let encrypted = match existing.get("encrypted") {
            None if existing.is_empty() => View::empty(),
            None => return Err(AddEntryError::NotASecret(Malformed::OtherData)),
            Some(value) => View::parse(value)
                .map_err(|_| AddEntryError::NotASecret(Malformed::WrongType("encrypted")))?,
        };
        // Of two for one key the later one counts.
        let later = |at: usize| entries.iter().skip(at).skip(1);
        let is_last = |at: usize, id: &KeyId| later(at).all(|other| other.key_id != *id);
        let mut parts = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            if is_last(at, &entry.key_id) {
                parts.push((entry, entry.replaced_in(&encrypted), entry.fields()));
            }
        }
        let changes: Vec<_> = parts
            .iter()
            .map(|(entry, old, fields)| (entry.key_id.as_str(), Part::Object(old, fields)))
            .collect();
        let encrypted = Part::Object(&encrypted, &changes);
        Ok(existing.with_all(&[("encrypted", encrypted)]).into())
    }

    /// The content without what is sealed for these keys; every other byte stays. Blanked, if
    /// nothing is left.
    #[must_use]
    pub fn without(&self, ids: &[&KeyId]) -> Object {
        let encrypted = self.encrypted();
        let names: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
        let rest = encrypted.without(&names);
        if rest.is_empty() {
            return Object::empty();
        }
        with_encrypted(&self.object, &rest)
    }

    /// This content, which a snapshot kept, with what has come to another content of the same event
    /// since: what is sealed for keys that this one does not have, and fields that it does not have.
    #[must_use]
    pub fn with_additions_of(&self, other: &Object) -> Object {
        let object = self.object.with_missing_fields_of(other);
        let added = other
            .get("encrypted")
            .and_then(|text| View::parse(text).ok());
        let Some(added) = added else {
            return object;
        };
        let encrypted = self.encrypted().with_missing_fields_of(&added);
        with_encrypted(&object, &encrypted)
    }

    /// Whether what is sealed for a key is spelled as no current client spells it: base64 of the
    /// URL-safe alphabet, or with white space in it.
    #[must_use]
    pub fn is_oddly_spelled_for(&self, id: &KeyId) -> bool {
        self.entry(id).is_some_and(|entry| entry.is_oddly_spelled)
    }

    /// Whether another content of the same event has the same for a key, byte for byte of what is
    /// encoded.
    #[must_use]
    pub fn is_same_for(&self, theirs: &Self, id: &KeyId) -> bool {
        match (self.entry(id), theirs.entry(id)) {
            (Some(one), Some(other)) => one.is_same_as(other).unwrap_or_else(|| {
                self.encrypted().get(id.as_str()) == theirs.encrypted().get(id.as_str())
            }),
            (None, None) => true,
            _ => false,
        }
    }

    /// The keys for which both this and another content of the same event have something, and not the
    /// [same](Self::is_same_for), in the order of the other. Reads either content once, however many
    /// entries there are.
    #[must_use]
    pub fn differing<'t>(&self, theirs: &'t Self) -> Vec<&'t KeyId> {
        let ours: HashMap<&KeyId, &Entry> = self
            .entries
            .iter()
            .map(|entry| (&entry.id, entry))
            .collect();
        let texts = LazyCell::new(|| (self.encrypted(), theirs.encrypted()));
        let is_other = |entry: &&Entry| {
            let Some(one) = ours.get(&entry.id) else {
                return false;
            };
            !one.is_same_as(entry).unwrap_or_else(|| {
                let (our_texts, their_texts) = &*texts;
                our_texts.get(entry.id.as_str()) == their_texts.get(entry.id.as_str())
            })
        };
        let differing = theirs.entries.iter().filter(is_other);
        differing.map(|entry| &entry.id).collect()
    }

    fn encrypted(&self) -> View<'_> {
        // It was parsed when this was made.
        let encrypted = self.object.get("encrypted");
        encrypted
            .and_then(|text| View::parse(text).ok())
            .unwrap_or_else(View::empty)
    }

    pub(crate) fn open(&self, id: &KeyId, key: &SecretStorageKey) -> Result<Secret, OpenError> {
        let entry = self.entry(id).ok_or(OpenError::NotSealedForKey)?;
        let sealed = entry.sealed.as_ref();
        let sealed = sealed.map_err(|fault| OpenError::MalformedEntry(*fault))?;
        let plaintext = key
            .open(self.name.label(), sealed)
            .map_err(|_| OpenError::Inauthentic)?;
        // A key is short, and read in constant time.
        let is_key = self.name.holds_key();
        let text = match is_key.then(|| ascii_text(plaintext.expose())).flatten() {
            Some(text) => text,
            // Moves the one buffer along; on an error it is wiped here.
            None => String::from_utf8(plaintext.into_bytes())
                .map(Zeroizing::new)
                .map_err(|error| {
                    error.into_bytes().zeroize();
                    OpenError::NotText
                })?,
        };
        Secret::new(self.name.clone(), text).map_err(|_| OpenError::NotAKey)
    }

    /// Whether the entry for an id was sealed with this key. What it opens to does not matter.
    pub(crate) fn authenticates(&self, id: &KeyId, key: &SecretStorageKey) -> bool {
        let sealed = self.entry(id).and_then(|entry| entry.sealed.as_ref().ok());
        sealed.is_some_and(|sealed| key.open(self.name.label(), sealed).is_ok())
    }

    fn entry(&self, id: &KeyId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == *id)
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

    /// The entry that it takes the place of, whose other fields are kept.
    fn replaced_in<'a>(&self, encrypted: &'a View<'_>) -> View<'a> {
        let old = encrypted.get(self.key_id.as_str());
        old.and_then(|old| View::parse(old).ok())
            .unwrap_or_else(View::empty)
    }

    fn fields(&self) -> [(&'static str, Part<'_>); 3] {
        [
            ("iv", Part::Base64(&self.sealed.iv)),
            ("ciphertext", Part::Base64(&self.sealed.ciphertext)),
            ("mac", Part::Base64(&self.sealed.mac)),
        ]
    }
}

impl Entry {
    fn parse(id: KeyId, value: &str) -> Self {
        let mut is_oddly_spelled = false;
        let sealed = parse_entry(value, &mut is_oddly_spelled);
        Self {
            id,
            sealed,
            is_oddly_spelled,
        }
    }

    /// Whether two entries are the same, of whatever is encoded; `None` if neither can be read, so that
    /// only their texts tell.
    fn is_same_as(&self, other: &Self) -> Option<bool> {
        match (&self.sealed, &other.sealed) {
            (Ok(one), Ok(other)) => Some(
                (one.iv, one.mac) == (other.iv, other.mac) && one.ciphertext == other.ciphertext,
            ),
            (Err(_), Err(_)) => None,
            _ => Some(false),
        }
    }
}

fn with_encrypted(object: &Object, encrypted: &View<'_>) -> Object {
    let encrypted = Part::Json(encrypted.as_json());
    object.view().with_all(&[("encrypted", encrypted)]).into()
}

fn parse_entry(value: &str, is_oddly_spelled: &mut bool) -> Result<Sealed, EntryFault> {
    let object = View::parse(value).map_err(|_| EntryFault::NotAnObject)?;
    let mut decode = |name, bytes: &mut Vec<u8>| {
        let text = object
            .get(name)
            .and_then(object::string)
            .ok_or(EntryFault::Field(name))?;
        let is_odd =
            lenient_base64::decode_into(bytes, &text).ok_or(EntryFault::NotBase64(name))?;
        *is_oddly_spelled |= is_odd;
        Ok(())
    };
    // One buffer for all three, which the ciphertext keeps.
    let mut bytes = Vec::with_capacity(object.get("ciphertext").map_or(0, lenient_base64::room));
    decode("iv", &mut bytes)?;
    let iv = bytes.as_slice().try_into();
    let iv = iv.map_err(|_| EntryFault::IvLength(bytes.len()));
    decode("mac", &mut bytes)?;
    let mac = bytes.as_slice().try_into();
    let mac = mac.map_err(|_| EntryFault::MacLength(bytes.len()));
    let (iv, mac) = (iv?, mac?);
    decode("ciphertext", &mut bytes)?;
    Ok(Sealed {
        iv,
        ciphertext: bytes,
        mac,
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

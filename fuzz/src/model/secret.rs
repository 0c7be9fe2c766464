//! Secrets as they lie on the server.

use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    AddEntryError, EncryptedSecret, EntryFault, EventState, KeyId, Malformed, Object, OpenError,
    Secret, SecretName,
};

use super::base64;
use super::key::{KEY, OTHER, verified};
use super::key_spelling;
use super::object::is_text;
use super::state::{State, agree};
use crate::crypto::reference;
use crate::input::{Same, texts};
use crate::json::{self, Fields};

/// Reads a name and, after bytes `FF`, the content of its event, another content of it, and ids of keys.
pub fn read(data: &[u8]) {
    let texts = texts(data).unwrap_or_default();
    let [name, text, others @ ..] = &*texts else {
        return;
    };
    let (Ok(name), Some(fields)) = (SecretName::new(name), json::object(text)) else {
        return;
    };
    let object = Object::parse(text).unwrap();
    let (other, ids) = others.split_first().unwrap_or((&"", &[]));
    let mut ids: Vec<KeyId> = ids.iter().filter_map(|id| KeyId::new(id).ok()).collect();
    ids.sort_unstable();
    ids.dedup();

    let state = EncryptedSecret::parse(&name, &object);
    let expected = secret(&fields);
    if let State::Present(entries) = &expected {
        let secret = state.present().expect("the plain reading finds a secret");
        assert_eq!(secret.object().as_json(), fields.text);
        for key in [KEY, OTHER] {
            opens_as_the_reference_does(secret, entries, &key);
        }
        assert_eq!(
            verified(&KEY, &KeyId::new("of nobody").unwrap())
                .open(secret)
                .err(),
            entries
                .iter()
                .all(|entry| entry.id != "of nobody")
                .then_some(OpenError::NotSealedForKey)
        );
        taking_entries_out_keeps_the_rest(secret, &fields, &ids);
        if let Some(other) = json::object(other) {
            what_came_since_is_added(secret, &fields, &other);
        }
    }
    agree(&state, Some(entries(&fields)), parts);
    putting_entries_in_keeps_the_rest(&name, &object, &fields, &ids);
}

/// What is sealed for a key.
#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// What can be compared of it; the rest shows when it is opened.
    pub(crate) fault: Option<EntryFault>,
    is_odd: bool,
    sealed: Option<Sealed>,
}

#[derive(Debug, PartialEq)]
struct Sealed {
    iv: [u8; 16],
    ciphertext: Vec<u8>,
    mac: Vec<u8>,
}

/// The parts of what the crate has read.
pub(crate) fn parts(secret: &EncryptedSecret) -> Vec<Entry> {
    let entries = secret.entries().map(|(id, fault)| {
        assert_eq!(secret.is_sealed_for(id), fault.is_none());
        let has_data = fault != Some(EntryFault::NotAnObject);
        assert_eq!(secret.has_data_for(id), has_data);
        assert!(secret.is_same_for(secret, id));
        Entry {
            id: id.as_str().to_owned(),
            fault,
            is_odd: fault.is_none() && secret.is_oddly_spelled_for(id),
            sealed: None,
        }
    });
    entries.collect()
}

/// The plain reading, without what is sealed.
pub(crate) fn entries(fields: &Fields<'_>) -> State<Vec<Entry>> {
    match secret(fields) {
        State::Present(mut entries) => {
            for entry in &mut entries {
                entry.sealed = None;
            }
            State::Present(entries)
        }
        other => other,
    }
}

fn secret(fields: &Fields<'_>) -> State<Vec<Entry>> {
    if fields.is_empty() {
        return State::Tombstone;
    }
    let Some(encrypted) = fields.get("encrypted") else {
        return State::Malformed(Malformed::OtherData);
    };
    let Some(encrypted) = json::object(encrypted) else {
        return State::Malformed(Malformed::WrongType("encrypted"));
    };
    if encrypted.is_empty() {
        return State::Tombstone;
    }
    let entries = encrypted.last_of_each().into_iter();
    let entries: Vec<_> = entries
        .filter(|(id, _)| (1..=4096).contains(&id.len()))
        .map(|(id, value)| entry(id, value))
        .collect();
    if entries.len() > 1000 {
        return State::Malformed(Malformed::TooManyEntries);
    }
    State::Present(entries)
}

fn entry(id: &str, value: &str) -> Entry {
    let mut is_odd = false;
    let sealed = sealed(value, &mut is_odd);
    Entry {
        id: id.to_owned(),
        fault: sealed.as_ref().err().copied(),
        is_odd: is_odd && sealed.is_ok(),
        sealed: sealed.ok(),
    }
}

fn sealed(value: &str, is_odd: &mut bool) -> Result<Sealed, EntryFault> {
    let fields = json::object(value).ok_or(EntryFault::NotAnObject)?;
    let mut bytes = |name| {
        let text = fields.get(name).and_then(json::string);
        let text = text.ok_or(EntryFault::Field(name))?;
        let (bytes, odd) = base64::decoded(&text).ok_or(EntryFault::NotBase64(name))?;
        *is_odd |= odd;
        Ok(bytes)
    };
    let (iv, mac) = (bytes("iv")?, bytes("mac")?);
    let iv = <[u8; 16]>::try_from(iv).map_err(|iv| EntryFault::IvLength(iv.len()))?;
    if mac.len() != 32 {
        return Err(EntryFault::MacLength(mac.len()));
    }
    let ciphertext = bytes("ciphertext")?;
    Ok(Sealed {
        iv,
        ciphertext,
        mac,
    })
}

fn opens_as_the_reference_does(secret: &EncryptedSecret, entries: &[Entry], key: &[u8; 32]) {
    let name = secret.name();
    for entry in entries.iter().take(4) {
        let id = KeyId::new(&entry.id).unwrap();
        let expected = match (&entry.sealed, entry.fault) {
            (
                Some(Sealed {
                    iv,
                    ciphertext,
                    mac,
                }),
                _,
            ) => {
                let opened = reference::open(key, name.as_str(), iv, ciphertext, mac);
                let text = opened.map(String::from_utf8);
                match text {
                    None => Err(OpenError::Inauthentic),
                    Some(Err(_)) => Err(OpenError::NotText),
                    Some(Ok(text)) if name.holds_key() && key_spelling::key(&text).is_none() => {
                        Err(OpenError::NotAKey)
                    }
                    Some(Ok(text)) => Ok(text),
                }
            }
            (None, fault) => Err(OpenError::MalformedEntry(fault.unwrap())),
        };
        let opened = verified(key, &id).open(secret);
        assert_eq!(opened.map(|secret| secret.expose().to_owned()), expected);
    }
}

fn taking_entries_out_keeps_the_rest(secret: &EncryptedSecret, fields: &Fields<'_>, ids: &[KeyId]) {
    let encrypted = json::object(fields.get("encrypted").unwrap()).unwrap();
    let names: Vec<_> = ids.iter().map(KeyId::as_str).collect();
    let rest = encrypted.without(&names);
    let expected = match &*rest {
        "{}" => rest,
        rest => fields.with(&[("encrypted", rest)]),
    };
    let ids: Vec<_> = ids.iter().collect();
    is_text(&secret.without(&ids), &expected);
}

fn what_came_since_is_added(secret: &EncryptedSecret, fields: &Fields<'_>, other: &Fields<'_>) {
    fn missing<'a>(fields: &Fields<'_>, other: &'a Fields<'_>) -> Vec<(&'a str, &'a str)> {
        let mut missing = other.last_of_each();
        missing.retain(|(name, _)| fields.get(name).is_none());
        missing
    }
    let mut expected = fields.with(&missing(fields, other));
    if let Some(added) = other.get("encrypted").and_then(json::object) {
        let encrypted = json::object(fields.get("encrypted").unwrap()).unwrap();
        let encrypted = encrypted.with(&missing(&encrypted, &added));
        let both = json::object(&expected).unwrap();
        expected = both.with(&[("encrypted", &encrypted)]);
    }
    let other = Object::parse(other.text).unwrap();
    is_text(&secret.with_additions_of(&other), &expected);
}

/// The crate's text is the one that the plain splicing and the reference's sealing make.
fn putting_entries_in_keeps_the_rest(
    name: &SecretName,
    object: &Object,
    fields: &Fields<'_>,
    ids: &[KeyId],
) {
    let secret = if name.holds_key() {
        Secret::from_key(name.clone(), &OTHER)
    } else {
        Secret::new(name.clone(), Zeroizing::new("välue".to_owned())).unwrap()
    };
    let entries = ids.iter().take(3).map(|id| {
        let key = verified(&KEY, id);
        key.seal(&secret, &mut Same::default()).unwrap()
    });
    let entries: Vec<_> = entries.collect();
    let content = EncryptedSecret::content(name, Some(object), &entries);

    let encrypted = match (fields.get("encrypted"), fields.is_empty()) {
        (None, true) => "{}",
        (None, false) => {
            let expected = AddEntryError::NotASecret(Malformed::OtherData);
            return assert_eq!(content.unwrap_err(), expected);
        }
        (Some(encrypted), _) => encrypted,
    };
    let Some(encrypted) = json::object(encrypted) else {
        let expected = AddEntryError::NotASecret(Malformed::WrongType("encrypted"));
        return assert_eq!(content.unwrap_err(), expected);
    };
    let content = content.unwrap();

    let mut iv = [0; 16];
    ssss_model::rand_core::Rng::fill_bytes(&mut Same::default(), &mut iv);
    iv[8] &= 0x7f;
    let plaintext = secret.expose().as_bytes();
    let (ciphertext, mac) = reference::seal(&KEY, name.as_str(), &iv, plaintext);
    let base64 = |bytes: &[u8]| json::quoted(&base64::encoded(bytes));
    let [iv, ciphertext, mac] = [base64(&iv), base64(&ciphertext), base64(&mac)];
    let sealed = [("iv", &*iv), ("ciphertext", &*ciphertext), ("mac", &*mac)];
    let values = ids.iter().take(3).map(|id| {
        let existing = encrypted.get(id.as_str()).and_then(json::object);
        let existing = existing.unwrap_or_else(|| json::object("{}").unwrap());
        (id.as_str(), existing.with(&sealed))
    });
    let values: Vec<_> = values.collect();
    let values: Vec<_> = values.iter().map(|(id, value)| (*id, &**value)).collect();
    let expected = fields.with(&[("encrypted", &encrypted.with(&values))]);
    is_text(&content, &expected);
    if let EventState::Present(stored) = EncryptedSecret::parse(name, &content) {
        for id in ids.iter().take(3) {
            let opened = verified(&KEY, id).open(&stored).unwrap();
            assert_eq!(opened.expose(), secret.expose());
        }
    }
}

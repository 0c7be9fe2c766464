//! The pointer to the default key.

use ssss_model::{DefaultKey, KeyId, Malformed, Object};

use super::object::is_text;
use super::state::{State, agree};
use crate::input::texts;
use crate::json::{self, Fields};

/// Reads a pointer; and, after a byte `FF`, an id to point at.
pub fn read(data: &[u8]) {
    let Some(texts) = texts(data) else {
        return;
    };
    let id = texts.get(1).copied().unwrap_or("new");
    let is_id = (1..=4096).contains(&id.len());
    assert_eq!(KeyId::new(id).is_ok(), is_id);
    let Some(fields) = json::object(texts[0]) else {
        return;
    };
    let object = Object::parse(texts[0]).unwrap();
    let state = DefaultKey::parse(&object);
    agree(&state, Some(pointer(&fields)), parts);
    if let Some(pointer) = state.present() {
        assert_eq!(pointer.object().as_json(), fields.text);
    }
    let Ok(id) = KeyId::new(id) else {
        return;
    };
    let quoted = json::quoted(id.as_str());
    let written = DefaultKey::content(Some(&object), &id);
    is_text(&written, &fields.with(&[("key", &quoted)]));
    let fresh = DefaultKey::content(None, &id);
    assert_eq!(fresh.as_json(), format!(r#"{{"key":{quoted}}}"#));
    for content in [written, fresh] {
        let expected = State::Present(id.as_str().to_owned());
        agree(&DefaultKey::parse(&content), Some(expected), parts);
    }
}

/// The id that the crate has read.
pub(crate) fn parts(pointer: &DefaultKey) -> String {
    pointer.id().as_str().to_owned()
}

/// The plain reading.
pub(crate) fn pointer(fields: &Fields<'_>) -> State<String> {
    if fields.is_empty() {
        return State::Tombstone;
    }
    let Some(key) = fields.some("key") else {
        return State::Malformed(Malformed::Absent("key"));
    };
    match json::string(key) {
        None => State::Malformed(Malformed::WrongType("key")),
        Some(id) if id.is_empty() || id.len() > 4096 => State::Malformed(Malformed::KeyId),
        Some(id) => State::Present(id),
    }
}

//! Objects that keep every byte.

use ssss_model::ruma_common::serde::Raw;
use ssss_model::{Object, ObjectError, Value};

use crate::input::texts;
use crate::json::{self, Fields, Json};

/// Reads a JSON text, and after bytes `FF` names in turn with values to give to them; a name without a
/// value goes.
pub fn edit(data: &[u8]) {
    let Some(texts) = texts(data) else {
        return;
    };
    let (text, edits) = texts.split_first().unwrap();
    let read = json::read(text);
    let object = Object::parse(text);
    let fields = match read {
        Json::Object(fields) => fields,
        Json::NotAnObject => return assert_eq!(object.unwrap_err(), ObjectError::NotAnObject),
        Json::Invalid => {
            let error = object.unwrap_err();
            return assert!(matches!(error, ObjectError::NotJson { .. }), "{text:?}");
        }
    };
    let object = object.unwrap_or_else(|error| panic!("{text:?}: {error}"));
    is_as_read(&object, &fields);

    let mut changes: Vec<(&str, &str)> = Vec::new();
    let mut removed: Vec<&str> = Vec::new();
    for edit in edits.chunks(2) {
        match *edit {
            [name] => removed.push(name),
            [name, value] => {
                let is_new = changes.iter().all(|(other, _)| *other != name);
                let is_json = !matches!(json::read(value), Json::Invalid);
                // White space around a value is no part of it.
                if is_new && is_json {
                    changes.push((name, value.trim_matches([' ', '\t', '\n', '\r'])));
                }
            }
            _ => {}
        }
    }
    removed.extend(changes.iter().step_by(2).map(|(name, _)| *name));

    let values: Vec<_> = changes
        .iter()
        .map(|(name, value)| (*name, self::value(value)))
        .collect();
    let with = object.with_all(values.iter().map(|(name, value)| (*name, value)));
    is_text(&with, &fields.with(&changes));
    let one_by_one = values.iter().fold(object.clone(), |object, (name, value)| {
        object.with(name, value)
    });
    assert_eq!(one_by_one.as_json(), with.as_json());
    is_text(&object.without(&removed), &fields.without(&removed));

    let other = Object::empty().with_all(values.iter().map(|(name, value)| (*name, value)));
    let missing: Vec<_> = changes
        .iter()
        .filter(|(name, _)| fields.get(name).is_none())
        .copied()
        .collect();
    let expected = fields.with(&missing);
    is_text(&object.with_missing_fields_of(&other), &expected);
    if let Ok(same) = serde_json::from_str::<serde_json::Value>(object.as_json()) {
        let respelled = Object::parse(&format!("{same:#}")).unwrap();
        assert!(object.is_same_json(&respelled));
    }
    let raw = object.to_raw::<()>();
    assert_eq!(raw.json().get(), object.as_json());
    assert_eq!(Object::from_raw(&raw).unwrap().as_json(), fields.text);
}

/// An object has the text that is expected, and finds its fields there.
pub(crate) fn is_text(object: &Object, expected: &str) {
    let fields = json::object(expected).unwrap_or_else(|| panic!("{expected:?} is no object"));
    is_as_read(object, &fields);
}

/// An object has the text and the fields of a plain reading.
pub(crate) fn is_as_read(object: &Object, fields: &Fields<'_>) {
    assert_eq!(object.as_json(), fields.text);
    assert_eq!(object.is_empty(), fields.is_empty());
    assert_eq!(object.duplicate(), fields.duplicate());
    let expected = fields.last_of_each();
    assert_eq!(object.iter().collect::<Vec<_>>(), expected);
    for (name, value) in expected {
        assert_eq!(object.get(name), Some(value), "{name:?}");
    }
}

fn value(json: &str) -> Value {
    Value::raw(&Raw::<()>::from_json_string(json.to_owned()).unwrap())
}

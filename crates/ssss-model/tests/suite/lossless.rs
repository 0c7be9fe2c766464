//! No field is lost that was not asked about, whatever it holds.

use proptest::prelude::*;
use serde_json::Value as Json;
use ssss_model::rand_core::UnwrapErr;
use ssss_model::ruma_common::serde::Raw;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyDescription, KeyId, NewKey, Object, Secret,
    SecretName, Value,
};

/// JSON as it comes, spelled in more than one way.
fn json() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("1.0e2".to_owned()),
        Just("-0".to_owned()),
        Just("1000000000000000000000000000000".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"\\u0000 \\/ \\u00e9\"".to_owned()),
        number,
        any::<String>().prop_map(|text| Json::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[ {} ]", items.join(" ,"))),
            fields(inner).prop_map(|fields| render(&fields)),
        ]
    })
}

fn fields(value: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        any::<String>(),
        "[a-e]",
        Just("encrypted".to_owned()),
        Just("key".to_owned()),
        Just("ciphertext".to_owned()),
    ];
    prop::collection::vec((name, value), 0..6)
}

fn render(fields: &[(String, String)]) -> String {
    let field =
        |(name, value): &(String, String)| format!("{}:\t{value}", Json::from(name.as_str()));
    format!(
        "{{ {}\n}}",
        fields.iter().map(field).collect::<Vec<_>>().join(" , ")
    )
}

/// The fields with their texts, but for some names.
fn others<'a>(object: &'a Object, changed: &[&str]) -> Vec<(&'a str, &'a str)> {
    object
        .iter()
        .filter(|(name, _)| !changed.contains(name))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn setting_a_field_changes_nothing_else(fields in fields(json()), name in ".*", new in json()) {
        let text = render(&fields);
        let object = Object::parse(&text).unwrap();
        prop_assert_eq!(object.as_json(), &text);
        let new = Value::raw(&serde_json::from_str::<Raw<()>>(&new).unwrap());
        let patched = object.with(&name, &new);
        prop_assert_eq!(others(&object, &[&name]), others(&patched, &[&name]));

        // The places of the fields, kept while splicing, are those that parsing finds.
        let reparsed = Object::parse(patched.as_json()).unwrap();
        let found: Vec<_> = reparsed.iter().collect();
        prop_assert_eq!(patched.iter().collect::<Vec<_>>(), found);

        // Every byte outside the changed value is where it was.
        if let Some(old) = object.get(&name) {
            let at = old.as_ptr() as usize - object.as_json().as_ptr() as usize;
            let (before, after) = (&text[..at], &text[at + old.len()..]);
            prop_assert!(patched.as_json().starts_with(before));
            prop_assert!(patched.as_json().ends_with(after));
        }
    }

    #[test]
    fn a_secret_put_into_an_event_leaves_the_rest(fields in fields(json()), entries in fields(json())) {
        let mut fields = fields;
        fields.retain(|(name, _)| name != "encrypted");
        fields.insert(fields.len() / 2, ("encrypted".to_owned(), render(&entries)));
        let existing = Object::parse(&render(&fields)).unwrap();
        let rng = &mut UnwrapErr(getrandom::SysRng);
        let id = KeyId::new("a").unwrap();
        let key = NewKey::random(rng).id(id.clone()).build(rng);
        let name = SecretName::new("org.example.x").unwrap();
        let secret = Secret::new(name.clone(), Zeroizing::new("value".to_owned())).unwrap();
        let entry = key.key().seal(&secret, rng).unwrap();

        let content = EncryptedSecret::content(&name, Some(&existing), &[entry]).unwrap();
        prop_assert_eq!(others(&existing, &["encrypted"]), others(&content, &["encrypted"]));
        let map = |object: &Object| Object::parse(object.get("encrypted").unwrap()).unwrap();
        let (before, after) = (map(&existing), map(&content));
        prop_assert_eq!(others(&before, &["a"]), others(&after, &["a"]));
        if let Some(Ok(old)) = before.get("a").map(Object::parse) {
            let new = Object::parse(after.get("a").unwrap()).unwrap();
            let sealed = ["iv", "ciphertext", "mac"];
            prop_assert_eq!(others(&old, &sealed), others(&new, &sealed));
        }
        let EventState::Present(stored) = EncryptedSecret::parse(&name, &content) else {
            panic!("it was just stored");
        };
        let opened = key.key().open(&stored).unwrap();
        prop_assert_eq!(opened.expose(), "value");
    }

    #[test]
    fn pointing_elsewhere_leaves_the_rest(fields in fields(json())) {
        let existing = Object::parse(&render(&fields)).unwrap();
        let id = KeyId::new("new").unwrap();
        let content = DefaultKey::content(Some(&existing), &id);
        prop_assert_eq!(others(&existing, &["key"]), others(&content, &["key"]));
        let default = DefaultKey::parse(&content);
        prop_assert_eq!(default.present().unwrap().id(), &id);
    }

    #[test]
    fn parsing_never_panics_and_keeps_the_text(text in "\\PC*", fields in fields(json())) {
        let _ = Object::parse(&text);
        let object = Object::parse(&render(&fields)).unwrap();
        let id = KeyId::new("a").unwrap();
        if let EventState::Present(key) = KeyDescription::parse(&id, &object) {
            prop_assert_eq!(key.object().as_json(), object.as_json());
        }
        if let EventState::Present(default) = DefaultKey::parse(&object) {
            prop_assert_eq!(default.object().as_json(), object.as_json());
        }
        for name in [SecretName::MEGOLM_BACKUP, SecretName::new("org.example.x").unwrap()] {
            if let EventState::Present(secret) = EncryptedSecret::parse(&name, &object) {
                prop_assert_eq!(secret.object().as_json(), object.as_json());
            }
        }
    }
}

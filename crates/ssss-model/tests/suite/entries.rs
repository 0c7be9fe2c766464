//! What an event tells of the keys that a secret is sealed for, before any of them is at hand.

use ssss_model::{EncryptedSecret, EntryFault, EventState, KeyId, Object, SecretName};

#[test]
fn sound_entries_and_those_worth_keeping() {
    let sound = r#"{"iv":"AAAAAAAAAAAAAAAAAAAAAA","ciphertext":"AAAA","mac":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    let cases = [
        ("sound", sound, None, true),
        (
            "short",
            r#"{"iv":"AAAA","ciphertext":"AAAA","mac":"AAAA"}"#,
            Some(EntryFault::IvLength(3)),
            true,
        ),
        ("empty", "{}", Some(EntryFault::Field("iv")), true),
        ("blank", "null", Some(EntryFault::NotAnObject), false),
    ];
    let entries = cases.map(|(id, json, ..)| format!("\"{id}\":{json}"));
    let content = format!(r#"{{"encrypted":{{{}}}}}"#, entries.join(","));
    let name = SecretName::new("org.example.x").unwrap();
    let state = EncryptedSecret::parse(&name, &Object::parse(&content).unwrap());
    let EventState::Present(secret) = state else {
        panic!("{state:?}");
    };
    let found: Vec<_> = secret.entries().collect();
    for (place, (id, _, fault, is_worth_keeping)) in cases.into_iter().enumerate() {
        let id = KeyId::new(id).unwrap();
        assert_eq!(found[place], (&id, fault));
        assert_eq!(secret.is_sealed_for(&id), fault.is_none(), "{id}");
        assert_eq!(secret.has_data_for(&id), is_worth_keeping, "{id}");
    }
    let other = KeyId::new("other").unwrap();
    assert!(!secret.is_sealed_for(&other) && !secret.has_data_for(&other));
}

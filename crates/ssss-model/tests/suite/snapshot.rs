//! What a snapshot tells of an account.

use ssss_model::ruma_common::serde::Raw;
use ssss_model::{EventState, KeyDescription, KeyId, Malformed, SecretName, Snapshot};

fn snapshot(events: &[(&str, &str)]) -> Snapshot {
    let raw = |json: &str| Raw::<()>::from_json_string(json.to_owned()).unwrap();
    let events = events.iter();
    Snapshot::new(events.map(|(name, json)| ((*name).to_owned(), raw(json))))
}

#[test]
fn a_secret_of_any_name_has_the_state_of_its_event() {
    let snapshot = snapshot(&[
        ("org.example.blank", "{}"),
        ("org.example.other", r#"{"a":1}"#),
        ("org.example.secret", r#"{"encrypted":{"a":{}}}"#),
    ]);
    let state = |name: &str| snapshot.secret(&SecretName::new(name).unwrap());
    assert!(matches!(state("org.example.none"), EventState::Missing));
    assert!(matches!(state("org.example.blank"), EventState::Tombstone));
    let other = state("org.example.other");
    assert!(matches!(other, EventState::Malformed(Malformed::OtherData)));
    assert!(state("org.example.secret").present().is_some());
    assert_eq!(snapshot.secrets().count(), 1);
}

#[test]
fn every_key_that_has_an_event_is_told_of() {
    let snapshot = snapshot(&[
        ("m.secret_storage.key.blank", "{}"),
        (
            "m.secret_storage.key.real",
            r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#,
        ),
    ]);
    let ids: Vec<&str> = snapshot.keys().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["blank", "real"]);
    let described: Vec<&KeyId> = snapshot.descriptions().map(KeyDescription::id).collect();
    assert_eq!(described, [&KeyId::new("real").unwrap()]);
}

#[test]
fn what_is_there_and_whether_that_is_all() {
    let events = [("m.direct", "{}"), ("org.example.broken", "[]")];
    let raw = |json: &str| Raw::<()>::from_json_string(json.to_owned()).unwrap();
    let events = events.map(|(name, json)| (name.to_owned(), raw(json)));
    for (snapshot, is_whole) in [
        (Snapshot::new(events.clone()), true),
        (Snapshot::partial(events.clone()), false),
    ] {
        assert_eq!(snapshot.is_whole(), is_whole);
        assert!(snapshot.contains("m.direct"));
        assert!(snapshot.contains("org.example.broken"));
        assert!(!snapshot.contains("org.example.none"));
    }
}

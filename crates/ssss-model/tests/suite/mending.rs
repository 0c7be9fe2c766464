//! What is told apart, taken out and put back where an account is mended.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use ssss_model::rand_core::UnwrapErr;
use ssss_model::ruma_common::serde::Raw;
use ssss_model::ssss_crypto::SecretStorageKey;
use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    CheckState, DescriptionOddity, EncryptedSecret, EventState, Evidence, KeyDescription, KeyId,
    NewKey, Object, PassphraseState, Secret, SecretName, Snapshot, UnverifiedKey, Value,
    Verification,
};

const ALGORITHM: &str = r#""algorithm":"m.secret_storage.v1.aes-hmac-sha2""#;

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

fn id(id: &str) -> KeyId {
    KeyId::new(id).unwrap()
}

fn name() -> SecretName {
    SecretName::new("org.example.x").unwrap()
}

fn object(text: &str) -> Object {
    Object::parse(text).unwrap()
}

fn key(of: &str) -> NewKey {
    let byte = of.as_bytes()[0];
    NewKey::from_key(SecretStorageKey::from_array(&[byte; 32]))
        .id(id(of))
        .build(&mut rng())
}

fn unverified(of: &str) -> UnverifiedKey {
    UnverifiedKey::from_key(SecretStorageKey::from_bytes(key(of).key().key().expose()).unwrap())
}

fn secret(content: &Object) -> EncryptedSecret {
    match EncryptedSecret::parse(&name(), content) {
        EventState::Present(secret) => secret,
        other => panic!("{other:?}"),
    }
}

fn sealed(value: &str, keys: &[&str]) -> EncryptedSecret {
    let value = Secret::new(name(), Zeroizing::new(value.to_owned())).unwrap();
    let entries: Vec<_> = keys
        .iter()
        .map(|of| key(of).key().seal(&value, &mut rng()).unwrap())
        .collect();
    secret(&EncryptedSecret::content(&name(), None, &entries).unwrap())
}

fn description(json: &str) -> KeyDescription {
    match KeyDescription::parse(&id("a"), &object(json)) {
        EventState::Present(description) => description,
        other => panic!("{other:?}"),
    }
}

fn snapshot(events: &[(&str, &str)]) -> Snapshot {
    Snapshot::new(events.iter().map(|(event_type, content)| {
        let content = Raw::<()>::from_json_string((*content).to_owned()).unwrap();
        ((*event_type).to_owned(), content)
    }))
}

#[test]
fn fields_are_taken_out_and_every_other_byte_stays() {
    for (text, without, expected) in [
        (r#"{"a":1}"#, "a", "{}"),
        (r#"{"a":1}"#, "b", r#"{"a":1}"#),
        (r#"{"a":1,"b":2,"c":3}"#, "a", r#"{"b":2,"c":3}"#),
        (r#"{"a":1,"b":2,"c":3}"#, "b", r#"{"a":1,"c":3}"#),
        (r#"{"a":1,"b":2,"c":3}"#, "c", r#"{"a":1,"b":2}"#),
        // A name that stands twice goes twice.
        (r#"{"a":1,"b":2,"a":3}"#, "a", r#"{"b":2}"#),
        // However it is spelled.
        (
            "{\n  \"\\u0061\" : 1,\n  \"b\" : 1.0e2\n}",
            "a",
            "{\n  \"b\" : 1.0e2\n}",
        ),
        (
            "{\n  \"a\": {},\n  \"b\" : [ ]\n}",
            "b",
            "{\n  \"a\": {}\n}",
        ),
        (r#"{"\ud800":1,"a":2}"#, "a", r#"{"\ud800":1}"#),
    ] {
        let rest = object(text).without(&[without]);
        assert_eq!(rest.as_json(), expected, "{text} without {without}");
        assert_eq!(rest.get(without), None);
    }
    assert_eq!(
        object(r#"{"a":1,"b":2}"#).without(&["a", "b"]).as_json(),
        "{}"
    );
}

#[test]
fn fields_that_are_missing_are_added_and_none_is_changed() {
    let mine = object(r#"{"a":1, "b":null}"#);
    let theirs = object(r#"{"b":2,"c":[3],"a":9,"d":{}}"#);
    let both = mine.with_missing_fields_of(&theirs);
    assert_eq!(both.as_json(), r#"{"a":1, "b":null, "c":[3], "d":{}}"#);
    assert_eq!(
        both.with_missing_fields_of(&theirs).as_json(),
        both.as_json()
    );
    assert_eq!(
        Object::empty().with_missing_fields_of(&theirs).get("c"),
        Some("[3]")
    );
}

#[test]
fn the_same_json_however_it_is_spelled() {
    for (one, other, is_same) in [
        (r#"{"a":1,"b":"é"}"#, "{ \"b\":\"\\u00e9\",\n\"a\":1}", true),
        (r#"{"a":100.0}"#, r#"{"a":1.0e2}"#, true),
        (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, false),
        (r#"{"a":1}"#, r#"{"a":"1"}"#, false),
        (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false),
        (r#"{"a":{}}"#, r#"{"a":[]}"#, false),
        ("{}", "{ }", true),
        // The last one counts.
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, true),
        // What is no Unicode text is the same only to the byte.
        (r#"{"a":"\ud800"}"#, r#"{"a":"\ud800"}"#, true),
    ] {
        assert_eq!(
            object(one).is_same_json(&object(other)),
            is_same,
            "{one} {other}"
        );
        assert_eq!(
            object(other).is_same_json(&object(one)),
            is_same,
            "{other} {one}"
        );
    }
}

proptest! {
    #[test]
    fn taking_out_what_was_put_in_gives_the_same(
        names in proptest::collection::btree_set("[a-e\\PC]{0,3}", 0..5),
        added in "\\PC{0,4}",
        number in any::<u64>(),
    ) {
        let mut before = Object::empty();
        for name in names.iter().filter(|name| **name != added) {
            before = before.with(name, &Value::string(name));
        }
        let with = before.with(&added, &Value::number(number));
        let without = with.without(&[&added]);
        prop_assert_eq!(without.as_json(), before.as_json());
        prop_assert!(without.with_missing_fields_of(&with).is_same_json(&with));
    }
}

#[test]
fn what_is_sealed_for_a_key_goes_and_the_rest_stays() {
    let all = sealed("value", &["a", "b", "c"]);
    let all = secret(&all.object().with("org.example.unknown", &Value::number(1)));
    let rest = secret(&all.without(&[&id("b")]));
    let ids: Vec<_> = rest.entries().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
    assert_eq!(rest.object().get("org.example.unknown"), Some("1"));
    for of in ["a", "c"] {
        assert!(rest.is_same_for(&all, &id(of)));
        assert_eq!(key(of).key().open(&rest).unwrap().expose(), "value");
    }
    assert!(!rest.is_same_for(&all, &id("b")));
    assert_eq!(
        all.without(&[&id("gone")]).as_json(),
        all.object().as_json()
    );
    // With the last one, everything.
    assert!(all.without(&[&id("a"), &id("b"), &id("c")]).is_empty());
}

#[test]
fn what_was_there_comes_back_with_what_has_come_since() {
    let then = sealed("then", &["a", "b"]);
    let now = sealed("now", &["b", "c"]);
    let added = now.object().with("org.example.since", &Value::number(2));
    let both = secret(&then.with_additions_of(&added));
    let opened = |of| key(of).key().open(&both).unwrap().expose().to_owned();
    assert_eq!(
        (opened("a"), opened("b"), opened("c")),
        ("then".into(), "then".into(), "now".into())
    );
    assert_eq!(both.object().get("org.example.since"), Some("2"));
    for content in ["{}", r#"{"encrypted":1}"#] {
        let same = then.with_additions_of(&object(content));
        assert_eq!(same.as_json(), then.object().as_json());
    }
}

#[test]
fn the_same_for_a_key_however_it_is_encoded() {
    let of = |entry: &str| secret(&object(&format!(r#"{{"encrypted":{{"a":{entry}}}}}"#)));
    let iv = "AAAAAAAAAAAAAAAAAAAAAA";
    let mac = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let entry = |iv: &str, text: &str| {
        of(&format!(
            r#"{{"iv":"{iv}","ciphertext":"{text}","mac":"{mac}"}}"#
        ))
    };
    let plain = entry(iv, "+/+/");
    assert!(plain.is_same_for(&entry(&format!("{iv}=="), "-_-_"), &id("a")));
    assert!(!plain.is_same_for(&entry(iv, "+/+A"), &id("a")));
    assert!(!plain.is_same_for(&entry("AQAAAAAAAAAAAAAAAAAAAA", "+/+/"), &id("a")));
    assert!(
        plain.is_same_for(&entry(iv, "AAAA"), &id("b")),
        "neither has anything"
    );
    // What cannot be read is the same to the byte.
    assert!(of("null").is_same_for(&of("null"), &id("a")));
    assert!(!of("null").is_same_for(&of("1"), &id("a")));
    assert!(!of("null").is_same_for(&plain, &id("a")));
    // Of many at once, those of both that are not the same, in the order of the other.
    let many = |entries: &str| secret(&object(&format!(r#"{{"encrypted":{{{entries}}}}}"#)));
    let sound = format!(r#"{{"iv":"{iv}","ciphertext":"AAAA","mac":"{mac}"}}"#);
    let padded = sound.replacen(iv, &format!("{iv}=="), 1);
    let newer = sound.replace(r#""AAAA""#, r#""AAAB""#);
    let then = many(&format!(
        r#""gone":1,"a":{sound},"b":{sound},"c":{sound},"d":null,"e":null,"f":{{}}"#
    ));
    let now = many(&format!(
        r#""f":{{ }},"e":{sound},"d":null,"c":1,"b":{newer},"a":{padded},"new":1"#
    ));
    let differing: Vec<_> = then
        .differing(&now)
        .into_iter()
        .map(KeyId::as_str)
        .collect();
    assert_eq!(differing, ["f", "e", "c", "b"]);
    for (of, _) in now
        .entries()
        .filter(|(of, _)| then.entries().any(|(id, _)| id == *of))
    {
        assert_eq!(
            !then.is_same_for(&now, of),
            differing.contains(&of.as_str()),
            "{of}"
        );
    }
    // And odd, or not.
    assert!(!plain.is_oddly_spelled_for(&id("a")) && !plain.is_oddly_spelled_for(&id("b")));
    assert!(
        !entry(&format!("{iv}=="), "AAAA").is_oddly_spelled_for(&id("a")),
        "padding"
    );
    assert!(entry(iv, "-_-_").is_oddly_spelled_for(&id("a")));
    assert!(entry(&iv.replacen('A', " A", 1), "AAAA").is_oddly_spelled_for(&id("a")));
}

#[test]
fn a_key_is_proven_by_a_secret_where_no_check_decides() {
    let sealed = sealed("value", &["a"]);
    let no_check = description(&format!("{{{ALGORITHM}}}"));
    let damaged = description(&format!(r#"{{{ALGORITHM},"iv":"AA","mac":"AA"}}"#));
    for description in [&no_check, &damaged, &KeyDescription::bare(&id("a"))] {
        let proven = description.prove(unverified("a"), &sealed).unwrap();
        assert_eq!(*proven.evidence(), Evidence::ProvenBySecret(name()));
        assert!(description.prove(unverified("b"), &sealed).is_err());
        // Of another id, nothing follows.
        let other = crate::mending::sealed("value", &["b"]);
        assert!(description.prove(unverified("b"), &other).is_err());
    }
    // Where there is a check, it decides, whatever opens.
    let with_check = description(key("b").description().as_json());
    assert!(with_check.prove(unverified("a"), &sealed).is_err());
    let other = description(r#"{"algorithm":"org.example"}"#);
    assert!(other.prove(unverified("a"), &sealed).is_err());
}

#[test]
fn a_description_gets_a_check_and_whole_numbers_and_keeps_the_rest() {
    let key = key("a");
    for (fields, expected, oddities) in [
        (
            r#","name":"mine","x":[ 1 ]"#,
            r#""name":"mine","x":[ 1 ]"#,
            &[][..],
        ),
        (
            r#","passphrase":{"algorithm":"m.pbkdf2","salt":"s","iterations":5e5,"bits":256.0,"y":1.0}"#,
            r#""iterations":500000,"bits":256,"y":1.0}"#,
            &[DescriptionOddity::Numbers],
        ),
        (
            r#","passphrase":{"algorithm":"m.pbkdf2","salt":"s","iterations":500000}"#,
            r#""iterations":500000}"#,
            &[],
        ),
        // By this nothing is derived; it is not ours to put right.
        (
            r#","passphrase":{"iterations":1.0}"#,
            r#"{"iterations":1.0}"#,
            &[],
        ),
        (r#","iv":null,"mac":7"#, r#""algorithm""#, &[]),
    ] {
        let odd = description(&format!("{{{ALGORITHM}{fields}}}"));
        assert_eq!(odd.oddities(), oddities, "{fields}");
        let text = odd.with_check(key.key(), &mut rng()).unwrap();
        assert!(text.as_json().contains(expected), "{text:?}");
        assert_eq!(text.duplicate(), None);
        let mended = description(text.as_json());
        assert_eq!(mended.oddities(), []);
        assert!(matches!(mended.check_state(), CheckState::Usable(_)));
        assert!(matches!(
            mended.verify(unverified("a")),
            Ok(Verification::Verified(_))
        ));
        assert!(mended.verify(unverified("b")).is_err());
        assert_eq!(mended.name(), odd.name());
        let is_usable = |d: &KeyDescription| matches!(d.passphrase(), PassphraseState::Usable(_));
        assert_eq!(is_usable(&mended), is_usable(&odd));
    }
    // A key of another id describes nothing here.
    let other = crate::mending::key("b");
    assert!(
        description(&format!("{{{ALGORITHM}}}"))
            .with_check(other.key(), &mut rng())
            .is_none()
    );
}

#[test]
fn keys_that_nothing_describes_are_known_by_what_is_sealed_for_them() {
    let sealed = sealed("value", &["a", "b", "c", "d"]);
    let content = sealed
        .object()
        .as_json()
        .replace(r#""d":{"#, r#""d":{"iv":1,"old":{"#);
    let content = content.replacen("}}}", "}}}}", 1);
    let described = format!("{{{ALGORITHM}}}");
    let snapshot = snapshot(&[
        ("org.example.x", &content),
        ("org.example.y", sealed.object().as_json()),
        ("org.example.z", r#"{"encrypted":{"e":{"iv":1}}}"#),
        ("m.secret_storage.key.a", &described),
        ("m.secret_storage.key.b", "{}"),
        ("m.secret_storage.key.c", r#"{"iv":1}"#),
    ]);
    let undescribed = snapshot.undescribed_keys();
    let ids: Vec<_> = undescribed.iter().map(|key| key.id().as_str()).collect();
    assert_eq!(
        ids,
        ["b", "c", "d"],
        "each once, and none for what cannot be read"
    );
    assert!(undescribed.iter().all(KeyDescription::is_supported));
    assert!(
        undescribed
            .iter()
            .all(|key| matches!(key.check_state(), CheckState::None))
    );
}

#[test]
fn the_events_of_secret_storage_and_no_others() {
    let long = format!("org.example.{}", "x".repeat(5_000));
    let snapshot = snapshot(&[
        ("m.secret_storage.default_key", "{}"),
        ("m.secret_storage.key.a", r#"{"iv":1}"#),
        ("m.megolm_backup.v1", r#"{"a":1}"#),
        ("m.cross_signing.master", "{}"),
        ("org.example.x", r#"{"encrypted":1}"#),
        ("org.example.y", r#"{"encrypted":{}}"#),
        ("org.example.\n", r#"{"encrypted":{}}"#),
        (&long, r#"{"encrypted":{}}"#),
        // Another's, or nothing.
        ("org.example.app", r#"{"a":1}"#),
        ("org.example.blank", "{}"),
        ("m.direct", r#"{"encrypted":{}}"#),
        ("m.secret_storage.key.", "{}"),
        ("m.secret_storage.other", r#"{"encrypted":{}}"#),
    ]);
    let mut events: Vec<_> = snapshot
        .secret_storage_events()
        .map(|(name, _)| name)
        .collect();
    events.sort_unstable();
    let mut expected = vec![
        "m.secret_storage.default_key",
        "m.secret_storage.key.a",
        "m.megolm_backup.v1",
        "m.cross_signing.master",
        "org.example.x",
        "org.example.y",
        "org.example.\n",
        &long,
    ];
    expected.sort_unstable();
    assert_eq!(events, expected);
}

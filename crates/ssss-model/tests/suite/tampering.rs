//! A server that changes, swaps or strips what it stores.

use proptest::prelude::*;
use ssss_model::rand_core::UnwrapErr;
use ssss_model::ruma_common::serde::Base64;
use ssss_model::ruma_common::serde::base64::Standard;
use ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_model::{
    EncryptedSecret, EventState, Malformed, NewKey, Object, OpenError, Secret, SecretName,
    UnverifiedKey, Value, Verification,
};

use crate::fixture::Fixture;

fn stored(name: &SecretName, content: &Object) -> EncryptedSecret {
    match EncryptedSecret::parse(name, content) {
        EventState::Present(secret) => secret,
        other => panic!("{other:?}"),
    }
}

/// The content with a field of the key's entry replaced.
fn with_field(content: &Object, id: &str, field: &str, value: &str) -> Object {
    let encrypted = Object::parse(content.get("encrypted").unwrap()).unwrap();
    let entry = Object::parse(encrypted.get(id).unwrap()).unwrap();
    let entry = entry.with(field, &Value::string(value));
    content.with(
        "encrypted",
        &Value::object(&encrypted.with(id, &Value::object(&entry))),
    )
}

#[test]
fn a_swapped_iv_on_a_known_secret_is_never_accepted() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let key = NewKey::random(rng).build(rng);
    let id = key.key().id().as_str();
    for name in SecretName::CROSS_SIGNING {
        let secret = Secret::from_key(name.clone(), &[3; 32]);
        let entry = key.key().seal(&secret, rng).unwrap();
        let content = EncryptedSecret::content(&name, None, &[entry]).unwrap();
        for _ in 0..5000 {
            let mut iv = [0; 16];
            rng.fill_bytes(&mut iv);
            let iv = Base64::<Standard, _>::new(iv);
            let tampered = stored(&name, &with_field(&content, id, "iv", &iv.encode()));
            let error = key.key().open(&tampered).unwrap_err();
            assert!(
                matches!(error, OpenError::NotText | OpenError::NotAKey),
                "{error}"
            );
        }
    }
}

#[test]
fn secrets_swapped_between_names_and_keys_do_not_open() {
    let fixture = Fixture::load("clients/js-sdk-random.json");
    let snapshot = fixture.snapshot();
    let description = snapshot.descriptions().next().unwrap();
    let recovery_key = fixture
        .keys
        .values()
        .next()
        .unwrap()
        .recovery_key
        .clone()
        .unwrap();
    let recovery_key = RecoveryKey::parse(&recovery_key).unwrap();
    let key = UnverifiedKey::from_recovery_key(&recovery_key);
    let Verification::Verified(key) = description.verify(key).unwrap() else {
        panic!("it has a check");
    };
    let names: Vec<_> = snapshot
        .present_secrets()
        .map(|secret| secret.name().clone())
        .collect();
    assert_eq!(names.len(), 4);
    for from in &names {
        for to in names.iter().filter(|to| *to != from) {
            let content = snapshot.content(from.as_str()).unwrap();
            let error = key.open(&stored(to, content)).unwrap_err();
            assert_eq!(error, OpenError::Inauthentic, "{from} as {to}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_changed_ciphertext_or_mac_does_not_open(bit in 0..(43 * 8 + 32 * 8_usize)) {
        let rng = &mut UnwrapErr(getrandom::SysRng);
        let key = NewKey::random(rng).build(rng);
        let name = SecretName::MEGOLM_BACKUP;
        let entry = key.key().seal(&Secret::from_key(name.clone(), &[3; 32]), rng).unwrap();
        let content = EncryptedSecret::content(&name, None, &[entry]).unwrap();
        let id = key.key().id().as_str();
        let encrypted = Object::parse(content.get("encrypted").unwrap()).unwrap();
        let entry = Object::parse(encrypted.get(id).unwrap()).unwrap();
        let (field, bit) = if bit < 43 * 8 { ("ciphertext", bit) } else { ("mac", bit - 43 * 8) };
        let text: String = serde_json::from_str(entry.get(field).unwrap()).unwrap();
        let mut bytes = Base64::<
            Standard,
        >::parse(&text).unwrap().into_inner();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let text = Base64::<
            Standard, _
        >::new(bytes).encode();
        let tampered = stored(&name, &with_field(&content, id, field, &text));
        prop_assert_eq!(key.key().open(&tampered).unwrap_err(), OpenError::Inauthentic);
    }
}

#[test]
fn an_event_of_very_many_keys_is_refused() {
    let name = SecretName::new("org.example.x").unwrap();
    for (more, is_read) in [(0, true), (1, false)] {
        let entries: Vec<_> = (0..EncryptedSecret::MAX_ENTRIES + more)
            .map(|n| format!("\"{n}\":{{}}"))
            .collect();
        let content = format!("{{\"encrypted\":{{{}}}}}", entries.join(","));
        match EncryptedSecret::parse(&name, &Object::parse(&content).unwrap()) {
            EventState::Present(secret) => assert_eq!(secret.entries().count(), entries.len()),
            EventState::Malformed(Malformed::TooManyEntries) => assert!(!is_read),
            other => panic!("{other:?}"),
        }
    }
}

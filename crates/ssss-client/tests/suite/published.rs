//! What a homeserver publishes, read as it comes.

use serde_json::json;
use ssss_client::ssss_model::SecretName;
use ssss_client::{
    CrossSigningKeys, IdentityState, Pairing, Published, PublishedBackup, PublishedError,
    PublishedKey,
};

use crate::account::rng;
use crate::published_answers::{Answers, alice};
use crate::published_fixture::{Fixture, JS_SDK};

#[test]
fn what_js_sdk_published_is_read_whole() {
    for case in JS_SDK {
        let fixture = Fixture::js_sdk(case);
        let published = fixture.published();
        assert_eq!(published.identity.state(), IdentityState::Sound, "{case}");
        assert!(!published.devices.is_empty());
        for device in published.devices.values() {
            assert!(
                device.is_signed_by_itself && device.is_cross_signed,
                "{case}: {device:?}"
            );
        }
        assert_eq!(published.backup.is_some(), case != "no-backup");
        if let Some(backup) = &published.backup {
            assert!(
                backup.is_supported() && backup.is_signed_by_master,
                "{case}"
            );
            assert!(backup.public_key.is_some() && backup.count == Some(0));
            assert_eq!(backup.etag.as_deref(), Some("0"));
            assert!(!backup.version.is_empty() && !backup.signed_by_devices.is_empty());
        }
    }
}

#[test]
fn the_secrets_that_js_sdk_stored_are_the_private_halves() {
    for case in JS_SDK {
        let fixture = Fixture::js_sdk(case);
        let published = fixture.published();
        for name in SecretName::CROSS_SIGNING {
            let secret = fixture.secret(name);
            assert_eq!(published.pairing(&secret), Some(Pairing::Matches), "{case}");
        }
        if published.backup.is_some() {
            let secret = fixture.secret(SecretName::MEGOLM_BACKUP);
            assert_eq!(published.pairing(&secret), Some(Pairing::Matches), "{case}");
        }
    }
}

#[test]
fn an_account_without_an_identity_or_backup() {
    for keys in [
        r#"{"device_keys":{}}"#,
        r#"{"device_keys":{},"master_keys":{},"self_signing_keys":{},"user_signing_keys":{}}"#,
        r#"{"device_keys":{"@bob:example.org":{}},"master_keys":{"@bob:example.org":{}}}"#,
    ] {
        let published = Published::parse(alice(), keys, None).unwrap();
        assert_eq!(published.identity.state(), IdentityState::Missing, "{keys}");
        assert!(published.devices.is_empty() && published.backup.is_none());
        let keys = CrossSigningKeys::random(&mut rng());
        for secret in keys.secrets() {
            assert_eq!(published.pairing(secret), Some(Pairing::NotPublished));
        }
    }
}

/// Else an answer to something else would be an account that may be given a new identity.
#[test]
fn an_answer_to_something_else_is_not_an_account_without_an_identity() {
    let parse = |keys| Published::parse(alice(), keys, None).map(|_| ());
    for keys in [
        "{}",
        r#"{"errcode":"M_UNKNOWN"}"#,
        r#"{"device_keys":[]}"#,
        r#"{"device_keys":null}"#,
        r#"{"device_keys":{"@alice:example.org":1}}"#,
        r#"{"device_keys":{},"master_keys":null}"#,
        r#"{"device_keys":{},"self_signing_keys":"x"}"#,
        r#"{"device_keys":{},"failures":[]}"#,
    ] {
        assert_eq!(parse(keys), Err(PublishedError::NotAnAnswer), "{keys}");
    }
    let failed = r#"{"device_keys":{},"failures":{"example.org":{}}}"#;
    assert_eq!(parse(failed), Err(PublishedError::Incomplete));
    let another = r#"{"device_keys":{},"failures":{"example.com":{}}}"#;
    assert_eq!(parse(another), Ok(()));
    for keys in ["", "<html>", "[]", r#"{"device_keys":{}"#] {
        assert!(
            matches!(parse(keys), Err(PublishedError::Keys(_))),
            "{keys}"
        );
    }
    for backup in ["", "<html>", "[]", "null"] {
        let keys = r#"{"device_keys":{}}"#;
        let result = Published::parse(alice(), keys, Some(backup));
        assert!(matches!(result, Err(PublishedError::Backup(_))), "{backup}");
    }
}

#[test]
fn a_key_that_cannot_be_read_is_not_a_missing_one() {
    for spoil in [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({"user_id": "@alice:example.org", "usage": ["master"], "keys": {}}),
        json!({"user_id": "@alice:example.org", "usage": ["master"], "keys": {"ed25519:x": "AAAA"}}),
    ] {
        let mut answers = Answers::standard();
        *answers.key("master_keys") = spoil.clone();
        let identity = answers.published().identity;
        assert_eq!(identity.master, PublishedKey::Malformed, "{spoil}");
        assert_eq!(identity.state(), IdentityState::Broken);
        // Nobody has signed the others, as far as one can tell.
        assert!(matches!(identity.self_signing, PublishedKey::NotSigned(_)));
        assert!(matches!(identity.user_signing, PublishedKey::NotSigned(_)));
    }
}

#[test]
fn a_key_of_another_user_or_for_another_use_is_none() {
    let mut answers = Answers::standard();
    answers.key("master_keys")["user_id"] = json!("@bob:example.org");
    assert_eq!(answers.published().identity.master, PublishedKey::Malformed);
    let mut answers = Answers::standard();
    *answers.key("self_signing_keys") = answers.key("user_signing_keys").clone();
    let identity = answers.published().identity;
    assert_eq!(identity.self_signing, PublishedKey::Malformed);
    assert!(identity.user_signing.is_sound());
}

#[test]
fn half_an_identity_is_broken() {
    for missing in ["master_keys", "self_signing_keys", "user_signing_keys"] {
        let mut answers = Answers::standard();
        answers.keys.as_object_mut().unwrap().remove(missing);
        assert_eq!(answers.published().identity.state(), IdentityState::Broken);
    }
}

#[test]
fn subkeys_that_another_master_key_signed_are_not_sound() {
    let others = Answers::of(&CrossSigningKeys::random(&mut rng()));
    for field in ["self_signing_keys", "user_signing_keys"] {
        let mut answers = Answers::standard();
        answers.keys[field] = others[field].clone();
        let identity = answers.published().identity;
        assert_eq!(identity.state(), IdentityState::Broken);
        let key = [identity.self_signing, identity.user_signing];
        let unsigned = key
            .iter()
            .filter(|key| matches!(key, PublishedKey::NotSigned(_)));
        assert_eq!(unsigned.count(), 1);
    }
}

#[test]
fn a_signature_counts_under_the_name_of_its_key_only() {
    let mut answers = Answers::standard();
    let signatures = &mut answers.key("self_signing_keys")["signatures"][alice().as_str()];
    let (id, signature) = signatures.as_object().unwrap().iter().next().unwrap();
    let (id, signature) = (id.clone(), signature.clone());
    *signatures = json!({"ed25519:ANOTHER": signature});
    let key = answers.published().identity.self_signing;
    assert!(matches!(key, PublishedKey::NotSigned(_)), "{key:?}");
    // However the name is spelled.
    let signatures = json!({format!("{id}="): signature});
    answers.key("self_signing_keys")["signatures"][alice().as_str()] = signatures;
    assert!(answers.published().identity.self_signing.is_sound());
}

#[test]
fn a_device_is_not_cross_signed_by_a_key_that_the_master_key_has_not_signed() {
    let fixture = Fixture::js_sdk("random");
    let user = fixture.user_id().as_str();
    let mut keys: serde_json::Value = serde_json::from_str(fixture.keys_query()).unwrap();
    keys["self_signing_keys"][user]["signatures"] = json!({});
    let published = Published::parse(fixture.user_id(), &keys.to_string(), None).unwrap();
    let device = published.devices.values().next().unwrap();
    assert!(device.is_signed_by_itself && !device.is_cross_signed);
}

#[test]
fn odd_spellings_of_keys_are_read() {
    let mut answers = Answers::standard();
    let expected = answers.published().backup.unwrap().public_key;
    let plain = answers.auth_data()["public_key"]
        .as_str()
        .unwrap()
        .to_owned();
    for odd in [
        format!("{plain}="),
        plain.replace('+', "-").replace('/', "_"),
        format!(" {plain}\n"),
    ] {
        answers.auth_data()["public_key"] = json!(odd);
        let backup = answers.published().backup.unwrap();
        assert_eq!(backup.public_key, expected, "{odd:?}");
        // What was signed is spelled otherwise.
        assert!(odd == plain || !backup.is_signed_by_master);
    }
}

fn backup(answers: &Answers) -> PublishedBackup {
    answers.published().backup.unwrap()
}

#[test]
fn backups_as_clients_leave_them() {
    let mut answers = Answers::standard();
    let signed = backup(&answers);
    assert_eq!((signed.version.as_str(), signed.count), ("7", Some(12408)));
    assert_eq!(signed.etag.as_deref(), Some("abc"));
    assert!(signed.is_signed_by_master && signed.is_signed_by_identity);

    // The Dart SDK signs nothing.
    let auth_data = answers.auth_data().as_object_mut().unwrap();
    auth_data.remove("signatures");
    let unsigned = backup(&answers);
    assert_eq!(unsigned.public_key, signed.public_key);
    assert!(unsigned.is_supported() && !unsigned.is_signed_by_identity);

    answers.backup.as_mut().unwrap()["algorithm"] = json!("org.example.v2");
    let unknown = backup(&answers);
    assert_eq!(unknown.algorithm, "org.example.v2");
    assert!(!unknown.is_supported() && unknown.public_key.is_none());

    answers.backup = Some(json!({"version": 7, "etag": 3, "count": "many"}));
    let odd = backup(&answers);
    assert_eq!((odd.version.as_str(), odd.count), ("7", None));
    assert_eq!(odd.etag.as_deref(), Some("3"));
}

#[test]
fn a_backup_that_only_a_device_signed_is_vouched_for_if_the_identity_signed_the_device() {
    let fixture = Fixture::js_sdk("random");
    let user = fixture.user_id().as_str();
    let mut answer: serde_json::Value = serde_json::from_str(fixture.backup().unwrap()).unwrap();
    let signatures = &mut answer["auth_data"]["signatures"][user];
    let signatures = signatures.as_object_mut().unwrap();
    signatures.retain(|id, _| id.len() < 20);
    let body = answer.to_string();
    let parse = |keys: &str| Published::parse(fixture.user_id(), keys, Some(&body)).unwrap();
    let published = parse(fixture.keys_query());
    let backup = published.backup.unwrap();
    assert!(!backup.is_signed_by_master && backup.is_signed_by_identity);
    assert_eq!(backup.signed_by_devices.len(), 1);

    let mut keys: serde_json::Value = serde_json::from_str(fixture.keys_query()).unwrap();
    keys["self_signing_keys"] = json!({});
    let backup = parse(&keys.to_string()).backup.unwrap();
    assert!(!backup.is_signed_by_identity && backup.signed_by_devices.len() == 1);
}

//! Signing a device with the self-signing key.

use serde_json::json;
use ssss_client::ssss_model::SecretName;
use ssss_client::ssss_model::ruma_common::DeviceId;
use ssss_client::{Published, SignDeviceError};

use crate::account::standard_secrets;
use crate::published_answers::parsed;
use crate::published_fixture::Fixture;

/// js-sdk's account before its device was signed.
fn before_signing() -> (Fixture, serde_json::Value, String) {
    let fixture = Fixture::js_sdk("random");
    let mut keys = parsed(fixture.keys_query());
    let user = fixture.user_id().as_str();
    let devices = keys["device_keys"][user].as_object_mut().unwrap();
    assert_eq!(devices.len(), 1);
    let (id, device) = devices.iter_mut().next().unwrap();
    let signatures = device["signatures"][user].as_object_mut().unwrap();
    signatures.retain(|key, _| *key == format!("ed25519:{id}"));
    assert_eq!(signatures.len(), 1);
    let id = id.clone();
    (fixture, keys, id)
}

fn parse(fixture: &Fixture, keys: &serde_json::Value) -> Published {
    Published::parse(fixture.user_id(), &keys.to_string(), None).unwrap()
}

#[test]
fn a_device_is_signed_as_js_sdk_signed_it() {
    let (fixture, keys, id) = before_signing();
    let user = fixture.user_id().as_str();
    let published = parse(&fixture, &keys);
    let id = <&DeviceId>::from(id.as_str());
    let device = published.device_to_sign(id, None).unwrap();
    assert!(!device.is_cross_signed);
    let secret = fixture.secret(SecretName::CROSS_SIGNING_SELF_SIGNING);
    let fingerprint = device.fingerprint().unwrap();
    let body = published.sign_device(id, Some(&fingerprint), &secret);
    let body = parsed(body.unwrap().as_json());

    let mut expected = parsed(fixture.keys_query())["device_keys"][user][id.as_str()].take();
    expected.as_object_mut().unwrap().remove("unsigned");
    let signatures = expected["signatures"][user].as_object_mut().unwrap();
    signatures.remove(&format!("ed25519:{id}"));
    assert_eq!(body, json!({user: {id.as_str(): expected}}));

    let signed = parse(&fixture, &parsed(fixture.keys_query()));
    assert!(signed.device(id).unwrap().is_cross_signed);
    // Once more does no harm.
    assert!(signed.sign_device(id, None, &secret).is_ok());
}

#[test]
fn a_fingerprint_is_compared_however_it_is_typed() {
    let (fixture, keys, id) = before_signing();
    let published = parse(&fixture, &keys);
    let id = <&DeviceId>::from(id.as_str());
    let device = published.device(id).unwrap();
    let key = device.key.unwrap();
    let plain = key.to_string();
    let grouped = device.fingerprint().unwrap();
    assert_eq!(grouped.split(' ').map(str::len).max(), Some(4));
    assert_eq!(grouped.split(' ').count(), 11);
    for typed in [
        &plain,
        &grouped,
        &format!("{plain}="),
        &format!(" {grouped}\n"),
    ] {
        assert!(published.device_to_sign(id, Some(typed)).is_ok(), "{typed}");
    }
    for typed in [
        "",
        "x",
        &plain[..42],
        &plain.to_lowercase(),
        &format!("{plain}A"),
    ] {
        let error = published.device_to_sign(id, Some(typed)).unwrap_err();
        assert_eq!(error, SignDeviceError::OtherFingerprint(id.to_owned(), key));
    }
}

#[test]
fn another_secret_does_not_sign() {
    let (fixture, keys, id) = before_signing();
    let published = parse(&fixture, &keys);
    let id = <&DeviceId>::from(id.as_str());
    let own_master = fixture.secret(SecretName::CROSS_SIGNING_MASTER);
    let another_accounts = &standard_secrets()[1];
    for secret in [&own_master, another_accounts] {
        let error = published.sign_device(id, None, secret).unwrap_err();
        assert_eq!(error, SignDeviceError::WrongSecret);
    }
}

#[test]
fn a_device_that_is_not_there_or_made_up_is_not_signed() {
    let (fixture, keys, id) = before_signing();
    let user = fixture.user_id().as_str();
    let device = <&DeviceId>::from(id.as_str()).to_owned();
    let secret = fixture.secret(SecretName::CROSS_SIGNING_SELF_SIGNING);
    let sign = |keys: &serde_json::Value, id: &str| {
        let published = parse(&fixture, keys);
        let result = published.sign_device(id.into(), None, &secret);
        result.map(|_| ()).unwrap_err()
    };
    let gone = "GONE".into();
    assert_eq!(sign(&keys, "GONE"), SignDeviceError::NoSuchDevice(gone));
    let changes: [(&str, serde_json::Value); 3] = [
        ("user_id", json!("@mallory:lab.test")),
        ("device_id", json!("ANOTHER")),
        ("keys", json!({})),
    ];
    for (field, value) in changes {
        let mut keys = keys.clone();
        keys["device_keys"][user][id.as_str()][field] = value;
        let expected = SignDeviceError::Malformed(device.clone());
        assert_eq!(sign(&keys, &id), expected, "{field}");
    }
    for (field, value) in [
        ("algorithms", json!([])),
        ("signatures", json!({})),
        ("org.example.new", json!(1)),
    ] {
        let mut keys = keys.clone();
        keys["device_keys"][user][id.as_str()][field] = value;
        let expected = SignDeviceError::NotSignedByItself(device.clone());
        assert_eq!(sign(&keys, &id), expected, "{field}");
    }
    // Nobody has signed this one either way.
    let mut renamed = keys.clone();
    renamed["device_keys"][user][id.as_str()]["unsigned"] = json!({"device_display_name": "x"});
    let published = parse(&fixture, &renamed);
    assert!(published.device_to_sign(&device, None).is_ok());
}

#[test]
fn without_a_sound_self_signing_key_nothing_is_signed() {
    let (fixture, keys, id) = before_signing();
    let user = fixture.user_id().as_str();
    let device = <&DeviceId>::from(id.as_str());
    let error = |keys: &serde_json::Value| {
        let published = parse(&fixture, keys);
        published
            .device_to_sign(device, None)
            .map(|_| ())
            .unwrap_err()
    };
    let mut none = keys.clone();
    none["self_signing_keys"] = json!({});
    assert_eq!(error(&none), SignDeviceError::NoIdentity);
    for spoil in [json!({}), json!({user: {}})] {
        let mut unsigned = keys.clone();
        unsigned["self_signing_keys"][user]["signatures"] = spoil;
        assert_eq!(error(&unsigned), SignDeviceError::BrokenIdentity);
    }
    let mut unreadable = keys.clone();
    unreadable["self_signing_keys"][user] = json!(1);
    assert_eq!(error(&unreadable), SignDeviceError::BrokenIdentity);
}

#[test]
fn errors_say_what_the_server_chose_without_obeying_it() {
    let id: &DeviceId = "\u{1b}[2J".into();
    for error in [
        SignDeviceError::NoSuchDevice(id.to_owned()),
        SignDeviceError::Malformed(id.to_owned()),
        SignDeviceError::NotSignedByItself(id.to_owned()),
    ] {
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
    }
}

//! Signatures, against two others' reading of "Signing JSON".

use std::collections::BTreeMap;

use proptest::prelude::*;
use ruma_signatures::{Ed25519KeyPair, PublicKeyMap, sign_json, verify_json};
use serde_json::{Value, json};
use ssss_client::ssss_model::ruma_common::serde::Base64;
use ssss_client::ssss_model::ruma_common::serde::base64::Standard;
use ssss_client::ssss_model::ruma_common::{CanonicalJsonObject, DeviceId, UserId};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{Secret, SecretName};
use ssss_client::{BackupKey, CrossSigningKeys, IdentityState, Pairing, Published};

use crate::account::standard_secrets;
use crate::published_answers::{Answers, alice, parsed};

/// Made once in Python, by Synapse's `signedjson` over `canonicaljson` and libsodium; the file names
/// their versions. It has what encoders disagree about: text beyond ASCII, control characters, the
/// largest integer, empty names; and a fraction where nothing is signed.
const PYTHON: &str = include_str!("../vectors/signed-json.json");

fn of_python(vector: &Value, name: SecretName, which: &str) -> Secret {
    let text = vector["seeds"][which].as_str().unwrap().to_owned();
    Secret::new(name, Zeroizing::new(text)).unwrap()
}

#[test]
fn what_python_signed_is_sound() {
    let vector = parsed(PYTHON);
    let user = <&UserId>::try_from(vector["user_id"].as_str().unwrap()).unwrap();
    let backup = vector["backup"].to_string();
    let keys = vector["keys_query"].to_string();
    let published = Published::parse(user, &keys, Some(&backup)).unwrap();
    assert_eq!(published.identity.state(), IdentityState::Sound);
    assert!(published.backup.as_ref().unwrap().is_signed_by_master);
    for (name, which) in [
        (SecretName::CROSS_SIGNING_MASTER, "master"),
        (SecretName::CROSS_SIGNING_SELF_SIGNING, "self_signing"),
        (SecretName::CROSS_SIGNING_USER_SIGNING, "user_signing"),
        (SecretName::MEGOLM_BACKUP, "backup"),
    ] {
        let public = published.public_key(&name).unwrap();
        assert_eq!(json!(public.to_string()), vector["public"][which]);
        let secret = of_python(&vector, name, which);
        assert_eq!(published.pairing(&secret), Some(Pairing::Matches));
    }
    let device = published.devices.values().next().unwrap();
    assert!(device.is_signed_by_itself && !device.is_cross_signed);
}

#[test]
fn we_sign_what_python_signs() {
    let vector = parsed(PYTHON);
    let user = <&UserId>::try_from(vector["user_id"].as_str().unwrap()).unwrap();
    let secret = |name, which| of_python(&vector, name, which);
    let [master, self_signing, user_signing] = SecretName::CROSS_SIGNING;
    let secrets = [
        secret(master, "master"),
        secret(self_signing.clone(), "self_signing"),
        secret(user_signing, "user_signing"),
    ];
    let keys = CrossSigningKeys::from_secrets(secrets).unwrap();
    let body = parsed(keys.upload_body(user).as_json());
    let answer = &vector["keys_query"];
    assert_eq!(body["master_key"], answer["master_keys"][user.as_str()]);
    assert_eq!(
        body["self_signing_key"],
        answer["self_signing_keys"][user.as_str()]
    );
    assert_eq!(
        body["user_signing_key"],
        answer["user_signing_keys"][user.as_str()]
    );

    let backup = BackupKey::from_secret(secret(SecretName::MEGOLM_BACKUP, "backup")).unwrap();
    let body = backup.version_body(user, &keys.secrets()[0]).unwrap();
    assert_eq!(
        parsed(body.as_json())["auth_data"],
        vector["backup"]["auth_data"]
    );

    let published = Published::parse(user, &answer.to_string(), None).unwrap();
    let id = published.devices.keys().next().unwrap();
    let body = published
        .sign_device(id, None, &secret(self_signing, "self_signing"))
        .unwrap();
    let ours = &parsed(body.as_json())[user.as_str()][id.as_str()];
    let mut theirs = vector["signed_device"].clone();
    let signatures = theirs["signatures"][user.as_str()].as_object_mut().unwrap();
    signatures.retain(|id, _| id.len() > 20);
    assert_eq!(*ours, theirs);
}

/// JSON that has a canonical form.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..1 << 53).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

const DEVICE: &str = "ABCDEFG";

/// `ruma-signatures`' key of a seed. It reads PKCS #8.
fn ruma_key(seed: [u8; 32], name: &str) -> Ed25519KeyPair {
    let prefix = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    Ed25519KeyPair::from_der(&[&prefix[..], &seed[..]].concat(), name.to_owned()).unwrap()
}

/// A device of Alice with a field of any kind, signed by itself.
fn signed_by_ruma(extra: &Value) -> CanonicalJsonObject {
    let key = ruma_key([0xD; 32], DEVICE);
    let public = Base64::<Standard, _>::new(key.public_key());
    let device = json!({
        "user_id": alice().as_str(),
        "device_id": DEVICE,
        "algorithms": ["m.megolm.v1.aes-sha2"],
        "keys": {format!("ed25519:{DEVICE}"): public.encode()},
        "org.example.extra": extra,
    });
    let mut device = serde_json::from_value(device).unwrap();
    sign_json(alice().as_str(), &key, &mut device).unwrap();
    device
}

fn published_with(device: &str) -> Published {
    let mut answers = Answers::standard();
    answers.keys["device_keys"] = json!({});
    let keys = answers.keys.to_string();
    let user = alice();
    let devices = format!(r#""device_keys":{{"{user}":{{"{DEVICE}":{device}}}}}"#);
    let keys = keys.replace(r#""device_keys":{}"#, &devices);
    Published::parse(user, &keys, None).unwrap()
}

/// A device, and the bytes of its signature.
fn meaning(mut device: Value) -> (Value, Option<Vec<u8>>) {
    let signature = &mut device["signatures"][alice().as_str()][format!("ed25519:{DEVICE}")];
    let signature = Base64::<Standard>::parse(signature.take().as_str().unwrap_or("*"));
    (device, signature.ok().map(Base64::into_inner))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn we_and_ruma_sign_and_verify_the_same(extra in any_json()) {
        let device = signed_by_ruma(&extra);
        let published = published_with(&serde_json::to_string(&device).unwrap());
        let id = <&DeviceId>::from(DEVICE);
        prop_assert!(published.device(id).unwrap().is_signed_by_itself);

        let self_signing = &standard_secrets()[1];
        let body = published.sign_device(id, None, self_signing).unwrap();
        let signed = parsed(body.as_json())[alice().as_str()][DEVICE].take();
        let signed: CanonicalJsonObject = serde_json::from_value(signed).unwrap();
        let public = published.public_key(self_signing.name()).unwrap();
        let keys = BTreeMap::from([(
            format!("ed25519:{public}"),
            Base64::new(public.as_bytes().to_vec()),
        )]);
        let keys: PublicKeyMap = [(alice().to_string(), keys)].into();
        verify_json(&keys, &signed).unwrap();

        let mut theirs = device;
        theirs.remove("signatures");
        sign_json(alice().as_str(), &ruma_key([2; 32], &public.to_string()), &mut theirs).unwrap();
        prop_assert_eq!(signed, theirs);
    }

    #[test]
    fn any_changed_byte_breaks_a_signature(
        extra in any_json(),
        place in any::<prop::sample::Index>(),
        change in 1_u8..=255,
    ) {
        let device = signed_by_ruma(&extra);
        let mut bytes = serde_json::to_vec(&device).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        // Whatever is still text and JSON of another meaning.
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        let Ok(value) = serde_json::from_str::<Value>(&text) else { return Ok(()) };
        let before = serde_json::to_value(&device).unwrap();
        // The last character of a signature has bits that say nothing.
        prop_assume!(meaning(value) != meaning(before));
        let published = published_with(&text);
        let read = published.device(<&DeviceId>::from(DEVICE)).unwrap();
        prop_assert!(!read.is_signed_by_itself, "{}", text);
    }
}

/// The point of order 1 as a key, and the signature that fits every text with it where small orders are
/// not refused.
#[test]
fn a_key_that_every_signature_fits_signs_nothing() {
    let mut weak = [0; 32];
    weak[0] = 1;
    let public = ssss_client::PublicKey::from_bytes(weak).to_string();
    let mut signature = [0; 64];
    signature[0] = 1;
    let encoded = crate::broken::base64(&signature);
    let device = json!({
        "user_id": alice().as_str(),
        "device_id": DEVICE,
        "keys": {format!("ed25519:{DEVICE}"): public},
        "signatures": {alice().as_str(): {format!("ed25519:{DEVICE}"): encoded}},
    });
    let published = published_with(&device.to_string());
    let read = published.device(<&DeviceId>::from(DEVICE)).unwrap();
    assert_eq!(read.key.unwrap().to_string(), public);
    assert!(!read.is_signed_by_itself);
}

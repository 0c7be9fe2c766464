//! Cross-signing keys and backup keys: from seeds to what is published, against js-sdk's.

use serde_json::{Value, json};
use ssss_client::ssss_model::ruma_common::user_id;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{Secret, SecretName};
use ssss_client::{BackupKey, CrossSigningKeys, IdentityState, Pairing, Published, public_half};

use crate::account::{rng, secret};
use crate::published_fixture::{Fixture, JS_SDK};

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Seeds that matrix-rust-sdk's tests decrypt, and the public keys that
/// they expect (`tests/integration/encryption/secret_storage.rs`; for the backup
/// `recovery.rs` beside it).
#[test]
fn public_halves_are_those_of_matrix_rust_sdk() {
    for (name, private, public) in [
        (
            SecretName::CROSS_SIGNING_MASTER,
            "VcY1+LNyV6aSMne8mvi4lc/q+JiCHe+m6+hKLtgLP30=",
            "fKJdf5b3ga1hshUT5obkBteMNTtLkfy8qh4h5/XLNew",
        ),
        (
            SecretName::CROSS_SIGNING_SELF_SIGNING,
            "wQu5WezD8X+U88qo276AAOSndPQ2aD6unRajkVFRoZw=",
            "vsEoa0HHxc8hmlWgoohTQBGWcCRh1BFoTzI8HNIxg5Q",
        ),
        (
            SecretName::CROSS_SIGNING_USER_SIGNING,
            "T5oQbFOc/xxIYhos/EM+WxiIPNWBDEt/mi4CrGoNmj0=",
            "IGfFj6KhzqBWxiMm6/e+Pu/x/5NV6a7iEe8AKhuRiq0",
        ),
        (
            SecretName::MEGOLM_BACKUP,
            "IeJv45zHC4AamrFtCi3MedkLMBZYXjPbKUnv53Iqzho",
            "hdx5rSn94rBuvJI5cwnhKAVmFyZgfJjk7vwEBD6mIHc",
        ),
    ] {
        let secret = Secret::new(name, Zeroizing::new(private.to_owned())).unwrap();
        assert_eq!(public_half(&secret).unwrap().to_string(), public);
    }
}

#[test]
fn a_secret_that_is_no_key_has_no_public_half() {
    assert_eq!(public_half(&secret("org.example.token", "hello")), None);
}

#[test]
fn what_is_uploaded_is_what_js_sdk_uploaded_for_the_same_seeds() {
    for case in JS_SDK {
        let fixture = Fixture::js_sdk(case);
        let secrets = SecretName::CROSS_SIGNING.map(|name| fixture.secret(name));
        let keys = CrossSigningKeys::from_secrets(secrets).unwrap();
        let body = value(keys.upload_body(fixture.user_id()).as_json());
        let user = fixture.user_id().as_str();
        let all = value(fixture.keys_query());
        for (ours, theirs) in [
            ("master_key", "master_keys"),
            ("self_signing_key", "self_signing_keys"),
            ("user_signing_key", "user_signing_keys"),
        ] {
            let mut theirs = all[theirs][user].clone();
            // js-sdk's device has signed the master key too.
            let signatures = theirs["signatures"][user].as_object_mut().unwrap();
            signatures.retain(|id, _| id.len() > 20);
            assert_eq!(body[ours], theirs, "{case}");
        }
        assert_eq!(body.as_object().unwrap().len(), 3);
    }
}

#[test]
fn a_new_backup_is_signed_as_js_sdk_signed_it() {
    for case in JS_SDK.into_iter().filter(|case| *case != "no-backup") {
        let fixture = Fixture::js_sdk(case);
        let backup = BackupKey::from_secret(fixture.secret(SecretName::MEGOLM_BACKUP)).unwrap();
        let master = fixture.secret(SecretName::CROSS_SIGNING_MASTER);
        let body = backup.version_body(fixture.user_id(), &master).unwrap();
        let mut theirs = value(fixture.backup().unwrap())["auth_data"].clone();
        let signatures = &mut theirs["signatures"][fixture.user_id().as_str()];
        signatures
            .as_object_mut()
            .unwrap()
            .retain(|id, _| id.len() > 20);
        let expected = json!({
            "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
            "auth_data": theirs,
        });
        assert_eq!(value(body.as_json()), expected, "{case}");
    }
}

#[test]
fn new_keys_are_published_soundly_and_belong_together() {
    let alice = user_id!("@alice:example.org");
    let keys = CrossSigningKeys::random(&mut rng());
    let backup = BackupKey::random(&mut rng());
    let body = value(keys.upload_body(alice).as_json());
    let answer = json!({
        "device_keys": {},
        "master_keys": {alice.as_str(): body["master_key"]},
        "self_signing_keys": {alice.as_str(): body["self_signing_key"]},
        "user_signing_keys": {alice.as_str(): body["user_signing_key"]},
    });
    let [master, ..] = keys.secrets();
    let version = backup.version_body(alice, master).unwrap();
    let version = version.as_json();
    let published = Published::parse(alice, &answer.to_string(), Some(version)).unwrap();
    assert_eq!(published.identity.state(), IdentityState::Sound);
    assert!(published.backup.as_ref().unwrap().is_signed_by_identity);
    for secret in keys.secrets().iter().chain([backup.secret()]) {
        assert_eq!(published.pairing(secret), Some(Pairing::Matches));
    }
    let others = CrossSigningKeys::random(&mut rng());
    for (secret, public) in others.secrets().iter().zip(others.public_keys()) {
        assert_eq!(published.pairing(secret), Some(Pairing::Other(public)));
    }
}

#[test]
fn seeds_in_the_wrong_place_are_refused() {
    let [a, b, c] = CrossSigningKeys::random(&mut rng()).into_secrets();
    let error = CrossSigningKeys::from_secrets([b, a, c]).unwrap_err();
    assert_eq!(error.expected, SecretName::CROSS_SIGNING_MASTER);
    let [master, self_signing, user_signing] = CrossSigningKeys::random(&mut rng()).into_secrets();
    let backup = BackupKey::random(&mut rng());
    let alice = user_id!("@alice:example.org");
    assert!(backup.version_body(alice, &self_signing).is_err());
    assert!(backup.version_body(alice, &master).is_ok());
    assert!(BackupKey::from_secret(user_signing).is_err());
}

#[test]
fn neither_keys_nor_seeds_are_shown() {
    let keys = CrossSigningKeys::random(&mut rng());
    let backup = BackupKey::random(&mut rng());
    let shown = format!("{keys:?} {backup:?}");
    for secret in keys.secrets().iter().chain([backup.secret()]) {
        assert!(!shown.contains(secret.expose()));
        assert!(shown.contains(&public_half(secret).unwrap().to_string()));
        let bytes = format!("{:?}", **secret.key().unwrap());
        assert!(!shown.contains(bytes.trim_matches(['[', ']'])));
    }
}

//! What a key may do depends on what is known about it.

use ssss_model::rand_core::UnwrapErr;
use ssss_model::ssss_crypto::{CostLimits, Pbkdf2, SecretStorageKey};
use ssss_model::zeroize::Zeroizing;
use ssss_model::{
    AddEntryError, EncryptedSecret, EventState, Evidence, KeyDescription, KeyId, NewKey, Object,
    Passphrase, SealedEntry, Secret, SecretName, UnverifiedKey, Value, Verification, VerifiedKey,
};

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

fn name() -> SecretName {
    SecretName::new("org.example.x").unwrap()
}

fn secret() -> Secret {
    Secret::new(name(), Zeroizing::new("value".to_owned())).unwrap()
}

fn id() -> KeyId {
    KeyId::new("k").unwrap()
}

fn description(json: &str) -> KeyDescription {
    match KeyDescription::parse(&id(), &Object::parse(json).unwrap()) {
        EventState::Present(description) => description,
        other => panic!("{other:?}"),
    }
}

fn event(entry: SealedEntry) -> EncryptedSecret {
    let content = EncryptedSecret::content(&name(), None, &[entry]).unwrap();
    match EncryptedSecret::parse(&name(), &content) {
        EventState::Present(secret) => secret,
        other => panic!("{other:?}"),
    }
}

const WITHOUT_CHECK: &str = r#"{
    "algorithm": "m.secret_storage.v1.aes-hmac-sha2",
    "passphrase": {"algorithm": "m.pbkdf2", "salt": "salt", "iterations": 1}
}"#;

fn from_passphrase() -> UnverifiedKey {
    let passphrase = Passphrase::new(Zeroizing::new("pass".to_owned()));
    description(WITHOUT_CHECK)
        .derive(&passphrase, CostLimits::default())
        .unwrap()
}

#[test]
fn a_new_key_is_recognised_by_its_description() {
    let rng = &mut rng();
    let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned()));
    for new in [
        NewKey::random(rng).name("mine").id(id()).build(rng),
        NewKey::from_passphrase(&passphrase, rng)
            .id(id())
            .build(rng),
        NewKey::from_key(SecretStorageKey::from_array(&[9; 32]))
            .id(id())
            .build(rng),
    ] {
        assert_eq!(*new.key().evidence(), Evidence::Created);
        let described = description(new.description().as_json());
        let recovery_key = new.key().recovery_key().unwrap();
        let key = UnverifiedKey::from_recovery_key(&recovery_key);
        let Verification::Verified(key) = described.verify(key).unwrap() else {
            panic!("a new key has a check");
        };
        let opened = key
            .open(&event(new.key().seal(&secret(), rng).unwrap()))
            .unwrap();
        assert_eq!(opened.expose(), "value");
    }
}

#[test]
fn what_is_written_for_a_new_key_is_canonical() {
    let rng = &mut rng();
    let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned()));
    let key = NewKey::from_passphrase(&passphrase, rng)
        .name("mine")
        .build(rng);
    let id = key.key().id().as_str();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let json: serde_json::Value = serde_json::from_str(key.description().as_json()).unwrap();
    assert_eq!(json["algorithm"], "m.secret_storage.v1.aes-hmac-sha2");
    assert_eq!(json["name"], "mine");
    assert_eq!(json["passphrase"]["algorithm"], "m.pbkdf2");
    assert_eq!(json["passphrase"]["iterations"], 500_000);
    assert_eq!(json["passphrase"]["salt"].as_str().unwrap().len(), 32);
    assert!(json["passphrase"].get("bits").is_none());
    assert_eq!(json["iv"].as_str().unwrap().len(), 22, "16 bytes, unpadded");
    assert_eq!(
        json["mac"].as_str().unwrap().len(),
        43,
        "32 bytes, unpadded"
    );
    // The highest bit of byte 8, the 65th of all, is the fifth of the eleventh character's six.
    let eleventh = json["iv"].as_str().unwrap().as_bytes()[10];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = alphabet
        .iter()
        .position(|&letter| letter == eleventh)
        .unwrap();
    assert_eq!(value & 0b10, 0, "bit 63 is clear");
}

#[test]
fn a_passphrase_without_a_check_reads_and_never_writes() {
    let Verification::Unchecked(key) = description(WITHOUT_CHECK)
        .verify(from_passphrase())
        .unwrap()
    else {
        panic!("there is nothing to check by");
    };
    // There is no `seal` on such a key, and assuming is refused.
    let key = key.dangerous_assume_valid().unwrap_err();

    let rng = &mut rng();
    let owner = NewKey::from_key(derived()).id(id()).build(rng);
    let sealed = event(owner.key().seal(&secret(), rng).unwrap());
    assert_eq!(key.open(&sealed).unwrap().expose(), "value");

    let stranger = NewKey::random(rng).id(id()).build(rng);
    let foreign = event(stranger.key().seal(&secret(), rng).unwrap());
    key.open(&foreign).unwrap_err();
    let key = key.prove(&foreign).unwrap_err();
    let key = key.prove(&sealed).unwrap();
    assert_eq!(*key.evidence(), Evidence::ProvenBySecret(name()));
}

/// The key of [`from_passphrase`], by another way.
fn derived() -> SecretStorageKey {
    let pbkdf2 = Pbkdf2::admit(1, 256, CostLimits::default()).unwrap();
    pbkdf2.derive(b"pass", b"salt")
}

#[test]
fn a_recovery_key_without_a_check_writes_when_told_to() {
    let key = UnverifiedKey::from_key(SecretStorageKey::from_array(&[1; 32]));
    let Verification::Unchecked(key) = description(WITHOUT_CHECK).verify(key).unwrap() else {
        panic!("there is nothing to check by");
    };
    assert_eq!(
        *key.dangerous_assume_valid().unwrap().evidence(),
        Evidence::Assumed
    );
}

#[test]
fn a_short_key_opens_and_does_not_seal() {
    let rng = &mut rng();
    let short = SecretStorageKey::from_bytes(&[5; 16]).unwrap();
    let key = NewKey::from_key(short).build(rng);
    key.key().seal(&secret(), rng).unwrap_err();
    assert!(key.key().recovery_key().is_none());
}

#[test]
fn a_sealed_secret_goes_nowhere_but_under_its_name() {
    let rng = &mut rng();
    let key = NewKey::random(rng).build(rng);
    let entry = key.key().seal(&secret(), rng).unwrap();
    let other = SecretName::new("org.example.y").unwrap();
    let error = EncryptedSecret::content(&other, None, &[entry]).unwrap_err();
    assert_eq!(error, AddEntryError::OtherName);
}

#[test]
fn a_secret_is_not_put_into_an_event_that_holds_other_data() {
    let rng = &mut rng();
    let key = NewKey::random(rng).build(rng);
    for text in [
        r#"{"a":1}"#,
        r#"{"encrypted":[]}"#,
        r#"{"encrypted":null}"#,
        r#"{"encrypted":"x"}"#,
    ] {
        let existing = Object::parse(text).unwrap();
        let entry = key.key().seal(&secret(), rng).unwrap();
        let error = EncryptedSecret::content(&name(), Some(&existing), &[entry]).unwrap_err();
        assert!(matches!(error, AddEntryError::NotASecret(_)), "{text}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let rng = &mut rng();
    let new = NewKey::from_key(SecretStorageKey::from_array(&[0xAB; 32]))
        .id(id())
        .build(rng);
    let recovery_key = new.key().recovery_key().unwrap();
    let shown = format!(
        "{new:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        new.key(),
        description(WITHOUT_CHECK).verify(UnverifiedKey::from_recovery_key(&recovery_key)),
        secret(),
        UnverifiedKey::from_recovery_key(&recovery_key),
        from_passphrase(),
        Passphrase::new(Zeroizing::new("hunter2".to_owned())),
    );
    let spelled = recovery_key.format();
    for text in [
        "171",
        "abab",
        "ABAB",
        "q6ur",
        "value",
        "hunter2",
        &spelled.expose()[..9],
    ] {
        assert!(!shown.contains(text), "{text} in {shown}");
    }
    for text in [
        r#"VerifiedKey { id: KeyId("k"), evidence: Created, .. }"#,
        "UnverifiedKey { origin: Key, .. }",
        "UnverifiedKey { origin: Passphrase, .. }",
        r#"UncheckedKey { id: KeyId("k"), .. }"#,
    ] {
        assert!(shown.contains(text), "{text} not in {shown}");
    }
}

#[test]
fn several_keys_seal_one_secret() {
    let rng = &mut rng();
    let keys = [
        NewKey::random(rng).build(rng),
        NewKey::random(rng).build(rng),
    ];
    let entries = keys
        .each_ref()
        .map(|key| key.key().seal(&secret(), rng).unwrap());
    let content = EncryptedSecret::content(&name(), None, &entries).unwrap();
    let content = content.with("kept", &Value::number(1));
    let EventState::Present(stored) = EncryptedSecret::parse(&name(), &content) else {
        panic!()
    };
    for key in &keys {
        let key: &VerifiedKey = key.key();
        assert_eq!(key.open(&stored).unwrap().expose(), "value");
    }
}

/// A name that stands twice is no JSON that everybody reads alike.
#[test]
fn a_key_that_is_named_twice_has_one_entry() {
    let rng = &mut rng();
    let key = NewKey::random(rng).id(id()).build(rng);
    let sealed = |value: &str, rng: &mut _| {
        let secret = Secret::new(name(), Zeroizing::new(value.to_owned())).unwrap();
        key.key().seal(&secret, rng).unwrap()
    };
    let entries = [sealed("first", rng), sealed("second", rng)];
    let existing = EncryptedSecret::content(&name(), None, &entries).unwrap();
    for existing in [None, Some(&existing)] {
        let content = EncryptedSecret::content(&name(), existing, &entries).unwrap();
        let encrypted = Object::parse(content.get("encrypted").unwrap()).unwrap();
        assert_eq!(encrypted.duplicate(), None, "{encrypted:?}");
        let stored = EncryptedSecret::parse(&name(), &content);
        let opened = key.key().open(stored.present().unwrap()).unwrap();
        assert_eq!(opened.expose(), "second");
    }
}

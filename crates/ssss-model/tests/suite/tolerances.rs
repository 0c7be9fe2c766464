//! Every spelling that is read, and every one that is refused: `tests/vectors/*.json`.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use ssss_model::ssss_crypto::MatchedForm;
use ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_model::{
    DefaultKey, EncryptedSecret, EventState, Evidence, KeyDescription, KeyId, Object, OpenError,
    SecretName, UnverifiedKey, Verification, VerifyError,
};

#[derive(Deserialize)]
struct Vector {
    source: String,
    comment: String,
    cases: Vec<Case>,
}

/// One event, and what is expected of it.
#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    comment: String,
    event_type: String,
    content: Box<RawValue>,
    /// For a key description, and for a secret that is sealed for the key `k`.
    recovery_key: Option<String>,
    expect: String,
}

fn state<T>(state: EventState<T>, present: impl FnOnce(T) -> String) -> String {
    match state {
        EventState::Missing => "missing".to_owned(),
        EventState::Tombstone => "tombstone".to_owned(),
        EventState::Malformed(why) => format!("malformed: {why}"),
        EventState::Present(content) => present(content),
    }
}

fn default_key(content: &Object) -> String {
    state(DefaultKey::parse(content), |default| {
        format!("default {}", default.id())
    })
}

fn description(id: &KeyId, content: &Object, key: Option<UnverifiedKey>) -> String {
    state(KeyDescription::parse(id, content), |description| {
        let Some(key) = key else {
            return format!("{:?}", description.passphrase());
        };
        match description.verify(key) {
            Ok(Verification::Verified(key)) => match key.evidence() {
                Evidence::Matched(MatchedForm::AsStored) => "as-stored".to_owned(),
                Evidence::Matched(MatchedForm::Bit63Cleared) => "bit-63-cleared".to_owned(),
                Evidence::Matched(MatchedForm::First16Bytes) => "first-16-bytes".to_owned(),
                other => panic!("{other:?}"),
            },
            Ok(Verification::Unchecked(_)) => "unchecked".to_owned(),
            Err(rejected) => match rejected.reason {
                VerifyError::WrongKey => "wrong key".to_owned(),
                reason => format!("refused: {reason}"),
            },
        }
    })
}

fn secret(name: &SecretName, content: &Object, key: Option<UnverifiedKey>) -> String {
    state(EncryptedSecret::parse(name, content), |secret| {
        let Some(key) = key else {
            let entry = |(id, fault): (&KeyId, Option<_>)| match fault {
                None => format!("{id} sound"),
                Some(fault) => format!("{id} {fault}"),
            };
            return secret.entries().map(entry).collect::<Vec<_>>().join("; ");
        };
        let unchecked = Object::parse(r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#);
        let id = KeyId::new("k").unwrap();
        let EventState::Present(description) = KeyDescription::parse(&id, &unchecked.unwrap())
        else {
            panic!("it is well formed");
        };
        let Ok(Verification::Unchecked(key)) = description.verify(key) else {
            panic!("it has no check");
        };
        match key.open(&secret) {
            Ok(secret) => format!("opens: {}", secret.expose()),
            Err(OpenError::MalformedEntry(fault)) => format!("refused: {fault}"),
            Err(error) => format!("refused: {error:?}"),
        }
    })
}

#[test]
fn vectors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut cases = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let vector: Vector = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            !vector.source.is_empty() && !vector.comment.is_empty(),
            "{}",
            path.display()
        );
        for case in vector.cases {
            let key = case
                .recovery_key
                .as_deref()
                .map(|text| UnverifiedKey::from_recovery_key(&RecoveryKey::parse(text).unwrap()));
            let found = match Object::parse(case.content.get()) {
                Err(error) => error.to_string(),
                Ok(content) if case.event_type == DefaultKey::EVENT_TYPE => default_key(&content),
                Ok(content) => match KeyId::from_event_type(&case.event_type) {
                    Some(id) => description(&id, &content, key),
                    None => secret(&SecretName::new(&case.event_type).unwrap(), &content, key),
                },
            };
            let content = case.content.get();
            assert_eq!(
                found,
                case.expect,
                "{} {}: {content}",
                path.display(),
                case.comment
            );
            cases += 1;
        }
    }
    assert!(cases >= 70, "{cases}");
}

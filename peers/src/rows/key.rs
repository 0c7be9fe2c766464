//! Recovery keys, and the check that a description has.

use getrandom::SysRng;
use matrix_sdk_crypto::secret_storage::SecretStorageKey as TheirKey;
use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use ruma::events::EventContentFromType;
use ruma::events::secret_storage::key::SecretStorageKeyEventContent;
use serde_json::value::RawValue;
use ssss_crypto::SecretStorageKey;
use ssss_crypto::rand_core::UnwrapErr;
use ssss_model::{KeyDescription, KeyId, NewKey, Object, UnverifiedKey};
use ssss_recovery_key::RecoveryKey;

use super::{KEY, OURS, THEIRS};
use crate::contender::Contender;
use crate::row::Row;

pub(super) const ID: &str = "AnIdOf32Characters0123456789abcd";

pub(super) fn rows() -> Vec<Row> {
    vec![parse(), format(), check(), check_json()]
}

/// Key backups have recovery keys of the same form. Theirs of secret storage are parsed only together
/// with the check.
fn parse() -> Row {
    let text = recovery_key();
    let theirs = text.clone();
    let read = BackupDecryptionKey::from_base58(&text).unwrap();
    assert_eq!(&*read.to_base58(), text.replace(' ', ""));
    Row {
        name: "parse a recovery key",
        contenders: vec![
            Contender::new(OURS, move || RecoveryKey::parse(&text).unwrap()),
            Contender::new(THEIRS, move || {
                BackupDecryptionKey::from_base58(&theirs).unwrap()
            }),
        ],
    }
}

fn format() -> Row {
    let key = RecoveryKey::from_bytes(&KEY);
    let theirs = their_key();
    assert_eq!(theirs.to_base58(), key.format().expose());
    Row {
        name: "format a recovery key",
        contenders: vec![
            Contender::new(OURS, move || key.format()),
            Contender::new(THEIRS, move || theirs.to_base58()),
        ],
    }
}

fn check() -> Row {
    let (text, object) = (recovery_key(), description());
    let (their_text, content) = (text.clone(), content(object.as_json()));
    let id = KeyId::new(ID).unwrap();
    let description = KeyDescription::parse(&id, &object);
    let description = description.present().unwrap().clone();
    Row {
        name: "check a recovery key",
        contenders: vec![
            Contender::new(OURS, move || {
                let key = RecoveryKey::parse(&text).unwrap();
                let key = UnverifiedKey::from_recovery_key(&key);
                description.verify(key).unwrap()
            }),
            Contender::consuming(
                THEIRS,
                move || content.clone(),
                move |content| TheirKey::from_account_data(&their_text, content).unwrap(),
            ),
        ],
    }
}

fn check_json() -> Row {
    let (text, object) = (recovery_key(), description());
    let json = object.as_json().to_owned();
    let (their_text, their_json) = (text.clone(), json.clone());
    let id = KeyId::new(ID).unwrap();
    Row {
        name: "check it against JSON",
        contenders: vec![
            Contender::new(OURS, move || {
                let object = Object::parse(&json).unwrap();
                let description = KeyDescription::parse(&id, &object);
                let key = RecoveryKey::parse(&text).unwrap();
                let key = UnverifiedKey::from_recovery_key(&key);
                description.present().unwrap().verify(key).unwrap()
            }),
            Contender::new(THEIRS, move || {
                TheirKey::from_account_data(&their_text, content(&their_json)).unwrap()
            }),
        ],
    }
}

/// The same key as ours, by the only way that there is to give it one.
pub(super) fn their_key() -> TheirKey {
    TheirKey::from_account_data(&recovery_key(), content(description().as_json())).unwrap()
}

pub(super) fn content(json: &str) -> SecretStorageKeyEventContent {
    let raw: &RawValue = serde_json::from_str(json).unwrap();
    SecretStorageKeyEventContent::from_parts(&format!("m.secret_storage.key.{ID}"), raw).unwrap()
}

pub(super) fn description() -> Object {
    let key = SecretStorageKey::from_array(&KEY);
    let key = NewKey::from_key(key).id(KeyId::new(ID).unwrap());
    key.build(&mut UnwrapErr(SysRng)).description().clone()
}

pub(super) fn recovery_key() -> String {
    RecoveryKey::from_bytes(&KEY).format().expose().to_owned()
}

//! Secrets: sealed and opened, with and without JSON.

use std::collections::BTreeMap;

use getrandom::SysRng;
use matrix_sdk_crypto::secret_storage::{AesHmacSha2EncryptedData, SecretStorageKey as TheirKey};
use ruma::events::secret::request::SecretName as TheirName;
use ruma::events::secret_storage::secret::SecretEventContent;
use ruma::serde::Base64;
use serde_json::{Value, json};
use ssss_crypto::rand_core::UnwrapErr;
use ssss_crypto::{Label, Sealed, SecretStorageKey};
use ssss_model::zeroize::Zeroizing;
use ssss_model::{EncryptedSecret, NewKey, Object, Secret, SecretName, VerifiedKey};

use super::{KEY, OURS, PLAIN, THEIRS};
use crate::contender::Contender;
use crate::plain;
use crate::row::Row;

const NAME: &str = "m.cross_signing.master";
const LARGE: usize = 64 << 20;
/// As long as a cross-signing key in base64.
const TEXT: &str = "bm90IGEga2V5LCBidXQgYXMgbG9uZyBhcyBvbmUhISE";

pub(super) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = [
        ("open 43 bytes", 43),
        ("open 1 KiB", 1 << 10),
        ("open 1 MiB", 1 << 20),
        ("open 64 MiB", LARGE),
    ]
    .map(|(name, len)| open(name, len))
    .into();
    rows.push(open_in_place());
    rows.push(open_json());
    rows.push(seal_json());
    rows
}

/// A secret as an event has it.
pub(super) fn inputs() -> Value {
    let (key, secret) = (our_key(), secret());
    let entry = key.seal(&secret, &mut UnwrapErr(SysRng)).unwrap();
    let content = EncryptedSecret::content(secret.name(), None, &[entry]).unwrap();
    json!({
        "name": NAME, "text": TEXT, "secret": content.as_json(), "key_id": key.id().as_str(),
    })
}

fn open(name: &'static str, len: usize) -> Row {
    let label = Label::new(NAME).expect("not empty");
    let key = SecretStorageKey::from_array(&KEY);
    let sealed = key.seal(label, &vec![7; len], &mut UnwrapErr(SysRng));
    let Sealed {
        iv,
        ciphertext,
        mac,
    } = sealed.clone();
    let data = AesHmacSha2EncryptedData {
        iv,
        ciphertext: Base64::new(ciphertext.clone()),
        mac,
    };
    let their_key = their_key();
    let their_name = TheirName::from(NAME);
    assert_eq!(their_key.decrypt(&data, &their_name).unwrap().len(), len);
    Row {
        name,
        contenders: vec![
            Contender::new(OURS, move || key.open(label, &sealed).unwrap()),
            Contender::new(THEIRS, move || {
                their_key.decrypt(&data, &their_name).unwrap()
            }),
            Contender::new(PLAIN, move || {
                plain::open(&KEY, NAME, &iv, &ciphertext, &mac).unwrap()
            }),
        ],
    }
}

/// Theirs has no such way: its only one is named beside ours.
fn open_in_place() -> Row {
    let mut row = open("open 64 MiB in place", LARGE);
    let label = Label::new(NAME).expect("not empty");
    let key = SecretStorageKey::from_array(&KEY);
    let sealed = key.seal(label, &vec![7; LARGE], &mut UnwrapErr(SysRng));
    row.contenders[0] = Contender::consuming(
        OURS,
        move || sealed.clone(),
        move |sealed| key.open_in_place(label, sealed).unwrap(),
    );
    row
}

fn open_json() -> Row {
    let (key, secret) = (our_key(), secret());
    let name = secret.name().clone();
    let entry = key.seal(&secret, &mut UnwrapErr(SysRng)).unwrap();
    let event = EncryptedSecret::content(&name, None, &[entry]).unwrap();
    let json = event.as_json().to_owned();
    let their_json = json.clone();
    let their_key = their_key();
    let id = key.id().as_str().to_owned();
    let their_name = TheirName::from(NAME);
    let theirs = move || {
        let content: SecretEventContent = serde_json::from_str(&their_json).unwrap();
        let data: AesHmacSha2EncryptedData =
            content.encrypted[&id].deserialize_as_unchecked().unwrap();
        String::from_utf8(their_key.decrypt(&data, &their_name).unwrap()).unwrap()
    };
    assert_eq!(theirs(), TEXT);
    let ours = move || {
        let object = Object::parse(&json).unwrap();
        let secret = EncryptedSecret::parse(&name, &object);
        key.open(secret.present().unwrap()).unwrap()
    };
    assert_eq!(ours().expose(), TEXT);
    Row {
        name: "open from JSON",
        contenders: vec![Contender::new(OURS, ours), Contender::new(THEIRS, theirs)],
    }
}

fn seal_json() -> Row {
    let (key, secret) = (our_key(), secret());
    let id = key.id().as_str().to_owned();
    let their_key = their_key();
    let their_name = TheirName::from(NAME);
    let ours = move || {
        let entry = key.seal(&secret, &mut rand::rng()).unwrap();
        let content = EncryptedSecret::content(secret.name(), None, &[entry]).unwrap();
        content.as_json().to_owned()
    };
    let theirs = move || {
        let data = their_key.encrypt(TEXT.as_bytes().to_vec(), &their_name);
        let raw = ruma::serde::Raw::new(&data).unwrap().cast();
        let content = SecretEventContent::new(BTreeMap::from([(id.clone(), raw)]));
        serde_json::to_string(&content).unwrap()
    };
    Row {
        name: "seal to JSON",
        contenders: vec![Contender::new(OURS, ours), Contender::new(THEIRS, theirs)],
    }
}

fn our_key() -> VerifiedKey {
    NewKey::from_key(SecretStorageKey::from_array(&KEY))
        .build(&mut UnwrapErr(SysRng))
        .into_key()
}

fn secret() -> Secret {
    let name = SecretName::new(NAME).unwrap();
    Secret::new(name, Zeroizing::new(TEXT.to_owned())).unwrap()
}

/// The same key as ours, by the only way that there is to give it one.
fn their_key() -> TheirKey {
    super::key::their_key()
}

//! Passphrases.

use getrandom::SysRng;
use matrix_sdk_crypto::secret_storage::SecretStorageKey as TheirKey;
use serde_json::{Value, json};
use ssss_crypto::rand_core::UnwrapErr;
use ssss_crypto::{CostLimits, Pbkdf2, SecretStorageKey};
use ssss_model::zeroize::Zeroizing;
use ssss_model::{KeyDescription, KeyId, NewKey, Passphrase};

use super::key::content;
use super::{OURS, PLAIN, THEIRS};
use crate::contender::Contender;
use crate::plain;
use crate::row::Row;

const PASSPHRASE: &str = "correct horse battery staple";

/// Deriving the key and checking it; 500,000 iterations.
pub(super) fn rows() -> Vec<Row> {
    let passphrase = || Passphrase::new(Zeroizing::new(PASSPHRASE.to_owned()));
    let id = KeyId::new("AnIdOf32Characters0123456789abcd").unwrap();
    let new = NewKey::from_passphrase(&passphrase(), &mut UnwrapErr(SysRng))
        .id(id.clone())
        .build(&mut UnwrapErr(SysRng));
    let description = KeyDescription::parse(&id, new.description());
    let description = description.present().unwrap().clone();
    let content = content(new.description().as_json());
    let salt = content.passphrase.as_ref().unwrap().salt.clone();
    let whole = Row {
        name: "unlock with a passphrase",
        contenders: vec![
            Contender::new(OURS, move || {
                let key = description.derive(&passphrase(), CostLimits::default());
                description.verify(key.unwrap()).unwrap()
            }),
            Contender::consuming(
                THEIRS,
                move || content.clone(),
                |content| TheirKey::from_account_data(PASSPHRASE, content).unwrap(),
            ),
        ],
    };
    let plain_salt = salt.clone();
    let alone = Row {
        name: "derive",
        contenders: vec![
            Contender::new(OURS, move || -> SecretStorageKey {
                Pbkdf2::DEFAULT.derive(PASSPHRASE.as_bytes(), salt.as_bytes())
            }),
            // It derives nothing without making a key of it, which takes a few microseconds more.
            Contender::new(THEIRS, || TheirKey::new_from_passphrase(PASSPHRASE)),
            Contender::new(PLAIN, move || {
                plain::derive(PASSPHRASE, &plain_salt, Pbkdf2::DEFAULT_ITERATIONS)
            }),
        ],
    };
    vec![whole, alone]
}

/// A passphrase, and the key that it is.
pub(super) fn inputs() -> Value {
    let salt = "a salt of thirty-two characters.";
    let key = Pbkdf2::DEFAULT.derive(PASSPHRASE.as_bytes(), salt.as_bytes());
    let hex = key.expose().iter().map(|byte| format!("{byte:02x}"));
    json!({
        "passphrase": PASSPHRASE, "salt": salt, "iterations": Pbkdf2::DEFAULT_ITERATIONS,
        "derived": hex.collect::<String>(),
    })
}

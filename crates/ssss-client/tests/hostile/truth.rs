//! What is true of an account, whatever the server says.

use std::collections::BTreeSet;

use ssss_client::ssss_model::ssss_crypto::{CostLimits, Pbkdf2, SecretStorageKey};
use ssss_client::ssss_model::{NewKey, Object, Value};

use crate::account::{id, key, rng, standard_secrets};

/// What the oracle knows.
#[derive(Clone)]
pub(crate) struct Truth {
    /// What the person types, each time.
    pub(crate) typed: String,
    /// Keys that may be written under, as bytes.
    pub(crate) trusted: Vec<Vec<u8>>,
    /// What every secret is, or was.
    pub(crate) values: BTreeSet<(String, String)>,
}

pub(crate) const REAL: &str = "real";
pub(crate) const PASSPHRASE: &str = "canary-passphrase";
pub(crate) const SALT: &str = "genuine-salt";
pub(crate) const ITERATIONS: u64 = 1000;

impl Truth {
    /// Of an account whose recovery key is known.
    pub(crate) fn recovery_key(of: &str) -> Self {
        let key = key(of);
        let typed = key.key().recovery_key().unwrap().format();
        Self {
            typed: typed.expose().to_owned(),
            trusted: vec![key.key().key().expose().to_vec()],
            values: values(),
        }
    }

    /// Of one whose passphrase is known. The key may be written under only if it can be proven.
    pub(crate) fn passphrase(is_proven: bool) -> Self {
        let key = passphrase_key();
        let trusted = vec![key.key().key().expose().to_vec()];
        Self {
            typed: PASSPHRASE.to_owned(),
            trusted: if is_proven { trusted } else { Vec::new() },
            values: values(),
        }
    }

    pub(crate) fn knows(mut self, name: &str, value: &str) -> Self {
        self.values.insert((name.to_owned(), value.to_owned()));
        self
    }
}

fn values() -> BTreeSet<(String, String)> {
    let secrets = standard_secrets().into_iter();
    secrets
        .map(|secret| (secret.name().to_string(), secret.expose().to_owned()))
        .collect()
}

pub(crate) fn derive(salt: &str, iterations: u64, bits: u64) -> Option<SecretStorageKey> {
    let pbkdf2 = Pbkdf2::admit(iterations, bits, CostLimits::default()).ok()?;
    Some(pbkdf2.derive(PASSPHRASE.as_bytes(), salt.as_bytes()))
}

/// The key `real` that the passphrase gives, with a description that has no `passphrase`.
pub(crate) fn passphrase_key() -> NewKey {
    let key = derive(SALT, ITERATIONS, 256).unwrap();
    NewKey::from_key(key).id(id(REAL)).build(&mut rng())
}

/// A `passphrase` block.
pub(crate) fn block(salt: &str, iterations: u64, bits: u64) -> Value {
    Value::object(&Object::empty().with_all([
        ("algorithm", &Value::string("m.pbkdf2")),
        ("salt", &Value::string(salt)),
        ("iterations", &Value::number(iterations)),
        ("bits", &Value::number(bits)),
    ]))
}

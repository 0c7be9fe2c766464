//! Answers of a homeserver about an account whose keys are at hand.

use serde_json::{Value, json};
use ssss_client::ssss_model::ruma_common::{UserId, user_id};
use ssss_client::{BackupKey, CrossSigningKeys, Published};

use crate::account::standard_secrets;

pub(crate) fn alice() -> &'static UserId {
    user_id!("@alice:example.org")
}

/// What a homeserver answers about Alice. Tests spoil it.
pub(crate) struct Answers {
    pub(crate) keys: Value,
    pub(crate) backup: Option<Value>,
}

pub(crate) fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

impl Answers {
    /// The public halves of [`standard_secrets`].
    pub(crate) fn standard() -> Self {
        let [master, self_signing, user_signing, backup] = standard_secrets().try_into().unwrap();
        let backup = BackupKey::from_secret(backup).unwrap();
        let mut version = parsed(backup.version_body(alice(), &master).unwrap().as_json());
        version["version"] = json!("7");
        version["count"] = json!(12408);
        version["etag"] = json!("abc");
        let keys = CrossSigningKeys::from_secrets([master, self_signing, user_signing]).unwrap();
        Self {
            keys: Self::of(&keys),
            backup: Some(version),
        }
    }

    /// An answer with these cross-signing keys and no devices.
    pub(crate) fn of(keys: &CrossSigningKeys) -> Value {
        let body = parsed(keys.upload_body(alice()).as_json());
        json!({
            "device_keys": {alice().as_str(): {}},
            "failures": {},
            "master_keys": {alice().as_str(): body["master_key"]},
            "self_signing_keys": {alice().as_str(): body["self_signing_key"]},
            "user_signing_keys": {alice().as_str(): body["user_signing_key"]},
        })
    }

    /// What there is before anything is set up.
    pub(crate) fn nothing() -> Self {
        Self {
            keys: json!({"device_keys": {alice().as_str(): {}}, "failures": {}, "master_keys": {}}),
            backup: None,
        }
    }

    /// What is published of one kind: `master_keys` and so on.
    pub(crate) fn key(&mut self, field: &str) -> &mut Value {
        &mut self.keys[field][alice().as_str()]
    }

    pub(crate) fn auth_data(&mut self) -> &mut Value {
        &mut self.backup.as_mut().unwrap()["auth_data"]
    }

    pub(crate) fn published(&self) -> Published {
        let backup = self.backup.as_ref().map(Value::to_string);
        Published::parse(alice(), &self.keys.to_string(), backup.as_deref()).unwrap()
    }
}

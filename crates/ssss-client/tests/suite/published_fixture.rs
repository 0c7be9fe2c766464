//! Accounts of real clients, with what their homeserver published of them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use ssss_client::Published;
use ssss_client::ssss_model::ruma_common::{OwnedUserId, UserId};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{Secret, SecretName};

/// What js-sdk left behind on a Synapse, for each way of setting an account up.
pub(crate) const JS_SDK: [&str; 6] = [
    "named",
    "no-backup",
    "passphrase",
    "random",
    "rotated",
    "running-client",
];

#[derive(Deserialize)]
pub(crate) struct Fixture {
    pub(crate) user_id: OwnedUserId,
    secrets: BTreeMap<String, String>,
    cross_signing_public: Box<RawValue>,
    key_backup_version: Option<Box<RawValue>>,
}

impl Fixture {
    pub(crate) fn js_sdk(case: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../ssss-model/tests/fixtures/clients")
            .join(format!("js-sdk-{case}.json"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    pub(crate) fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The answer to `POST /keys/query`.
    pub(crate) fn keys_query(&self) -> &str {
        self.cross_signing_public.get()
    }

    /// The answer to `GET /room_keys/version`.
    pub(crate) fn backup(&self) -> Option<&str> {
        self.key_backup_version.as_ref().map(|raw| raw.get())
    }

    pub(crate) fn published(&self) -> Published {
        Published::parse(self.user_id(), self.keys_query(), self.backup()).unwrap()
    }

    pub(crate) fn secret(&self, name: SecretName) -> Secret {
        let text = Zeroizing::new(self.secrets[name.as_str()].clone());
        Secret::new(name, text).unwrap()
    }
}

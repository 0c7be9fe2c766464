//! Accounts that clients wrote, from the model's test data.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// An account with its keys and secrets in the clear.
pub(crate) struct Fixture {
    pub(crate) name: String,
    json: Value,
}

impl Fixture {
    /// Reads one by its path, such as `clients/js-sdk-random`.
    pub(crate) fn read(name: &str) -> Self {
        let path = folder().join(format!("{name}.json"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            name: name.to_owned(),
            json: serde_json::from_str(&text).unwrap(),
        }
    }

    /// All there are.
    pub(crate) fn all() -> Vec<Self> {
        let mut names = Vec::new();
        for kind in ["clients", "oddities"] {
            for entry in fs::read_dir(folder().join(kind)).unwrap() {
                let path = entry.unwrap().path();
                let stem = path.file_stem().unwrap().to_str().unwrap();
                names.push(format!("{kind}/{stem}"));
            }
        }
        names.sort();
        assert!(names.len() >= 36, "{names:?}");
        names.iter().map(|name| Self::read(name)).collect()
    }

    pub(crate) fn account_data(&self) -> &Value {
        &self.json["account_data"]
    }

    pub(crate) fn default_key(&self) -> Option<&str> {
        self.json["default_key_id"].as_str()
    }

    /// Each key's id, recovery key and passphrase.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, Option<&str>, Option<&str>)> {
        self.json["keys"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, key)| {
                (
                    id.as_str(),
                    key["recovery_key"].as_str(),
                    key["passphrase"].as_str(),
                )
            })
    }

    /// The default key's recovery key.
    pub(crate) fn recovery_key(&self) -> Option<&str> {
        self.json["keys"][self.default_key()?]["recovery_key"].as_str()
    }

    pub(crate) fn passphrase(&self) -> Option<&str> {
        self.json["keys"][self.default_key()?]["passphrase"].as_str()
    }

    /// Each secret's name and value.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        let secrets = self.json["secrets"].as_object().unwrap();
        secrets
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
    }

    /// The account's data in every shape in which people come by it.
    pub(crate) fn shapes(&self) -> Vec<(&'static str, Value)> {
        let data = self.account_data();
        let events: Vec<Value> = data
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, content)| json!({"type": name, "content": content}))
            .collect();
        vec![
            ("map", data.clone()),
            ("wrapped", self.json.clone()),
            (
                "sync",
                json!({"next_batch": "s1", "account_data": {"events": events.clone()}}),
            ),
            ("list", Value::Array(events)),
            (
                "admin",
                json!({"account_data": {"global": data, "rooms": {}}}),
            ),
        ]
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ssss-model/tests/fixtures")
}

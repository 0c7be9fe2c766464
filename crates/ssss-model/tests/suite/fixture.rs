//! The files of `tests/fixtures`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use ssss_model::Snapshot;
use ssss_model::ruma_common::serde::Raw;

#[derive(Deserialize)]
pub(crate) struct Fixture {
    #[serde(skip)]
    pub(crate) file: String,
    pub(crate) default_key_id: Option<String>,
    pub(crate) keys: BTreeMap<String, FixtureKey>,
    pub(crate) account_data: BTreeMap<String, Raw<()>>,
    pub(crate) secrets: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub(crate) struct FixtureKey {
    pub(crate) private_key_hex: String,
    pub(crate) recovery_key: Option<String>,
    pub(crate) passphrase: Option<String>,
}

impl Fixture {
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.account_data.clone())
    }

    pub(crate) fn load(file: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(file);
        let text = std::fs::read_to_string(path).unwrap();
        Self {
            file: file.to_owned(),
            ..serde_json::from_str(&text).unwrap()
        }
    }

    /// Every file of a folder.
    pub(crate) fn all(folder: &str) -> Vec<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(folder);
        let mut files: Vec<_> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap()))
            .collect();
        files.sort();
        files.iter().map(|file| Self::load(file)).collect()
    }
}

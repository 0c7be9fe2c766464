//! What the homeserver holds of an account at some moment, read from it directly.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value, json};

use super::ground::Subject;
use crate::Result;

/// Synapse repeats an answer to the same `/sync`, so that none is the same.
static TIMES: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Saved {
    /// All account data, by type.
    pub(super) events: Map<String, Value>,
    /// The public keys of the key backups that exist, by version.
    pub(super) backups: BTreeMap<u64, String>,
    /// The public keys of the identity: `master`, `self_signing`, `user_signing`.
    pub(super) identity: Map<String, Value>,
}

impl Saved {
    pub(super) fn read(subject: &Subject<'_>) -> Result<Self> {
        Ok(Self {
            events: events(subject)?,
            backups: backups(subject)?,
            identity: identity(subject)?,
        })
    }

    /// What is asked of js-sdk about this, for somebody who has these recovery keys.
    pub(super) fn question(&self, keys: &[String]) -> Value {
        json!({
            "action": "saved", "events": self.events, "keys": keys, "identity": self.identity,
            "backups": self.backups.values().collect::<Vec<_>>(),
        })
    }
}

fn events(subject: &Subject<'_>) -> Result<Map<String, Value>> {
    let time = TIMES.fetch_add(1, Ordering::Relaxed);
    let filter = json!({
        "account_data": {"not_types": [format!("org.example.{time}")]},
        "presence": {"types": []},
        "room": {"rooms": []},
    });
    // No more than this needs to be written otherwise in it.
    let filter = filter.to_string().replace('{', "%7B").replace('}', "%7D");
    let filter = filter.replace('"', "%22");
    let path = format!("/_matrix/client/v3/sync?set_presence=offline&filter={filter}");
    let mut answer = subject.call("GET", &path, None)?;
    let list = answer["account_data"]["events"].take();
    let mut events = Map::new();
    for event in list.as_array().ok_or("no account data")? {
        let kind = event["type"].as_str().ok_or("an event without a type")?;
        events.insert(kind.to_owned(), event["content"].clone());
    }
    Ok(events)
}

/// Older ones, too: they are there until somebody deletes them.
fn backups(subject: &Subject<'_>) -> Result<BTreeMap<u64, String>> {
    let path = "/_matrix/client/v3/room_keys/version";
    let Some(newest) = subject.find(path)? else {
        return Ok(BTreeMap::new());
    };
    let newest: u64 = newest["version"].as_str().ok_or("no version")?.parse()?;
    let mut backups = BTreeMap::new();
    for version in 1..=newest {
        if let Some(info) = subject.find(&format!("{path}/{version}"))? {
            let key = info["auth_data"]["public_key"].as_str();
            backups.insert(version, key.ok_or("a backup without a key")?.to_owned());
        }
    }
    Ok(backups)
}

fn identity(subject: &Subject<'_>) -> Result<Map<String, Value>> {
    let user = &subject.account.user;
    let question = json!({"device_keys": {user: []}});
    let answer = subject.call("POST", "/_matrix/client/v3/keys/query", Some(&question))?;
    let mut identity = Map::new();
    for usage in ["master", "self_signing", "user_signing"] {
        let keys = answer[format!("{usage}_keys")][user]["keys"].as_object();
        if let Some(key) = keys.and_then(|keys| keys.values().next()) {
            identity.insert(usage.to_owned(), key.clone());
        }
    }
    Ok(identity)
}

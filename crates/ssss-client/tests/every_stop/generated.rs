//! Accounts of every kind: whole, odd, broken.

use std::collections::BTreeMap;

use ssss_client::Content;
use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::ssss_model::{
    KeyId, NewKey, Object, Secret, SecretName, Snapshot, Value, VerifiedKey,
};

use super::account::{Account, id, key, name, secret};
use super::draw::Draw;

/// An account, with all of its keys.
pub(crate) struct Generated {
    pub(crate) events: BTreeMap<String, Object>,
    /// Every key that anything was ever sealed for, described or not.
    pub(crate) keys: Vec<NewKey>,
    /// The ids of those of them that the person has.
    pub(crate) at_hand: Vec<KeyId>,
}

/// Plain ids, and some that clients have trouble with.
pub(crate) const KEYS: [&str; 5] = ["a", "b", "x/+=", "with space", "gone"];

const NAMES: [&str; 10] = [
    "m.cross_signing.master",
    "m.cross_signing.self_signing",
    "m.cross_signing.user_signing",
    "m.megolm_backup.v1",
    "org.matrix.msc3814",
    "org.example.one",
    "org.example.two",
    "org.example.three",
    "org.example.four",
    "org.example.five",
];

/// A value of a secret, of which there are several.
pub(crate) fn value(of: &SecretName, version: u8, draw: &mut Draw) -> Secret {
    if !of.holds_key() {
        return secret(of.as_str(), &format!("value {version} of {of}"));
    }
    if *of == SecretName::MEGOLM_BACKUP && draw.one_in(3) {
        // As early js-sdk versions stored it.
        let decimal = vec![version.to_string(); 32].join(",");
        return secret(of.as_str(), &decimal);
    }
    Secret::from_key(of.clone(), &[version; 32])
}

impl Generated {
    pub(crate) fn new(draw: &mut Draw) -> Self {
        let mut account = Account::new()
            .event("m.direct", r#"{"@a:example.org":["!b:example.org"]}"#)
            .event("org.example.other", r#"{"not":"a secret"}"#);
        let count = draw.below(4);
        let described: Vec<&str> = draw.shuffled(KEYS[..4].to_vec())[..count].to_vec();
        for of in &described {
            account = describe(account, of, draw);
        }
        let default = match draw.below(10) {
            0 => None,
            1 => {
                account = account.event("m.secret_storage.default_key", "{}");
                None
            }
            2 => {
                account = account.default_key("gone");
                Some("gone")
            }
            _ => {
                let default = described.first().copied();
                if let Some(of) = default {
                    account = account.default_key(of);
                    if draw.one_in(3) {
                        account = account.unknown_field("m.secret_storage.default_key");
                    }
                }
                default
            }
        };
        let count = draw.below(9);
        let mut entries = Entries::new();
        for of in draw.shuffled(NAMES.to_vec()).into_iter().take(count) {
            account = store(account, of, &described, default, &mut entries, draw);
        }
        if draw.one_in(4) {
            account = account.event("org.example.gone", r#"{"encrypted":{},"note":1}"#);
        }
        if draw.one_in(6) {
            account = account.event("org.example.broken", r#"{"encrypted":5}"#);
        }
        if draw.one_in(6) {
            account = account.event("m.secret_storage.key.blanked", "{}");
        }
        let at_hand = KEYS.iter().filter(|_| !draw.one_in(6));
        let at_hand = at_hand.map(|of| id(of)).collect();
        let events = account.events().into_iter();
        let mut events: BTreeMap<_, _> = events
            .map(|(name, content)| (name, Object::from_raw(&content).unwrap()))
            .collect();
        for (of, entry, content) in entries {
            let event = events.get_mut(&of).unwrap();
            let content: Content = Raw::from_json_string(content.to_owned()).unwrap();
            let encrypted = Object::parse(event.get("encrypted").unwrap()).unwrap();
            let encrypted = encrypted.with(entry, &Value::raw(&content));
            *event = event.with("encrypted", &Value::object(&encrypted));
        }
        Self {
            events,
            keys: KEYS.map(key).into(),
            at_hand,
        }
    }

    pub(crate) fn copy(&self) -> Self {
        Self {
            events: self.events.clone(),
            keys: KEYS.map(key).into(),
            at_hand: self.at_hand.clone(),
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let events = self.events.iter();
        Snapshot::new(events.map(|(name, content)| (name.clone(), content.to_raw::<()>())))
    }

    /// The keys that the person has.
    pub(crate) fn hand(&self) -> Vec<&VerifiedKey> {
        let keys = self.keys.iter().map(NewKey::key);
        keys.filter(|key| self.at_hand.contains(key.id())).collect()
    }
}

/// What secrets have for keys, as JSON.
type Entries = Vec<(String, &'static str, &'static str)>;

fn describe(account: Account, of: &str, draw: &mut Draw) -> Account {
    let event = id(of).event_type();
    let account = account.describe(of);
    let account = match draw.below(8) {
        0 => account.event(
            &event,
            r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#,
        ),
        1 => account.event(
            &event,
            r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2","iv":"AA","mac":"AA"}"#,
        ),
        _ => account,
    };
    if draw.one_in(3) {
        account.unknown_field(&event)
    } else {
        account
    }
}

/// A secret for some of the keys, mostly with the default key among them.
fn store(
    mut account: Account,
    of: &str,
    described: &[&str],
    default: Option<&str>,
    entries: &mut Entries,
    draw: &mut Draw,
) -> Account {
    let secret_name = name(of);
    if draw.one_in(9) {
        let tombstone = [r"{}", r#"{"encrypted":{}}"#][draw.below(2)];
        return account.event(of, tombstone);
    }
    let mut keys: Vec<&str> = described
        .iter()
        .copied()
        .filter(|_| !draw.one_in(3))
        .collect();
    if let Some(default) = default.filter(|default| !keys.contains(default))
        && !draw.one_in(4)
    {
        keys.push(default);
    }
    if keys.is_empty() || draw.one_in(8) {
        keys.push("gone");
    }
    let is_stale = draw.one_in(5);
    for (index, key) in keys.into_iter().enumerate() {
        // What another key has may be older.
        let version = if is_stale && index > 0 { 1 } else { 2 };
        let value = value(&secret_name, version, draw);
        account = account.secret(&value, &[key]);
    }
    for (odds, entry, content) in [
        (5, "no entry", "null"),
        (6, "garbage", r#"{"iv":1,"org.example.x":2}"#),
        (
            6,
            "a",
            r#"{"iv":"AAAAAAAAAAAAAAAAAAAAAA","ciphertext":"AAAA","mac":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        ),
    ] {
        if draw.one_in(odds) {
            entries.push((of.to_owned(), entry, content));
        }
    }
    if draw.one_in(3) {
        account = account.unknown_field(of);
    }
    account
}

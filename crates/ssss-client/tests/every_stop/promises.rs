//! The promises, held against an account: by what opens with the true keys, and by comparing JSON.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use ssss_client::BACKUP_KEYS;
use ssss_client::ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyId, NewKey, Object, Secret, SecretName, Snapshot,
    VerifiedKey,
};

use super::account::snapshot;
use super::generated::Generated;
use super::intents::Change;
use super::server::{Published, Server};

/// What a key opens an event to.
type Opened = Rc<BTreeMap<KeyId, Secret>>;

/// What must hold while a change is carried out.
pub(crate) struct Promises<'a> {
    account: &'a Generated,
    change: &'a Change,
    before: Snapshot,
    /// What was opened once need not be opened again.
    opened: RefCell<HashMap<(String, String), Opened>>,
}

impl<'a> Promises<'a> {
    pub(crate) fn new(account: &'a Generated, change: &'a Change) -> Self {
        let account = change.start.as_ref().unwrap_or(account);
        Self {
            account,
            change,
            before: account.snapshot(),
            opened: RefCell::default(),
        }
    }

    /// The account as it was before the change.
    pub(crate) fn store(&self) -> Server {
        let events = self.account.events.iter();
        let data = events.map(|(name, content)| (name.clone(), content.to_raw()));
        Server::new(data.collect())
    }

    /// The keys that the change is carried out with.
    pub(crate) fn keys(&self) -> Vec<&VerifiedKey> {
        let mut keys = self.account.hand();
        keys.extend(self.change.new_keys.iter().map(NewKey::key));
        keys
    }

    fn true_keys(&self) -> impl Iterator<Item = &VerifiedKey> {
        let keys = self.account.keys.iter().chain(&self.change.new_keys);
        keys.map(NewKey::key)
    }

    /// What each true key opens an event to.
    fn open(&self, name: &SecretName, content: &Object) -> Opened {
        let place = (name.as_str().to_owned(), content.as_json().to_owned());
        if let Some(opened) = self.opened.borrow().get(&place) {
            return Rc::clone(opened);
        }
        let mut opened = BTreeMap::new();
        if let EventState::Present(secret) = EncryptedSecret::parse(name, content) {
            for key in self.true_keys() {
                if let Ok(value) = key.open(&secret) {
                    opened.insert(key.id().clone(), value);
                }
            }
        }
        let opened = Rc::new(opened);
        self.opened.borrow_mut().insert(place, Rc::clone(&opened));
        opened
    }

    /// What of the promises does not hold in this account.
    pub(crate) fn broken(&self, server: &Server, when: &str) -> Vec<String> {
        let now = &snapshot(&server.data);
        let mut broken = Vec::new();
        if let Some(published) = server.published() {
            self.nothing_is_published_too_early(&published, now, &mut broken);
        }
        self.default_opens(now, &mut broken);
        self.nothing_is_dropped(now, &mut broken);
        if self.change.keeps_backup_keys {
            self.backup_keys_stay(now, &mut broken);
        }
        self.nothing_is_sealed_wrongly(now, &mut broken);
        broken
            .iter()
            .map(|what| format!("{when}: {what}"))
            .collect()
    }

    /// P1: the default key opens what the default key opened, to the same value.
    fn default_opens(&self, now: &Snapshot, broken: &mut Vec<String>) {
        let Some(default) = self.before.default_key_id() else {
            return;
        };
        // Nothing opens by a pointer to nothing.
        if self.before.key(default).present().is_none() || self.change.ends_the_default {
            return;
        }
        for secret in self.before.present_secrets() {
            let name = secret.name();
            if self.change.loses.contains(name) {
                continue;
            }
            let before = self.open(name, secret.object());
            let Some(value) = before.get(default) else {
                continue;
            };
            let opened = now.default_key_id().and_then(|id| {
                now.key(id).present()?;
                let content = now.content(name.as_str())?;
                Some((id, self.open(name, content)))
            });
            let is_right = opened.is_some_and(|(id, opened)| {
                opened.get(id).is_some_and(|now| now.has_value_of(value))
            });
            if !is_right {
                broken.push(format!(
                    "P1: the default key does not open {name} as before"
                ));
            }
        }
    }

    /// Public halves are never published before their private halves were written, read back and opened,
    /// nor after a key became the default that is to open them; and the private ones stay.
    fn nothing_is_published_too_early(
        &self,
        published: &Published,
        now: &Snapshot,
        broken: &mut Vec<String>,
    ) {
        broken.extend(published.faults.iter().cloned());
        for (name, value) in &published.halves {
            for (account, when) in [(&published.account, "then"), (now, "now")] {
                // A new backup key waits under a name of its own.
                let is_waiting = *name == SecretName::MEGOLM_BACKUP;
                let waiting = format!("{BACKUP_KEYS}pending");
                let of_name = |secret: &&EncryptedSecret| {
                    secret.name() == name || is_waiting && secret.name().as_str() == waiting
                };
                let mut halves = account.present_secrets().filter(of_name);
                let is_there = halves.any(|half| {
                    let opened = self.open(half.name(), half.object());
                    opened.values().any(|opened| opened.expose() == value)
                });
                if !is_there {
                    broken.push(format!("{name} is published, and no key opens it {when}"));
                }
            }
        }
        let pointer = DefaultKey::EVENT_TYPE;
        let text = |account: &Snapshot| account.content(pointer).map(|o| o.as_json().to_owned());
        if text(&published.account) != text(&self.before) {
            broken.push("it is published once the pointer was moved".to_owned());
        }
    }

    /// Each backup key that the default key opened anywhere, it opens somewhere.
    fn backup_keys_stay(&self, now: &Snapshot, broken: &mut Vec<String>) {
        let Some(default) = self.before.default_key_id() else {
            return;
        };
        let values = |account: &Snapshot| -> BTreeSet<String> {
            let is_one = |secret: &&EncryptedSecret| {
                let name = secret.name();
                *name == SecretName::MEGOLM_BACKUP || name.as_str().starts_with(BACKUP_KEYS)
            };
            let opened = account
                .present_secrets()
                .filter(is_one)
                .filter_map(|secret| {
                    let opened = self.open(secret.name(), secret.object());
                    opened.get(default).map(|value| value.expose().to_owned())
                });
            opened.collect()
        };
        if !values(&self.before).is_subset(&values(now)) {
            broken.push("a backup key is lost".to_owned());
        }
    }

    /// P2 and P3: entries, fields and events stay as they are, but for what the change is about.
    fn nothing_is_dropped(&self, now: &Snapshot, broken: &mut Vec<String>) {
        for (event_type, before) in &self.account.events {
            let Some(after) = now.content(event_type) else {
                broken.push(format!("P2: {event_type} is gone"));
                continue;
            };
            if after.as_json() == before.as_json()
                || self.change.may_blank.contains(event_type) && after.is_empty()
            {
                continue;
            }
            for (field, value) in before.iter() {
                let is_ours = match field {
                    "key" => event_type == "m.secret_storage.default_key",
                    "iv" | "mac" | "passphrase" => self.change.describes(event_type),
                    _ => false,
                };
                if field == "encrypted" {
                    self.entries_stay(event_type, value, after, broken);
                } else if !is_ours && after.get(field) != Some(value) {
                    broken.push(format!("P2: {event_type} has lost its {field:?}"));
                }
            }
        }
    }

    fn entries_stay(
        &self,
        event_type: &str,
        before: &str,
        after: &Object,
        broken: &mut Vec<String>,
    ) {
        let entries = |text: &str| Object::parse(text).ok();
        let Some(before) = entries(before) else {
            if after.get("encrypted") != Some(before) {
                broken.push(format!(
                    "P3: {event_type} could not be read, and is changed"
                ));
            }
            return;
        };
        let after = after.get("encrypted").and_then(entries);
        for (key, entry) in before.iter() {
            let now = after.as_ref().and_then(|after| after.get(key));
            if now != Some(entry) && !self.change.may_touch(event_type, key) {
                broken.push(format!("P2: {event_type} has lost what it had for {key:?}"));
            }
        }
    }

    /// P4: whatever is sealed anew opens with the key of its id.
    fn nothing_is_sealed_wrongly(&self, now: &Snapshot, broken: &mut Vec<String>) {
        for secret in now.present_secrets() {
            let name = secret.name();
            let before = self.before.secret(name).present();
            let opened = self.open(name, secret.object());
            for (id, fault) in secret.entries() {
                let is_old = before.is_some_and(|before| before.is_same_for(secret, id));
                let is_restored = self.change.restores(name, id, secret);
                if !is_old && !is_restored && (fault.is_some() || !opened.contains_key(id)) {
                    broken.push(format!("P4: {name} is sealed for {id} with another key"));
                }
            }
        }
    }
}

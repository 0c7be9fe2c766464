//! What must be so, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{EventState, Secret, SecretName, Snapshot, VerifiedKey};
use ssss_client::{Plan, public_half};

use super::subject::Subject;
use super::work::{Outcome, custom};

/// The account before, and what its keys opened.
pub(super) struct Before {
    events: BTreeMap<String, Value>,
    /// What can be read, by whichever key.
    values: BTreeMap<SecretName, BTreeSet<String>>,
    backups: usize,
    outcome: Outcome,
}

impl Before {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let events = subject.server.state().account_data.clone();
        let snapshot = snapshot(&events);
        Self {
            values: values(&snapshot, &subject.person.keys()),
            events,
            backups: subject.server.state().backups.len(),
            outcome: subject.outcome(),
        }
    }

    /// What must be so at every moment.
    pub(super) fn assert_between(&self, subject: &Subject<'_>, what: &str) {
        if let Some(complaint) = self.complaint(subject) {
            panic!("{what}: {complaint}");
        }
    }

    /// What must be so in the end.
    pub(super) fn assert_end(&self, subject: &Subject<'_>, what: &str) {
        self.assert_between(subject, what);
        let state = subject.server.state();
        let snapshot = snapshot(&state.account_data);
        if self.outcome == Outcome::Disabled {
            assert_eq!(snapshot.default_key_id(), None, "{what}");
            assert_eq!(snapshot.present_secrets().count(), 0, "{what}");
            return;
        }
        let keys = subject.person.keys();
        let key = keys
            .iter()
            .find(|key| Some(key.id()) == snapshot.default_key_id());
        let key = key.unwrap_or_else(|| panic!("{what}: the default key is in nobody's hand"));
        let known = [&SecretName::CROSS_SIGNING[..], &[SecretName::MEGOLM_BACKUP]].concat();
        for name in &known {
            let secret = snapshot.secret(name).present();
            let secret = secret.unwrap_or_else(|| panic!("{what}: there is no {name}"));
            key.open(secret)
                .unwrap_or_else(|error| panic!("{what}: {name}: {error}"));
        }
        assert!(
            !state.identity.is_empty(),
            "{what}: no identity is published"
        );
        let new = usize::from(self.outcome == Outcome::NewBackup || self.backups == 0);
        assert_eq!(state.backups.len(), self.backups + new, "{what}");
        // The current version is the one whose key is in its place.
        let backup = key
            .open(
                snapshot
                    .secret(&SecretName::MEGOLM_BACKUP)
                    .present()
                    .unwrap(),
            )
            .unwrap();
        let current = state.backups.last().unwrap()["auth_data"]["public_key"].clone();
        assert_eq!(current, public_half(&backup).unwrap().to_string(), "{what}");
        if self.outcome == Outcome::Changed {
            let text = key
                .open(snapshot.secret(&custom()).present().unwrap())
                .unwrap();
            assert_eq!(text.expose(), "after", "{what}");
        }
    }

    pub(super) fn complaint(&self, subject: &Subject<'_>) -> Option<String> {
        let keys = subject.person.keys();
        let state = subject.server.state();
        let snapshot = snapshot(&state.account_data);
        let values = values(&snapshot, &keys);
        let disables = self.outcome == Outcome::Disabled;

        // P1: what the account names opens everything that is there.
        if let Some(id) = snapshot.default_key_id() {
            let key = keys.iter().find(|key| key.id() == id);
            let Some(key) = key else {
                return Some(format!("the default key {id} is in nobody's hand"));
            };
            let is_described = matches!(snapshot.key(id), EventState::Present(_));
            if !is_described && !disables {
                return Some("the default key is not described".to_owned());
            }
            for secret in snapshot.present_secrets() {
                if let Err(error) = key.open(secret) {
                    return Some(format!(
                        "the default key does not open {}: {error}",
                        secret.name()
                    ));
                }
            }
        } else if self.events.contains_key("m.secret_storage.default_key") && !disables {
            return Some("the account names no key any more".to_owned());
        }

        // Nothing is lost that was there.
        for (name, before) in &self.values {
            let is_meant = disables || self.outcome == Outcome::Changed && *name == custom();
            let everywhere = || values.values().flatten();
            let lost = before
                .iter()
                .find(|value| !everywhere().any(|other| other == *value));
            if lost.is_some() && !is_meant {
                return Some(format!("a value of {name} is lost"));
            }
        }

        // Nothing is half written: each event is what it was, or what a plan writes.
        let plans = subject.memory.plans();
        let written: Vec<(&str, Value)> = plans
            .iter()
            .flat_map(Plan::writes)
            .map(|write| {
                (
                    write.event_type(),
                    serde_json::from_str(write.after().as_json()).unwrap(),
                )
            })
            .collect();
        for (event_type, content) in &state.account_data {
            let is_old = self.events.get(event_type) == Some(content);
            let is_blank = *content == serde_json::json!({});
            let is_new = written
                .iter()
                .any(|(of, after)| of == event_type && after == content);
            if !is_old && !is_new && !is_blank {
                return Some(format!("{event_type} is what nobody wrote: {content}"));
            }
        }

        // What is published has its private half in secret storage.
        let at_hand: BTreeSet<String> = snapshot
            .present_secrets()
            .flat_map(|secret| keys.iter().filter_map(|key| key.open(secret).ok()))
            .filter_map(|secret| {
                // A backup's key is one under whichever name.
                let text = Zeroizing::new(secret.expose().to_owned());
                let usual = [&SecretName::CROSS_SIGNING[..], &[SecretName::MEGOLM_BACKUP]].concat();
                let name = usual.into_iter().find(|name| name == secret.name());
                let name = name.unwrap_or(SecretName::MEGOLM_BACKUP);
                let secret = Secret::new(name, text).ok()?;
                Some(public_half(&secret)?.to_string())
            })
            .collect();
        let mut published: Vec<String> = Vec::new();
        for keys in state
            .identity
            .values()
            .filter_map(|of| of.as_object()?.values().next())
        {
            let keys = keys["keys"].as_object().into_iter().flatten();
            published.extend(keys.filter_map(|(_, key)| key.as_str()).map(str::to_owned));
        }
        published.extend(
            state
                .backups
                .iter()
                .filter_map(|backup| backup["auth_data"]["public_key"].as_str())
                .map(str::to_owned),
        );
        if !disables && let Some(key) = published.iter().find(|key| !at_hand.contains(*key)) {
            return Some(format!(
                "the private half of {key} is published and not stored"
            ));
        }
        if state.backups.len() > self.backups + 1 {
            return Some(format!("there are {} backups", state.backups.len()));
        }
        None
    }
}

pub(super) fn snapshot(events: &BTreeMap<String, Value>) -> Snapshot {
    let events = events.iter();
    Snapshot::new(events.map(|(event_type, content)| {
        let content: Raw<Value> = Raw::new(content).unwrap();
        (event_type.clone(), content)
    }))
}

fn values(snapshot: &Snapshot, keys: &[VerifiedKey]) -> BTreeMap<SecretName, BTreeSet<String>> {
    let mut values: BTreeMap<SecretName, BTreeSet<String>> = BTreeMap::new();
    for secret in snapshot.present_secrets() {
        let opened = keys.iter().filter_map(|key| key.open(secret).ok());
        let opened = opened.map(|secret| secret.expose().to_owned());
        values
            .entry(secret.name().clone())
            .or_default()
            .extend(opened);
    }
    values
}

//! What js-sdk finds in a saved account, and what is wrong with that.

use serde_json::{Map, Value, json};

use super::super::ground::{Ground, WRONG_KEY};
use super::super::ours::SECRETS;
use super::super::saved::Saved;
use super::change::Kind;
use crate::Result;

/// What somebody who has some recovery keys gets out of an account with js-sdk's own code.
#[derive(Debug, Clone)]
pub(super) struct Found {
    answer: Value,
}

/// A moment at which an account is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// After the change was disturbed.
    Between,
    /// After it was finished.
    End,
}

impl Found {
    pub(super) fn of(ground: &Ground<'_>, saved: &Saved, keys: &[String]) -> Result<Self> {
        let answer = ground.js_sdk(&saved.question(keys))?;
        Ok(Self { answer })
    }

    /// Which of the keys is the one that the account names.
    pub(super) fn opened_by(&self) -> Option<usize> {
        self.answer["opened_by"].as_u64()?.try_into().ok()
    }

    pub(super) fn has_pointer(&self) -> bool {
        self.answer["default_key"].is_string()
    }

    /// What the key opens, by name.
    pub(super) fn secrets(&self) -> Map<String, Value> {
        let secrets = self.answer["secrets"].as_object();
        secrets.cloned().unwrap_or_default()
    }

    /// The four that every client knows; null where one is not there.
    pub(super) fn known_secrets(&self) -> Value {
        let secrets = self.secrets();
        let of = |name: &'static str| (name, secrets.get(name).cloned().unwrap_or_default());
        SECRETS.into_iter().map(of).collect()
    }

    /// What is wrong, for somebody who had `before`.
    pub(super) fn complaint(&self, kind: Kind, moment: Moment, before: &Self) -> Option<String> {
        let answer = &self.answer;
        let secrets = self.secrets();
        let failures = answer["failures"].as_object()?;
        // js-sdk takes away what a key opens, the key, and the pointer, in this order, and so do we.
        let is_empty = secrets.is_empty() && failures.is_empty();
        let may_dangle = kind == Kind::Disables && moment == Moment::Between && is_empty;
        if self.has_pointer() && self.opened_by().is_none() && !may_dangle {
            return Some("no key that was shown is the one that the account names".to_owned());
        }
        if self.has_pointer() && !failures.is_empty() {
            return Some(format!("the key does not open everything: {failures:?}"));
        }
        if kind == Kind::Disables {
            let is_known =
                |(name, value): (&String, &Value)| before.secrets().get(name) == Some(value);
            if !secrets.iter().all(is_known) {
                return Some("a secret is another one".to_owned());
            }
            let is_left = self.has_pointer() || !is_empty;
            return (moment == Moment::End && is_left).then(|| "something is left".to_owned());
        }
        if !self.has_pointer() && (moment == Moment::End || before.has_pointer()) {
            return Some("the account names no key".to_owned());
        }
        for (name, value) in before.secrets() {
            let may_differ = kind == Kind::ReplacesBackup && name == "m.megolm_backup.v1";
            match secrets.get(&name) {
                None => return Some(format!("{name} is lost")),
                Some(found) if *found != value && !may_differ => {
                    return Some(format!("{name} is another one"));
                }
                Some(_) => {}
            }
        }
        for (usage, fits) in answer["fits"].as_object().into_iter().flatten() {
            if *fits == json!(false) || moment == Moment::End && *fits != json!(true) {
                return Some(format!("the private half of {usage} is not there: {fits}"));
            }
        }
        let backups = answer["backups"].as_array()?;
        if backups.iter().any(Value::is_null) {
            return Some("there is a key backup whose key is lost".to_owned());
        }
        if moment == Moment::End {
            // An old version stays, and so does its key, elsewhere.
            let kept = usize::from(kind == Kind::ReplacesBackup);
            let is_kept = |name: &Value| {
                let name = name.as_str().unwrap_or_default();
                name.starts_with("io.github.ssss_rs.backup_key.") && !name.ends_with(".pending")
            };
            let current = backups.last().map_or(&Value::Null, |name| name);
            if *current != "m.megolm_backup.v1"
                || backups.len() != 1 + kept
                || !backups[..kept].iter().all(is_kept)
            {
                return Some(format!(
                    "the keys of the key backups are stored as {backups:?}"
                ));
            }
            if let Some(name) = SECRETS.iter().find(|name| !secrets.contains_key(**name)) {
                return Some(format!("there is no {name}"));
            }
        }
        None
    }
}

/// Complaints must come where something is wrong.
pub(super) fn control(ground: &Ground<'_>) -> Result {
    let subject = ground.subject()?;
    let made = subject.js_sdk("bootstrap", json!({}))?;
    let keys = [made["recovery_key"].as_str().ok_or("no key")?.to_owned()];
    let good = Saved::read(&subject)?;
    let before = Found::of(ground, &good, &keys)?;
    let complaint = |saved: &Saved, keys: &[String]| -> Result<Option<String>> {
        let found = Found::of(ground, saved, keys)?;
        Ok(found.complaint(Kind::Keeps, Moment::Between, &before))
    };
    if let Some(complaint) = complaint(&good, &keys)? {
        return Err(format!("js-sdk's own account: {complaint}").into());
    }
    let blank = || json!({});
    let nobodys = "A".repeat(43);
    let mut bad = Vec::new();
    for (name, content) in [
        ("m.secret_storage.default_key", blank()),
        ("m.secret_storage.default_key", json!({"key": "gone"})),
        (SECRETS[0], blank()),
        (SECRETS[0], good.events[SECRETS[1]].clone()),
    ] {
        let mut saved = good.clone();
        saved.events.insert(name.to_owned(), content);
        bad.push(saved);
    }
    let mut saved = good.clone();
    saved
        .identity
        .insert("master".to_owned(), nobodys.clone().into());
    bad.push(saved);
    let mut saved = good.clone();
    saved.backups.insert(2, nobodys);
    bad.push(saved);
    for (number, saved) in bad.iter().enumerate() {
        if complaint(saved, &keys)?.is_none() {
            return Err(format!("nobody complains of account {number}, which is bad").into());
        }
    }
    if complaint(&good, &[WRONG_KEY.to_owned()])?.is_none() {
        return Err("nobody complains of a wrong key".into());
    }
    Ok(())
}

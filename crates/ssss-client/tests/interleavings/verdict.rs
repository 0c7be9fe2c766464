//! What is wrong with an account once two clients are done with it.

use std::collections::{BTreeMap, BTreeSet};

use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::ssss_model::{NewKey, Snapshot, VerifiedKey};

use crate::account::key;
use crate::clients::Outcome;

/// Silent: a client says that it stored a value, and the default key opens another one.
pub(crate) const LOST: &str = "a value that was stored is lost";
/// Silent: a client says that it stored a value, and the default key does not open it.
pub(crate) const OUT_OF_REACH: &str = "what was stored is out of the default key's reach";
/// Silent: the default key does not open what the default key opened.
pub(crate) const LESS: &str = "the default key opens less than before";
/// Silent: the default key has no description.
pub(crate) const NOT_DESCRIBED: &str = "the default key is not described";
/// One of these, and a client says that it met another one.
pub(crate) const TOLD: &str = "something is lost, and a client says so";

/// Every kind of violation.
pub(crate) fn violations(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    outcomes: [&Outcome; 2],
) -> BTreeSet<&'static str> {
    let mut violations = BTreeSet::new();
    let keys = ["a", "b", "m", "n"].map(key);
    let (before, after) = (snapshot(before), snapshot(after));
    let opened = opened_by_default(&after, &keys);
    if let Some(id) = after.default_key_id()
        && after.key(id).present().is_none()
    {
        violations.insert(NOT_DESCRIBED);
    }
    for name in opened_by_default(&before, &keys).keys() {
        if !opened.contains_key(name) {
            violations.insert(LESS);
        }
    }
    for outcome in outcomes {
        let Outcome::Done(Some((name, value))) = outcome else {
            continue;
        };
        match opened.get(name) {
            Some(now) if now == value => {}
            Some(_) => _ = violations.insert(LOST),
            None => _ = violations.insert(OUT_OF_REACH),
        }
    }
    // A client that says that it could not finish is not silent.
    if outcomes.contains(&&Outcome::Conflict) && !violations.is_empty() {
        return BTreeSet::from([TOLD]);
    }
    violations
}

fn snapshot(events: &BTreeMap<String, String>) -> Snapshot {
    let content = |text: &str| Raw::<()>::from_json_string(text.to_owned()).unwrap();
    Snapshot::new(
        events
            .iter()
            .map(|(name, text)| (name.clone(), content(text))),
    )
}

fn opened_by_default(snapshot: &Snapshot, keys: &[NewKey]) -> BTreeMap<String, String> {
    let keys: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
    crate::account::default_opens(snapshot, &keys)
}

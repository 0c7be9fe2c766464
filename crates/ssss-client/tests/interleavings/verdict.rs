//! What is wrong with an account once two clients are done with it.

use std::collections::{BTreeMap, BTreeSet};

use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::ssss_model::{NewKey, Snapshot, VerifiedKey};

use crate::account::key;
use crate::clients::Outcome;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A client says that it stored a value, and it is nowhere.
    Lost,
    /// A client says that it stored a value, and another key opens it, but the default key another one.
    Stale,
    /// A client says that it stored a value, and the default key does not open it.
    OutOfReach,
    /// The default key does not open what the default key opened.
    Less,
    /// The default key has no description.
    NotDescribed,
}

/// Whether it is over, and whether anybody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    /// While the clients are at work.
    Meanwhile,
    /// At the end, and both clients say that all is well.
    Silently,
    /// At the end, and a client says that it met another one, or that something would be lost.
    Told,
}

/// What is wrong with an account, and when.
pub(crate) fn violations(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    outcomes: [Option<&Outcome>; 2],
) -> BTreeSet<(When, Kind)> {
    let keys = ["a", "b", "m", "n"].map(key);
    let (before, after) = (snapshot(before), snapshot(after));
    let opened = opened_by_default(&after, &keys);
    let mut kinds = BTreeSet::new();
    if let Some(id) = after.default_key_id()
        && after.key(id).present().is_none()
    {
        kinds.insert(Kind::NotDescribed);
    }
    let opened_before = opened_by_default(&before, &keys);
    if opened_before.keys().any(|name| !opened.contains_key(name)) {
        kinds.insert(Kind::Less);
    }
    let when = match outcomes {
        [Some(one), Some(other)] => {
            if [one, other]
                .iter()
                .all(|outcome| matches!(outcome, Outcome::Done(_)))
            {
                When::Silently
            } else {
                When::Told
            }
        }
        _ => When::Meanwhile,
    };
    if when != When::Meanwhile {
        for outcome in outcomes.into_iter().flatten() {
            let Outcome::Done(Some((name, value))) = outcome else {
                continue;
            };
            match opened.get(name) {
                Some(now) if now == value => {}
                Some(_) if is_anywhere(&after, &keys, name, value) => {
                    kinds.insert(Kind::Stale);
                }
                Some(_) => _ = kinds.insert(Kind::Lost),
                None => _ = kinds.insert(Kind::OutOfReach),
            }
        }
    }
    kinds.into_iter().map(|kind| (when, kind)).collect()
}

/// Whether any key opens a secret to a value.
fn is_anywhere(snapshot: &Snapshot, keys: &[NewKey], name: &str, value: &str) -> bool {
    let secret = snapshot.secret(&crate::account::name(name)).present();
    secret.is_some_and(|secret| {
        let opened = keys.iter().filter_map(|key| key.key().open(secret).ok());
        opened.into_iter().any(|opened| opened.expose() == value)
    })
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

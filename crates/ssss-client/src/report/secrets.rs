//! Findings about secrets.

use std::collections::{BTreeSet, HashMap};

use ssss_model::{
    EncryptedSecret, EventState, KeyId, KeySpelling, Secret, SecretName, Snapshot, VerifiedKey,
};

use super::{EntryReport, EntryState, SecretReport, SecretState, is_required};
use crate::finding::Finding;
use crate::published::{Pairing, Published};

pub(super) fn secret_reports(
    snapshot: &Snapshot,
    default_key: Option<&KeyId>,
    keys: &[&VerifiedKey],
    published: Option<&Published>,
    findings: &mut Vec<Finding>,
) -> Vec<SecretReport> {
    let mut names: Vec<SecretName> = SecretName::CROSS_SIGNING.to_vec();
    names.push(SecretName::MEGOLM_BACKUP);
    let known: BTreeSet<_> = names.iter().cloned().collect();
    names.extend(
        snapshot
            .secrets()
            .map(|(name, _)| name.clone())
            .filter(|n| !known.contains(n)),
    );
    // A server can make up any number of keys that one recovery key is, and of entries.
    let keys: HashMap<&KeyId, &VerifiedKey> = keys.iter().map(|key| (key.id(), *key)).collect();
    names
        .into_iter()
        .map(|name| {
            let secret = snapshot.secret(&name);
            let sealed = secret.present();
            let (entries, pairing) = sealed.map_or_else(Default::default, |secret| {
                entry_reports(snapshot, secret, &keys, published, findings)
            });
            SecretReport {
                state: match secret {
                    EventState::Missing => SecretState::Missing,
                    EventState::Tombstone => SecretState::Tombstone,
                    EventState::Malformed(_) => SecretState::Malformed,
                    EventState::Present(_) => SecretState::Present,
                },
                keys: sealed.map_or_else(Vec::new, |secret| {
                    secret
                        .entries()
                        .filter(|(_, f)| f.is_none())
                        .map(|(id, _)| id.clone())
                        .collect()
                }),
                entries,
                under_default: default_key
                    .is_some_and(|id| sealed.is_some_and(|secret| secret.is_sealed_for(id))),
                pairing,
                name,
            }
        })
        .collect()
}

pub(super) fn secret_findings(
    findings: &mut Vec<Finding>,
    snapshot: &Snapshot,
    report: &SecretReport,
    usable_default: Option<&KeyId>,
) {
    let name = &report.name;
    match snapshot.secret(name) {
        EventState::Missing | EventState::Tombstone => {
            if is_required(report) {
                findings.push(Finding::SecretMissing(name.clone()));
            }
        }
        EventState::Malformed(why) => findings.push(Finding::SecretMalformed(name.clone(), *why)),
        EventState::Present(secret) => {
            present_secret_findings(findings, snapshot, secret, usable_default);
        }
    }
}

fn present_secret_findings(
    findings: &mut Vec<Finding>,
    snapshot: &Snapshot,
    secret: &EncryptedSecret,
    usable_default: Option<&KeyId>,
) {
    let name = || secret.name().clone();
    let mut has_default_entry = false;
    for (id, fault) in secret.entries() {
        let is_default = snapshot.default_key_id() == Some(id);
        has_default_entry |= is_default;
        match fault {
            Some(why) if is_default => {
                findings.push(Finding::EntryMalformed(name(), id.clone(), why));
            }
            Some(why) => findings.push(Finding::OtherEntryMalformed(name(), id.clone(), why)),
            None if is_default => {}
            None => {
                if matches!(
                    snapshot.key(id),
                    EventState::Missing | EventState::Tombstone
                ) {
                    findings.push(Finding::SecretUnderUnknownKey(name(), id.clone()));
                }
            }
        }
    }
    // Where the default itself is broken, that is the finding.
    if usable_default.is_some() && !has_default_entry {
        let sound = secret.entries().filter(|(_, fault)| fault.is_none());
        let keys = sound.map(|(id, _)| id.clone()).collect();
        findings.push(Finding::SecretNotUnderDefault(name(), keys));
    }
}

/// What a secret has for each key, and what the keys at hand find out; and how its value and what is
/// published go together.
fn entry_reports(
    snapshot: &Snapshot,
    secret: &EncryptedSecret,
    keys: &HashMap<&KeyId, &VerifiedKey>,
    published: Option<&Published>,
    findings: &mut Vec<Finding>,
) -> (Vec<EntryReport>, Option<Pairing>) {
    let name = || secret.name().clone();
    let mut values: Vec<(&KeyId, Secret)> = Vec::new();
    let mut is_oddly_spelled = None;
    let mut reports = Vec::with_capacity(secret.entries().count());
    for (id, fault) in secret.entries() {
        let is_default = snapshot.default_key_id() == Some(id);
        let key = keys.get(id);
        let state = match (fault, key) {
            (Some(fault), _) => EntryState::Malformed(fault),
            (None, None) => EntryState::Sealed,
            (None, Some(key)) => match key.open(secret) {
                Ok(value) => {
                    is_oddly_spelled = is_oddly_spelled.or(value
                        .spelling()
                        .filter(|spelling| *spelling != KeySpelling::Base64));
                    values.push((id, value));
                    EntryState::Opens
                }
                Err(error) => {
                    findings.push(if is_default {
                        Finding::EntryDoesNotOpen(name(), id.clone(), error)
                    } else {
                        Finding::OtherEntryDoesNotOpen(name(), id.clone(), error)
                    });
                    EntryState::DoesNotOpen(error)
                }
            },
        };
        reports.push(EntryReport {
            key: id.clone(),
            state,
        });
        if secret.is_oddly_spelled_for(id) {
            findings.push(Finding::EntryOddlySpelled(name(), id.clone()));
        }
    }
    if let Some(spelling) = is_oddly_spelled {
        findings.push(Finding::ValueOddlySpelled(name(), spelling));
    }
    let default = values
        .iter()
        .find(|(id, _)| snapshot.default_key_id() == Some(*id));
    if let Some((_, right)) = default {
        let other = values
            .iter()
            .filter(|(_, value)| !value.has_value_of(right));
        findings.extend(other.map(|(id, _)| Finding::ValuesDiffer(name(), (*id).clone())));
    }
    let value = default.or(values.first()).map(|(_, value)| value);
    let pairing = published.zip(value);
    let pairing = pairing.and_then(|(published, value)| published.pairing(value));
    (reports, pairing)
}

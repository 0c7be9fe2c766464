//! Findings about keys.

use std::collections::BTreeMap;

use ssss_model::ssss_crypto::{CostLimits, MatchedForm};
use ssss_model::{
    CheckState, EventState, Evidence, KeyDescription, KeyId, PassphraseState, Snapshot, VerifiedKey,
};

use super::KeyReport;
use crate::finding::Finding;

pub(super) fn key_reports(snapshot: &Snapshot, uses: &BTreeMap<&KeyId, usize>) -> Vec<KeyReport> {
    let live = snapshot
        .keys()
        .filter(|(_, state)| !matches!(state, EventState::Tombstone));
    live.map(|(id, state)| {
        let description = state.present();
        KeyReport {
            id: id.clone(),
            name: description
                .and_then(KeyDescription::name)
                .map(ToOwned::to_owned),
            is_usable: description.is_some_and(KeyDescription::is_supported),
            has_check: description
                .is_some_and(|key| matches!(key.check_state(), CheckState::Usable(_))),
            has_passphrase: description
                .is_some_and(|key| matches!(key.passphrase(), PassphraseState::Usable(_))),
            secrets: uses.get(id).copied().unwrap_or_default(),
        }
    })
    .collect()
}

/// How many secrets are sealed for each key.
pub(super) fn uses(snapshot: &Snapshot) -> BTreeMap<&KeyId, usize> {
    let mut uses = BTreeMap::new();
    for secret in snapshot.present_secrets() {
        for (id, fault) in secret.entries() {
            if fault.is_none() {
                *uses.entry(id).or_default() += 1;
            }
        }
    }
    uses
}

pub(super) fn default_key_finding(snapshot: &Snapshot) -> Option<Finding> {
    let default = match snapshot.default_key() {
        EventState::Missing | EventState::Tombstone => return Some(Finding::NoDefaultKey),
        EventState::Malformed(why) => return Some(Finding::DefaultKeyMalformed(*why)),
        EventState::Present(default) => default,
    };
    let id = default.id().clone();
    match snapshot.key(&id) {
        EventState::Missing => Some(Finding::DefaultKeyDangling(id)),
        EventState::Tombstone => Some(Finding::DefaultKeyBlanked(id)),
        EventState::Malformed(why) => Some(Finding::DefaultKeyDescriptionMalformed(id, *why)),
        EventState::Present(key) if !key.is_supported() => Some(Finding::DefaultKeyUnsupported(
            id,
            key.algorithm().to_owned(),
        )),
        EventState::Present(_) => None,
    }
}

pub(super) fn key_findings(
    findings: &mut Vec<Finding>,
    is_default: bool,
    id: &KeyId,
    state: &EventState<KeyDescription>,
    limits: CostLimits,
) {
    let key = match state {
        EventState::Missing | EventState::Tombstone => return,
        EventState::Malformed(why) => {
            if !is_default {
                findings.push(Finding::KeyDescriptionMalformed(id.clone(), *why));
            }
            return;
        }
        EventState::Present(key) => key,
    };
    if !key.is_supported() {
        if !is_default {
            findings.push(Finding::KeyUnsupported(
                id.clone(),
                key.algorithm().to_owned(),
            ));
        }
        return;
    }
    if !is_plain(id) {
        findings.push(Finding::KeyIdOdd(id.clone()));
    }
    let oddities = key.oddities().into_iter();
    findings.extend(oddities.map(|oddity| Finding::KeyOddlySpelled(id.clone(), oddity)));
    match key.check_state() {
        CheckState::None => findings.push(Finding::KeyWithoutCheck(id.clone())),
        CheckState::Damaged(why) => findings.push(Finding::KeyCheckDamaged(id.clone(), *why)),
        CheckState::Usable(_) => {}
    }
    match key.passphrase() {
        PassphraseState::None => {}
        PassphraseState::Unusable(why) => {
            findings.push(Finding::PassphraseUnusable(id.clone(), *why));
        }
        PassphraseState::Usable(info) => {
            let iterations = info.iterations();
            if iterations > u64::from(limits.ceiling) {
                findings.push(Finding::PassphraseExpensive(id.clone(), iterations));
            } else if iterations < Finding::CHEAP_ITERATIONS {
                findings.push(Finding::PassphraseCheap(id.clone(), iterations));
            }
            if info.bits() != 256 {
                findings.push(Finding::PassphraseBits(id.clone(), info.bits()));
            }
        }
    }
}

/// What opening keys has shown about their descriptions.
pub(super) fn opened_key_findings(findings: &mut Vec<Finding>, keys: &[&VerifiedKey]) {
    for key in keys {
        // That the IV has 32 bytes is another finding.
        if let Evidence::Matched(form @ MatchedForm::Bit63Cleared) = key.evidence() {
            findings.push(Finding::KeyCheckTolerated(key.id().clone(), *form));
        }
    }
}

/// Whether every client sends an id as it is, in the path of a URL.
fn is_plain(id: &KeyId) -> bool {
    let id = id.as_str();
    id.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        && !id.bytes().all(|byte| byte == b'.')
}

//! What an account's secret storage looks like.

use std::collections::{BTreeMap, BTreeSet};

use ssss_model::ssss_crypto::CostLimits;
use ssss_model::{
    CheckState, EncryptedSecret, EventState, KeyDescription, KeyId, PassphraseState, SecretName,
    Snapshot,
};

use crate::finding::{Finding, Severity};

/// What an account's secret storage looks like, seen without any key: whether it is ready, and why
/// not. The reference's `getSecretStorageStatus` in more words.
///
/// That a secret is there for a key does not say that it opens.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The id that the pointer to the default key names, whether or not anything describes it.
    pub default_key: Option<KeyId>,
    /// The keys that have an event, except for blanked ones.
    pub keys: Vec<KeyReport>,
    /// The cross-signing keys, the backup key, and every other secret that has an event.
    pub secrets: Vec<SecretReport>,
    /// Everything worth knowing, the worst first.
    pub findings: Vec<Finding>,
}

/// A key of an account.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyReport {
    /// Its id.
    pub id: KeyId,
    /// Its name, which comes from the server.
    pub name: Option<String>,
    /// Whether its description can be read and is of the algorithm that there is.
    pub is_usable: bool,
    /// Whether its description has a check that can be used.
    pub has_check: bool,
    /// Whether a passphrase opens it.
    pub has_passphrase: bool,
    /// How many secrets are sealed for it.
    pub secrets: usize,
}

/// A secret of an account.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SecretReport {
    /// Its name.
    pub name: SecretName,
    /// What stands in its place.
    pub state: SecretState,
    /// The keys that it is sealed for.
    pub keys: Vec<KeyId>,
    /// Whether it is sealed for the default key, which is described and supported.
    pub under_default: bool,
}

/// What stands in the place of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretState {
    /// No event.
    Missing,
    /// A blanked event.
    Tombstone,
    /// Content that cannot be read.
    Malformed,
    /// The secret, sealed.
    Present,
}

impl Report {
    /// Looks at a snapshot. The limits are those that a passphrase's cost is held against.
    #[must_use]
    pub fn new(snapshot: &Snapshot, limits: CostLimits) -> Self {
        let default_key = snapshot.default_key_id().cloned();
        let usable_default = default_key.as_ref().filter(|id| {
            snapshot
                .key(id)
                .present()
                .is_some_and(KeyDescription::is_supported)
        });
        let secrets = secret_reports(snapshot, usable_default);
        let uses = uses(snapshot);
        let keys = key_reports(snapshot, &uses);
        let mut findings = Vec::new();
        if is_set_up(snapshot) {
            findings.extend(default_key_finding(snapshot));
            for (id, state) in snapshot.keys() {
                let is_default = snapshot.default_key_id() == Some(id);
                key_findings(&mut findings, is_default, id, state, limits);
                let is_used = is_default || uses.contains_key(id);
                if !is_used && state.present().is_some_and(KeyDescription::is_supported) {
                    findings.push(Finding::KeyUnused(id.clone()));
                }
            }
            for secret in &secrets {
                secret_findings(&mut findings, snapshot, secret, usable_default);
            }
        } else {
            findings.push(Finding::NotSetUp);
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
        Self {
            default_key,
            keys,
            secrets,
            findings,
        }
    }

    /// Whether secret storage is ready: there is a usable default key, and the three cross-signing
    /// keys are sealed for it, and so is the backup key if the account has one. The reference calls
    /// this `isSecretStorageReady`.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.secrets
            .iter()
            .filter(|secret| is_required(secret))
            .all(|secret| secret.under_default)
    }

    /// Whether there is any secret storage at all.
    #[must_use]
    pub fn is_set_up(&self) -> bool {
        !self.findings.contains(&Finding::NotSetUp)
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn has_problems(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity() == Severity::Problem)
    }
}

impl SecretState {
    /// `missing`, `tombstone`, `malformed` or `present`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Tombstone => "tombstone",
            Self::Malformed => "malformed",
            Self::Present => "present",
        }
    }
}

fn is_set_up(snapshot: &Snapshot) -> bool {
    !matches!(
        snapshot.default_key(),
        EventState::Missing | EventState::Tombstone
    ) || snapshot
        .keys()
        .any(|(_, state)| !matches!(state, EventState::Missing | EventState::Tombstone))
        || snapshot.present_secrets().next().is_some()
}

/// The cross-signing keys always; the backup key where there is one, since an account need not have
/// a key backup.
fn is_required(secret: &SecretReport) -> bool {
    SecretName::CROSS_SIGNING.contains(&secret.name)
        || secret.name == SecretName::MEGOLM_BACKUP
            && matches!(secret.state, SecretState::Present | SecretState::Malformed)
}

fn key_reports(snapshot: &Snapshot, uses: &BTreeMap<&KeyId, usize>) -> Vec<KeyReport> {
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
fn uses(snapshot: &Snapshot) -> BTreeMap<&KeyId, usize> {
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

fn secret_reports(snapshot: &Snapshot, default_key: Option<&KeyId>) -> Vec<SecretReport> {
    let mut names: Vec<SecretName> = SecretName::CROSS_SIGNING.to_vec();
    names.push(SecretName::MEGOLM_BACKUP);
    let known: BTreeSet<_> = names.iter().cloned().collect();
    names.extend(
        snapshot
            .secrets()
            .map(|(name, _)| name.clone())
            .filter(|n| !known.contains(n)),
    );
    names
        .into_iter()
        .map(|name| {
            let secret = snapshot.secret(&name);
            let sealed = secret.present();
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
                under_default: default_key
                    .is_some_and(|id| sealed.is_some_and(|secret| secret.is_sealed_for(id))),
                name,
            }
        })
        .collect()
}

fn default_key_finding(snapshot: &Snapshot) -> Option<Finding> {
    let default = match snapshot.default_key() {
        EventState::Missing | EventState::Tombstone => return Some(Finding::NoDefaultKey),
        EventState::Malformed(why) => return Some(Finding::DefaultKeyMalformed(*why)),
        EventState::Present(default) => default,
    };
    let id = default.id().clone();
    match snapshot.key(&id) {
        EventState::Missing | EventState::Tombstone => Some(Finding::DefaultKeyDangling(id)),
        EventState::Malformed(why) => Some(Finding::DefaultKeyDescriptionMalformed(id, *why)),
        EventState::Present(key) if !key.is_supported() => Some(Finding::DefaultKeyUnsupported(
            id,
            key.algorithm().to_owned(),
        )),
        EventState::Present(_) => None,
    }
}

fn key_findings(
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

fn secret_findings(
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

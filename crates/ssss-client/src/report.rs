//! What an account's secret storage looks like.

mod change;
mod keys;
mod published;
mod secrets;

use ssss_model::ssss_crypto::CostLimits;
use ssss_model::{
    EntryFault, EventState, KeyDescription, KeyId, OpenError, SecretName, Snapshot, VerifiedKey,
};

use self::change::change_findings;
use self::keys::{default_key_finding, key_findings, key_reports, opened_key_findings, uses};
use self::published::published_findings;
use self::secrets::{secret_findings, secret_reports};

use crate::finding::{Finding, Severity};
use crate::published::{Pairing, Published, PublishedBackup};

/// What an account's secret storage looks like: whether it is ready, and why not. The reference's
/// `getSecretStorageStatus` in more words.
///
/// Seen with keys, it says of each secret that is sealed for one of them whether it opens. Without,
/// that a secret is there for a key does not say that.
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
    /// There is a key backup, so its key must be stored.
    has_backup: bool,
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
    /// What it has for each key, sealed or not.
    pub entries: Vec<EntryReport>,
    /// Whether it is sealed for the default key, which is described and supported.
    pub under_default: bool,
    /// How its value and what the homeserver publishes go together. `None` if a key at hand did not open
    /// it, if what is published was not looked at, or if the secret has no public half.
    ///
    /// Where keys open it to different values, this is about the value for the default key.
    pub pairing: Option<Pairing>,
}

/// What a secret has for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntryReport {
    /// The key's id.
    pub key: KeyId,
    /// What it has for the key.
    pub state: EntryState,
}

/// What a secret has for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryState {
    /// Something that can be read; the key is not at hand.
    Sealed,
    /// Something that the key opens.
    Opens,
    /// Something that the key, which is at hand, does not open.
    DoesNotOpen(OpenError),
    /// Something that cannot be read.
    Malformed(EntryFault),
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
    /// Looks at a snapshot, with these keys at hand. The limits are those that a passphrase's cost is
    /// held against.
    #[must_use]
    pub fn new(snapshot: &Snapshot, keys: &[&VerifiedKey], limits: CostLimits) -> Self {
        Self::look(snapshot, keys, limits, None)
    }

    /// [`new`](Self::new), held against what the homeserver publishes of the account: whether what is
    /// stored are the private halves of it.
    #[must_use]
    pub fn with_published(
        snapshot: &Snapshot,
        keys: &[&VerifiedKey],
        limits: CostLimits,
        published: &Published,
    ) -> Self {
        Self::look(snapshot, keys, limits, Some(published))
    }

    fn look(
        snapshot: &Snapshot,
        keys: &[&VerifiedKey],
        limits: CostLimits,
        published: Option<&Published>,
    ) -> Self {
        let default_key = snapshot.default_key_id().cloned();
        let usable_default = default_key.as_ref().filter(|id| {
            let description = snapshot.key(id).present();
            description.is_some_and(KeyDescription::is_supported)
        });
        let mut findings = Vec::new();
        if !snapshot.is_whole() {
            findings.push(Finding::NotListed);
        }
        // What is not seen may be there.
        let is_set_up = is_set_up(snapshot) || !snapshot.is_whole();
        // What the keys at hand find out about secrets is found out once.
        let mut secret_problems = Vec::new();
        let secrets = secret_reports(
            snapshot,
            usable_default,
            keys,
            published,
            &mut secret_problems,
        );
        let uses = uses(snapshot);
        let key_reports = key_reports(snapshot, &uses);
        if is_set_up {
            findings.extend(default_key_finding(snapshot));
            for (id, state) in snapshot.keys() {
                let is_default = snapshot.default_key_id() == Some(id);
                key_findings(&mut findings, is_default, id, state, limits);
                let is_used = is_default || uses.contains_key(id) || !snapshot.is_whole();
                if !is_used && state.present().is_some_and(KeyDescription::is_supported) {
                    findings.push(Finding::KeyUnused(id.clone()));
                }
            }
            opened_key_findings(&mut findings, keys);
            findings.extend(change_findings(snapshot, usable_default, &secrets));
            for secret in &secrets {
                secret_findings(&mut findings, snapshot, secret, usable_default);
            }
            findings.extend(secret_problems);
        } else {
            findings.push(Finding::NotSetUp);
        }
        if let Some(published) = published {
            published_findings(&mut findings, published, is_set_up, &secrets);
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
        Self {
            default_key,
            keys: key_reports,
            secrets,
            findings,
            has_backup: published
                .and_then(|published| published.backup.as_ref())
                .is_some_and(PublishedBackup::is_supported),
        }
    }

    /// Whether secret storage is ready: there is a usable default key, and the three cross-signing
    /// keys are sealed for it, and so is the backup key if the account has one. The reference calls
    /// this `isSecretStorageReady`.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.secrets
            .iter()
            .filter(|secret| {
                is_required(secret) || self.has_backup && secret.name == SecretName::MEGOLM_BACKUP
            })
            .all(|secret| secret.under_default)
    }

    /// Whether there is any secret storage at all, or may be where nobody sees it.
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

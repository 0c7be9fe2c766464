//! Findings about what a homeserver publishes, and whether its private halves are stored.

use ssss_model::SecretName;

use super::{SecretReport, SecretState};
use crate::finding::Finding;
use crate::published::{IdentityState, Pairing, Published};

/// Adds what the homeserver's side shows. It also knows better than "not stored", where a
/// cross-signing key is.
pub(super) fn published_findings(
    findings: &mut Vec<Finding>,
    published: &Published,
    is_set_up: bool,
    secrets: &[SecretReport],
) {
    let report_of = |name: &SecretName| secrets.iter().find(|secret| secret.name == *name);
    let is_missing = |name: &SecretName| {
        report_of(name).is_none_or(|secret| {
            matches!(secret.state, SecretState::Missing | SecretState::Tombstone)
        })
    };
    let pairing_of = |name: &SecretName| report_of(name).and_then(|secret| secret.pairing);

    if published.identity.state() == IdentityState::Missing {
        if !SecretName::CROSS_SIGNING.iter().all(is_missing) {
            findings.push(Finding::IdentityNotPublished);
        } else if is_set_up {
            drop_missing(findings, |name| SecretName::CROSS_SIGNING.contains(name));
            findings.push(Finding::NoIdentity);
        }
    } else {
        for name in SecretName::CROSS_SIGNING {
            let Some(key) = published.identity.key(&name) else {
                continue;
            };
            if !key.is_sound() {
                findings.push(Finding::IdentityBroken(name.clone(), *key));
            }
            if let Some(Pairing::Other(own)) = pairing_of(&name) {
                findings.push(Finding::IdentityKeyDiffers(name.clone(), own));
            }
            // Where nothing is set up, that says it all.
            if is_set_up && key.public_key().is_some() && is_missing(&name) {
                drop_missing(findings, |missing| *missing == name);
                findings.push(Finding::IdentityKeyNotStored(name));
            }
        }
    }

    let name = SecretName::MEGOLM_BACKUP;
    let Some(backup) = &published.backup else {
        if !is_missing(&name) {
            findings.push(Finding::BackupNotPublished);
        }
        return;
    };
    let version = || backup.version.clone();
    if !backup.is_supported() {
        findings.push(Finding::BackupUnsupported(backup.algorithm.clone()));
        return;
    }
    if backup.public_key.is_none() {
        findings.push(Finding::BackupMalformed(version()));
        return;
    }
    if is_set_up && is_missing(&name) {
        findings.push(Finding::BackupKeyNotStored(version()));
    }
    if let Some(Pairing::Other(own)) = pairing_of(&name) {
        findings.push(Finding::BackupKeyDiffers(version(), own));
    }
    if !backup.is_signed_by_identity {
        findings.push(Finding::BackupNotSigned(version()));
    }
}

/// Takes out that secrets are not stored, where something says more.
fn drop_missing(findings: &mut Vec<Finding>, is_told: impl Fn(&SecretName) -> bool) {
    findings.retain(|finding| !matches!(finding, Finding::SecretMissing(name) if is_told(name)));
}

//! Repairs as commands.

use ssss_client::ssss_model::KeyId;
use ssss_client::{Finding, Repair, Report, SecretReport};

use crate::session::shell_quoted;

/// What to type to put a finding right, after the account. Whether a change of ours was stopped is
/// known from the journal only.
pub(crate) fn fix_words(finding: &Finding, report: &Report, is_stopped: bool) -> Option<String> {
    let repair = match (finding, finding.repair()?) {
        // Whatever key that was, nothing is sealed for it.
        (Finding::DefaultKeyDangling(id) | Finding::DefaultKeyBlanked(id), _)
            if all_with(report, id).next().is_none() =>
        {
            Repair::DefaultKey
        }
        (_, repair) if is_stopped => repair,
        // A client has made a key the default before it had the secrets.
        (Finding::ChangeUnfinished { to, .. }, _) if report.default_key.as_ref() == Some(to) => {
            Repair::DefaultKey
        }
        (Finding::ChangeUnfinished { from, to, .. }, _) => {
            let mut missing = all_with(report, from).filter(|secret| !secret.keys.contains(to));
            match (missing.next(), missing.next()) {
                // A secret was stored without this key at hand.
                (Some(secret), None) => Repair::Entry(secret.name.clone(), Some(to.clone())),
                // If nobody needs the key, it may go.
                _ => return Some(format!("remove-key {}", shell_quoted(to.as_str()))),
            }
        }
        (_, repair) => repair,
    };
    Some(repair_words(&repair))
}

/// The secrets that are sealed for a key.
fn all_with<'a>(report: &'a Report, id: &KeyId) -> impl Iterator<Item = &'a SecretReport> {
    let secrets = report.secrets.iter();
    secrets.filter(move |secret| secret.keys.contains(id))
}

/// A repair as a command, after the account.
fn repair_words(repair: &Repair) -> String {
    let word = shell_quoted;
    match repair {
        Repair::Bootstrap => "bootstrap".to_owned(),
        Repair::DefaultKey => "repair default-key".to_owned(),
        Repair::Entry(name, None) => format!("repair entry {}", word(name.as_str())),
        Repair::Entry(name, Some(id)) => format!(
            "repair entry {} --key-id {}",
            word(name.as_str()),
            word(id.as_str())
        ),
        Repair::DropEntry(name, id) => format!(
            "repair drop-entry {} {}",
            word(name.as_str()),
            word(id.as_str())
        ),
        Repair::KeyCheck(id) => format!("repair key-check {}", word(id.as_str())),
        Repair::Legacy(name) => format!("repair legacy {}", word(name.as_str())),
        Repair::Passphrase(id) => format!("repair passphrase {}", word(id.as_str())),
        Repair::Rotate => "rotate".to_owned(),
        Repair::Gc => "gc".to_owned(),
        Repair::Resume => "resume".to_owned(),
        Repair::Put(name) => format!("put {}", word(name.as_str())),
        Repair::BackupKey => "repair backup-key".to_owned(),
        Repair::Remove(name) => format!("rm {}", word(name.as_str())),
        _ => "doctor".to_owned(),
    }
}

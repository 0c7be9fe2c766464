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
                _ => return Some(words("remove-key", &[to.as_str()])),
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
    match repair {
        Repair::Bootstrap => "bootstrap".to_owned(),
        Repair::DefaultKey => "repair default-key".to_owned(),
        Repair::Entry(name, None) => words("repair entry", &[name.as_str()]),
        Repair::Entry(name, Some(id)) => {
            let command = format!("repair entry {}", option("--key-id", id.as_str()));
            words(&command, &[name.as_str()])
        }
        Repair::DropEntry(name, id) => words("repair drop-entry", &[name.as_str(), id.as_str()]),
        Repair::KeyCheck(id) => words("repair key-check", &[id.as_str()]),
        Repair::Legacy(name) => words("repair legacy", &[name.as_str()]),
        Repair::Passphrase(id) => words("repair passphrase", &[id.as_str()]),
        Repair::Rotate => "rotate".to_owned(),
        Repair::Gc => "gc".to_owned(),
        Repair::Resume => "resume".to_owned(),
        Repair::Put(name) => words("put", &[name.as_str()]),
        Repair::BackupKey => "repair backup-key".to_owned(),
        Repair::Remove(name) => words("rm", &[name.as_str()]),
        _ => "doctor".to_owned(),
    }
}

/// A command with operands, which may look like options.
pub(crate) fn words(command: &str, operands: &[&str]) -> String {
    let is_odd = operands.iter().any(|word| word.starts_with('-'));
    let operands = operands.iter().map(|word| shell_quoted(word));
    let mut words = vec![command.to_owned()];
    words.extend(is_odd.then(|| "--".to_owned()));
    words.extend(operands);
    words.join(" ")
}

/// An option with its value, which may look like another.
pub(crate) fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("{name}{between}{}", shell_quoted(value))
}

#[cfg(test)]
mod tests {
    use ssss_client::ssss_model::{KeyId, SecretName};

    use super::*;

    #[test]
    fn names_that_look_like_options_are_none() {
        let name = |name: &str| SecretName::new(name).unwrap();
        let id = |id: &str| KeyId::new(id).unwrap();
        for (repair, expected) in [
            (Repair::KeyCheck(id("k")), "repair key-check k"),
            (Repair::KeyCheck(id("-k")), "repair key-check -- -k"),
            (Repair::KeyCheck(id("=k")), "repair key-check '=k'"),
            (
                Repair::DropEntry(name("a b"), id("-k")),
                "repair drop-entry -- 'a b' -k",
            ),
            (
                Repair::Entry(name("-a"), Some(id("-k"))),
                "repair entry --key-id=-k -- -a",
            ),
            (
                Repair::Entry(name("a"), Some(id("k"))),
                "repair entry --key-id k a",
            ),
        ] {
            assert_eq!(repair_words(&repair), expected);
        }
    }
}

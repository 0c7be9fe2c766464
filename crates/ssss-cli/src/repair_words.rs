//! Repairs as commands.

use ssss_client::Repair;

use crate::session::shell_quoted;

/// What to type to put a finding right, after the account.
pub(crate) fn repair_words(repair: &Repair) -> String {
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
        Repair::Remove(name) => format!("rm {}", word(name.as_str())),
        _ => "doctor".to_owned(),
    }
}

//! One command, disturbed once.

use std::fs;
use std::path::Path;

use super::reference::Reference;
use super::strace::{self, Call, Fault};
use crate::Result;

pub(super) struct Case<'a> {
    pub(super) reference: &'a Reference<'a>,
    pub(super) call: &'a Call,
    pub(super) fault: &'a Fault,
}

/// What came of a case.
#[derive(Default)]
pub(super) struct Verdict {
    /// Why the account is damaged.
    pub(super) damage: Option<String>,
    /// What else is wrong.
    pub(super) complaint: Option<String>,
    /// How many temporary files were left over, and how many of them the next run swept.
    pub(super) left_over: usize,
    pub(super) swept: usize,
}

impl Case<'_> {
    /// Disturbs the command in a folder of its own, looks at what is there, and runs it once more.
    pub(super) fn run(&self, path: &Path) -> Result<Verdict> {
        let reference = self.reference;
        let mut verdict = Verdict::default();
        let folder = reference.folder.copy(path.join("case"))?;
        let log = path.join("log");
        let disturbed = Some((self.call, self.fault));
        let output = reference.run(&folder, &log, disturbed)?;
        if !strace::is_disturbed(&log)? {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(format!("it was not disturbed: {}: {error}", output.status).into());
        }
        let found = reference.state(&folder)?;
        let is_done = found == reference.after;
        if !is_done && !reference.moments.contains(&found) {
            verdict.damage = Some(format!("{found:?}"));
        } else if strace::is_timed_out(&output) {
            verdict.complaint = Some("it hangs".to_owned());
        } else if output.status.success() && !is_done {
            verdict.complaint = Some(format!("it says that it is done: {found:?}"));
        }
        verdict.left_over = folder.temporary_files()?;

        let code = reference.repeat(&folder)?;
        let last = reference.state(&folder)?;
        let remaining = folder.temporary_files()?;
        verdict.swept = verdict.left_over.saturating_sub(remaining);
        if code != Some(0) && !(is_done && code == reference.again) {
            let complaint = format!("the next run exits with {code:?}, after {found:?}");
            verdict.complaint.get_or_insert(complaint);
        } else if last != reference.after {
            let complaint = format!("the next run does not end as it should: {last:?}");
            verdict.complaint.get_or_insert(complaint);
        } else if remaining > 0 {
            let complaint = format!("{remaining} temporary files stay");
            verdict.complaint.get_or_insert(complaint);
        }
        fs::remove_dir_all(&folder.path)?;
        Ok(verdict)
    }

    /// What happened, for whoever is to find out why.
    pub(super) fn name(&self) -> String {
        let command = self.reference.command.name;
        let (fault, call) = (self.fault.name, &self.call.name);
        format!("{command}: {fault} at {call} {}", self.call.count)
    }
}

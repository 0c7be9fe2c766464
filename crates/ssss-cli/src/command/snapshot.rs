//! `ssss snapshot`

use serde::Serialize;
use ssss_client::{JournalError, JournalErrorKind, JournalFolder, PlanError, ssss_model};

use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::session::{self, Session};

#[derive(Serialize)]
struct SnapshotDocument {
    /// Only in a rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<bool>,
    /// `None` in a rehearsal where the file would be named by the time.
    path: Option<String>,
    events: usize,
}

/// Saves the account's secret storage in a file.
pub(super) fn run(session: &Session<'_>, args: &args::Snapshot) -> Result<Code, Failure> {
    let account = session.account_to_read()?;
    let snapshot = session::snapshot(&account)?;
    // A file is read as all that there is.
    if !snapshot.is_whole() {
        return Err(PlanError::NotListed.into());
    }
    if session.global.dry_run {
        return rehearse(session, args, &snapshot);
    }
    let path = match &args.output {
        Some(path) => {
            JournalFolder::write_snapshot(path, &snapshot)?;
            path.clone()
        }
        None => session.journal()?.save_snapshot(&snapshot)?,
    };
    let document = SnapshotDocument {
        dry_run: None,
        path: Some(path.display().to_string()),
        events: snapshot.secret_storage_events().count(),
    };
    session.output.result(&document, || {
        let path = path.display().to_string();
        format!(
            "Saved {} events, sealed as they are, in {path}\nBring them back with: {}\n",
            document.events,
            session.command(&format!("restore {}", session::shell_quoted(&path)))
        )
    });
    Ok(Code::Done)
}

/// Says what would be saved, and refuses what would be refused.
fn rehearse(
    session: &Session<'_>,
    args: &args::Snapshot,
    snapshot: &ssss_model::Snapshot,
) -> Result<Code, Failure> {
    let place = match &args.output {
        Some(path) if path.symlink_metadata().is_ok() => {
            let message = format!("{} exists already", path.display());
            return Err(JournalError::new(JournalErrorKind::Io, message).into());
        }
        Some(path) => path.display().to_string(),
        None => format!(
            "a file named by the time in {}",
            session.journal()?.path().display()
        ),
    };
    let document = SnapshotDocument {
        dry_run: Some(true),
        path: args.output.as_ref().map(|path| path.display().to_string()),
        events: snapshot.secret_storage_events().count(),
    };
    session.output.result(&document, || {
        format!(
            "It would:\n save {} events, sealed as they are, in {place}\nNothing was written.\n",
            document.events
        )
    });
    Ok(Code::Done)
}

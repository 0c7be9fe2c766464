//! `ssss snapshot`

use serde::Serialize;
use ssss_client::{JournalFolder, PlanError};

use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::session::{self, Session};

#[derive(Serialize)]
struct SnapshotDocument {
    path: String,
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
    let path = match &args.output {
        Some(path) => {
            JournalFolder::write_snapshot(path, &snapshot)?;
            path.clone()
        }
        None => session.journal()?.save_snapshot(&snapshot)?,
    };
    let document = SnapshotDocument {
        path: path.display().to_string(),
        events: snapshot.secret_storage_events().count(),
    };
    session.output.result(&document, || {
        format!(
            "Saved {} events, sealed as they are, in {}\nBring them back with: {}\n",
            document.events,
            document.path,
            session.command(&format!(
                "restore {}",
                session::shell_quoted(&document.path)
            ))
        )
    });
    Ok(Code::Done)
}

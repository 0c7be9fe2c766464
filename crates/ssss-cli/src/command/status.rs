//! `ssss status`

mod document;
mod text;

use ssss_client::Report;
use ssss_client::ssss_model::Snapshot;

pub(super) use self::document::SecretDocument;
pub(super) use self::document::StatusDocument;
pub(super) use self::text::secrets;
use self::text::text;
use crate::code::Code;
use crate::failure::Failure;
use crate::session::{self, Session};

/// Shows what exists and what is wrong with it.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    let account = session.account_to_read()?;
    let report = report(session, &session::snapshot(&account)?);
    let code = verdict(&report);
    let is_stopped = session.unfinished().is_some();
    let document = StatusDocument::new(&report, is_stopped);
    session
        .output
        .result(&document, || text(session, &report, code));
    if is_stopped {
        session.output.note(&format!(
            "a change was stopped half-way: {}",
            session.command("resume")
        ));
    }
    Ok(code)
}

/// What the account looks like.
pub(super) fn report(session: &Session<'_>, snapshot: &Snapshot) -> Report {
    Report::new(snapshot, &[], session.limits())
}

/// How `status` ends for an account that looks like this.
pub(super) fn verdict(report: &Report) -> Code {
    if !report.is_set_up() {
        Code::NotSetUp
    } else if report.has_problems() || !report.is_ready() {
        Code::Problems
    } else {
        Code::Done
    }
}

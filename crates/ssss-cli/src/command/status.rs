//! `ssss status`

mod document;
mod text;

use ssss_client::ssss_model::{Snapshot, VerifiedKey};
use ssss_client::{Published, Report};

pub(super) use self::document::SecretDocument;
pub(super) use self::document::StatusDocument;
use self::text::text;
pub(super) use self::text::{on_server, secrets};
use crate::code::Code;
use crate::failure::Failure;
use crate::session::{self, Session};

/// Shows what exists and what is wrong with it.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    let account = session.account_to_read()?;
    let (snapshot, published) = session::look(&account)?;
    let report = report(session, &snapshot, published.as_ref());
    let code = verdict(&report);
    let is_stopped = session.unfinished().is_some();
    let document = StatusDocument::new(session, &report, published.as_ref(), is_stopped);
    session.output.result(&document, || {
        text(session, &report, published.as_ref(), code)
    });
    if is_stopped {
        session.output.note(&format!(
            "a change was stopped half-way: {}",
            session.command("resume")
        ));
    }
    Ok(code)
}

/// What the account looks like.
pub(super) fn report(
    session: &Session<'_>,
    snapshot: &Snapshot,
    published: Option<&Published>,
) -> Report {
    report_with(session, snapshot, &[], published)
}

/// The same, with keys at hand.
pub(super) fn report_with(
    session: &Session<'_>,
    snapshot: &Snapshot,
    keys: &[&VerifiedKey],
    published: Option<&Published>,
) -> Report {
    let limits = session.limits();
    match published {
        Some(published) => Report::with_published(snapshot, keys, limits, published),
        None => Report::new(snapshot, keys, limits),
    }
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

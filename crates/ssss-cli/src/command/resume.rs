//! `ssss resume`

use serde::Serialize;
use ssss_client::{Change, ChangeState, Error, UnlockScope};

use crate::account::Access;
use crate::args;
use crate::change_log::ChangeLog;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::plan_text;
use crate::runtime::block_on;
use crate::session::{self, Session};

#[derive(Serialize)]
struct ResumeDocument<'a> {
    resumed: Option<&'a str>,
}

#[derive(Serialize)]
struct ForgetRehearsal<'a> {
    dry_run: bool,
    /// When the change began.
    forgets: &'a str,
}

/// Finishes a change that was stopped half-way.
pub(super) fn run(session: &Session<'_>, args: &args::Resume) -> Result<Code, Failure> {
    let account = session.account_to_write(Access::Create)?;
    let log = ChangeLog::new(session, session.journal()?);
    let Some(change) = log.folder().unfinished()? else {
        let document = ResumeDocument { resumed: None };
        session
            .output
            .result(&document, || "There is nothing to resume.\n".to_owned());
        return Ok(Code::Done);
    };
    if args.forget {
        return forget(session, &log, &change);
    }
    let plan = log.folder().plan(&change)?;
    let intent = plan.intent();
    if session.global.dry_run {
        super::rehearsal::print(session, Some(&plan));
        return Ok(Code::Done);
    }
    let snapshot = session::snapshot(&account)?;
    let purpose = format!("to finish the change of {}", change.time);
    let keys = KeyInput::new(session, &snapshot, UnlockScope::Every, purpose);
    let storage = session::storage(session, account, &keys, &log);
    block_on(storage.resume(&plan)).map_err(|error| {
        // Whatever it has written by now, it is still to be finished.
        let is_begun = matches!(error, Error::Apply(_));
        let failure = session::change_failure(session, error, &storage, &keys);
        if is_begun || failure.code == Code::Conflict {
            failure.try_this(format!(
                "{} shows what there is; {} leaves it at that",
                session.command("doctor"),
                session.command("resume --forget")
            ))
        } else {
            failure
        }
    })?;
    log.folder().close(&change, &plan)?;
    let document = ResumeDocument {
        resumed: Some(intent.as_str()),
    };
    session.output.result(&document, || {
        format!(
            "Finished the change of {} ({}):\n{}",
            change.time,
            intent.as_str(),
            plan_text::lines(&plan)
        )
    });
    Ok(Code::Done)
}

/// Leaves the account as it is, and the change at that.
fn forget(session: &Session<'_>, log: &ChangeLog<'_>, change: &Change) -> Result<Code, Failure> {
    if session.global.dry_run {
        let document = ForgetRehearsal {
            dry_run: true,
            forgets: &change.time,
        };
        session.output.result(&document, || {
            format!(
                "It would:\n forget the change of {}\nNothing was written.\n",
                change.time
            )
        });
        return Ok(Code::Done);
    }
    log.folder().mark(change, ChangeState::Undone)?;
    let document = ResumeDocument { resumed: None };
    session.output.result(&document, || {
        format!(
            "The change of {} is forgotten. The account as it was before: {}\nnext: {}\n",
            change.time,
            change.snapshot.display(),
            session.command("doctor")
        )
    });
    Ok(Code::Done)
}

//! `ssss resume`

use serde::Serialize;
use ssss_client::UnlockScope;

use crate::account::Access;
use crate::change_log::ChangeLog;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::plan_text;
use crate::session::{self, Session};

#[derive(Serialize)]
struct ResumeDocument<'a> {
    resumed: Option<&'a str>,
}

/// Finishes a change that was stopped half-way.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    let account = session.account_to_write(Access::Create)?;
    let log = ChangeLog::new(session, session.journal()?);
    let Some(change) = log.folder().unfinished()? else {
        let document = ResumeDocument { resumed: None };
        session
            .output
            .result(&document, || "There is nothing to resume.\n".to_owned());
        return Ok(Code::Done);
    };
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
    pollster::block_on(storage.resume(&plan)).map_err(|error| {
        let failure = session::change_failure(session, error, &storage, &keys);
        if failure.code == Code::Conflict {
            failure.try_this(format!(
                "another client has gone on from there; look with {}, then {}",
                session.command("doctor"),
                session.command("undo")
            ))
        } else {
            failure
        }
    })?;
    log.folder().close(&change, intent)?;
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

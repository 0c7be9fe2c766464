//! `ssss undo`

use ssss_client::{ChangeState, UnlockScope};

use super::{changed, secret_names};
use crate::account::Access;
use crate::args;
use crate::change_log::ChangeLog;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::runtime::block_on;
use crate::session::{self, Session};

/// Takes the last change back.
pub(super) fn run(session: &Session<'_>, args: &args::Undo) -> Result<Code, Failure> {
    let abandon = secret_names(&args.abandon.abandon)?;
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot(&account)?;
    let log = ChangeLog::new(session, session.journal()?);
    let Some(change) = log.folder().latest()? else {
        return Err(Failure::new(
            Code::NoSuch,
            "no-change",
            "there is no change of this account to take back",
        )
        .because(format!(
            "none is remembered in {}",
            log.folder().path().display()
        )));
    };
    let plan = log.folder().plan(&change)?;
    let keys = KeyInput::new(session, &snapshot, UnlockScope::First, "");
    let storage = session::storage(session, account, &keys, &log);
    let losses = block_on(storage.undo(&plan, &abandon))
        .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
    if !session.global.dry_run && log.plan().is_none() {
        // Nothing of it had been written.
        log.folder().mark(&change, ChangeState::Undone)?;
    }
    let done = format!(
        "The change of {} ({}) is taken back.",
        change.time,
        plan.intent().as_str()
    );
    Ok(changed::report(session, &log, &losses, &done))
}

//! `ssss gc`

use ssss_client::UnlockScope;

use super::changed;
use crate::account::Access;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::runtime::block_on;
use crate::session::{self, Session};

/// Blanks descriptions that nothing needs.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot(&account)?;
    let keys = KeyInput::new(session, &snapshot, UnlockScope::First, "");
    let log = session.change_log()?;
    let storage = session::storage(session, account, &keys, &log);
    let losses = block_on(storage.gc())
        .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
    Ok(changed::report(
        session,
        &log,
        &losses,
        "What nothing needs is gone.",
    ))
}

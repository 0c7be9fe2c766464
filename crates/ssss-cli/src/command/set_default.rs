//! `ssss set-default`

use ssss_client::{UnlockScope, quoted};

use super::{changed, secret_names};
use crate::account::Access;
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::runtime::block_on;
use crate::session::{self, Session};

/// Makes another key the default.
pub(super) fn run(session: &Session<'_>, args: &args::SetDefault) -> Result<Code, Failure> {
    let abandon = secret_names(&args.abandon.abandon)?;
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot(&account)?;
    session.require_set_up(&snapshot)?;
    let id = session.key_id(&snapshot, &args.id)?;
    let purpose = "of the new default, and of the present one";
    let keys = KeyInput::new(session, &snapshot, UnlockScope::Every, purpose);
    let log = session.change_log()?;
    let storage = session::storage(session, account, &keys, &log);
    block_on(storage.set_default_key(&id, &abandon))
        .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
    let losses = log
        .plan()
        .map_or_else(Vec::new, |plan| plan.losses().to_vec());
    let done = format!("Key {} is the default.", quoted(id.as_str()));
    Ok(changed::report(session, &log, &losses, &done))
}

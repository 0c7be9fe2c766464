//! `ssss remove-key`

use ssss_client::{UnlockScope, quoted};

use super::{changed, secret_names};
use crate::account::Access;
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::runtime::block_on;
use crate::session::{self, Session};

/// Takes a key away.
pub(super) fn run(session: &Session<'_>, args: &args::RemoveKey) -> Result<Code, Failure> {
    let abandon = secret_names(&args.abandon.abandon)?;
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot(&account)?;
    session.require_set_up(&snapshot)?;
    let id = session.key_id(&snapshot, &args.id)?;
    let purpose = "of a key that stays, to see that it opens everything";
    let keys = KeyInput::new(session, &snapshot, UnlockScope::Every, purpose);
    let log = session.change_log()?;
    let storage = session::storage(session, account, &keys, &log);
    let losses = block_on(storage.remove_key(&id, &abandon))
        .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
    if !session.global.dry_run {
        session.output.note(changed::OLD_CIPHERTEXT);
    }
    let done = format!("Key {} is gone.", quoted(id.as_str()));
    Ok(changed::report(session, &log, &losses, &done))
}

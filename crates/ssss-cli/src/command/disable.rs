//! `ssss disable`

use ssss_client::UnlockScope;

use super::{changed, secret_names};
use crate::account::Access;
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::runtime::block_on;
use crate::session::{self, Session};

/// Blanks everything.
pub(super) fn run(session: &Session<'_>, args: &args::Disable) -> Result<Code, Failure> {
    let abandon = secret_names(&args.abandon.abandon)?;
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot(&account)?;
    session.require_set_up(&snapshot)?;
    let purpose = "to show that the secrets are yours";
    let keys = KeyInput::new(session, &snapshot, UnlockScope::Every, purpose);
    let log = session.change_log()?;
    let storage = session::storage(session, account, &keys, &log);
    let losses = block_on(storage.disable(&abandon))
        .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
    let done = "Secret storage is not set up any more. Devices that have the secrets keep them.";
    Ok(changed::report(session, &log, &losses, done))
}

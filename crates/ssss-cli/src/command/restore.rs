//! `ssss restore`

use ssss_client::ssss_model::Snapshot;
use ssss_client::{UnlockScope, quoted};

use super::{changed, secret_names};
use crate::account::{Access, Account};
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::runtime::block_on;
use crate::session::{self, Session};

/// Brings back what a snapshot has.
pub(super) fn run(session: &Session<'_>, args: &args::Restore) -> Result<Code, Failure> {
    let abandon = secret_names(&args.abandon.abandon)?;
    let saved = Account::open(&args.file, Access::Existing, false)?;
    let earlier = session::snapshot(&saved)?;
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot(&account)?;
    check_only(&earlier, &args.only)?;
    let purpose = "to see that nothing is lost";
    let keys = KeyInput::new(session, &snapshot, UnlockScope::Every, purpose);
    let log = session.change_log()?;
    let storage = session::storage(session, account, &keys, &log);
    let losses = block_on(storage.restore(&earlier, &args.only, &abandon))
        .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
    let done = "What the snapshot has is back. What was added since stays.";
    Ok(changed::report(session, &log, &losses, done))
}

/// An event that the snapshot does not have cannot come back.
fn check_only(earlier: &Snapshot, only: &[String]) -> Result<(), Failure> {
    let known: Vec<_> = earlier
        .secret_storage_events()
        .map(|(event_type, _)| event_type)
        .collect();
    match only.iter().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Failure::new(
            Code::NoSuch,
            "no-such-event",
            format!("the snapshot has no event {}", quoted(name)),
        )
        .because(format!("it has: {}", quoted_all(&known)))),
    }
}

fn quoted_all(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    names.join(", ")
}

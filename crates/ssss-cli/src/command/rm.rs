//! `ssss rm`

use serde::Serialize;
use ssss_client::ssss_model::{EventState, SecretName, Snapshot};
use ssss_client::{UnlockScope, quoted};

use super::get::no_such_secret;
use super::{rehearsal, secret_name};
use crate::account::{Access, Account};
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::{KeyInput, NO_TERMINAL};
use crate::prompt::Prompt;
use crate::runtime::block_on;
use crate::session::{self, Session};

#[derive(Serialize)]
struct RmDocument<'a> {
    name: &'a str,
    removed: bool,
}

/// Removes a secret, for every key.
pub(super) fn run(session: &Session<'_>, args: &args::Rm) -> Result<Code, Failure> {
    let name = secret_name(&args.name)?;
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot_with(&account, &name)?;
    if matches!(
        snapshot.secret(&name),
        EventState::Missing | EventState::Tombstone
    ) {
        return Err(no_such_secret(session, &name));
    }
    if !session.global.yes && !session.global.dry_run {
        confirm(session, &snapshot, &name)?;
    }
    let keys = KeyInput::new(session, &snapshot, UnlockScope::First, "");
    let log = session.change_log()?;
    let storage = session::storage(session, account, &keys, &log);
    block_on(storage.remove(&name))
        .map_err(|error| session::change_failure(session, error, &storage, &keys))?;
    if session.global.dry_run {
        rehearsal::print(session, log.plan().as_ref());
    } else {
        let document = RmDocument {
            name: name.as_str(),
            removed: true,
        };
        session.output.result(&document, || {
            format!("Removed {} for every key.\n", quoted(name.as_str()))
        });
    }
    Ok(Code::Done)
}

/// Removing needs no key, so something else must show that it is meant.
fn confirm(session: &Session<'_>, snapshot: &Snapshot, name: &SecretName) -> Result<(), Failure> {
    if session.prompt.can_confirm() {
        let question = format!(
            "Remove {}? It is blanked for every key, and only a copy brings it back.",
            quoted(name.as_str())
        );
        return match Prompt::confirm(&question) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::not_confirmed("nothing was removed")),
            Err(error) => Err(Failure::local(NO_TERMINAL, &error)),
        };
    }
    if session.key_source.is_given() {
        return open(session, snapshot, name);
    }
    Err(Failure::not_confirmed("nothing was removed")
        .because("there is nobody to ask, and no key was given that opens the secret")
        .try_this("--yes, or --key-file FILE"))
}

/// Whoever can open the secret owns it.
fn open(session: &Session<'_>, snapshot: &Snapshot, name: &SecretName) -> Result<(), Failure> {
    let account: Account = session.account_to_read()?;
    let purpose = format!("to remove {}", quoted(name.as_str()));
    let keys = KeyInput::new(session, snapshot, UnlockScope::First, purpose);
    let storage = session.storage(account, &keys);
    block_on(storage.get(name))
        .map(|_| ())
        .map_err(|error| session::failure(error, &keys).try_this("--yes removes it without a key"))
}

//! `ssss get`

use std::io::{IsTerminal as _, stdout};

use ssss_client::ssss_model::{EventState, Secret, SecretName, Snapshot};
use ssss_client::{Error, UnlockScope, quoted};

use super::secret_name;
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::{KeyInput, NO_TERMINAL};
use crate::output::SCHEMA;
use crate::prompt::Prompt;
use crate::runtime::block_on;
use crate::secret_io;
use crate::session::{self, Session};

/// Prints a secret.
pub(super) fn run(session: &Session<'_>, args: &args::Get) -> Result<Code, Failure> {
    if args.raw && session.output.is_json() {
        // An option that stands before the command escapes the parser's own check.
        let message = "--raw and --json exclude each other";
        return Err(Failure::usage(message).try_this("give one of them"));
    }
    let name = secret_name(&args.name)?;
    let account = session.account_to_read()?;
    let snapshot = session::snapshot_with(&account, &name)?;
    session.require_set_up(&snapshot)?;
    let no_such = || no_such_secret(session, &name);
    if matches!(
        snapshot.secret(&name),
        EventState::Missing | EventState::Tombstone
    ) {
        return Err(no_such());
    }
    if !args.raw {
        confirm(session, &name)?;
    }
    let purpose = format!("to open {}", quoted(name.as_str()));
    let keys = KeyInput::new(session, &snapshot, UnlockScope::First, purpose);
    let storage = session.storage(account, &keys);
    let secret = block_on(storage.get(&name))
        .map_err(|error| failure(error, &snapshot, &keys))?
        .ok_or_else(no_such)?;
    print(session, args.raw, &secret)?;
    Ok(Code::Done)
}

/// That there is no such secret.
pub(super) fn no_such_secret(session: &Session<'_>, name: &SecretName) -> Failure {
    Failure::new(
        Code::NoSuch,
        "no-such-secret",
        format!("there is no secret {}", quoted(name.as_str())),
    )
    .because("it was never stored here, or it was removed")
    .try_this(session.command("list"))
}

/// A terminal keeps what it shows.
fn confirm(session: &Session<'_>, name: &SecretName) -> Result<(), Failure> {
    if session.global.yes || !stdout().is_terminal() {
        return Ok(());
    }
    if !session.prompt.can_confirm() {
        let message = "a secret is shown on a terminal only if that is confirmed";
        return Err(Failure::not_confirmed(message).try_this("--yes or --raw"));
    }
    let question = format!("Show {} on this screen?", quoted(name.as_str()));
    match Prompt::confirm(&question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::not_confirmed("the secret was not shown")),
        Err(error) => Err(Failure::local(NO_TERMINAL, &error)),
    }
}

fn failure(error: Error, snapshot: &Snapshot, keys: &KeyInput<'_>) -> Failure {
    // Where an entry cannot be read, that is why no key opens it.
    if let Error::NoUsableKey(name, _) = &error
        && let EventState::Present(secret) = snapshot.secret(name)
        && let Some((id, fault)) = secret.entries().find_map(|(id, fault)| Some((id, fault?)))
    {
        return Failure::new(Code::Damaged, "secret-damaged", "the secret is damaged").because(
            format!(
                "what {} has for key {} is {fault}",
                quoted(name.as_str()),
                quoted(id.as_str())
            ),
        );
    }
    session::failure(error, keys)
}

fn print(session: &Session<'_>, raw: bool, secret: &Secret) -> Result<(), Failure> {
    let value = secret.expose();
    let written = if session.output.is_json() {
        let name = secret_io::json_string(secret.name().as_str());
        secret_io::write(&[
            format!("{{\"schema\":{SCHEMA},\"name\":").as_bytes(),
            &name,
            b",\"value\":",
            &secret_io::json_string(value),
            session.output.warnings_field().as_bytes(),
            b"}\n",
        ])
    } else {
        let end: &[u8] = if raw { b"" } else { b"\n" };
        secret_io::write(&[value.as_bytes(), end])
    };
    written.map_err(|error| Failure::local("the secret was not written completely", &error))
}

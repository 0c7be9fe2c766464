//! The commands.

mod add_key;
mod bootstrap;
mod changed;
mod completions;
mod disable;
mod doctor;
mod gc;
mod get;
mod help;
mod key;
mod list;
mod login;
mod logout;
mod man;
mod put;
mod rehearsal;
mod remove_key;
mod repair;
mod restore;
mod resume;
mod rm;
mod rotate;
mod set_default;
mod sign_device;
mod snapshot;
mod status;
mod undo;
mod unlock;
mod which_key;
mod whoami;

use std::ffi::{OsStr, OsString};

use ssss_client::ssss_model::SecretName;

use crate::args::{Cli, Command};
use crate::code::Code;
use crate::failure::Failure;
use crate::output::Output;
use crate::place::{Place, ServerPlace};
use crate::session::Session;

/// Does what the command line says.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<Code, Failure> {
    let mut session = Session::new(&cli.global, output)?;
    let done = run_command(&session, cli.command);
    session.close();
    done.map_err(|failure| failure.for_account(session.command("").trim_end()))
}

fn run_command(session: &Session<'_>, command: Command) -> Result<Code, Failure> {
    match command {
        Command::Status => status::run(session),
        Command::List => list::run(session),
        Command::Unlock => unlock::run(session),
        Command::WhichKey => which_key::run(session),
        Command::Get(args) => get::run(session, &args),
        Command::Put(args) => put::run(session, &args),
        Command::Rm(args) => rm::run(session, &args),
        Command::Bootstrap(args) => bootstrap::run(session, &args),
        Command::Doctor(args) => doctor::run(session, &args),
        Command::Rotate(args) => rotate::run(session, &args),
        Command::AddKey(args) => add_key::run(session, &args),
        Command::RemoveKey(args) => remove_key::run(session, &args),
        Command::SetDefault(args) => set_default::run(session, &args),
        Command::Repair { command } => repair::run(session, &command),
        Command::Gc => gc::run(session),
        Command::Disable(args) => disable::run(session, &args),
        Command::Snapshot(args) => snapshot::run(session, &args),
        Command::Restore(args) => restore::run(session, &args),
        Command::Undo(args) => undo::run(session, &args),
        Command::Resume(args) => resume::run(session, &args),
        Command::Login => login::run(session),
        Command::Logout => logout::run(session),
        Command::Whoami => whoami::run(session),
        Command::SignDevice(args) => sign_device::run(session, &args),
        Command::Key { command } => key::run(session, command),
        Command::Help { words } => help::run(&words),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { dir } => man::run(session, &dir),
    }
}

/// The account on a homeserver that a command is about which only makes sense there.
fn server_place(session: &Session<'_>) -> Result<ServerPlace, Failure> {
    match session.place()? {
        Place::Homeserver(place) => Ok(place),
        Place::File(_) | Place::Stdin => Err(Failure::usage("there is no homeserver in a file")
            .try_this("-u @name:server, and perhaps --homeserver URL")),
    }
}

/// Refuses `--dry-run` where it would be no more than an option that is not heeded.
fn nothing_to_rehearse(session: &Session<'_>) -> Result<(), Failure> {
    if session.global.dry_run {
        let message = "--dry-run is for what changes an account; a session is begun or ended";
        return Err(Failure::usage(message).try_this("the same without --dry-run"));
    }
    Ok(())
}

/// Reads the names of secrets.
fn secret_names(names: &[OsString]) -> Result<Vec<SecretName>, Failure> {
    names.iter().map(|name| existing_secret(name)).collect()
}

/// Reads the name of a secret that is there, or was. It may be one that nobody should have chosen.
fn existing_secret(name: &OsStr) -> Result<SecretName, Failure> {
    let text = name.to_str().unwrap_or_default();
    match SecretName::of_event(text) {
        Some(name) => Ok(name),
        None => secret_name(name),
    }
}

/// Reads the name of a secret.
fn secret_name(name: &OsStr) -> Result<SecretName, Failure> {
    let name = name
        .to_str()
        .ok_or_else(|| Failure::usage("the name of a secret is text (UTF-8)"))?;
    Ok(SecretName::new(name)?)
}

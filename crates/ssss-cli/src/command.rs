//! The commands.

mod bootstrap;
mod completions;
mod get;
mod help;
mod key;
mod list;
mod man;
mod put;
mod rehearsal;
mod rm;
mod status;
mod unlock;
mod which_key;

use std::ffi::OsStr;

use ssss_client::ssss_model::SecretName;

use crate::args::{Cli, Command};
use crate::code::Code;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// Does what the command line says.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<Code, Failure> {
    let session = Session::new(&cli.global, output)?;
    match cli.command {
        Command::Status => status::run(&session),
        Command::List => list::run(&session),
        Command::Unlock => unlock::run(&session),
        Command::WhichKey => which_key::run(&session),
        Command::Get(args) => get::run(&session, &args),
        Command::Put(args) => put::run(&session, &args),
        Command::Rm(args) => rm::run(&session, &args),
        Command::Bootstrap(args) => bootstrap::run(&session, &args),
        Command::Key { command } => key::run(&session, command),
        Command::Help { words } => help::run(&words),
        Command::Completions { shell } => Ok(completions::run(shell)),
        Command::Man { dir } => man::run(&session, &dir),
    }
}

/// Reads the name of a secret.
fn secret_name(name: &OsStr) -> Result<SecretName, Failure> {
    let name = name
        .to_str()
        .ok_or_else(|| Failure::usage("the name of a secret is text (UTF-8)"))?;
    Ok(SecretName::new(name)?)
}

//! Saying what is wrong with a command line, without repeating what could be a key.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::code::Code;
use crate::failure::Failure;
use crate::output::{self, Output};

/// Shows help or the version, or what is wrong with the command line, and says how to end.
pub(super) fn report(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|word| word == "--json");
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            if let Err(failure) = error.print().or_else(|error| output::lost(&error)) {
                Output::plain(json).failure(&failure);
                return failure.code.into();
            }
            return Code::Done.into();
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
            if !json =>
        {
            _ = error.print();
        }
        _ => Output::plain(json).failure(&failure(error)),
    }
    Code::Usage.into()
}

fn failure(error: &clap::Error) -> Failure {
    let argument = context(error, ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => match argument.as_deref().and_then(flag) {
            Some(flag) => format!("there is no option {flag} here"),
            None => "there is a word too many on the command line".to_owned(),
        },
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        ErrorKind::MissingRequiredArgument => match argument {
            Some(argument) => format!("something is missing: {argument}"),
            None => "something is missing".to_owned(),
        },
        ErrorKind::ArgumentConflict => match (argument, context(error, ContextKind::PriorArg)) {
            (Some(one), Some(other)) if one == other => format!("{one} is given twice"),
            (Some(one), Some(other)) => format!("{one} and {other} exclude each other"),
            _ => "two options exclude each other".to_owned(),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => match argument {
            Some(argument) => format!("that is no value for {argument}"),
            None => "a value is not one of those possible".to_owned(),
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            "no command was given".to_owned()
        }
        _ => match argument {
            Some(argument) => format!("the command line is wrong at {argument}"),
            None => "the command line is wrong".to_owned(),
        },
    };
    let possible = context(error, ContextKind::ValidValue)
        .filter(|values| !values.is_empty())
        .map(|values| format!("possible are: {values}"));
    let failure = Failure::new(Code::Usage, "usage", message).try_this("ssss help");
    match (possible, error.kind()) {
        (Some(possible), _) => failure.because(possible),
        (None, ErrorKind::UnknownArgument) => failure.because(
            "keys and passphrases are never taken from the command line, which others can read",
        ),
        (None, _) => failure,
    }
}

/// The name of an option, without the value that may be attached to it.
fn flag(argument: &str) -> Option<&str> {
    let name = argument.split('=').next()?;
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    (name.starts_with("--") || name.len() == 2)
        .then_some(name)
        .filter(|name| name.starts_with('-') && is_name(name))
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        _ => None,
    }
}

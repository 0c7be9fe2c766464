//! `ssss help`

mod topics;

use clap::CommandFactory as _;

use crate::args::Cli;
use crate::code::{Code, EXIT_CODES};
use crate::failure::Failure;
use crate::output;

/// Prints help for a command, or on a topic.
pub(super) fn run(words: &[String]) -> Result<Code, Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let topic = match words.as_slice() {
        ["exit-codes"] => Some(EXIT_CODES),
        ["keys"] => Some(topics::KEYS),
        ["homeserver"] => Some(topics::HOMESERVER),
        ["environment"] => Some(topics::ENVIRONMENT),
        ["glossary"] => Some(topics::GLOSSARY),
        _ => None,
    };
    if let Some(topic) = topic {
        output::print(topic)?;
        return Ok(Code::Done);
    }
    let mut command = Cli::command();
    command.build();
    let mut command = &mut command;
    for word in words {
        command = command.find_subcommand_mut(word).ok_or_else(|| {
            Failure::usage("there is no help on that")
                .because("topics are: exit-codes, keys, homeserver, environment, glossary; and every command")
                .try_this("ssss help")
        })?;
    }
    output::print(&command.render_long_help().ansi().to_string())?;
    Ok(Code::Done)
}

#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod account;
mod approval;
mod args;
mod ceremony;
mod change_log;
mod code;
mod command;
mod failure;
mod hardening;
mod key_input;
mod key_search;
mod key_source;
mod key_words;
mod output;
mod password;
mod place;
mod plan_text;
mod prompt;
mod repair_words;
mod runtime;
mod saved_session;
mod secret_file;
mod secret_io;
mod server;
mod session;
mod sign_out;
mod state_folder;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    hardening::apply();
    let args = match args::parse() {
        Ok(args) => args,
        Err(stop) => return stop,
    };
    let output = output::Output::new(&args.global);
    let done = command::run(args, &output);
    // What was done and could not be told is no success.
    match done.and_then(|code| output.take_lost().map_or(Ok(code), Err)) {
        Ok(code) => code.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.code.into()
        }
    }
}

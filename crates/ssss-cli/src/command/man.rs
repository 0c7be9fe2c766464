//! `ssss man`

use std::path::Path;

use clap::CommandFactory as _;
use serde::Serialize;

use crate::args::Cli;
use crate::code::Code;
use crate::failure::Failure;
use crate::session::Session;

#[derive(Serialize)]
struct ManDocument {
    dir: String,
}

/// Writes a man page for each command into a folder.
pub(super) fn run(session: &Session<'_>, dir: &Path) -> Result<Code, Failure> {
    clap_mangen::generate_to(Cli::command(), dir).map_err(|error| {
        let message = format!("man pages cannot be written to {}", dir.display());
        Failure::local(message, &error)
    })?;
    let document = ManDocument {
        dir: dir.display().to_string(),
    };
    session.output.result(&document, || {
        format!("Wrote man pages to {}\n", dir.display())
    });
    Ok(Code::Done)
}

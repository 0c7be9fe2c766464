//! `ssss key`

mod form;

use std::io::IsTerminal as _;

use serde::Serialize;
use ssss_client::ssss_model::ssss_recovery_key::RecoveryKey;
use ssss_client::ssss_model::zeroize::Zeroizing;

use crate::args::{KeyCommand, KeyForm};
use crate::code::Code;
use crate::failure::{Failure, malformed_key};
use crate::key_input;
use crate::key_source::KeySource;
use crate::output::SCHEMA;
use crate::secret_io;
use crate::session::Session;

/// Makes, checks and converts recovery keys.
pub(super) fn run(session: &Session<'_>, command: KeyCommand) -> Result<Code, Failure> {
    match command {
        KeyCommand::New => new(session),
        KeyCommand::Check => check(session),
        KeyCommand::Convert { to, from } => convert(session, to, from),
    }
}

fn new(session: &Session<'_>) -> Result<Code, Failure> {
    let mut bytes = Zeroizing::new([0; RecoveryKey::LEN]);
    getrandom::fill(&mut *bytes).map_err(|error| {
        Failure::local(
            "the system has no random numbers",
            &std::io::Error::other(error),
        )
    })?;
    let text = RecoveryKey::from_bytes(&bytes).format();
    print(session, "recovery_key", text.expose())
}

#[derive(Serialize)]
struct CheckDocument {
    valid: bool,
}

fn check(session: &Session<'_>) -> Result<Code, Failure> {
    let text = read(session, "Recovery key: ")?;
    RecoveryKey::parse(&text).map_err(|reason| malformed_key(&text, &reason))?;
    session.output.result(&CheckDocument { valid: true }, || {
        format!(
            "This is a well-formed recovery key: 12 groups, and its check matches.\n\
             Whether it opens anything: {}\n",
            session.command("which-key")
        )
    });
    Ok(Code::Done)
}

fn convert(session: &Session<'_>, to: KeyForm, from: Option<KeyForm>) -> Result<Code, Failure> {
    let text = read(session, "Key: ")?;
    let key = form::read(&text, from.unwrap_or_else(|| form::recognise(&text)))?;
    print(session, "key", &form::write(&key, to))
}

/// Reads a key. Where no option says whence, and nobody sits at standard input, it is what comes from
/// there: nothing else here does.
fn read(session: &Session<'_>, question: &str) -> Result<Zeroizing<String>, Failure> {
    if !session.key_source.is_given() && !std::io::stdin().is_terminal() {
        let piped = KeySource::Stdin.read(0, session.output)?;
        if let Some(text) = piped.filter(|text| !text.is_empty()) {
            return Ok(text);
        }
    }
    key_input::read(session, question)
}

/// Prints a key and a line break; with `--json`, a document with the key in this field.
fn print(session: &Session<'_>, field: &str, key: &str) -> Result<Code, Failure> {
    let written = if session.output.is_json() {
        secret_io::write(&[
            format!("{{\"schema\":{SCHEMA},\"{field}\":\"").as_bytes(),
            key.as_bytes(),
            b"\"",
            session.output.warnings_field().as_bytes(),
            b"}\n",
        ])
    } else {
        secret_io::write(&[key.as_bytes(), b"\n"])
    };
    written.map_err(|error| Failure::local("the key was not written completely", &error))?;
    Ok(Code::Done)
}

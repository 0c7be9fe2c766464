//! Asking a person, at the terminal and not on standard input, so that pipes stay free.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _, Write as _};

use ssss_client::ssss_model::zeroize::Zeroizing;

use crate::args::Global;

/// The terminal of whoever started the command, if somebody is there to be asked.
#[derive(Debug)]
pub(crate) struct Prompt {
    /// Keys can be asked for: there is a terminal, and nobody said not to.
    can_ask: bool,
    /// Decisions can be asked for: standard input is the terminal, too. A script that runs in a
    /// terminal is not to hang at a question.
    can_confirm: bool,
}

impl Prompt {
    pub(crate) fn new(global: &Global) -> Self {
        let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        let can_ask = !global.no_input && !is_ci && terminal().is_ok();
        Self {
            can_ask,
            can_confirm: can_ask && io::stdin().is_terminal(),
        }
    }

    pub(crate) fn can_ask(&self) -> bool {
        self.can_ask
    }

    pub(crate) fn can_confirm(&self) -> bool {
        self.can_confirm
    }

    /// Asks for something that is not shown while it is typed. `None` if nothing was typed.
    pub(crate) fn hidden(question: &str) -> io::Result<Option<Zeroizing<String>>> {
        match rpassword::prompt_password(question) {
            Ok(text) => Ok(Some(Zeroizing::new(text)).filter(|text| !text.is_empty())),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Shows something that only the person at the terminal is to see.
    pub(crate) fn show(pieces: &[&str]) -> io::Result<()> {
        let mut terminal = terminal()?;
        for piece in pieces {
            // Unbuffered: nothing of it stays behind.
            terminal.write_all(piece.as_bytes())?;
        }
        Ok(())
    }

    /// Asks for a line that is shown while it is typed.
    pub(crate) fn line(question: &str) -> io::Result<Zeroizing<String>> {
        let mut terminal = terminal()?;
        terminal.write_all(question.as_bytes())?;
        let mut buffer = Zeroizing::new([0; 1024]);
        let len = terminal.read(&mut *buffer)?;
        let line = String::from_utf8_lossy(buffer.get(..len).unwrap_or_default());
        Ok(Zeroizing::new(line.trim().to_owned()))
    }

    /// Asks whether to go on.
    pub(crate) fn confirm(question: &str) -> io::Result<bool> {
        let answer = Self::line(&format!("{question} [y/N] "))?;
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }
}

fn terminal() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

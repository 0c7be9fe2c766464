//! What is printed: data on standard output, talk on standard error.

use std::cell::RefCell;
use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::args::{Color, Global};
use crate::failure::Failure;
use crate::key_words::KeyWords;

/// Where results, notes and failures go, and in which form.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    /// With `--json`, notes become part of the document, so that standard error has at most one.
    notes: RefCell<Vec<String>>,
    /// Why a result is not where it should be.
    lost: RefCell<Option<Failure>>,
    /// What is not repeated.
    keys: KeyWords,
}

/// What every document of `--json` has in common.
#[derive(Serialize)]
struct Document<'a, T> {
    schema: u8,
    #[serde(flatten)]
    body: &'a T,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: u8,
    kind: &'a str,
    message: &'a str,
    because: Option<&'a str>,
    hint: Option<&'a str>,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        match global.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self {
            json: global.json,
            quiet: global.quiet,
            notes: RefCell::default(),
            lost: RefCell::default(),
            keys: KeyWords::given(),
        }
    }

    /// For when the command line could not be read.
    pub(crate) fn plain(json: bool) -> Self {
        Self {
            json,
            quiet: false,
            notes: RefCell::default(),
            lost: RefCell::default(),
            keys: KeyWords::given(),
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a result: as one document, or as text. Neither is secret. Whether it was written,
    /// [`Self::take_lost`] tells in the end: what the command does is done all the same.
    pub(crate) fn result<T: Serialize>(&self, document: &T, text: impl FnOnce() -> String) {
        let text = if self.json {
            let document = Document {
                schema: SCHEMA,
                body: document,
                warnings: &self.notes.borrow(),
            };
            let json = serde_json::to_string(&document).unwrap_or_default();
            format!("{json}\n")
        } else {
            text()
        };
        if let Err(failure) = print(&self.keys.hide(&text)) {
            self.lost.replace(Some(failure));
        }
    }

    /// Why a result was not written, if one was not.
    pub(crate) fn take_lost(&self) -> Option<Failure> {
        self.lost.take()
    }

    /// Says something that is no result.
    pub(crate) fn note(&self, note: &str) {
        self.talk("note:    ", NOTE, note);
    }

    /// Says something that somebody should change.
    pub(crate) fn warning(&self, warning: &str) {
        self.talk("warning: ", WARNING, warning);
    }

    /// Says how far something is.
    pub(crate) fn progress(&self, text: &str) {
        if !self.quiet && !self.json {
            _ = writeln!(anstream::stderr(), "{}", self.keys.hide(text));
        }
    }

    /// The last field of a document that is not printed by [`Self::result`], with the comma before
    /// it; empty if nothing was noted.
    pub(crate) fn warnings_field(&self) -> String {
        match serde_json::to_string(&*self.notes.borrow()) {
            Ok(json) if json != "[]" => format!(",\"warnings\":{json}"),
            _ => String::new(),
        }
    }

    /// Says why nothing came of it.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut stderr = anstream::stderr();
        let message = self.keys.hide(&failure.message);
        let because = failure.because.as_ref().map(|text| self.keys.hide(text));
        let hint = failure.hint.as_ref().map(|text| self.keys.hide(text));
        if self.json {
            let document = ErrorDocument {
                error: ErrorBody {
                    code: failure.code.number(),
                    kind: failure.kind,
                    message: &message,
                    because: because.as_deref(),
                    hint: hint.as_deref(),
                },
            };
            if let Ok(json) = serde_json::to_string(&document) {
                _ = writeln!(stderr, "{json}");
            }
            return;
        }
        let lines = [
            ("error:   ", ERROR, Some(message)),
            ("because: ", NOTE, because),
            ("try:     ", NOTE, hint),
        ];
        for (label, style, line) in lines {
            if let Some(line) = line {
                _ = writeln!(stderr, "{style}{label}{style:#}{line}");
            }
        }
    }

    fn talk(&self, label: &str, style: Style, text: &str) {
        if self.quiet {
            return;
        }
        let text = self.keys.hide(text);
        if self.json {
            self.notes.borrow_mut().push(text.into_owned());
        } else {
            _ = writeln!(anstream::stderr(), "{style}{label}{style:#}{text}");
        }
    }
}

/// Prints text that is not secret to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    written.or_else(|error| lost(&error))
}

/// What it means that standard output took less than there was.
pub(crate) fn lost(error: &io::Error) -> Result<(), Failure> {
    // A pipe that was closed has read enough, as `head` does.
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(());
    }
    Err(Failure::local("the output was not written completely", error).try_this(
        "look where standard output goes; a change that was made is made, and `status` shows it",
    ))
}

/// The version of what `--json` prints. Fields are only ever added to it.
pub(crate) const SCHEMA: u8 = 1;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = Style::new().bold();

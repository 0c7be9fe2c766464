//! What is printed: data on standard output, talk on standard error.

use std::cell::RefCell;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::args::{Color, Global};
use crate::failure::Failure;

/// Where results, notes and failures go, and in which form.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    /// With `--json`, notes become part of the document, so that standard error has at most one.
    notes: RefCell<Vec<String>>,
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
        }
    }

    /// For when the command line could not be read.
    pub(crate) fn plain(json: bool) -> Self {
        Self {
            json,
            quiet: false,
            notes: RefCell::default(),
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a result: as one document, or as text. Neither is secret.
    pub(crate) fn result<T: Serialize>(&self, document: &T, text: impl FnOnce() -> String) {
        if self.json {
            let document = Document {
                schema: SCHEMA,
                body: document,
                warnings: &self.notes.borrow(),
            };
            if let Ok(json) = serde_json::to_string(&document) {
                print(&format!("{json}\n"));
            }
        } else {
            print(&text());
        }
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
            _ = writeln!(anstream::stderr(), "{text}");
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
        if self.json {
            let document = ErrorDocument {
                error: ErrorBody {
                    code: failure.code.number(),
                    kind: failure.kind,
                    message: &failure.message,
                    because: failure.because.as_deref(),
                    hint: failure.hint.as_deref(),
                },
            };
            if let Ok(json) = serde_json::to_string(&document) {
                _ = writeln!(stderr, "{json}");
            }
            return;
        }
        let lines = [
            ("error:   ", ERROR, Some(&failure.message)),
            ("because: ", NOTE, failure.because.as_ref()),
            ("try:     ", NOTE, failure.hint.as_ref()),
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
        if self.json {
            self.notes.borrow_mut().push(text.to_owned());
        } else {
            _ = writeln!(anstream::stderr(), "{style}{label}{style:#}{text}");
        }
    }
}

/// Prints text that is not secret to standard output.
pub(crate) fn print(text: &str) {
    let mut stdout = anstream::stdout();
    // A pipe that was closed has read enough, as `head` does.
    _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// The version of what `--json` prints. Fields are only ever added to it.
pub(crate) const SCHEMA: u8 = 1;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = Style::new().bold();

//! Making the new key and seeing to it that somebody has it, before anything is written.

use std::cell::Cell;

use serde::Serialize;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ssss_recovery_key::RecoveryKeyText;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{NewKey, NewKeyBuilder, Passphrase};

use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::NO_TERMINAL;
use crate::key_source;
use crate::output::SCHEMA;
use crate::prompt::Prompt;
use crate::secret_file::SecretFile;
use crate::secret_io;
use crate::session::Session;

/// Makes the new key, shows it, and asks whether it was written down.
#[derive(Debug)]
pub(crate) struct Ceremony<'a> {
    session: &'a Session<'a>,
    args: &'a args::NewKey,
    /// With `--json`, what the document has if nothing came of it, beside the key.
    nothing: &'static str,
    /// With `--json`, whether the document was begun.
    has_begun: Cell<bool>,
    has_shown: Cell<bool>,
}

/// How often the last group may be mistyped.
const ATTEMPTS: usize = 3;

impl<'a> Ceremony<'a> {
    pub(crate) fn new(
        session: &'a Session<'a>,
        args: &'a args::NewKey,
        nothing: &'static str,
    ) -> Self {
        Self {
            session,
            args,
            nothing,
            has_begun: Cell::new(false),
            has_shown: Cell::new(false),
        }
    }

    pub(crate) fn create_key(&self) -> Result<NewKey, Failure> {
        let mut rng = UnwrapErr(getrandom::SysRng);
        if self.session.global.dry_run {
            return Ok(NewKey::random(&mut rng).build(&mut rng));
        }
        self.require_somebody()?;
        let mut builder = self.builder()?;
        if let Some(name) = &self.args.name {
            builder = builder.name(name);
        }
        let key = builder.build(&mut rng);
        self.show(&key)?;
        Ok(key)
    }

    /// Shows a key that was made, and asks whether it was written down.
    pub(crate) fn show(&self, key: &NewKey) -> Result<(), Failure> {
        if self.session.global.dry_run {
            return Ok(());
        }
        self.require_somebody()?;
        let text = key.key().recovery_key().map(|key| key.format());
        let text = text
            .ok_or_else(|| Failure::new(Code::Local, "bug", "the new key has no recovery key"))?;
        self.hand_over(key, &text)
    }

    fn require_somebody(&self) -> Result<(), Failure> {
        if self.session.global.yes || self.session.prompt.can_confirm() {
            return Ok(());
        }
        let message = "a new key is needed, and nobody is there to write it down";
        Err(Failure::not_confirmed(message)
            .because("nothing was written; the key would be shown only once")
            .try_this("--yes, and keep what is printed"))
    }

    /// With `--json`, whether the document was begun, with the recovery key.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun.get()
    }

    /// Whether somebody may have seen the recovery key.
    pub(crate) fn has_shown(&self) -> bool {
        self.has_shown.get()
    }

    /// Ends the document that [`Self::create_key`] began.
    pub(crate) fn finish(&self, outcome: &impl Serialize) -> Result<(), Failure> {
        let rest = serde_json::to_string(outcome).unwrap_or_default();
        // Without its braces, it goes on where the document was left.
        let rest = rest.trim_start_matches('{').strip_suffix('}');
        let warnings = self.session.output.warnings_field();
        write(&[
            rest.unwrap_or_default().as_bytes(),
            warnings.as_bytes(),
            b"}\n",
        ])
    }

    /// Ends the document, if it was begun, when nothing came of it.
    pub(crate) fn abort(&self) {
        if self.has_begun.get() {
            // The failure that led here is the one to report.
            _ = write(&[self.nothing.as_bytes(), b"}\n"]);
        }
    }

    fn builder(&self) -> Result<NewKeyBuilder, Failure> {
        let mut rng = UnwrapErr(getrandom::SysRng);
        let passphrase = if let Some(path) = &self.args.passphrase_file {
            let file = SecretFile {
                what: "passphrase",
                named_by: "--passphrase-file",
                path,
            };
            let (file, message) = file.open_private(self.session.output)?;
            key_source::read_key(file, &message)?
        } else if self.args.passphrase {
            self.ask_for_passphrase()?
        } else {
            return Ok(NewKey::random(&mut rng));
        };
        if passphrase.trim().is_empty() {
            return Err(Failure::usage("the passphrase is empty"));
        }
        Ok(NewKey::from_passphrase(
            &Passphrase::new(passphrase),
            &mut rng,
        ))
    }

    fn ask_for_passphrase(&self) -> Result<Zeroizing<String>, Failure> {
        let no_passphrase = |because: &str| {
            Failure::new(Code::NoKey, "no-passphrase", "no passphrase was given")
                .because(because)
                .try_this("--passphrase-file FILE")
        };
        if !self.session.prompt.can_ask() {
            return Err(no_passphrase("there is nobody to ask for it"));
        }
        for _ in 0..ATTEMPTS {
            let ask = |question| {
                Prompt::hidden(question)
                    .map_err(|error| Failure::local(NO_TERMINAL, &error))?
                    .ok_or_else(|| no_passphrase("nothing was typed"))
            };
            let once = ask("New passphrase: ")?;
            let twice = ask("The same again: ")?;
            if *once == *twice {
                return Ok(once);
            }
            show(&["These are not the same.\n"])?;
        }
        Err(no_passphrase("the two were never the same"))
    }

    /// Gives the recovery key to whoever must keep it.
    fn hand_over(&self, key: &NewKey, text: &RecoveryKeyText) -> Result<(), Failure> {
        self.has_shown.set(true);
        if !self.session.global.yes {
            confirm(text)?;
        }
        if self.session.output.is_json() {
            let id = secret_io::json_string(key.key().id().as_str());
            write(&[
                format!("{{\"schema\":{SCHEMA},\"recovery_key\":\"").as_bytes(),
                text.expose().as_bytes(),
                b"\",\"key_id\":",
                &id,
                b",",
            ])?;
            self.has_begun.set(true);
        } else if self.session.global.yes {
            write(&[b"Your recovery key:   ", text.expose().as_bytes(), b"\n"])?;
        }
        Ok(())
    }
}

/// Shows the recovery key on the terminal, and asks for its last group.
fn confirm(text: &RecoveryKeyText) -> Result<(), Failure> {
    let text = text.expose();
    show(&[
        "Your recovery key:   ",
        text,
        "\nWrite it down: it is not shown again. It opens everything that is stored.\n",
    ])?;
    let last = text.rsplit(' ').next().unwrap_or_default();
    for _ in 0..ATTEMPTS {
        let typed = Prompt::line("Type the LAST group to go on: ")
            .map_err(|error| Failure::local(NO_TERMINAL, &error))?;
        if *typed == *last {
            return Ok(());
        }
        if typed.is_empty() {
            break;
        }
        show(&["That is not the last group.\n"])?;
    }
    Err(Failure::not_confirmed("the recovery key was not confirmed")
        .because("nothing was written, and the key that was shown is worth nothing"))
}

fn show(pieces: &[&str]) -> Result<(), Failure> {
    Prompt::show(pieces).map_err(|error| Failure::local(NO_TERMINAL, &error))
}

fn write(pieces: &[&[u8]]) -> Result<(), Failure> {
    secret_io::write(pieces)
        .map_err(|error| Failure::local("the recovery key was not written", &error))
}

//! What a command has at hand.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::try_join;
use ssss_client::ssss_model::ssss_crypto::CostLimits;
use ssss_client::ssss_model::{EventState, KeyId, SecretName, Snapshot};
use ssss_client::{
    AccountData as _, ApplyErrorKind, Change, Error, JournalFolder, PlanError, Published, Report,
    SecretStorage, quoted,
};

use crate::account::{Access, Account};
use crate::args::Global;
use crate::change_log::ChangeLog;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::key_source::KeySource;
use crate::output::Output;
use crate::place::{Place, ServerPlace};
use crate::prompt::Prompt;
use crate::runtime::block_on;
use crate::server::Server;
use crate::state_folder::{journal_of_file, journal_of_user};

/// What a command has at hand: its options, and ways to talk.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) global: &'a Global,
    pub(crate) output: &'a Output,
    pub(crate) prompt: Prompt,
    pub(crate) key_source: KeySource,
    /// The session on the homeserver, once there is one.
    server: OnceCell<Server>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(global: &'a Global, output: &'a Output) -> Result<Self, Failure> {
        Ok(Self {
            global,
            output,
            prompt: Prompt::new(global),
            key_source: KeySource::new(global)?,
            server: OnceCell::new(),
        })
    }

    /// Ends what was begun for this command only.
    pub(crate) fn close(&mut self) {
        if let Some(server) = self.server.take() {
            server.close(self.output);
        }
    }

    /// Where the account is.
    pub(crate) fn place(&self) -> Result<Place, Failure> {
        Place::new(self.global)
    }

    /// The account on the homeserver, with a session on it.
    pub(crate) fn server(&self, place: &ServerPlace) -> Result<&Server, Failure> {
        if let Some(server) = self.server.get() {
            return Ok(server);
        }
        let server = Server::connect(place, self.global, &self.prompt, self.output)?;
        Ok(self.server.get_or_init(|| server))
    }

    /// The account, for looking.
    pub(crate) fn account_to_read(&self) -> Result<Account, Failure> {
        match self.place()? {
            Place::Stdin if self.key_source.takes_stdin() => {
                let message = "the account and the key cannot both come from standard input";
                Err(Failure::usage(message).try_this("--key-file or --key-fd"))
            }
            Place::Stdin => Ok(Account::stdin()?),
            Place::File(path) => Ok(Account::open(&path, Access::Existing, false)?),
            Place::Homeserver(place) => self.account_on(&place, false),
        }
    }

    /// The account, for writing.
    pub(crate) fn account_to_write(&self, access: Access) -> Result<Account, Failure> {
        let rehearse = self.global.dry_run;
        match self.place()? {
            Place::Stdin => {
                let message = "this writes, and standard input can be read only";
                Err(Failure::usage(message).try_this("--offline FILE"))
            }
            Place::File(path) => Ok(Account::open(&path, access, rehearse)?),
            Place::Homeserver(place) => self.account_on(&place, rehearse),
        }
    }

    fn account_on(&self, place: &ServerPlace, rehearse: bool) -> Result<Account, Failure> {
        let server = self.server(place)?;
        Ok(Account::on_homeserver(
            Arc::clone(&server.account),
            rehearse,
        ))
    }

    /// How much a passphrase may cost.
    pub(crate) fn limits(&self) -> CostLimits {
        let default = CostLimits::default();
        CostLimits {
            ceiling: self.global.max_kdf_iterations.unwrap_or(default.ceiling),
            ..default
        }
    }

    /// Secret storage of an account, for looking, with this command's way to keys.
    pub(crate) fn storage<'s>(
        &'s self,
        account: Account,
        keys: &'s KeyInput<'s>,
    ) -> SecretStorage<Account, &'s KeyInput<'s>> {
        SecretStorage::new(account, keys).with_cost_limits(self.limits())
    }

    /// The journal of the account.
    pub(crate) fn journal(&self) -> Result<JournalFolder, Failure> {
        match self.place()? {
            Place::Stdin => journal_of_file(Path::new("-")),
            Place::File(path) => journal_of_file(&path),
            Place::Homeserver(place) => journal_of_user(self.server(&place)?.account.user_id()),
        }
    }

    /// A change of the account that was stopped half-way. Of one that came over a pipe nobody knows.
    pub(crate) fn unfinished(&self) -> Option<Change> {
        self.journal().ok()?.unfinished().ok()?
    }

    /// What a change goes through before it is written. Tells of an earlier one that was stopped.
    pub(crate) fn change_log(&self) -> Result<ChangeLog<'_>, Failure> {
        let log = ChangeLog::new(self, self.journal()?);
        if let Some(change) = log.folder().unfinished()? {
            self.output.warning(&format!(
                "a change that began at {} was stopped half-way; {} finishes it; {} takes back first what was changed since, and then that",
                change.time,
                self.command("resume"),
                self.command("undo")
            ));
        }
        Ok(log)
    }

    /// The same, for a change that makes a key: two of those at once are one too many.
    pub(crate) fn change_log_for_key(&self) -> Result<ChangeLog<'_>, Failure> {
        let log = ChangeLog::new(self, self.journal()?);
        match log.folder().unfinished()? {
            None => Ok(log),
            Some(change) => Err(Failure::new(
                Code::HalfWay,
                "unfinished",
                format!(
                    "a change that began at {} was stopped half-way",
                    change.time
                ),
            )
            .because("another new key before that is finished or taken back would be one too many")
            .try_this(format!(
                "{}; or {}, which takes back first what was changed since",
                self.command("resume"),
                self.command("undo")
            ))),
        }
    }

    /// Reads a key id from the command line, and holds it against the account.
    pub(crate) fn key_id(&self, snapshot: &Snapshot, id: &OsStr) -> Result<KeyId, Failure> {
        let id = id.to_str().and_then(|id| KeyId::new(id).ok());
        let id = id.ok_or_else(|| Failure::usage("a key id is text (UTF-8) and not empty"))?;
        let is_described = matches!(
            snapshot.key(&id),
            EventState::Present(_) | EventState::Malformed(_)
        );
        let is_there = is_described
            || snapshot
                .present_secrets()
                .any(|secret| secret.has_data_for(&id));
        if is_there {
            return Ok(id);
        }
        if !snapshot.is_whole() {
            return Err(PlanError::NotListed.into());
        }
        let known: Vec<_> = snapshot
            .descriptions()
            .take(10)
            .map(|key| quoted(key.id().as_str()))
            .collect();
        let because = if known.is_empty() {
            "the account describes no keys".to_owned()
        } else {
            format!("the account has: {}", known.join(", "))
        };
        Err(Failure::new(
            Code::NoSuch,
            "no-such-key",
            format!("there is no key {}", quoted(id.as_str())),
        )
        .because(because)
        .try_this(self.command("status")))
    }

    /// What to type to go on with the same account.
    pub(crate) fn command(&self, rest: &str) -> String {
        let mut words = vec!["ssss".to_owned()];
        let mut option = |name: &str, value: &str| {
            words.extend([name.to_owned(), shell_quoted(value)]);
        };
        match self.place() {
            Ok(Place::File(path)) => option("--offline", &path.display().to_string()),
            Ok(Place::Homeserver(_)) => {
                // What came from the environment is still there.
                let global = self.global;
                let file =
                    |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
                for (name, value) in [
                    ("-u", global.user.clone()),
                    ("--homeserver", global.homeserver.clone()),
                    ("--ca-file", file(&global.ca_file)),
                    // What is no file may be the token itself.
                    (
                        "--access-token-file",
                        file(&global.access_token_file).map(|path| {
                            let is_file = Path::new(&path).exists();
                            if is_file { path } else { "FILE".to_owned() }
                        }),
                    ),
                ] {
                    if let Some(value) = value {
                        option(name, &value);
                    }
                }
            }
            Ok(Place::Stdin) | Err(_) => option("--offline", "FILE"),
        }
        words.push(rest.to_owned());
        words.join(" ")
    }

    /// The account's name in texts.
    pub(crate) fn account_name(&self) -> String {
        match (self.place(), self.server.get()) {
            (_, Some(server)) => format!(
                "{} on {}",
                quoted(server.account.user_id().as_str()),
                quoted(server.account.homeserver().url())
            ),
            (Ok(Place::File(path)), _) => shell_quoted(&path.display().to_string()),
            _ => "standard input".to_owned(),
        }
    }

    /// That secret storage is not set up here.
    pub(crate) fn not_set_up(&self) -> Failure {
        Failure::new(
            Code::NotSetUp,
            "not-set-up",
            "secret storage is not set up in this account",
        )
        .because("it has neither keys nor secrets, or they were blanked")
        .try_this(self.command("bootstrap"))
    }

    /// Refuses an account that has nothing to work with, or no usable default key where one is
    /// needed.
    pub(crate) fn require_set_up(&self, snapshot: &Snapshot) -> Result<Report, Failure> {
        let report = Report::new(snapshot, &[], self.limits());
        if report.is_set_up() {
            Ok(report)
        } else {
            Err(self.not_set_up())
        }
    }
}

/// Reads the account, and what its homeserver publishes of it, at once.
pub(crate) fn look(account: &Account) -> Result<(Snapshot, Option<Published>), Failure> {
    let published = async {
        match account.homeserver() {
            Some(server) => Ok(Some(server.published().await?)),
            None => Ok(None),
        }
    };
    let (listing, published) = block_on(try_join(account.enumerate(), published))?;
    Ok((listing.into_snapshot(), published))
}

/// Reads the account.
pub(crate) fn snapshot(account: &Account) -> Result<Snapshot, Failure> {
    Ok(block_on(account.enumerate())?.into_snapshot())
}

/// Reads the account, the secret of this name included, also where the server does not list it.
pub(crate) fn snapshot_with(account: &Account, name: &SecretName) -> Result<Snapshot, Failure> {
    account.mention(&[name.as_str()]);
    snapshot(account)
}

/// Secret storage for changing it, and what a change goes through.
pub(crate) type Storage<'s> = SecretStorage<Account, &'s KeyInput<'s>, &'s ChangeLog<'s>>;

/// Secret storage of an account, for changing it.
pub(crate) fn storage<'s>(
    session: &Session<'_>,
    account: Account,
    keys: &'s KeyInput<'s>,
    log: &'s ChangeLog<'s>,
) -> Storage<'s> {
    SecretStorage::new(account, keys)
        .with_cost_limits(session.limits())
        .with_journal(log)
}

/// The failure of a change.
pub(crate) fn change_failure(
    session: &Session<'_>,
    error: Error,
    storage: &Storage<'_>,
    keys: &KeyInput<'_>,
) -> Failure {
    if let (Error::Journal(_), Some(failure)) = (&error, storage.journal().take_failure()) {
        return failure;
    }
    let is_overtaken = is_overtaken(&error);
    let failure = failure(error, keys);
    if failure.code != Code::HalfWay {
        return failure;
    }
    let (resume, undo) = (session.command("resume"), session.command("undo"));
    let doctor = session.command("doctor");
    failure.try_this(match storage.journal().folder().begun() {
        // Without it both would be about another change.
        None => format!("{doctor} shows what there is"),
        Some(_) if is_overtaken => format!(
            "{resume} finishes it or {undo} takes it back, as far as the other client leaves that; {resume} --forget leaves it at that"
        ),
        Some(_) => format!("{resume} finishes it; {undo} takes it back"),
    })
}

/// The failure of an operation, told by the callback that caused it if one did.
pub(crate) fn failure(error: Error, keys: &KeyInput<'_>) -> Failure {
    match (keys.take_failure(), error) {
        (Some(failure), Error::NoKeySupplied | Error::NoKeyCreated | Error::KeyUnproven(_)) => {
            failure
        }
        // Some changes go on without a key, as far as they can. A key that was given and is wrong is
        // another story than none.
        (Some(failure), Error::Plan(_)) if failure.code != Code::NoKey => failure,
        (_, error) => error.into(),
    }
}

/// Whether another client's write is what kept a change from its end.
fn is_overtaken(error: &Error) -> bool {
    let Error::Apply(error) = error else {
        return false;
    };
    let kind = &error.kind;
    matches!(
        kind,
        ApplyErrorKind::Conflict(_) | ApplyErrorKind::NotStored(_)
    )
}

/// A word as a shell takes it, and as no terminal misunderstands it.
pub(crate) fn shell_quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/+:@%,=".contains(c);
    // zsh looks for a program of that name.
    let is_plain = |word: &str| word.chars().all(is_plain) && !word.starts_with('=');
    let is_odd = |c: char| c.is_control() || c.escape_debug().len() > 2;
    if !word.is_empty() && is_plain(word) {
        word.to_owned()
    } else if word.chars().any(is_odd) {
        // How bash and zsh spell what cannot be shown.
        let spelled: String = word
            .chars()
            .map(|c| match c {
                '\'' | '\\' => format!("\\{c}"),
                c if is_odd(c) => format!("\\U{:08x}", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        format!("$'{spelled}'")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_shell() {
        for (word, expected) in [
            ("a/b.json", "a/b.json"),
            ("a b", "'a b'"),
            ("", "''"),
            ("$(x)", "'$(x)'"),
            ("it's", r"'it'\''s'"),
            ("a'\u{1b}[2J", r"$'a\'\U0000001b[2J'"),
            ("\u{202e}", r"$'\U0000202e'"),
        ] {
            assert_eq!(shell_quoted(word), expected);
        }
    }
}

//! `ssss bootstrap`

mod identity;

use serde::Serialize;
use ssss_client::ssss_model::SecretName;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::{Bootstrap, Bootstrapped, NotStored, Publication, UnlockScope, quoted};

use self::identity::Identity;
use super::{rehearsal, secret_names, status};
use crate::account::Access;
use crate::args;
use crate::ceremony::Ceremony;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::runtime::block_on;
use crate::session::{self, Session};

#[derive(Serialize)]
struct BootstrapDocument<'a> {
    recovery_key: Option<&'a str>,
    key_id: &'a str,
    #[serde(flatten)]
    outcome: OutcomeDocument<'a>,
}

/// What is known only when all is done.
#[derive(Serialize)]
struct OutcomeDocument<'a> {
    stored: Vec<&'a str>,
    carried: Vec<&'a str>,
    not_stored: Vec<NotStoredDocument<'a>>,
    published: PublishedDocument,
    ready: bool,
}

/// What was published on the homeserver, and was not before.
#[derive(Serialize)]
struct PublishedDocument {
    identity: bool,
    backup: bool,
}

#[derive(Serialize)]
struct NotStoredDocument<'a> {
    name: &'a str,
    reason: &'static str,
}

/// Sets secret storage up, as far as it is not.
pub(super) fn run(session: &Session<'_>, args: &args::Bootstrap) -> Result<Code, Failure> {
    let abandon = secret_names(&args.abandon.abandon)?;
    let account = session.account_to_write(Access::Create)?;
    let (snapshot, published) = session::look(&account)?;
    let purpose = "to carry the secrets over";
    let keys = KeyInput::new(session, &snapshot, UnlockScope::Every, purpose);
    let ceremony = Ceremony::new(session, &args.new_key, "\"stored\":[]");
    let identity = Identity::for_account(&snapshot, published.as_ref(), args.no_backup)?;
    let log = session.change_log_for_key()?;
    let storage = session::storage(session, account, &keys, &log);
    let mut create_key = async || {
        ceremony
            .create_key()
            .map_err(|failure| keys.fail(failure))
            .ok()
    };
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets: &identity,
        set_up_new: args.set_up_new,
        abandon: &abandon,
        publish: identity.publish,
    };
    let mut rng = UnwrapErr(getrandom::SysRng);
    let done = block_on(storage.bootstrap(options, &mut rng)).map_err(|error| {
        ceremony.abort();
        let leaves_something = error.leaves_something();
        let failure = session::change_failure(session, error, &storage, &keys);
        if ceremony.has_shown() && !leaves_something {
            failure.try_this("run it again: the recovery key that was shown opens nothing")
        } else {
            failure
        }
    })?;
    if session.global.dry_run {
        rehearsal::print(session, log.plan().as_ref());
        return Ok(Code::Done);
    }
    let (after, published) = session::look(storage.account_data())?;
    let is_ready = status::report(session, &after, published.as_ref()).is_ready();
    finish(session, &ceremony, &done, identity.publish, is_ready)
}

fn finish(
    session: &Session<'_>,
    ceremony: &Ceremony<'_>,
    done: &Bootstrapped,
    publish: Publication,
    ready: bool,
) -> Result<Code, Failure> {
    let not_stored = done
        .not_stored
        .iter()
        .map(|(name, reason)| NotStoredDocument {
            name: name.as_str(),
            reason: match reason {
                NotStored::Abandoned => "abandoned",
                NotStored::OtherKey => "other-key",
                _ => "no-value",
            },
        });
    let outcome = OutcomeDocument {
        stored: done.stored.iter().map(SecretName::as_str).collect(),
        carried: done.carried.iter().map(SecretName::as_str).collect(),
        not_stored: not_stored.collect(),
        published: PublishedDocument {
            identity: publish.identity,
            backup: publish.backup,
        },
        ready,
    };
    if session.output.is_json() && ceremony.has_begun() {
        ceremony.finish(&outcome)?;
    } else {
        let document = BootstrapDocument {
            recovery_key: None,
            key_id: done.key_id.as_str(),
            outcome,
        };
        session
            .output
            .result(&document, || text(session, done, &document.outcome));
    }
    Ok(if ready { Code::Done } else { Code::Problems })
}

fn text(session: &Session<'_>, done: &Bootstrapped, outcome: &OutcomeDocument<'_>) -> String {
    let id = quoted(done.key_id.as_str());
    let mut lines = Vec::new();
    if done.new_key.is_some() {
        lines.push(format!("Made key {id}, the default key."));
    }
    let stored = outcome.stored.iter();
    lines.extend(stored.map(|name| format!(" ✓ stored {}", quoted(name))));
    let carried = outcome.carried.iter();
    lines.extend(carried.map(|name| format!(" ✓ carried over {}", quoted(name))));
    lines.extend(outcome.not_stored.iter().map(|secret| {
        let why = match secret.reason {
            "abandoned" => "left behind, as you said",
            "other-key" => "it is sealed for another key only",
            _ => "it is not here; a signed-in device may have it",
        };
        format!(" ✗ not stored: {} ({why})", quoted(secret.name))
    }));
    if outcome.published.identity {
        lines.push(" ✓ published the cross-signing identity".to_owned());
    }
    if outcome.published.backup {
        lines.push(" ✓ made a key backup".to_owned());
    }
    if lines.is_empty() {
        lines.push(format!(
            "Nothing to do: secret storage is set up, with default key {id}."
        ));
    }
    if !outcome.stored.is_empty() && !outcome.published.identity {
        lines.push(
            "The cross-signing identity and the backup key are new: no server knows them yet."
                .to_owned(),
        );
    }
    lines.push(format!("next: {}", session.command("status")));
    lines.join("\n") + "\n"
}

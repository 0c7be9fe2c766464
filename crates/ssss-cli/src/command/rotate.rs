//! `ssss rotate`, and what makes other new keys

use serde::Serialize;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::{NewKey, SecretName, Snapshot};
use ssss_client::{OldKey, Rotate, Rotated, UnlockScope, quoted};

use super::changed::{OLD_CIPHERTEXT, undo_hint};
use super::rehearsal::{self, LossDocument};
use super::secret_names;
use crate::account::{Access, Account};
use crate::args;
use crate::ceremony::Ceremony;
use crate::change_log::ChangeLog;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::plan_text;
use crate::runtime::block_on;
use crate::session::{self, Session};

#[derive(Serialize)]
struct RotatedDocument<'a> {
    carried: Vec<&'a str>,
    losses: Vec<LossDocument<'a>>,
}

/// Makes a new key that opens everything, and makes it the default.
pub(super) fn run(session: &Session<'_>, args: &args::Rotate) -> Result<Code, Failure> {
    let account = session.account_to_write(Access::Existing)?;
    let snapshot = session::snapshot(&account)?;
    session.require_set_up(&snapshot)?;
    let old_key = match snapshot.default_key_id() {
        Some(id) if args.revoke => OldKey::Revoked(id.clone()),
        _ => OldKey::Kept,
    };
    let keys = KeyInput::new(
        session,
        &snapshot,
        UnlockScope::Every,
        "to carry the secrets over",
    );
    let ceremony = Ceremony::new(session, &args.new_key, NOTHING);
    let create_key = || ceremony.create_key();
    let put = NewKeyPut {
        session,
        account,
        snapshot: &snapshot,
        keys: &keys,
        ceremony: &ceremony,
    };
    put.run(&old_key, &args.abandon, create_key)
}

/// With `--json`, what the document has if nothing came of it.
pub(super) const NOTHING: &str = "\"carried\":[]";

/// Putting a new key in place.
pub(super) struct NewKeyPut<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) account: Account,
    pub(super) snapshot: &'a Snapshot,
    pub(super) keys: &'a KeyInput<'a>,
    pub(super) ceremony: &'a Ceremony<'a>,
}

impl NewKeyPut<'_> {
    pub(super) fn run(
        self,
        old_key: &OldKey,
        abandon: &args::Abandon,
        create_key: impl Fn() -> Result<NewKey, Failure>,
    ) -> Result<Code, Failure> {
        let Self {
            session,
            account,
            snapshot,
            keys,
            ceremony,
        } = self;
        let abandon = secret_names(&abandon.abandon)?;
        let log = session.change_log_for_key()?;
        let storage = session::storage(session, account, keys, &log);
        let mut create_key = async || create_key().map_err(|failure| keys.fail(failure)).ok();
        let options = Rotate {
            create_key: &mut create_key,
            old_key: old_key.clone(),
            abandon: &abandon,
        };
        let mut rng = UnwrapErr(getrandom::SysRng);
        let rotated = block_on(storage.rotate(options, &mut rng)).map_err(|error| {
            ceremony.abort();
            let leaves_something = error.leaves_something();
            let failure = session::change_failure(session, error, &storage, keys);
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
        if *old_key != OldKey::StaysDefault {
            session.output.note(OLD_CIPHERTEXT);
        }
        let document = RotatedDocument {
            carried: rotated.carried.iter().map(SecretName::as_str).collect(),
            losses: rotated.losses.iter().map(LossDocument::new).collect(),
        };
        if session.output.is_json() {
            ceremony.finish(&document)?;
        } else {
            session.output.result(&document, || {
                text(session, snapshot, &log, old_key, &rotated)
            });
        }
        Ok(Code::Done)
    }
}

fn text(
    session: &Session<'_>,
    snapshot: &Snapshot,
    log: &ChangeLog<'_>,
    old_key: &OldKey,
    rotated: &Rotated,
) -> String {
    let id = quoted(rotated.new_key.key().id().as_str());
    let old = snapshot.default_key_id().map(|id| quoted(id.as_str()));
    let mut text = match (old_key, old) {
        (OldKey::StaysDefault, Some(old)) => {
            format!("Made key {id}. Key {old} stays the default.\n")
        }
        (OldKey::StaysDefault, None) => format!("Made key {id}.\n"),
        (OldKey::Kept, Some(old)) => {
            format!("Made key {id}, the default key. Key {old} still opens what it opened.\n")
        }
        _ => format!("Made key {id}, the default key.\n"),
    };
    let carried = rotated.carried.iter();
    text.extend(carried.map(|name| format!(" ✓ carried over {}\n", quoted(name.as_str()))));
    text += &plan_text::losses(&rotated.losses);
    text + &undo_hint(session, log)
}

//! `ssss which-key`

use serde::Serialize;
use ssss_client::{UnlockScope, quoted};

use super::unlock;
use crate::code::Code;
use crate::failure::Failure;
use crate::session::{self, Session};

#[derive(Serialize)]
struct WhichKeyDocument<'a> {
    /// What was given: a recovery key or a passphrase.
    kind: &'static str,
    keys: Vec<FoundKey<'a>>,
    /// Keys that it may be: nothing shows whether it is.
    unproven: Vec<&'a str>,
}

#[derive(Serialize)]
struct FoundKey<'a> {
    key_id: &'a str,
    is_default: bool,
    matched: &'static str,
    opens: Vec<&'a str>,
    damaged: Vec<&'a str>,
}

/// Finds every stored key that the key given is.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    if session.key_source.count() > 1 {
        let message = "which-key is about one key, and several were given";
        return Err(Failure::usage(message).try_this("it once for each; doctor takes all"));
    }
    let account = session.account_to_read()?;
    let snapshot = session::snapshot(&account)?;
    let (unlocked, kind) = unlock::find(session, &snapshot, UnlockScope::Every)?;
    if unlocked.keys.is_empty() {
        return Err(unlock::unproven(&unlocked));
    }
    let found = unlocked.keys.iter().map(|key| {
        let (opens, damaged) = unlock::opens(&snapshot, key);
        FoundKey {
            key_id: key.id().as_str(),
            is_default: snapshot.default_key_id() == Some(key.id()),
            matched: unlock::matched(key.evidence()),
            opens,
            damaged,
        }
    });
    let unproven = unlocked.unchecked.iter();
    let document = WhichKeyDocument {
        kind,
        keys: found.collect(),
        unproven: unproven.map(|key| key.id().as_str()).collect(),
    };
    session.output.result(&document, || text(&document));
    let is_default = document.keys.iter().any(|key| key.is_default);
    Ok(if is_default {
        Code::Done
    } else {
        Code::OtherKey
    })
}

fn text(document: &WhichKeyDocument<'_>) -> String {
    let found = document.keys.iter().map(|key| {
        let id = quoted(key.key_id);
        let verdict = if key.is_default {
            format!(
                "This is the {} of key {id}, the default key.",
                document.kind
            )
        } else {
            format!(
                "This is a valid {}, but for key {id}, not the default key.",
                document.kind
            )
        };
        let opens = unlock::what_it_opens(&key.opens, &key.damaged);
        format!("{verdict}\n{opens}")
    });
    let unproven = document
        .unproven
        .iter()
        .map(|id| format!("It may be key {}; nothing shows it.\n", quoted(id)));
    found.chain(unproven).collect()
}

//! What a change prints when it is done.

use serde::Serialize;
use ssss_client::{Intent, Loss};

use super::rehearsal::{self, LossDocument};
use crate::change_log::ChangeLog;
use crate::code::Code;
use crate::plan_text;
use crate::session::Session;

#[derive(Serialize)]
struct ChangedDocument<'a> {
    changed: bool,
    losses: Vec<LossDocument<'a>>,
    /// The account as it was before.
    snapshot: Option<String>,
}

/// Says what a change did, or would do, in words that are given where it did something.
pub(super) fn report(
    session: &Session<'_>,
    log: &ChangeLog<'_>,
    losses: &[Loss],
    done: &str,
) -> Code {
    let plan = log.plan();
    if session.global.dry_run {
        rehearsal::print(session, plan.as_ref());
        return Code::Done;
    }
    let document = ChangedDocument {
        changed: plan.is_some(),
        losses: losses.iter().map(LossDocument::new).collect(),
        snapshot: log.snapshot().map(|path| path.display().to_string()),
    };
    session.output.result(&document, || {
        if plan.is_none() {
            return "There is nothing to do.\n".to_owned();
        }
        let mut text = format!("{done}\n");
        text += &plan_text::losses(losses);
        if plan.is_some_and(|plan| plan.intent() != Intent::Undo) {
            text += &undo_hint(session, log);
        }
        text
    });
    Code::Done
}

/// Where the account is as it was, and how to take the change back.
pub(super) fn undo_hint(session: &Session<'_>, log: &ChangeLog<'_>) -> String {
    match log.snapshot() {
        Some(path) => format!(
            "As it was before: {}\nTake it back with: {}\n",
            path.display(),
            session.command("undo")
        ),
        None => String::new(),
    }
}

/// What everybody should know who takes a key away.
pub(super) const OLD_CIPHERTEXT: &str = "what was sealed for the old key may have been copied \
    before, also into the snapshot that was saved now. If the key is known to somebody else, the \
    secrets must be new too: a new cross-signing identity and a new key backup";

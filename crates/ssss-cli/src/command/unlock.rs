//! `ssss unlock`

use serde::Serialize;
use ssss_client::ssss_model::ssss_crypto::MatchedForm;
use ssss_client::ssss_model::{Evidence, Snapshot, VerifiedKey};
use ssss_client::{UnlockScope, Unlocked, quoted};

use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::session::{self, Session};

#[derive(Serialize)]
struct UnlockDocument<'a> {
    key_id: &'a str,
    is_default: bool,
    matched: &'static str,
    opens: Vec<&'a str>,
    damaged: Vec<&'a str>,
}

/// Checks a key, and nothing else.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    let account = session.account_to_read()?;
    let snapshot = session::snapshot(&account)?;
    let (unlocked, _) = find(session, &snapshot, UnlockScope::First)?;
    let key = unlocked.keys.first().ok_or_else(|| unproven(&unlocked))?;
    let is_default = snapshot.default_key_id() == Some(key.id());
    let (opens, damaged) = opens(&snapshot, key);
    let document = UnlockDocument {
        key_id: key.id().as_str(),
        is_default,
        matched: matched(key.evidence()),
        opens,
        damaged,
    };
    let id = quoted(key.id().as_str());
    if !is_default {
        session.output.note(&format!(
            "key {id} is not the default key: clients ask for another one"
        ));
    }
    session.output.result(&document, || {
        let default = if is_default { ", the default key" } else { "" };
        format!(
            "This is key {id}{default} ({}).\n{}",
            explain(key.evidence()),
            what_it_opens(&document.opens, &document.damaged)
        )
    });
    Ok(Code::Done)
}

/// Finds the key among all keys of the account, and says what was given.
pub(super) fn find(
    session: &Session<'_>,
    snapshot: &Snapshot,
    scope: UnlockScope,
) -> Result<(Unlocked, &'static str), Failure> {
    session.require_set_up(snapshot)?;
    let keys = KeyInput::new(session, snapshot, scope, "to check it");
    let undescribed = snapshot.undescribed_keys();
    let candidates: Vec<_> = snapshot.descriptions().chain(&undescribed).collect();
    let unlocked = keys.find(&candidates)?;
    Ok((unlocked, keys.kind()))
}

/// That the key may be right, and that nothing shows it.
pub(super) fn unproven(unlocked: &Unlocked) -> Failure {
    let ids = unlocked
        .unchecked
        .iter()
        .map(|key| quoted(key.id().as_str()));
    let ids: Vec<_> = ids.collect();
    Failure::new(
        Code::KeyFitsNothing,
        "key-unproven",
        "nothing here can tell whether this is the right key",
    )
    .because(format!(
        "there is no check for key {}, and no secret is sealed for it",
        ids.join(", ")
    ))
}

/// What `matched` says for evidence.
pub(super) fn matched(evidence: &Evidence) -> &'static str {
    match evidence {
        Evidence::Matched(MatchedForm::AsStored) => "as-stored",
        Evidence::Matched(MatchedForm::Bit63Cleared) => "bit-63-cleared",
        Evidence::Matched(MatchedForm::First16Bytes) => "first-16-bytes",
        Evidence::ProvenBySecret(_) => "proven-by-secret",
        _ => "assumed",
    }
}

pub(super) fn explain(evidence: &Evidence) -> String {
    match evidence {
        Evidence::ProvenBySecret(name) => {
            format!("it has no check, but opens {}", quoted(name.as_str()))
        }
        evidence => match matched(evidence) {
            "as-stored" => "its check matches".to_owned(),
            form => format!("its check matches: {form}"),
        },
    }
}

/// The names of the secrets that are sealed for a key: those that it opens, and the others.
pub(super) fn opens<'a>(snapshot: &'a Snapshot, key: &VerifiedKey) -> (Vec<&'a str>, Vec<&'a str>) {
    let sealed = snapshot
        .present_secrets()
        .filter(|secret| secret.has_data_for(key.id()));
    let (good, bad): (Vec<_>, Vec<_>) = sealed.partition(|secret| key.open(secret).is_ok());
    let names = |secrets: Vec<&'a ssss_client::ssss_model::EncryptedSecret>| {
        secrets
            .into_iter()
            .map(|secret| secret.name().as_str())
            .collect()
    };
    (names(good), names(bad))
}

/// The same, for people.
pub(super) fn what_it_opens(opens: &[&str], damaged: &[&str]) -> String {
    let lines = opens
        .iter()
        .map(|name| format!(" ✓ opens {}\n", quoted(name)))
        .chain(
            damaged
                .iter()
                .map(|name| format!(" ✗ does not open {}: it is damaged\n", quoted(name))),
        );
    let lines: String = lines.collect();
    if lines.is_empty() {
        " - no secret is sealed for it\n".to_owned()
    } else {
        lines
    }
}

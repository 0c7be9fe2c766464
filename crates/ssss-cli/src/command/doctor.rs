//! `ssss doctor`

mod text;

use std::collections::HashSet;

use serde::Serialize;
use ssss_client::ssss_model::{KeyId, Snapshot, VerifiedKey};
use ssss_client::{Severity, UnlockScope};

use super::status::{self, StatusDocument};
use crate::args;
use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::KeyInput;
use crate::session::{self, Session};

#[derive(Serialize)]
struct DoctorDocument<'a> {
    /// The keys that were given.
    opened: Vec<OpenedKey<'a>>,
    /// The codes of what is wrong.
    problems: Vec<&'static str>,
    /// When a change began that was stopped half-way.
    unfinished: Option<String>,
    #[serde(flatten)]
    status: StatusDocument<'a>,
}

#[derive(Serialize)]
struct OpenedKey<'a> {
    key_id: &'a str,
    is_default: bool,
    matched: &'static str,
}

/// Checks every secret with the keys that are given.
pub(super) fn run(session: &Session<'_>, args: &args::Doctor) -> Result<Code, Failure> {
    let account = session.account_to_read()?;
    let (snapshot, published) = session::look(&account)?;
    let published = published.as_ref();
    if !status::report(session, &snapshot, published).is_set_up() {
        return Err(session.not_set_up());
    }
    let keys = keys(session, args, &snapshot)?;
    let keys: Vec<&VerifiedKey> = keys.iter().collect();
    let report = status::report_with(session, &snapshot, &keys, published);
    let unfinished = session.unfinished();
    let problems = report
        .findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Problem);
    let opened = keys.iter().map(|key| OpenedKey {
        key_id: key.id().as_str(),
        is_default: snapshot.default_key_id() == Some(key.id()),
        matched: super::unlock::matched(key.evidence()),
    });
    let document = DoctorDocument {
        opened: opened.collect(),
        problems: problems.map(ssss_client::Finding::code).collect(),
        unfinished: unfinished.as_ref().map(|change| change.time.clone()),
        status: StatusDocument::new(session, &report, published, unfinished.is_some()),
    };
    session.output.result(&document, || {
        let text = text::text(session, &snapshot, &report, &keys, unfinished.as_ref());
        published.map_or_else(
            || text.clone(),
            |published| format!("{}\n{text}", status::on_server(published)),
        )
    });
    Ok(match (&unfinished, status::verdict(&report)) {
        (Some(_), Code::Done) => Code::Problems,
        (_, verdict) => verdict,
    })
}

/// The keys that are given, or typed. A person is asked for one.
fn keys(
    session: &Session<'_>,
    args: &args::Doctor,
    snapshot: &Snapshot,
) -> Result<Vec<VerifiedKey>, Failure> {
    let is_possible = session.key_source.is_given() || session.prompt.can_ask();
    if args.no_key || !is_possible {
        if !args.no_key {
            session
                .output
                .note("no key was given, so nothing was opened: --key-file FILE");
        }
        return Ok(Vec::new());
    }
    let input = KeyInput::new(
        session,
        snapshot,
        UnlockScope::Every,
        "to check every secret",
    );
    let undescribed = snapshot.undescribed_keys();
    let mut keys: Vec<VerifiedKey> = Vec::new();
    loop {
        // A server can make up any number of keys that one recovery key is.
        let at_hand: HashSet<&KeyId> = keys.iter().map(VerifiedKey::id).collect();
        let described = snapshot.descriptions().chain(&undescribed);
        let candidates: Vec<_> = described
            .filter(|key| !at_hand.contains(key.id()))
            .collect();
        let Some(found) = input.find_another(&candidates)? else {
            return Ok(keys);
        };
        if let Some(unproven) = found.unchecked.first() {
            session.output.warning(&format!(
                "nothing shows whether what was given is key {}",
                ssss_client::quoted(unproven.id().as_str())
            ));
        }
        if found.keys.is_empty() {
            return Ok(keys);
        }
        keys.extend(found.keys);
    }
}

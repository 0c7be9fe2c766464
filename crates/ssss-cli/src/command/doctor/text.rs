//! What `ssss doctor` tells a person.

use std::fmt::Write as _;

use ssss_client::ssss_model::{KeyId, SecretName, Snapshot, VerifiedKey};
use ssss_client::{
    Change, EntryState, Pairing, Report, SecretReport, SecretState, Severity, quoted,
};

use crate::command::unlock;
use crate::repair_words::fix_words;
use crate::session::Session;
use crate::table::{short_id, table};

/// The whole text: the keys, every secret with every key, what is wrong and what puts it right.
pub(super) fn text(
    session: &Session<'_>,
    snapshot: &Snapshot,
    report: &Report,
    keys: &[&VerifiedKey],
    unfinished: Option<&Change>,
) -> String {
    let mut text = String::new();
    for key in keys {
        let default = if snapshot.default_key_id() == Some(key.id()) {
            "the default key"
        } else {
            "not the default key"
        };
        // Writing to a string does not fail.
        _ = writeln!(
            text,
            "✓ this is key {}, {default} ({})",
            short_id(key.id()),
            unlock::explain(key.evidence())
        );
    }
    if !keys.is_empty() {
        text.push('\n');
    }
    text += &secrets(report);
    text.push('\n');
    if let Some(change) = unfinished {
        _ = writeln!(
            text,
            "✗ a change that began at {} was stopped half-way\n    fix: {}",
            change.time,
            session.command("resume")
        );
    }
    for finding in &report.findings {
        let mark = match finding.severity() {
            Severity::Problem => "✗",
            Severity::Warning => "!",
            Severity::Note => "·",
        };
        _ = writeln!(text, "{mark} {finding}");
        if let Some(words) = fix_words(finding, report, unfinished.is_some()) {
            _ = writeln!(text, "    fix: {}", session.command(&words));
        }
    }
    let found = report.findings.iter();
    let found = found.filter(|finding| finding.severity() == Severity::Problem);
    let problems = found.count() + usize::from(unfinished.is_some());
    let opened = report
        .secrets
        .iter()
        .filter(|secret| {
            let mut entries = secret.entries.iter();
            entries.any(|entry| entry.state == EntryState::Opens)
        })
        .count();
    let stored = report
        .secrets
        .iter()
        .filter(|secret| secret.state == SecretState::Present)
        .count();
    let s = if problems == 1 { "" } else { "s" };
    _ = writeln!(
        text,
        "{opened} of {stored} secrets opened, {problems} problem{s}. Nothing was changed."
    );
    text
}

/// Every secret with every key, and with the server, if one was asked.
fn secrets(report: &Report) -> String {
    let default = report.default_key.as_ref();
    let name = |secret: &SecretReport| quoted(secret.name.as_str());
    let secrets = report.secrets.iter();
    if report.secrets.iter().all(|secret| secret.pairing.is_none()) {
        let rows = secrets.map(|secret| {
            let others = for_others(default, secret);
            [name(secret), for_default(default, secret), others]
        });
        return table(["SECRET", "DEFAULT KEY", "OTHER KEYS"], rows.collect());
    }
    let rows = secrets.map(|secret| {
        let server = on_server(secret).to_owned();
        let others = for_others(default, secret);
        [name(secret), for_default(default, secret), server, others]
    });
    let heading = ["SECRET", "DEFAULT KEY", "ON THE SERVER", "OTHER KEYS"];
    table(heading, rows.collect())
}

fn for_default(default: Option<&KeyId>, secret: &SecretReport) -> String {
    let entry = secret
        .entries
        .iter()
        .find(|entry| Some(&entry.key) == default);
    match (entry, secret.state) {
        (Some(entry), _) => mark(&entry.state).to_owned(),
        (None, SecretState::Present) => "✗ not sealed for it".to_owned(),
        (None, SecretState::Malformed) => "✗ damaged".to_owned(),
        (None, SecretState::Tombstone) => "- removed".to_owned(),
        (None, _) => "- missing".to_owned(),
    }
}

fn for_others(default: Option<&KeyId>, secret: &SecretReport) -> String {
    let others = secret
        .entries
        .iter()
        .filter(|entry| Some(&entry.key) != default);
    let others: Vec<_> = others
        .map(|entry| format!("{} {}", short_id(&entry.key), mark(&entry.state)))
        .collect();
    others.join(", ")
}

/// How a secret and what the homeserver publishes go together.
fn on_server(secret: &SecretReport) -> &'static str {
    let is_backup = secret.name == SecretName::MEGOLM_BACKUP;
    match (secret.pairing, is_backup) {
        (None, _) => "",
        (Some(Pairing::Matches), true) => "✓ its key backup",
        (Some(Pairing::Matches), false) => "✓ the private half of its identity",
        (Some(Pairing::Other(_)), true) => "✗ another backup's",
        (Some(Pairing::Other(_)), false) => "✗ another identity's",
        (Some(_), _) => "- not published",
    }
}

fn mark(state: &EntryState) -> &'static str {
    match state {
        EntryState::Opens => "✓ opens",
        EntryState::DoesNotOpen(_) => "✗ does not open",
        EntryState::Malformed(_) => "✗ malformed",
        _ => "? sealed",
    }
}

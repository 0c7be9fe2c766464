//! What `ssss doctor` tells a person.

use std::fmt::Write as _;

use ssss_client::ssss_model::{KeyId, Snapshot, VerifiedKey};
use ssss_client::{Change, EntryState, Report, SecretReport, SecretState, Severity, quoted};

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
    let rows = report.secrets.iter().map(|secret| {
        [
            quoted(secret.name.as_str()),
            for_default(report.default_key.as_ref(), secret),
            for_others(report.default_key.as_ref(), secret),
        ]
    });
    text += &table(["SECRET", "DEFAULT KEY", "OTHER KEYS"], rows.collect());
    text.push('\n');
    if let Some(change) = unfinished {
        _ = writeln!(
            text,
            "! a change that began at {} was stopped half-way\n    fix: {}",
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
    let problems = report
        .findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Problem)
        .count();
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

fn mark(state: &EntryState) -> &'static str {
    match state {
        EntryState::Opens => "✓ opens",
        EntryState::DoesNotOpen(_) => "✗ does not open",
        EntryState::Malformed(_) => "✗ malformed",
        _ => "? sealed",
    }
}

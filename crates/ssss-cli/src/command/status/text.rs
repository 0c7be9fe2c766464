//! What `ssss status` tells a person: the verdict first, the next step last.

use std::fmt::Write as _;

use ssss_client::{
    Finding, IdentityState, Published, PublishedKey, Report, SecretReport, SecretState, Severity,
    quoted,
};

use crate::code::Code;
use crate::session::Session;
use crate::table::{short_id, table};

/// The whole text.
pub(super) fn text(
    session: &Session<'_>,
    report: &Report,
    published: Option<&Published>,
    code: Code,
) -> String {
    let name = session.account_name();
    let problems = report
        .findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Problem)
        .count();
    let mut text = match code {
        Code::NotSetUp => format!("Secret storage is NOT SET UP.   ({name})\n"),
        Code::Done => format!("Secret storage is SET UP.   ({name})\n"),
        _ => format!(
            "Secret storage has {problems} problem{}.   ({name})\n",
            if problems == 1 { "" } else { "s" }
        ),
    };
    if !report.keys.is_empty() {
        text.push('\n');
        text.push_str(&keys(report));
    }
    if code != Code::NotSetUp {
        text.push('\n');
        text.push_str(&secrets(report.secrets.iter()));
    }
    if let Some(published) = published {
        text.push('\n');
        text.push_str(&on_server(published));
    }
    let findings = report.findings.iter();
    let findings: Vec<_> = findings
        .filter(|finding| **finding != Finding::NotSetUp)
        .map(|finding| format!(" {:8} {finding}\n", finding.severity().as_str()))
        .collect();
    if !findings.is_empty() {
        text.push('\n');
        text.push_str(&findings.concat());
    }
    // Writing to a string does not fail.
    _ = match code {
        Code::NotSetUp => writeln!(text, "next: {}", session.command("bootstrap")),
        _ => writeln!(
            text,
            "\nNot checked: whether they open. Nothing was changed.\n\
             next: {}   (asks for your recovery key or passphrase; changes nothing)",
            session.command("doctor")
        ),
    };
    text
}

/// What the homeserver publishes, in two lines.
pub(crate) fn on_server(published: &Published) -> String {
    let identity = match (published.identity.state(), published.identity.master) {
        (IdentityState::Missing, _) => "none".to_owned(),
        (IdentityState::Sound, PublishedKey::Sound(master)) => {
            format!(
                "✓ {}, and its two other keys signed by it",
                master.fingerprint()
            )
        }
        _ => "✗ not whole".to_owned(),
    };
    let backup = published
        .backup
        .as_ref()
        .map_or("none".to_owned(), |backup| {
            let count = backup
                .count
                .map_or(String::new(), |count| format!(", {count} keys"));
            let signed = match (backup.is_supported(), backup.is_signed_by_identity) {
                (false, _) => "✗ of an unknown kind: ",
                (true, true) => "✓ signed by the identity: ",
                (true, false) => "not signed by the identity: ",
            };
            format!("{signed}version {}{count}", quoted(&backup.version))
        });
    format!(" identity on the server    {identity}\n key backup on the server  {backup}\n")
}

fn keys(report: &Report) -> String {
    let rows = report.keys.iter().map(|key| {
        let is_default = report.default_key.as_ref() == Some(&key.id);
        let opened_by = match (key.is_usable, key.has_passphrase) {
            (false, _) => "nothing",
            (true, true) => "recovery key or passphrase",
            (true, false) => "recovery key",
        };
        [
            short_id(&key.id),
            if is_default { "yes" } else { "no" }.to_owned(),
            opened_by.to_owned(),
            if key.has_check { "yes" } else { "no" }.to_owned(),
            key.secrets.to_string(),
            key.name.as_deref().map(quoted).unwrap_or_default(),
        ]
    });
    table(
        ["KEY", "DEFAULT", "OPENED BY", "CHECK", "SECRETS", "NAME"],
        rows.collect(),
    )
}

/// The table of secrets, in `status` and `list`.
pub(crate) fn secrets<'a>(secrets: impl Iterator<Item = &'a SecretReport>) -> String {
    let rows = secrets.map(|secret| {
        let mark = match (secret.state, secret.under_default) {
            (SecretState::Present, true) => "✓ yes",
            (SecretState::Present, false) => "✗ no",
            _ => "-",
        };
        let keys: Vec<_> = secret.keys.iter().map(short_id).collect();
        [
            quoted(secret.name.as_str()),
            match secret.state {
                SecretState::Present => "stored",
                SecretState::Tombstone => "removed",
                SecretState::Malformed => "damaged",
                _ => "missing",
            }
            .to_owned(),
            mark.to_owned(),
            keys.join(", "),
        ]
    });
    table(
        ["SECRET", "STATE", "FOR DEFAULT KEY", "SEALED FOR"],
        rows.collect(),
    )
}

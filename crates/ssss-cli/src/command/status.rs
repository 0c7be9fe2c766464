//! `ssss status`

use serde::Serialize;
use ssss_client::ssss_model::Snapshot;
use ssss_client::{Finding, KeyReport, Report, SecretReport, SecretState, Severity, quoted};

use crate::code::Code;
use crate::failure::Failure;
use crate::session::{self, Session};
use crate::table::{short_id, table};

/// Shows what exists and what is wrong with it.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    let account = session.account_to_read()?;
    let report = report(session, &session::snapshot(&account)?);
    let code = verdict(&report);
    session.output.result(&StatusDocument::new(&report), || {
        text(session, &report, code)
    });
    Ok(code)
}

/// What the account looks like.
pub(super) fn report(session: &Session<'_>, snapshot: &Snapshot) -> Report {
    Report::new(snapshot, session.limits())
}

/// How `status` ends for an account that looks like this.
pub(super) fn verdict(report: &Report) -> Code {
    if !report.is_set_up() {
        Code::NotSetUp
    } else if report.has_problems() || !report.is_ready() {
        Code::Problems
    } else {
        Code::Done
    }
}

#[derive(Serialize)]
struct StatusDocument<'a> {
    ready: bool,
    default_key: Option<DefaultKeyDocument<'a>>,
    keys: Vec<KeyDocument<'a>>,
    secrets: Vec<SecretDocument<'a>>,
    findings: Vec<FindingDocument<'a>>,
}

#[derive(Serialize)]
struct DefaultKeyDocument<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct KeyDocument<'a> {
    id: &'a str,
    name: Option<&'a str>,
    has_check: bool,
    passphrase: bool,
    usable: bool,
    secrets: usize,
}

/// A secret, in `status` and `list`.
#[derive(Serialize)]
pub(super) struct SecretDocument<'a> {
    name: &'a str,
    state: &'static str,
    keys: Vec<&'a str>,
    under_default: bool,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    code: &'static str,
    severity: &'static str,
    message: String,
    key: Option<&'a str>,
    secret: Option<&'a str>,
}

impl<'a> StatusDocument<'a> {
    fn new(report: &'a Report) -> Self {
        Self {
            ready: report.is_ready(),
            default_key: report
                .default_key
                .as_ref()
                .map(|id| DefaultKeyDocument { id: id.as_str() }),
            keys: report.keys.iter().map(KeyDocument::new).collect(),
            secrets: report.secrets.iter().map(SecretDocument::new).collect(),
            findings: report.findings.iter().map(FindingDocument::new).collect(),
        }
    }
}

impl<'a> KeyDocument<'a> {
    fn new(key: &'a KeyReport) -> Self {
        Self {
            id: key.id.as_str(),
            name: key.name.as_deref(),
            has_check: key.has_check,
            passphrase: key.has_passphrase,
            usable: key.is_usable,
            secrets: key.secrets,
        }
    }
}

impl<'a> SecretDocument<'a> {
    pub(super) fn new(secret: &'a SecretReport) -> Self {
        Self {
            name: secret.name.as_str(),
            state: secret.state.as_str(),
            keys: secret.keys.iter().map(|id| id.as_str()).collect(),
            under_default: secret.under_default,
        }
    }
}

impl<'a> FindingDocument<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self {
            code: finding.code(),
            severity: finding.severity().as_str(),
            message: finding.to_string(),
            key: finding.key_id().map(|id| id.as_str()),
            secret: finding.secret().map(|name| name.as_str()),
        }
    }
}

fn text(session: &Session<'_>, report: &Report, code: Code) -> String {
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
    let findings = report.findings.iter();
    let findings: Vec<_> = findings
        .filter(|finding| **finding != Finding::NotSetUp)
        .map(|finding| format!(" {:8} {finding}\n", finding.severity().as_str()))
        .collect();
    if !findings.is_empty() {
        text.push('\n');
        text.push_str(&findings.concat());
    }
    text.push_str(&match code {
        Code::NotSetUp => format!("next: {}\n", session.command("bootstrap")),
        _ => format!(
            "\nNot checked: whether they open. Nothing was changed.\n\
             next: {}   (asks for your recovery key or passphrase; changes nothing)\n",
            session.command("which-key")
        ),
    });
    text
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
pub(super) fn secrets<'a>(secrets: impl Iterator<Item = &'a SecretReport>) -> String {
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

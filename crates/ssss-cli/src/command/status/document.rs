//! What `ssss status --json` prints.

use serde::Serialize;
use ssss_client::ssss_model::{KeyId, SecretName};
use ssss_client::{
    EntryReport, EntryState, Finding, IdentityState, KeyReport, Pairing, Published, Report,
    SecretReport,
};

use crate::repair_words::fix_words;
use crate::session::Session;

/// The whole document.
#[derive(Serialize)]
pub(crate) struct StatusDocument<'a> {
    ready: bool,
    default_key: Option<DefaultKeyDocument<'a>>,
    keys: Vec<KeyDocument<'a>>,
    secrets: Vec<SecretDocument<'a>>,
    /// What the homeserver publishes, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<PublishedDocument<'a>>,
    findings: Vec<FindingDocument<'a>>,
}

#[derive(Serialize)]
struct PublishedDocument<'a> {
    /// `missing`, `sound` or `broken`.
    identity: &'static str,
    /// The fingerprint that other users know the account by, without spaces.
    master_key: Option<String>,
    backup: Option<BackupDocument<'a>>,
}

#[derive(Serialize)]
struct BackupDocument<'a> {
    version: &'a str,
    algorithm: &'a str,
    count: Option<u64>,
    signed_by_identity: bool,
}

impl<'a> PublishedDocument<'a> {
    fn new(published: &'a Published) -> Self {
        let master = published.identity.master.public_key();
        let backup = published.backup.as_ref();
        Self {
            identity: match published.identity.state() {
                IdentityState::Missing => "missing",
                IdentityState::Sound => "sound",
                _ => "broken",
            },
            master_key: master.map(|key| key.to_string()),
            backup: backup.map(|backup| BackupDocument {
                version: &backup.version,
                algorithm: &backup.algorithm,
                count: backup.count,
                signed_by_identity: backup.is_signed_by_identity,
            }),
        }
    }
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
pub(crate) struct SecretDocument<'a> {
    name: &'a str,
    state: &'static str,
    keys: Vec<&'a str>,
    entries: Vec<EntryDocument<'a>>,
    under_default: bool,
    /// Whether it is the private half of what the homeserver publishes: `matches`, `other`,
    /// `not-published`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pairing: Option<&'static str>,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    code: &'static str,
    severity: &'static str,
    message: String,
    key: Option<&'a str>,
    secret: Option<&'a str>,
    /// What to type to put it right, with the account's options.
    fix: Option<String>,
}

/// What a secret has for a key.
#[derive(Serialize)]
pub(crate) struct EntryDocument<'a> {
    key: &'a str,
    state: &'static str,
    reason: Option<String>,
}

impl<'a> EntryDocument<'a> {
    fn new(entry: &'a EntryReport) -> Self {
        let (state, reason) = match &entry.state {
            EntryState::Opens => ("opens", None),
            EntryState::DoesNotOpen(error) => ("does-not-open", Some(error.to_string())),
            EntryState::Malformed(fault) => ("malformed", Some(fault.to_string())),
            _ => ("sealed", None),
        };
        Self {
            key: entry.key.as_str(),
            state,
            reason,
        }
    }
}

impl<'a> StatusDocument<'a> {
    pub(crate) fn new(
        session: &Session<'_>,
        report: &'a Report,
        published: Option<&'a Published>,
        is_stopped: bool,
    ) -> Self {
        let fix = |finding: &Finding| {
            let words = fix_words(finding, report, is_stopped)?;
            Some(session.command(&words))
        };
        Self {
            ready: report.is_ready(),
            default_key: report
                .default_key
                .as_ref()
                .map(|id| DefaultKeyDocument { id: id.as_str() }),
            keys: report.keys.iter().map(KeyDocument::new).collect(),
            secrets: report.secrets.iter().map(SecretDocument::new).collect(),
            published: published.map(PublishedDocument::new),
            findings: report
                .findings
                .iter()
                .map(|finding| FindingDocument::new(finding, fix(finding)))
                .collect(),
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
    pub(crate) fn new(secret: &'a SecretReport) -> Self {
        Self {
            name: secret.name.as_str(),
            state: secret.state.as_str(),
            keys: secret.keys.iter().map(KeyId::as_str).collect(),
            entries: secret.entries.iter().map(EntryDocument::new).collect(),
            under_default: secret.under_default,
            pairing: secret.pairing.map(|pairing| match pairing {
                Pairing::Matches => "matches",
                Pairing::Other(_) => "other",
                _ => "not-published",
            }),
        }
    }
}

impl<'a> FindingDocument<'a> {
    fn new(finding: &'a Finding, fix: Option<String>) -> Self {
        Self {
            code: finding.code(),
            severity: finding.severity().as_str(),
            message: finding.to_string(),
            key: finding.key_id().map(KeyId::as_str),
            secret: finding.secret().map(SecretName::as_str),
            fix,
        }
    }
}

//! `ssss list`

use serde::Serialize;
use ssss_client::{Finding, SecretState};

use super::status::{self, SecretDocument};
use crate::code::Code;
use crate::failure::Failure;
use crate::session::{self, Session};

#[derive(Serialize)]
struct ListDocument<'a> {
    secrets: Vec<SecretDocument<'a>>,
}

/// Lists the secrets that have an event, and the keys that they are sealed for.
pub(super) fn run(session: &Session<'_>) -> Result<Code, Failure> {
    let account = session.account_to_read()?;
    let report = status::report(session, &session::snapshot(&account)?, None);
    let secrets: Vec<_> = report
        .secrets
        .iter()
        .filter(|secret| secret.state != SecretState::Missing)
        .collect();
    let is_whole = !report.findings.contains(&Finding::NotListed);
    if !is_whole {
        session.output.warning(&Finding::NotListed.to_string());
    }
    let document = ListDocument {
        secrets: secrets.iter().copied().map(SecretDocument::new).collect(),
    };
    session.output.result(&document, || {
        if secrets.is_empty() {
            "There are no secrets.\n".to_owned()
        } else {
            status::secrets(secrets.iter().copied())
        }
    });
    Ok(if is_whole { Code::Done } else { Code::Problems })
}

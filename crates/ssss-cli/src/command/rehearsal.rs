//! What `--dry-run` prints.

use serde::Serialize;
use ssss_client::ssss_model::{DefaultKey, KeyId, Object};
use ssss_client::{Content, quoted};

use crate::account::Account;
use crate::session::Session;

#[derive(Serialize)]
struct RehearsalDocument {
    dry_run: bool,
    writes: Vec<WriteDocument>,
}

#[derive(Serialize)]
struct WriteDocument {
    event_type: String,
    purpose: &'static str,
}

/// Prints what would have been written.
pub(super) fn print(session: &Session<'_>, account: &Account) {
    let writes = account.rehearsed();
    let writes: Vec<_> = writes
        .into_iter()
        .map(|(event_type, content)| WriteDocument {
            purpose: purpose(&event_type, &content),
            event_type,
        })
        .collect();
    let document = RehearsalDocument {
        dry_run: true,
        writes,
    };
    session.output.result(&document, || {
        let lines = document.writes.iter().map(|write| {
            format!(
                "would {} {}\n",
                verb(write.purpose),
                quoted(&write.event_type)
            )
        });
        let lines: String = lines.collect();
        if lines.is_empty() {
            "There is nothing to do.\n".to_owned()
        } else {
            format!("{lines}Nothing was written.\n")
        }
    });
}

/// What an event is written for; the event tells.
fn purpose(event_type: &str, content: &Content) -> &'static str {
    let is_blank = Object::from_raw(content).is_ok_and(|content| content.is_empty());
    if event_type == DefaultKey::EVENT_TYPE {
        "set-default-key"
    } else if KeyId::from_event_type(event_type).is_some() {
        "describe-key"
    } else if is_blank {
        "remove-secret"
    } else {
        "store-secret"
    }
}

fn verb(purpose: &str) -> &'static str {
    match purpose {
        "set-default-key" => "set the default key in",
        "describe-key" => "describe a new key in",
        "remove-secret" => "remove the secret",
        _ => "store the secret",
    }
}

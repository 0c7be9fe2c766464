//! What `--dry-run` prints.

use serde::Serialize;
use ssss_client::ssss_model::{KeyId, SecretName};
use ssss_client::{Loss, Plan, Purpose, Write};

use crate::plan_text;
use crate::session::Session;

#[derive(Serialize)]
struct RehearsalDocument<'a> {
    dry_run: bool,
    writes: Vec<WriteDocument<'a>>,
    /// What is published, and after which stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    publishes: Option<PublishesDocument>,
    losses: Vec<LossDocument<'a>>,
}

#[derive(Serialize)]
struct PublishesDocument {
    after_stage: usize,
    identity: bool,
    backup: bool,
}

#[derive(Serialize)]
struct WriteDocument<'a> {
    stage: usize,
    event_type: &'a str,
    purpose: &'static str,
    keys: Vec<&'a str>,
}

/// A loss, in every document that has some.
#[derive(Serialize)]
pub(crate) struct LossDocument<'a> {
    loss: &'static str,
    secret: Option<&'a str>,
    key: Option<&'a str>,
    message: String,
}

impl<'a> LossDocument<'a> {
    pub(crate) fn new(loss: &'a Loss) -> Self {
        Self {
            loss: loss.as_str(),
            secret: loss.secret().map(SecretName::as_str),
            key: loss.key_id().map(KeyId::as_str),
            message: loss.to_string(),
        }
    }
}

/// Prints what would have been written, and what would have been lost.
pub(super) fn print(session: &Session<'_>, plan: Option<&Plan>) {
    let stages = plan.map_or(&[][..], Plan::stages).iter().enumerate();
    let writes = stages.flat_map(|(stage, writes)| writes.iter().map(move |write| (stage, write)));
    let document = RehearsalDocument {
        dry_run: true,
        writes: writes
            .map(|(stage, write)| WriteDocument {
                stage: stage + 1,
                event_type: write.event_type(),
                purpose: write.purpose().as_str(),
                keys: keys(write),
            })
            .collect(),
        publishes: plan
            .and_then(Plan::publication)
            .map(|(after_stage, publication)| PublishesDocument {
                after_stage,
                identity: publication.identity,
                backup: publication.backup,
            }),
        losses: plan
            .map_or(&[][..], Plan::losses)
            .iter()
            .map(LossDocument::new)
            .collect(),
    };
    session.output.result(&document, || match plan {
        Some(plan) => format!(
            "It would:\n{}Nothing was written.\n",
            plan_text::lines(plan)
        ),
        None => "There is nothing to do.\n".to_owned(),
    });
}

/// The keys that a write is about.
fn keys(write: &Write) -> Vec<&str> {
    match write.purpose() {
        Purpose::DescribeKey(id) | Purpose::BlankKey(id) | Purpose::SetDefaultKey { id, .. } => {
            vec![id.as_str()]
        }
        Purpose::StoreSecret(_, ids) | Purpose::StripSecret(_, ids) => {
            ids.iter().map(KeyId::as_str).collect()
        }
        _ => Vec::new(),
    }
}

//! A plan as JSON.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ssss_model::{KeyId, Object, SecretName};

use super::error::{JournalError, JournalErrorKind};
use crate::plan::{Intent, Loss, Plan, Publishing, Purpose, Reliance, Write};
use crate::publication::Publication;

/// The version of the format. Another one is not read.
const FORMAT: u32 = 1;

/// The version for plans that publish something: whoever does not know of that must not carry them out.
const FORMAT_THAT_PUBLISHES: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Document {
    format: u32,
    intent: String,
    stages: Vec<Vec<WriteDocument>>,
    #[serde(default)]
    losses: Vec<LossDocument>,
    #[serde(default)]
    relies_on: Vec<RelianceDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    publishes: Option<PublishingDocument>,
    /// The change that is taken back. Journals of an earlier version do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undoes: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PublishingDocument {
    /// How many stages come before.
    after: usize,
    identity: bool,
    backup: bool,
    /// The key that opens the private halves.
    key: String,
    /// The secret that is the private half of the backup.
    backup_secret: String,
}

#[derive(Serialize, Deserialize)]
struct WriteDocument {
    event_type: String,
    before: Option<Box<RawValue>>,
    after: Box<RawValue>,
    purpose: String,
    /// The key that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The secret that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// The keys that open it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<String>,
    /// The secrets that it opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<String>,
    /// The secrets that it need not open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    passes_over: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct LossDocument {
    loss: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct RelianceDocument {
    event_type: String,
    content: Option<Box<RawValue>>,
}

impl Plan {
    /// The plan as JSON, to be kept. It holds what account data holds, sealed or public.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = Document {
            format: match self.publishing() {
                None => FORMAT,
                Some(_) => FORMAT_THAT_PUBLISHES,
            },
            intent: self.intent().as_str().to_owned(),
            stages: self
                .stages()
                .iter()
                .map(|stage| stage.iter().map(WriteDocument::new).collect())
                .collect(),
            losses: self.losses().iter().map(LossDocument::new).collect(),
            relies_on: self
                .relies_on()
                .iter()
                .map(|event| RelianceDocument {
                    event_type: event.event_type.clone(),
                    content: event.content.as_ref().map(raw),
                })
                .collect(),
            publishes: self.publishing().map(PublishingDocument::new),
            undoes: self.undoes().map(str::to_owned),
        };
        // Texts and JSON, which cannot fail.
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// Reads a plan that was kept.
    pub fn from_json(text: &str) -> Result<Self, JournalError> {
        let damaged = |why: String| {
            let message = format!("this is no journal of a change: {why}");
            JournalError::new(JournalErrorKind::Damaged, message)
        };
        let document: Document = serde_json::from_str(text).map_err(|error| {
            damaged(format!("line {}, column {}", error.line(), error.column()))
        })?;
        let format = match document.publishes {
            None => FORMAT,
            Some(_) => FORMAT_THAT_PUBLISHES,
        };
        if document.format != format {
            return Err(damaged(format!("its format is {}", document.format)));
        }
        document
            .read()
            .ok_or_else(|| damaged("it says something that has no meaning".to_owned()))
    }
}

impl Document {
    fn read(self) -> Option<Plan> {
        let intent = Intent::ALL
            .into_iter()
            .find(|intent| intent.as_str() == self.intent)?;
        let stages = self.stages.into_iter();
        let stages = stages.map(|stage| stage.into_iter().map(WriteDocument::read).collect());
        let losses = self.losses.into_iter().map(LossDocument::read);
        let relies_on = self.relies_on.into_iter().map(|event| {
            let content = match event.content {
                None => None,
                Some(content) => Some(Object::parse(content.get()).ok()?),
            };
            Some(Reliance {
                event_type: event.event_type,
                content,
            })
        });
        let stages: Vec<Vec<Write>> = stages.collect::<Option<_>>()?;
        let publishing = match self.publishes {
            None => None,
            Some(publishes) if publishes.after > stages.len() => return None,
            Some(publishes) => Some(publishes.read()?),
        };
        let plan = Plan::from_parts(
            intent,
            stages,
            losses.collect::<Option<_>>()?,
            relies_on.collect::<Option<_>>()?,
            publishing,
        );
        Some(plan.undoing(self.undoes))
    }
}

impl PublishingDocument {
    fn new(publishing: &Publishing) -> Self {
        Self {
            after: publishing.after,
            identity: publishing.publication.identity,
            backup: publishing.publication.backup,
            key: publishing.key.to_string(),
            backup_secret: publishing.backup.as_str().to_owned(),
        }
    }

    fn read(self) -> Option<Publishing> {
        let publication = Publication {
            identity: self.identity,
            backup: self.backup,
        };
        Some(Publishing {
            after: self.after,
            publication,
            key: KeyId::new(&self.key).ok()?,
            backup: secret_name(&self.backup_secret)?,
        })
    }
}

impl WriteDocument {
    fn new(write: &Write) -> Self {
        let purpose = write.purpose();
        let texts = |ids: &[KeyId]| ids.iter().map(ToString::to_string).collect();
        let mut document = Self {
            event_type: write.event_type().to_owned(),
            before: write.before().map(raw),
            after: raw(write.after()),
            purpose: purpose.as_str().to_owned(),
            key: None,
            secret: None,
            keys: Vec::new(),
            secrets: Vec::new(),
            passes_over: Vec::new(),
        };
        let names = |names: &[SecretName]| {
            let names = names.iter().map(|name| name.as_str().to_owned());
            names.collect::<Vec<_>>()
        };
        match purpose {
            Purpose::DescribeKey(id) | Purpose::BlankKey(id) => {
                document.key = Some(id.to_string());
            }
            Purpose::StoreSecret(name, ids) | Purpose::StripSecret(name, ids) => {
                document.secret = Some(name.as_str().to_owned());
                document.keys = texts(ids);
            }
            Purpose::RemoveSecret(name) => document.secret = Some(name.as_str().to_owned()),
            Purpose::SetDefaultKey {
                id,
                opens,
                passes_over,
            } => {
                document.key = Some(id.to_string());
                document.secrets = names(opens);
                document.passes_over = names(passes_over);
            }
            Purpose::UnsetDefaultKey | Purpose::Restore => {}
        }
        document
    }

    fn read(self) -> Option<Write> {
        let key = || KeyId::new(self.key.as_deref()?).ok();
        let name = || secret_name(self.secret.as_deref()?);
        let keys = || {
            let keys = self.keys.iter().map(|id| KeyId::new(id).ok());
            keys.collect::<Option<Vec<_>>>()
        };
        let names = |names: &[String]| {
            let names = names.iter().map(|name| secret_name(name));
            names.collect::<Option<Vec<_>>>()
        };
        let purpose = match self.purpose.as_str() {
            "describe-key" => Purpose::DescribeKey(key()?),
            "blank-key" => Purpose::BlankKey(key()?),
            "store-secret" => Purpose::StoreSecret(name()?, keys()?),
            "strip-secret" => Purpose::StripSecret(name()?, keys()?),
            "remove-secret" => Purpose::RemoveSecret(name()?),
            "set-default-key" => Purpose::SetDefaultKey {
                id: key()?,
                opens: names(&self.secrets)?,
                passes_over: names(&self.passes_over)?,
            },
            "unset-default-key" => Purpose::UnsetDefaultKey,
            "restore" => Purpose::Restore,
            _ => return None,
        };
        let before = match &self.before {
            None => None,
            Some(before) => Some(Object::parse(before.get()).ok()?),
        };
        let after = Object::parse(self.after.get()).ok()?;
        Some(Write {
            event_type: self.event_type,
            before,
            after,
            purpose,
        })
    }
}

impl LossDocument {
    fn new(loss: &Loss) -> Self {
        Self {
            loss: loss.as_str().to_owned(),
            secret: loss.secret().map(|name| name.as_str().to_owned()),
            key: loss.key_id().map(ToString::to_string),
        }
    }

    fn read(self) -> Option<Loss> {
        let key = || KeyId::new(self.key.as_deref()?).ok();
        let name = || secret_name(self.secret.as_deref()?);
        Some(match self.loss.as_str() {
            "left-behind" => Loss::LeftBehind(name()?),
            "overwritten" => Loss::Overwritten(name()?, key()?),
            "stripped" => Loss::Stripped(name()?, key()?),
            "secret" => Loss::Secret(name()?),
            "key" => Loss::Key(key()?),
            _ => return None,
        })
    }
}

/// The name of a secret that is there, which nobody should have chosen perhaps.
fn secret_name(name: &str) -> Option<SecretName> {
    SecretName::of_event(name)
}

fn raw(object: &Object) -> Box<RawValue> {
    object.to_raw::<()>().into_json()
}

//! Carrying a plan out: the only code that writes.

use std::fmt;

use futures_util::future::try_join_all;
use ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyDescription, KeyId, Object, OpenError, SecretName,
    VerifiedKey,
};

use crate::account_data::{AccountData, AccountDataError, Content};
use crate::finding::quoted;
use crate::plan::{Plan, Purpose, Write};

/// A plan was not carried out to its end.
///
/// Whatever was written stays, and leaves the account whole: see [`Plan`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyError {
    /// What went wrong.
    pub kind: ApplyErrorKind,
    /// The types of the events that had been written, or may have been, when it did.
    pub written: Vec<String>,
}

/// What kept a plan from being carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApplyErrorKind {
    /// The store failed.
    Store(AccountDataError),
    /// This event is not what the plan was made for: somebody else has written it.
    Conflict(String),
    /// This event was written, and what is read back is something else: somebody else has written
    /// it since, or the store lost it.
    NotStored(String),
    /// A secret is to be written for this key, which was not handed over to open it again. Nothing
    /// was written.
    NoKey(KeyId),
    /// This secret was written for this key, and what is read back does not open with it.
    DoesNotOpen(SecretName, KeyId, OpenError),
}

/// Carries a plan out, stage by stage: compares what is there with what the plan was made for,
/// writes, reads back, and opens what was written with the keys that it is for. Only then comes the
/// next stage, and last the pointer to the default key.
///
/// What is already as the plan wants it is not written again, so a plan that was stopped anywhere
/// can be applied again.
///
/// `keys` are the keys that the plan seals secrets for, every one of them. There is no compare-and-swap in Matrix: another
/// client's write between our reading and our writing is noticed only if it comes last.
pub async fn apply(
    store: &impl AccountData,
    plan: &Plan,
    keys: &[&VerifiedKey],
) -> Result<(), ApplyError> {
    let mut written = Vec::new();
    for id in plan.writes().flat_map(|write| write.purpose().seals_for()) {
        if !keys.iter().any(|key| key.id() == id) {
            return Err(ApplyError {
                kind: ApplyErrorKind::NoKey(id.clone()),
                written,
            });
        }
    }
    for stage in plan.stages() {
        if let Err(kind) = apply_stage(store, stage, keys, &mut written).await {
            return Err(ApplyError { kind, written });
        }
    }
    Ok(())
}

async fn apply_stage(
    store: &impl AccountData,
    stage: &[Write],
    keys: &[&VerifiedKey],
    written: &mut Vec<String>,
) -> Result<(), ApplyErrorKind> {
    let mut pending: Vec<(String, Content)> = Vec::new();
    for (write, current) in stage.iter().zip(read(store, stage).await?) {
        if same(current.as_ref(), Some(write.after())) {
            continue;
        }
        if !same(current.as_ref(), write.before()) {
            return Err(ApplyErrorKind::Conflict(write.event_type().to_owned()));
        }
        pending.push((write.event_type().to_owned(), write.after().to_raw()));
    }
    if !pending.is_empty() {
        written.extend(pending.iter().map(|(event_type, _)| event_type.clone()));
        store
            .put_all(&pending)
            .await
            .map_err(ApplyErrorKind::Store)?;
    }
    for (write, current) in stage.iter().zip(read(store, stage).await?) {
        verify(write, current.as_ref(), keys)?;
    }
    Ok(())
}

/// What is there now in place of each write.
async fn read(
    store: &impl AccountData,
    stage: &[Write],
) -> Result<Vec<Option<Object>>, ApplyErrorKind> {
    let reads = stage.iter().map(|write| store.get(write.event_type()));
    let contents = try_join_all(reads).await.map_err(ApplyErrorKind::Store)?;
    let objects = stage
        .iter()
        .zip(contents)
        .map(|(write, content)| match content {
            None => Ok(None),
            // No plan is made for, or writes, content that is no JSON object.
            Some(content) => Object::from_raw(&content)
                .map(Some)
                .map_err(|_| ApplyErrorKind::Conflict(write.event_type().to_owned())),
        });
    objects.collect()
}

/// Whether two contents are the same JSON, however it is spelled: servers reformat it.
fn same(a: Option<&Object>, b: Option<&Object>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            let value =
                |object: &Object| serde_json::from_str::<serde_json::Value>(object.as_json()).ok();
            a.as_json() == b.as_json() || value(a).is_some_and(|a| Some(a) == value(b))
        }
        _ => false,
    }
}

/// Holds what was read back against what the write was for.
fn verify(
    write: &Write,
    current: Option<&Object>,
    keys: &[&VerifiedKey],
) -> Result<(), ApplyErrorKind> {
    let not_stored = || ApplyErrorKind::NotStored(write.event_type().to_owned());
    let current = current.ok_or_else(not_stored)?;
    let holds = match write.purpose() {
        Purpose::StoreSecret(name, ids) => {
            let EventState::Present(secret) = EncryptedSecret::parse(name, current) else {
                return Err(not_stored());
            };
            for key in keys.iter().filter(|key| ids.contains(key.id())) {
                key.open(&secret).map_err(|error| {
                    ApplyErrorKind::DoesNotOpen(name.clone(), key.id().clone(), error)
                })?;
            }
            same(Some(current), Some(write.after()))
        }
        Purpose::DescribeKey(id) => {
            same(Some(current), Some(write.after()))
                && KeyDescription::parse(id, current).present().is_some()
        }
        Purpose::SetDefaultKey(id) => DefaultKey::parse(current)
            .present()
            .is_some_and(|default| default.id() == id),
        Purpose::RemoveSecret(_) | Purpose::UnsetDefaultKey => current.is_empty(),
    };
    if holds { Ok(()) } else { Err(not_stored()) }
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl core::error::Error for ApplyError {}

impl fmt::Display for ApplyErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Conflict(event_type) => {
                write!(
                    f,
                    "another client has written {} meanwhile",
                    quoted(event_type)
                )
            }
            Self::NotStored(event_type) => write!(
                f,
                "{} was written, but reads back as something else",
                quoted(event_type)
            ),
            Self::NoKey(id) => {
                write!(
                    f,
                    "key {} is needed to check what is written",
                    quoted(id.as_str())
                )
            }
            Self::DoesNotOpen(name, id, error) => write!(
                f,
                "{} was written for key {}, but does not open: {error}",
                quoted(name.as_str()),
                quoted(id.as_str())
            ),
        }
    }
}

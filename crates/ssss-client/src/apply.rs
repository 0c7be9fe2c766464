//! Carrying a plan out: the only code that writes.

mod error;
mod progress;
mod verify;

use std::collections::HashMap;

use futures_util::future::try_join_all;
use ssss_model::{Object, VerifiedKey};

pub use self::error::{ApplyError, ApplyErrorKind};
pub use self::progress::{Progress, Step};
use self::verify::{verify, verify_before_strip, verify_default};
use crate::account_data::{AccountData, Content};
use crate::plan::{Plan, Purpose, Write};

/// Carries a plan out, stage by stage: compares what is there with what the plan was made for,
/// writes, reads back, and opens what was written with the keys that it is for. Only then comes the
/// next stage. Once the pointer to the default key is written, every secret that the key is to open
/// is read and opened again, because another client may have written meanwhile; and what is stripped
/// must open with another key just before.
///
/// What is already as the plan wants it is not written again, so a plan that was stopped anywhere
/// can be applied again.
///
/// `keys` are the keys that the plan names, every one of them. `on_progress` hears of each step.
/// There is no compare-and-swap in Matrix: another client's write between our reading and our
/// writing is noticed only if it comes last.
pub async fn apply(
    store: &impl AccountData,
    plan: &Plan,
    keys: &[&VerifiedKey],
    mut on_progress: impl FnMut(Progress<'_>),
) -> Result<(), ApplyError> {
    let mut written = Vec::new();
    for id in plan.writes().flat_map(|write| write.purpose().keys()) {
        if !keys.iter().any(|key| key.id() == id) {
            let kind = ApplyErrorKind::NoKey(id.clone());
            return Err(ApplyError { kind, written });
        }
    }
    let run = Run {
        store,
        plan,
        keys,
        contents: contents(plan),
    };
    for (index, writes) in plan.stages().iter().enumerate() {
        let mut step = |step| {
            on_progress(Progress {
                stage: index,
                stages: plan.stages().len(),
                writes,
                step,
            });
        };
        if let Err(kind) = run.stage(index, &mut written, &mut step).await {
            return Err(ApplyError { kind, written });
        }
        step(Step::Done);
    }
    Ok(())
}

/// For each event, the stages that write it, and what.
fn contents(plan: &Plan) -> HashMap<&str, Vec<(usize, &Object)>> {
    let mut contents: HashMap<&str, Vec<(usize, &Object)>> = HashMap::new();
    for (index, stage) in plan.stages().iter().enumerate() {
        for write in stage {
            let stages = contents.entry(write.event_type()).or_default();
            stages.push((index, write.after()));
        }
    }
    contents
}

struct Run<'a, S> {
    store: &'a S,
    plan: &'a Plan,
    keys: &'a [&'a VerifiedKey],
    contents: HashMap<&'a str, Vec<(usize, &'a Object)>>,
}

impl<S: AccountData> Run<'_, S> {
    async fn stage(
        &self,
        index: usize,
        written: &mut Vec<String>,
        step: &mut impl FnMut(Step),
    ) -> Result<(), ApplyErrorKind> {
        let Some(stage) = self.plan.stages().get(index) else {
            return Ok(());
        };
        step(Step::Comparing);
        let event_types = stage.iter().map(Write::event_type);
        let mut pending: Vec<(String, Content)> = Vec::new();
        for (write, current) in stage.iter().zip(self.read(event_types.clone()).await?) {
            if self.is_done(index, write, current.as_ref()) {
                continue;
            }
            if !same(current.as_ref(), write.before()) {
                return Err(ApplyErrorKind::Conflict(write.event_type().to_owned()));
            }
            verify_before_strip(write, current.as_ref(), self.keys)?;
            pending.push((write.event_type().to_owned(), write.after().to_raw()));
        }
        if !pending.is_empty() {
            step(Step::Writing);
            written.extend(pending.iter().map(|(event_type, _)| event_type.clone()));
            self.store
                .put_all(&pending)
                .await
                .map_err(ApplyErrorKind::Store)?;
        }
        step(Step::Verifying);
        let also = self.also_verified(index);
        let also_read = also.iter().map(String::as_str);
        let mut contents = self.read(event_types.chain(also_read)).await?.into_iter();
        for (write, current) in stage.iter().zip(&mut contents) {
            if !self.is_done_later(index, write.event_type(), current.as_ref()) {
                verify(write, current.as_ref(), self.keys)?;
            }
        }
        let read: HashMap<_, _> = also.iter().map(String::as_str).zip(contents).collect();
        self.verify_also(index, stage, &read)
    }

    /// Events that a stage does not write, and that must be right once it has: what a default key needs
    /// to be one, and what the plan relies on.
    fn also_verified(&self, index: usize) -> Vec<String> {
        let mut event_types = Vec::new();
        for write in self.plan.stages().get(index).into_iter().flatten() {
            if let Purpose::SetDefaultKey(id, secrets) = write.purpose() {
                event_types.push(id.event_type());
                event_types.extend(secrets.iter().map(|name| name.as_str().to_owned()));
            }
        }
        if index + 1 == self.plan.stages().len() {
            let relies_on = self.plan.relies_on().iter();
            event_types.extend(relies_on.map(|event| event.event_type.clone()));
        }
        event_types
    }

    fn verify_also(
        &self,
        index: usize,
        stage: &[Write],
        read: &HashMap<&str, Option<Object>>,
    ) -> Result<(), ApplyErrorKind> {
        let content = |event_type: &str| read.get(event_type).and_then(Option::as_ref);
        for write in stage {
            if let Purpose::SetDefaultKey(id, secrets) = write.purpose() {
                verify_default(id, secrets, self.keys, content)?;
            }
        }
        if index + 1 < self.plan.stages().len() {
            return Ok(());
        }
        let changed = self
            .plan
            .relies_on()
            .iter()
            .find(|event| !same(content(&event.event_type), event.content.as_ref()));
        match changed {
            Some(event) => Err(ApplyErrorKind::Conflict(event.event_type.clone())),
            None => Ok(()),
        }
    }

    /// Whether an event is as this stage, or a later one, wants it.
    fn is_done(&self, index: usize, write: &Write, current: Option<&Object>) -> bool {
        same_or_blank(current, write.after())
            || self.is_done_later(index, write.event_type(), current)
    }

    fn is_done_later(&self, index: usize, event_type: &str, current: Option<&Object>) -> bool {
        let stages = self.contents.get(event_type).map_or(&[][..], Vec::as_slice);
        stages
            .iter()
            .any(|(stage, after)| *stage > index && same_or_blank(current, after))
    }

    /// What is there now of these events.
    async fn read(
        &self,
        event_types: impl Iterator<Item = &str> + Clone,
    ) -> Result<Vec<Option<Object>>, ApplyErrorKind> {
        let reads = event_types
            .clone()
            .map(|event_type| self.store.get(event_type));
        let contents = try_join_all(reads).await.map_err(ApplyErrorKind::Store)?;
        let objects = event_types
            .zip(contents)
            .map(|(event_type, content)| match content {
                None => Ok(None),
                // No plan is made for, or writes, content that is no JSON object.
                Some(content) => Object::from_raw(&content)
                    .map(Some)
                    .map_err(|_| ApplyErrorKind::Conflict(event_type.to_owned())),
            });
        objects.collect()
    }
}

fn same(a: Option<&Object>, b: Option<&Object>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.is_same_json(b),
        _ => false,
    }
}

/// Whether an event is as it is to be. One that never was is as good as blanked.
fn same_or_blank(current: Option<&Object>, after: &Object) -> bool {
    match current {
        Some(current) => current.is_same_json(after),
        None => after.is_empty(),
    }
}

//! Carrying a plan out: the only code that writes.

mod error;
mod progress;
mod verify;

use std::collections::HashMap;

use futures_util::future::try_join_all;
use ssss_model::{DefaultKey, Object, Snapshot, VerifiedKey};

pub use self::error::{ApplyError, ApplyErrorKind};
pub use self::progress::{Progress, Step};
use self::verify::{verify, verify_before_strip, verify_default};
use crate::account_data::{AccountData, Content};
use crate::plan::{Plan, Purpose, Reliance, Write};

/// Carries a plan out, stage by stage: compares what is there with what the plan was made for,
/// writes, reads back, and opens what was written with the keys that it is for. Only then comes the
/// next stage. Once the pointer to the default key is written, the whole account is read, and every
/// secret opened again with the new default key, because another client may have written meanwhile; and
/// what is stripped must open with another key just before.
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
fn contents(plan: &Plan) -> HashMap<&str, Vec<(usize, &Write)>> {
    let mut contents: HashMap<&str, Vec<(usize, &Write)>> = HashMap::new();
    for (index, stage) in plan.stages().iter().enumerate() {
        for write in stage {
            let stages = contents.entry(write.event_type()).or_default();
            stages.push((index, write));
        }
    }
    contents
}

struct Run<'a, S> {
    store: &'a S,
    plan: &'a Plan,
    keys: &'a [&'a VerifiedKey],
    contents: HashMap<&'a str, Vec<(usize, &'a Write)>>,
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
        let pointer = takes_away(stage).then_some(DefaultKey::EVENT_TYPE);
        let mut read = self.read(event_types.clone().chain(pointer)).await?;
        if pointer.is_some() && !self.is_default_as_planned(index, read.pop().flatten().as_ref()) {
            return Err(ApplyErrorKind::Conflict(DefaultKey::EVENT_TYPE.to_owned()));
        }
        for (write, current) in stage.iter().zip(read) {
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
        let points = stage
            .iter()
            .any(|write| matches!(write.purpose(), Purpose::SetDefaultKey { .. }));
        if points {
            return self.verify_account(index, stage).await;
        }
        let relies_on = self.relies_on(index);
        let also_read = relies_on.iter().map(|event| event.event_type.as_str());
        let mut contents = self.read(event_types.chain(also_read)).await?.into_iter();
        for (write, current) in stage.iter().zip(&mut contents) {
            self.verify(index, write, current.as_ref())?;
        }
        for (event, current) in relies_on.iter().zip(contents) {
            unchanged(event, current.as_ref())?;
        }
        Ok(())
    }

    /// Once a key is the default: reads the whole account, since another client may have written any of
    /// it meanwhile, and does not know the key.
    async fn verify_account(&self, index: usize, stage: &[Write]) -> Result<(), ApplyErrorKind> {
        let events = self.store.enumerate().await;
        let now = Snapshot::new(events.map_err(ApplyErrorKind::Store)?);
        for write in stage {
            self.verify(index, write, now.content(write.event_type()))?;
            let Purpose::SetDefaultKey {
                id,
                opens,
                passes_over,
            } = write.purpose()
            else {
                continue;
            };
            for name in opens {
                // It may open to what was there before somebody stored it anew for another key.
                if !self.is_as_planned(index, name.as_str(), now.content(name.as_str())) {
                    return Err(ApplyErrorKind::Conflict(name.as_str().to_owned()));
                }
            }
            verify_default(id, opens, passes_over, self.keys, &now)?;
        }
        for event in self.relies_on(index) {
            unchanged(event, now.content(&event.event_type))?;
        }
        Ok(())
    }

    fn verify(
        &self,
        index: usize,
        write: &Write,
        current: Option<&Object>,
    ) -> Result<(), ApplyErrorKind> {
        if self.is_done_later(index, write.event_type(), current) {
            return Ok(());
        }
        verify(write, current, self.keys)
    }

    /// Whether the default key is the one that the plan knows of, before anything is taken away.
    fn is_default_as_planned(&self, index: usize, current: Option<&Object>) -> bool {
        let relies_on = self.plan.relies_on().iter();
        let mut pointer = relies_on.filter(|event| event.event_type == DefaultKey::EVENT_TYPE);
        match pointer.next() {
            Some(event) => same(current, event.content.as_ref()),
            None => self.is_as_planned(index, DefaultKey::EVENT_TYPE, current),
        }
    }

    /// What the plan relies on, once it is at its end.
    fn relies_on(&self, index: usize) -> &[Reliance] {
        if index + 1 == self.plan.stages().len() {
            self.plan.relies_on()
        } else {
            &[]
        }
    }

    /// Whether an event is as the stages up to this one leave it, or as a later one does. One that the
    /// plan does not write is as it may be.
    fn is_as_planned(&self, index: usize, event_type: &str, current: Option<&Object>) -> bool {
        let Some(stages) = self.contents.get(event_type) else {
            return true;
        };
        // The last one of them, or what there was before the first that is still to come.
        let until_now = match stages.iter().rfind(|(stage, _)| *stage <= index) {
            Some((_, write)) => same_or_blank(current, write.after()),
            None => stages
                .first()
                .is_some_and(|(_, write)| same(current, write.before())),
        };
        until_now || self.is_done_later(index, event_type, current)
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
            .any(|(stage, write)| *stage > index && same_or_blank(current, write.after()))
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

/// Whether a stage takes a key's entries or its description away.
fn takes_away(stage: &[Write]) -> bool {
    let is_taken =
        |purpose: &Purpose| matches!(purpose, Purpose::StripSecret(..) | Purpose::BlankKey(_));
    stage.iter().any(|write| is_taken(write.purpose()))
}

fn unchanged(event: &Reliance, current: Option<&Object>) -> Result<(), ApplyErrorKind> {
    if same(current, event.content.as_ref()) {
        Ok(())
    } else {
        Err(ApplyErrorKind::Conflict(event.event_type.clone()))
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

//! Carrying a plan out: the only code that writes.

mod error;
mod progress;
mod reading;
mod verify;

use std::collections::HashMap;

use ssss_model::{DefaultKey, Object, VerifiedKey};

pub use self::error::{ApplyError, ApplyErrorKind};
pub use self::progress::{Progress, Step};
use self::reading::Reading;
use self::verify::{verify, verify_before_strip, verify_default};
use crate::account_data::{AccountData, Content};
use crate::plan::{Plan, Purpose, Reliance, Write};

/// Carries a plan out, stage by stage: compares what is there with what the plan was made for,
/// writes, reads back, and opens what was written with the keys that it is for. Only then comes the
/// next stage. Once the pointer to the default key is written, every secret is opened again with the
/// new default key, because another client may have written meanwhile; and what is stripped must open
/// with another key just before.
///
/// The account is read whole, once at the beginning and once after each stage that writes anything:
/// what was read back after one stage is what the next one is compared with.
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
    if let Err(kind) = run.carry_out(&mut written, &mut on_progress).await {
        return Err(ApplyError { kind, written });
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
    async fn carry_out(
        &self,
        written: &mut Vec<String>,
        on_progress: &mut impl FnMut(Progress<'_>),
    ) -> Result<(), ApplyErrorKind> {
        self.store.mention(&self.plan.event_types());
        let stages = self.plan.stages();
        let mut reading = None;
        for (index, writes) in stages.iter().enumerate() {
            let mut step = |step| {
                on_progress(Progress {
                    stage: index,
                    stages: stages.len(),
                    writes,
                    step,
                });
            };
            step(Step::Comparing);
            let mut now = match reading.take() {
                Some(reading) => reading,
                None => Reading::new(self.store).await?,
            };
            let pending = self.pending(index, writes, &now)?;
            if !pending.is_empty() {
                step(Step::Writing);
                written.extend(pending.iter().map(|(event_type, _)| event_type.clone()));
                let put = self.store.put_all(&pending).await;
                put.map_err(ApplyErrorKind::Store)?;
            }
            step(Step::Verifying);
            if !pending.is_empty() {
                now = Reading::new(self.store).await?;
            }
            self.verify_stage(index, writes, &now)?;
            step(Step::Done);
            reading = Some(now);
        }
        Ok(())
    }

    /// What of a stage is still to be written, if that may be.
    fn pending(
        &self,
        index: usize,
        stage: &[Write],
        now: &Reading,
    ) -> Result<Vec<(String, Content)>, ApplyErrorKind> {
        if takes_away(stage) {
            let pointer = now.content(DefaultKey::EVENT_TYPE)?;
            if !self.is_default_as_planned(index, pointer.as_ref()) {
                return Err(ApplyErrorKind::Conflict(DefaultKey::EVENT_TYPE.to_owned()));
            }
        }
        let mut pending = Vec::new();
        for write in stage {
            let current = now.content(write.event_type())?;
            if self.is_done(index, write, current.as_ref()) {
                continue;
            }
            if !same(current.as_ref(), write.before()) {
                return Err(ApplyErrorKind::Conflict(write.event_type().to_owned()));
            }
            verify_before_strip(write, current.as_ref(), self.keys)?;
            pending.push((write.event_type().to_owned(), write.after().to_raw()));
        }
        Ok(pending)
    }

    /// Holds what is there after a stage against what it was to be. Once a key is the default, all of
    /// the account, since another client may have written any of it meanwhile, and does not know the
    /// key.
    fn verify_stage(
        &self,
        index: usize,
        stage: &[Write],
        now: &Reading,
    ) -> Result<(), ApplyErrorKind> {
        for write in stage {
            let current = now.content(write.event_type())?;
            self.verify(index, write, current.as_ref())?;
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
                let content = now.content(name.as_str())?;
                if !self.is_as_planned(index, name.as_str(), content.as_ref()) {
                    return Err(ApplyErrorKind::Conflict(name.as_str().to_owned()));
                }
            }
            verify_default(id, opens, passes_over, self.keys, &now.snapshot())?;
        }
        for event in self.relies_on(index) {
            unchanged(event, now.content(&event.event_type)?.as_ref())?;
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

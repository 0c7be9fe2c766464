//! How far a plan is, as the account shows it.

use std::collections::HashMap;

use ssss_model::Object;

use super::error::ApplyErrorKind;
use super::reading::Reading;
use crate::plan::{Plan, Write};

/// What becomes of each event in the course of a plan.
pub(super) struct Course<'a> {
    plan: &'a Plan,
    /// For each event, the stages that write it, and what.
    contents: HashMap<&'a str, Vec<(usize, &'a Write)>>,
}

impl<'a> Course<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut contents: HashMap<&str, Vec<(usize, &Write)>> = HashMap::new();
        for (index, stage) in plan.stages().iter().enumerate() {
            for write in stage {
                let stages = contents.entry(write.event_type()).or_default();
                stages.push((index, write));
            }
        }
        Self { plan, contents }
    }

    /// Whether an event is as this stage, or a later one, wants it.
    pub(super) fn is_done(
        &self,
        stage: usize,
        write: &Write,
        now: &Reading,
    ) -> Result<bool, ApplyErrorKind> {
        let current = now.content(write.event_type())?;
        if same_or_blank(current.as_ref(), write.after()) {
            return Ok(true);
        }
        self.is_done_from(stage + 1, write.event_type(), now)
    }

    /// Whether an event is as this stage, or one after it, wants it.
    pub(super) fn is_done_from(
        &self,
        stage: usize,
        event_type: &str,
        now: &Reading,
    ) -> Result<bool, ApplyErrorKind> {
        let current = now.content(event_type)?;
        let writes = self.writes(event_type);
        let earlier = writes.iter().rfind(|(earlier, _)| *earlier < stage);
        let before = earlier.or(writes.first()).map(|(_, write)| write.before());
        for (later, write) in writes.iter().filter(|(later, _)| *later >= stage) {
            if !same_or_blank(current.as_ref(), write.after()) {
                continue;
            }
            // What comes and goes is in the end as it was in the beginning. Which of the two it is,
            // another event tells.
            if !same_or_both_blank(current.as_ref(), before.flatten())
                || self.has_begun(stage..=*later, event_type, now)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether an event is as so many stages leave it, or as a later one does. One that the plan does not
    /// write is as it may be.
    pub(super) fn is_as_planned(
        &self,
        stages: usize,
        event_type: &str,
        now: &Reading,
    ) -> Result<bool, ApplyErrorKind> {
        let writes = self.writes(event_type);
        let current = now.content(event_type)?;
        // The last one of them, or what there was before the first that is still to come.
        let is_so = match writes.iter().rfind(|(stage, _)| *stage < stages) {
            Some((_, write)) => same_or_blank(current.as_ref(), write.after()),
            None => writes
                .first()
                .is_none_or(|(_, write)| same(current.as_ref(), write.before())),
        };
        Ok(is_so || self.is_done_from(stages, event_type, now)?)
    }

    /// Whether anything of these stages was written, but for an event that tells nothing.
    pub(super) fn has_begun(
        &self,
        stages: impl Iterator<Item = usize>,
        except: &str,
        now: &Reading,
    ) -> Result<bool, ApplyErrorKind> {
        let stages = stages.filter_map(|stage| self.plan.stages().get(stage));
        for write in stages.flatten() {
            if write.event_type() == except {
                continue;
            }
            let current = now.content(write.event_type())?;
            if same_or_blank(current.as_ref(), write.after())
                && !same_or_both_blank(current.as_ref(), write.before())
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn writes(&self, event_type: &str) -> &[(usize, &'a Write)] {
        let writes = self.contents.get(event_type);
        writes.map_or(&[], Vec::as_slice)
    }
}

pub(super) fn same(a: Option<&Object>, b: Option<&Object>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.is_same_json(b),
        _ => false,
    }
}

/// Whether an event is as it is to be. One that never was is as good as blanked.
pub(super) fn same_or_blank(current: Option<&Object>, after: &Object) -> bool {
    match current {
        Some(current) => current.is_same_json(after),
        None => after.is_empty(),
    }
}

fn same_or_both_blank(a: Option<&Object>, b: Option<&Object>) -> bool {
    let is_blank = |object: Option<&Object>| object.is_none_or(Object::is_empty);
    same(a, b) || is_blank(a) && is_blank(b)
}

//! Carrying a plan out: the only code that writes.

mod course;
mod error;
mod guard;
mod private_halves;
mod progress;
mod reading;
mod verify;

use ssss_model::VerifiedKey;

use self::course::{Course, same};
pub use self::error::{ApplyError, ApplyErrorKind};
use self::guard::Guard;
use self::private_halves::private_halves;
pub use self::progress::{Progress, Step};
use self::reading::Reading;
use self::verify::{verify, verify_before_strip};
use crate::account_data::{AccountData, Content};
use crate::plan::{Plan, Write};

/// Carries a plan out, stage by stage: compares what is there with what the plan was made for,
/// writes, reads back, and opens what was written with the keys that it is for. Only then comes the
/// next stage. Once the pointer to the default key is written, every secret is opened again with the
/// new default key, because another client may have written meanwhile; and what is stripped must open
/// with another key just before.
///
/// The account is read whole, once at the beginning and once after each stage that writes anything:
/// what was read back after one stage is what the next one is compared with.
///
/// Where the plan [publishes](Plan::publication) something, that comes once the private halves were read
/// back and opened, and before any later stage. Is there anything of a later stage, it was published.
///
/// What is already as the plan wants it is not written again, so a plan that was stopped anywhere
/// can be applied again.
///
/// What the plan was made for is looked at again, before each stage that is written, in the very reading
/// that it is compared with: whatever the plan relies on; before another key is made the default, whether
/// that opens every secret; before something is taken away, whether the default key is the one that the
/// plan knows; before a description is blanked, whether nothing is sealed for its key. Otherwise the stage
/// is not written, however long ago the plan was made.
///
/// Before another key is made the default or a description is blanked, and after the first, the store
/// must give all of the account: what is not seen might be put out of reach.
///
/// `keys` are the keys that the plan names, every one of them. `on_progress` hears of each step.
/// There is no compare-and-swap in Matrix: another client's write between our reading and our
/// writing is noticed only if it comes last.
pub async fn apply(
    store: &impl AccountData,
    plan: &Plan,
    keys: &[&VerifiedKey],
    on_progress: impl FnMut(Progress<'_>),
) -> Result<(), ApplyError> {
    let mut run = Run {
        store,
        plan,
        keys,
        course: Course::new(plan),
        on_progress,
        written: Vec::new(),
        published: false,
    };
    let done = run.carry_out().await;
    let (written, published) = (run.written, run.published);
    done.map_err(|kind| ApplyError {
        kind,
        written,
        published,
        taken_back: false,
    })
}

struct Run<'a, S, P> {
    store: &'a S,
    plan: &'a Plan,
    keys: &'a [&'a VerifiedKey],
    course: Course<'a>,
    on_progress: P,
    /// The events that were written, or may have been.
    written: Vec<String>,
    /// Whether what the plan publishes was published, or may have been.
    published: bool,
}

impl<S: AccountData, P: FnMut(Progress<'_>)> Run<'_, S, P> {
    async fn carry_out(&mut self) -> Result<(), ApplyErrorKind> {
        for id in self.plan.keys() {
            if !self.keys.iter().any(|key| key.id() == id) {
                return Err(ApplyErrorKind::NoKey(id.clone()));
            }
        }
        self.store.mention(&self.plan.event_types());
        let stages = self.plan.stages();
        let mut reading = None;
        for (index, stage) in stages.iter().enumerate() {
            if self.publishes_after(index) {
                reading = Some(self.publish(reading).await?);
            }
            reading = Some(self.stage(index, stage, reading).await?);
        }
        if self.publishes_after(stages.len()) {
            self.publish(reading).await?;
        }
        Ok(())
    }

    /// Carries a stage out, and gives the account as it is then.
    async fn stage(
        &mut self,
        index: usize,
        stage: &[Write],
        reading: Option<Reading>,
    ) -> Result<Reading, ApplyErrorKind> {
        self.step(index, stage, Step::Comparing);
        let mut now = self.reading(reading).await?;
        let pending = self.pending(index, stage, &now)?;
        if !pending.is_empty() {
            self.guard().before(index, stage, &now)?;
            self.step(index, stage, Step::Writing);
            let events = pending.iter().map(|(event_type, _)| event_type.clone());
            self.written.extend(events);
            let put = self.store.put_all(&pending).await;
            put.map_err(ApplyErrorKind::Store)?;
        }
        self.step(index, stage, Step::Verifying);
        if !pending.is_empty() {
            now = Reading::new(self.store).await?;
        }
        self.verify_stage(index, stage, &now)?;
        self.step(index, stage, Step::Done);
        Ok(now)
    }

    /// Publishes what is to be published here, unless that was done. Nothing is published for a plan
    /// that another client has overtaken.
    async fn publish(&mut self, reading: Option<Reading>) -> Result<Reading, ApplyErrorKind> {
        let now = self.reading(reading).await?;
        let Some(publishing) = self.plan.publishing() else {
            return Ok(now);
        };
        let later = publishing.after..self.plan.stages().len();
        if self.course.has_begun(later, "", &now)? {
            return Ok(now);
        }
        for write in self.plan.writes() {
            let event_type = write.event_type();
            if !self
                .course
                .is_as_planned(publishing.after, event_type, &now)?
            {
                return Err(ApplyErrorKind::Conflict(event_type.to_owned()));
            }
        }
        self.guard().relied_on(&now)?;
        let secrets = private_halves(publishing, self.keys, &now)?;
        self.step(publishing.after, &[], Step::Publishing);
        self.published = true;
        let published = self.store.publish(publishing.publication, &secrets).await;
        published.map_err(ApplyErrorKind::Publish)?;
        Ok(now)
    }

    fn publishes_after(&self, stages: usize) -> bool {
        let publication = self.plan.publication();
        publication.is_some_and(|(after, _)| after == stages)
    }

    async fn reading(&self, reading: Option<Reading>) -> Result<Reading, ApplyErrorKind> {
        match reading {
            Some(reading) => Ok(reading),
            None => Reading::new(self.store).await,
        }
    }

    fn step(&mut self, stage: usize, writes: &[Write], step: Step) {
        (self.on_progress)(Progress {
            stage,
            stages: self.plan.stages().len(),
            writes,
            step,
        });
    }

    /// What of a stage is still to be written, if that may be.
    fn pending(
        &self,
        index: usize,
        stage: &[Write],
        now: &Reading,
    ) -> Result<Vec<(String, Content)>, ApplyErrorKind> {
        let mut pending = Vec::new();
        for write in stage {
            if self.course.is_done(index, write, now)? {
                continue;
            }
            let current = now.content(write.event_type())?;
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
    /// key. At the end also what the plan relies on.
    fn verify_stage(
        &self,
        index: usize,
        stage: &[Write],
        now: &Reading,
    ) -> Result<(), ApplyErrorKind> {
        for write in stage {
            let event_type = write.event_type();
            if !self.course.is_done_from(index + 1, event_type, now)? {
                verify(write, now.content(event_type)?.as_ref(), self.keys)?;
            }
        }
        self.guard().after(index, stage, now)?;
        if index + 1 == self.plan.stages().len() {
            self.guard().relied_on(now)?;
        }
        Ok(())
    }

    fn guard(&self) -> Guard<'_> {
        Guard {
            plan: self.plan,
            keys: self.keys,
            course: &self.course,
        }
    }
}

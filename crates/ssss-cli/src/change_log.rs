//! What a change goes through before it is written: shown, confirmed, remembered.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;

use ssss_client::ssss_model::Snapshot;
use ssss_client::{
    Ending, Intent, Journal, JournalError, JournalErrorKind, JournalFolder, Plan, Progress, Step,
};

use crate::code::Code;
use crate::failure::Failure;
use crate::key_input::NO_TERMINAL;
use crate::plan_text;
use crate::prompt::Prompt;
use crate::session::Session;

/// Shows a plan, has it confirmed where somebody should, and remembers it before anything is written.
/// In a rehearsal it remembers nothing, and keeps the plan to be shown.
#[derive(Debug)]
pub(crate) struct ChangeLog<'a> {
    session: &'a Session<'a>,
    folder: JournalFolder,
    /// The plan that was begun last.
    plan: RefCell<Option<Plan>>,
    /// The account as it was before it.
    snapshot: RefCell<Option<PathBuf>>,
    is_confirmed: Cell<bool>,
    failure: RefCell<Option<Failure>>,
}

impl<'a> ChangeLog<'a> {
    pub(crate) fn new(session: &'a Session<'a>, folder: JournalFolder) -> Self {
        Self {
            session,
            folder,
            plan: RefCell::default(),
            snapshot: RefCell::default(),
            is_confirmed: Cell::new(false),
            failure: RefCell::default(),
        }
    }

    pub(crate) fn folder(&self) -> &JournalFolder {
        &self.folder
    }

    /// The plan that was begun last.
    pub(crate) fn plan(&self) -> Option<Plan> {
        self.plan.borrow().clone()
    }

    /// The file with the account as it was before that plan.
    pub(crate) fn snapshot(&self) -> Option<PathBuf> {
        self.snapshot.borrow().clone()
    }

    /// Why a plan was not begun, if that is why an operation failed.
    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.failure.take()
    }

    /// Whether a plan is to be remembered and carried out; in a rehearsal it is neither.
    fn may_begin(&self, plan: &Plan) -> Result<bool, JournalError> {
        self.plan.replace(Some(plan.clone()));
        if self.session.global.dry_run {
            return Ok(false);
        }
        let may_begin = self.confirm(plan).and_then(|()| self.require_latest(plan));
        may_begin.map(|()| true).map_err(|failure| {
            let error = JournalError::new(JournalErrorKind::Io, failure.message.clone());
            self.failure.replace(Some(failure));
            error
        })
    }

    fn has_begun(&self) {
        let begun = self.folder.begun();
        self.snapshot.replace(begun.map(|change| change.snapshot));
    }

    /// What is taken back must still be the latest change: another command may have made one while
    /// somebody was asked.
    fn require_latest(&self, plan: &Plan) -> Result<(), Failure> {
        let Some(undoes) = plan.undoes() else {
            return Ok(());
        };
        let latest = self.folder.latest()?;
        if latest.as_ref().is_some_and(|latest| latest.time == undoes) {
            return Ok(());
        }
        let because = match latest {
            Some(latest) => format!("a change of {} came after that of {undoes}", latest.time),
            None => format!("the change of {undoes} was taken back already"),
        };
        Err(Failure::new(
            Code::Conflict,
            "conflict",
            "nothing was written, because there was another change meanwhile",
        )
        .because(because)
        .try_this(format!(
            "{} --dry-run shows what would be taken back now",
            self.session.command("undo")
        )))
    }

    fn confirm(&self, plan: &Plan) -> Result<(), Failure> {
        let global = self.session.global;
        if global.yes || self.is_confirmed.get() || !needs_confirmation(plan) {
            return Ok(());
        }
        if !self.session.prompt.can_confirm() {
            return Err(Failure::not_confirmed("nothing was written")
                .because("there is nobody to ask whether this is meant")
                .try_this("--dry-run shows what would be written; --yes writes it"));
        }
        let question = format!("{}Go on?", plan_text::lines(plan));
        match Prompt::confirm(&question) {
            Ok(true) => {
                self.is_confirmed.set(true);
                Ok(())
            }
            Ok(false) => Err(Failure::not_confirmed("nothing was written")),
            Err(error) => Err(Failure::local(NO_TERMINAL, &error)),
        }
    }
}

/// Whether somebody should look at a plan before it is carried out. Some commands ask in another way,
/// or need a key, which shows that they are meant.
fn needs_confirmation(plan: &Plan) -> bool {
    match plan.intent() {
        Intent::Bootstrap
        | Intent::Rotate
        | Intent::AddKey
        | Intent::PutSecret
        | Intent::RemoveSecret => false,
        Intent::Repair => !plan.losses().is_empty(),
        _ => true,
    }
}

impl Journal for ChangeLog<'_> {
    async fn begin(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        if self.may_begin(plan)? {
            self.folder.begin(snapshot, plan).await?;
            self.has_begun();
        }
        Ok(())
    }

    async fn begin_anew(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        if self.may_begin(plan)? {
            self.folder.begin_anew(snapshot, plan).await?;
            self.has_begun();
        }
        Ok(())
    }

    fn progress(&self, progress: Progress<'_>) {
        if progress.step == Step::Publishing && !self.session.global.dry_run {
            self.session
                .output
                .progress("publishing the public halves of what is stored");
        }
        let is_long = progress.stages > 1;
        if is_long && progress.step == Step::Done && !self.session.global.dry_run {
            let stage = progress.stage + 1;
            let what = plan_text::stage(progress.writes);
            self.session
                .output
                .progress(&format!("[{stage}/{}] ✓ {what}", progress.stages));
        }
    }

    async fn end(&self, ending: Ending) -> Result<(), JournalError> {
        if self.session.global.dry_run {
            return Ok(());
        }
        self.folder.end(ending).await
    }
}

//! What a plan takes for granted, looked at again in the reading that its next stage is written from.
//!
//! A plan is checked when it is made. Until it is carried out, and all the more until it is resumed,
//! others may have changed the account.

use std::collections::HashSet;

use ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyId, Object, SecretName, Snapshot, VerifiedKey,
};

use super::course::{Course, same};
use super::error::ApplyErrorKind;
use super::reading::Reading;
use super::verify::verify_default;
use crate::plan::{Plan, Purpose, Write};

#[derive(Clone, Copy)]
pub(super) struct Guard<'a> {
    pub(super) plan: &'a Plan,
    pub(super) keys: &'a [&'a VerifiedKey],
    pub(super) course: &'a Course<'a>,
}

impl Guard<'_> {
    /// Whether what is still to be written of a stage may be.
    pub(super) fn before(
        self,
        index: usize,
        stage: &[Write],
        now: &Reading,
    ) -> Result<(), ApplyErrorKind> {
        if stage.iter().any(needs_all) {
            now.require_whole()?;
        }
        self.relied_on(now)?;
        self.stage(index, stage, now)
    }

    /// Whether what a stage has done may stay so. Another client may have written between our reading
    /// and our writing.
    pub(super) fn after(
        self,
        index: usize,
        stage: &[Write],
        now: &Reading,
    ) -> Result<(), ApplyErrorKind> {
        for write in stage {
            if let Purpose::SetDefaultKey { opens, .. } = write.purpose() {
                for name in opens {
                    // It may open to what was there before somebody stored it anew for another key.
                    if !self.course.is_as_planned(index + 1, name.as_str(), now)? {
                        return Err(conflict(name.as_str()));
                    }
                }
                now.require_whole()?;
            }
        }
        self.stage(index, stage, now)
    }

    /// Whether what the plan does not write, and was made for, is as it was.
    pub(super) fn relied_on(self, now: &Reading) -> Result<(), ApplyErrorKind> {
        for event in self.plan.relies_on() {
            let current = now.content(&event.event_type)?;
            if !same(current.as_ref(), event.content.as_ref())
                && !self.is_found_again(&event.event_type, current.as_ref())
            {
                return Err(conflict(&event.event_type));
            }
        }
        if self.plan.is_about_every_secret() {
            self.no_other_secret(&now.snapshot())?;
        }
        Ok(())
    }

    /// Whether a secret that the new default key need not open was stored anew, and it does: nobody is
    /// hindered by that.
    fn is_found_again(self, event_type: &str, current: Option<&Object>) -> bool {
        let Some((name, current)) = SecretName::of_event(event_type).zip(current) else {
            return false;
        };
        let EventState::Present(secret) = EncryptedSecret::parse(&name, current) else {
            return false;
        };
        self.plan.writes().any(|write| match write.purpose() {
            Purpose::SetDefaultKey {
                id, passes_over, ..
            } => {
                let mut keys = self.keys.iter().filter(|key| key.id() == id);
                passes_over.contains(&name) && keys.any(|key| key.open(&secret).is_ok())
            }
            _ => false,
        })
    }

    /// Whether there is no secret that the plan does not know.
    fn no_other_secret(self, now: &Snapshot) -> Result<(), ApplyErrorKind> {
        let written = self.plan.writes().map(Write::event_type);
        let relied_on = self.plan.relies_on().iter();
        let relied_on = relied_on.map(|event| event.event_type.as_str());
        let known: HashSet<&str> = written.chain(relied_on).collect();
        let mut secrets = now.present_secrets().map(|secret| secret.name().as_str());
        match secrets.find(|name| !known.contains(name)) {
            Some(other) => Err(conflict(other)),
            None => Ok(()),
        }
    }

    fn stage(self, index: usize, stage: &[Write], now: &Reading) -> Result<(), ApplyErrorKind> {
        if takes_away(stage) && !self.is_default_as_planned(index, stage, now)? {
            return Err(conflict(DefaultKey::EVENT_TYPE));
        }
        for write in stage {
            match write.purpose() {
                Purpose::SetDefaultKey {
                    id,
                    opens,
                    passes_over,
                } => verify_default(id, opens, passes_over, self.keys, &now.snapshot())?,
                Purpose::BlankKey(_) => return nothing_is_sealed(stage, &now.snapshot()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the default key is the one that the plan knows of. What it relies on is looked at by
    /// itself, and what the stage writes compared.
    fn is_default_as_planned(
        self,
        index: usize,
        stage: &[Write],
        now: &Reading,
    ) -> Result<bool, ApplyErrorKind> {
        let pointer = DefaultKey::EVENT_TYPE;
        if stage.iter().any(|write| write.event_type() == pointer) {
            return Ok(true);
        }
        self.course.is_as_planned(index + 1, pointer, now)
    }
}

/// Whether nothing is sealed for the keys whose descriptions a stage blanks.
fn nothing_is_sealed(stage: &[Write], now: &Snapshot) -> Result<(), ApplyErrorKind> {
    let blanked = stage.iter().filter_map(|write| match write.purpose() {
        Purpose::BlankKey(id) => Some(id),
        _ => None,
    });
    let blanked: HashSet<&KeyId> = blanked.collect();
    let mut secrets = now.present_secrets();
    let needing = secrets.find(|secret| secret.entries().any(|(id, _)| blanked.contains(id)));
    match needing {
        Some(secret) => Err(conflict(secret.name().as_str())),
        None => Ok(()),
    }
}

/// Whether a stage takes something away: a key's entries or its description, or a secret. What becomes
/// as it was may lose any of them.
fn takes_away(stage: &[Write]) -> bool {
    stage.iter().any(|write| {
        matches!(
            write.purpose(),
            Purpose::StripSecret(..)
                | Purpose::BlankKey(_)
                | Purpose::RemoveSecret(_)
                | Purpose::Restore
        )
    })
}

/// Whether a write may put out of reach what is not seen: what only the old default key opens, or a key
/// that something is sealed for.
fn needs_all(write: &Write) -> bool {
    match write.purpose() {
        Purpose::SetDefaultKey { .. } | Purpose::BlankKey(_) => true,
        Purpose::Restore if write.event_type() == DefaultKey::EVENT_TYPE => {
            let before = write.before().map(DefaultKey::parse);
            matches!(before, Some(EventState::Present(_)))
        }
        _ => false,
    }
}

fn conflict(event_type: &str) -> ApplyErrorKind {
    ApplyErrorKind::Conflict(event_type.to_owned())
}

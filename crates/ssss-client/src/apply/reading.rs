//! The whole account, read at once.

use std::collections::HashMap;

use ssss_model::{Object, Snapshot};

use super::error::ApplyErrorKind;
use crate::account_data::{AccountData, Content};

/// The whole account at one moment. On a homeserver that is one request, however many events matter.
///
/// Only what is asked for is parsed.
pub(super) struct Reading {
    contents: HashMap<String, Content>,
    is_whole: bool,
}

impl Reading {
    pub(super) async fn new(store: &impl AccountData) -> Result<Self, ApplyErrorKind> {
        let listing = store.enumerate().await.map_err(ApplyErrorKind::Store)?;
        Ok(Self {
            // Of two events of one type the later one counts, as in a snapshot.
            contents: listing.events.into_iter().collect(),
            is_whole: listing.is_whole,
        })
    }

    /// Refuses a reading which may lack something.
    pub(super) fn require_whole(&self) -> Result<(), ApplyErrorKind> {
        if self.is_whole {
            Ok(())
        } else {
            Err(ApplyErrorKind::NotListed)
        }
    }

    /// What there is of an event.
    pub(super) fn content(&self, event_type: &str) -> Result<Option<Object>, ApplyErrorKind> {
        let Some(content) = self.contents.get(event_type) else {
            return Ok(None);
        };
        // No plan is made for, or writes, content that is no JSON object.
        Object::from_raw(content)
            .map(Some)
            .map_err(|_| ApplyErrorKind::Conflict(event_type.to_owned()))
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let contents = self.contents.iter();
        Snapshot::new(contents.map(|(event_type, content)| (event_type.clone(), content.clone())))
    }
}

//! The events of an account, as far as its store tells.

use ssss_model::Snapshot;

use crate::account_data::Content;

/// The events of an account, and whether they are all that there are.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The types of the events, and their contents.
    pub events: Vec<(String, Content)>,
    /// Whether there certainly is no other event. A store that cannot tell (a homeserver that gives no
    /// list of an account's data) gives those that it knows by name, and says `false`: nothing is then
    /// done that takes them for all.
    pub is_whole: bool,
}

impl Listing {
    /// The account at this moment.
    #[must_use]
    pub fn into_snapshot(self) -> Snapshot {
        if self.is_whole {
            Snapshot::new(self.events)
        } else {
            Snapshot::partial(self.events)
        }
    }
}

impl From<Vec<(String, Content)>> for Listing {
    /// Every event that there is.
    fn from(events: Vec<(String, Content)>) -> Self {
        Self {
            events,
            is_whole: true,
        }
    }
}

//! Account data in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::account_data::{AccountData, AccountDataError, Content};
use crate::listing::Listing;

/// Account data in memory: for tests, and for trying a plan out.
#[derive(Debug, Default)]
pub struct MemoryStore {
    events: Mutex<BTreeMap<String, Content>>,
}

impl MemoryStore {
    /// An account without any data.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn events(&self) -> MutexGuard<'_, BTreeMap<String, Content>> {
        // Nothing panics while it holds the lock, and a map is whole after each change.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromIterator<(String, Content)> for MemoryStore {
    fn from_iter<I: IntoIterator<Item = (String, Content)>>(events: I) -> Self {
        Self {
            events: Mutex::new(events.into_iter().collect()),
        }
    }
}

impl AccountData for MemoryStore {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        Ok(self.events().get(event_type).cloned())
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.events().insert(event_type.to_owned(), content.clone());
        Ok(())
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        let events: Vec<_> = self
            .events()
            .iter()
            .map(|(name, content)| (name.clone(), content.clone()))
            .collect();
        Ok(events.into())
    }
}

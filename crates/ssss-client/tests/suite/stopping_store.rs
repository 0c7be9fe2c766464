//! A store that stops at a chosen moment, as a closed lid would.

use std::cell::Cell;

use ssss_client::{
    AccountData, AccountDataError, AccountDataErrorKind, Content, Listing, MemoryStore,
};

/// When, in an operation, everything stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the store acts.
    Before,
    /// After it acted, with the reply lost.
    After,
}

/// More than any operation takes. One that fails also where nothing stops it would be stopped ever later.
const MOST: usize = 100;

/// Counts operations; at one of them, and from then on, nothing works.
pub(crate) struct StoppingStore<'a> {
    inner: &'a MemoryStore,
    stop_at: Option<(usize, Moment)>,
    count: Cell<usize>,
}

impl<'a> StoppingStore<'a> {
    pub(crate) fn new(inner: &'a MemoryStore, stop_at: Option<(usize, Moment)>) -> Self {
        let is_in_time = stop_at.is_none_or(|(at, _)| at < MOST);
        assert!(is_in_time, "it fails, and nothing stops it");
        Self {
            inner,
            stop_at,
            count: Cell::new(0),
        }
    }

    /// How many operations there were.
    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// Whether the next operation acts, and whether its reply arrives.
    fn next(&self) -> (bool, bool) {
        let count = self.count.get();
        self.count.set(count + 1);
        match self.stop_at {
            Some((at, _)) if count > at => (false, false),
            Some((at, Moment::Before)) if count == at => (false, false),
            Some((at, Moment::After)) if count == at => (true, false),
            _ => (true, true),
        }
    }
}

fn stopped() -> AccountDataError {
    AccountDataError::new(AccountDataErrorKind::Io, "stopped")
}

impl AccountData for StoppingStore<'_> {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        match self.next() {
            (_, true) => self.inner.get(event_type).await,
            (_, false) => Err(stopped()),
        }
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        let (acts, replies) = self.next();
        if acts {
            self.inner.put(event_type, content).await?;
        }
        if replies { Ok(()) } else { Err(stopped()) }
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        match self.next() {
            (_, true) => self.inner.enumerate().await,
            (_, false) => Err(stopped()),
        }
    }
}

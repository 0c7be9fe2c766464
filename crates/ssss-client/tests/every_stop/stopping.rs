//! A store that stops.

use std::cell::{Cell, RefCell};
use std::future::pending;

use ssss_client::ssss_model::Secret;
use ssss_client::{
    AccountData, AccountDataError, AccountDataErrorKind, Content, Listing, Publication,
};

use super::draw::Draw;
use super::server::Server;

/// How everything stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// An error before the store acted.
    Error,
    /// The store acted, and the reply was an error.
    LostReply,
    /// Whoever waited went away before the store acted.
    Gone,
    /// The store acted, and whoever waited went away.
    GoneAfter,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [Self::Error, Self::LostReply, Self::Gone, Self::GoneAfter];

    fn acts(self) -> bool {
        matches!(self, Self::LostReply | Self::GoneAfter)
    }

    fn replies(self) -> bool {
        matches!(self, Self::Error | Self::LostReply)
    }
}

/// Counts what it is asked; at one of these, and from then on, nothing works. What may be written at
/// once is written in any order.
pub(crate) struct Stopping<'a> {
    inner: &'a Server,
    at: Option<(usize, Way)>,
    count: Cell<usize>,
    draw: RefCell<Draw>,
    is_read_back: Cell<bool>,
}

impl<'a> Stopping<'a> {
    pub(crate) fn new(inner: &'a Server, at: Option<(usize, Way)>, draw: Draw) -> Self {
        Self {
            inner,
            at,
            count: Cell::new(0),
            draw: RefCell::new(draw),
            is_read_back: Cell::new(false),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    /// What may be written at once, in the order of this run.
    pub(crate) fn in_any_order<'e, E>(&self, events: &'e [E]) -> Vec<&'e E> {
        self.draw.borrow_mut().shuffled(events.iter().collect())
    }

    /// Whether the store acts on this, and how the reply is.
    fn next(&self) -> (bool, Reply) {
        let count = self.count.get();
        self.count.set(count + 1);
        let reply = |way: Way| {
            if way.replies() {
                Reply::Error
            } else {
                Reply::Never
            }
        };
        match self.at {
            Some((at, way)) if count == at => (way.acts(), reply(way)),
            Some((at, way)) if count > at => (false, reply(way)),
            _ => (true, Reply::Arrives),
        }
    }
}

enum Reply {
    Arrives,
    Error,
    Never,
}

impl Reply {
    async fn or<T>(self, value: T) -> Result<T, AccountDataError> {
        match self {
            Self::Arrives => Ok(value),
            Self::Error => Err(AccountDataError::new(AccountDataErrorKind::Io, "stopped")),
            Self::Never => pending().await,
        }
    }
}

impl AccountData for Stopping<'_> {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        let (_, reply) = self.next();
        reply.or(self.inner.data.get(event_type).await?).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        let (acts, reply) = self.next();
        self.is_read_back.set(false);
        if acts {
            self.inner.data.put(event_type, content).await?;
        }
        reply.or(()).await
    }

    async fn put_all(&self, events: &[(String, Content)]) -> Result<(), AccountDataError> {
        for (event_type, content) in self.in_any_order(events) {
            self.put(event_type, content).await?;
        }
        Ok(())
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        let (_, reply) = self.next();
        self.is_read_back.set(true);
        reply.or(self.inner.data.enumerate().await?).await
    }

    async fn publish(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        let (acts, reply) = self.next();
        if acts {
            let is_read_back = self.is_read_back.get();
            self.inner.publish(publication, secrets, is_read_back);
        }
        reply.or(()).await
    }
}

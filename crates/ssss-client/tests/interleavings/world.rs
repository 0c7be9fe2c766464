//! An account that two clients share, each waiting at every access until it is let go on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;
use std::task::Poll;

use ssss_client::ssss_model::ruma_common::serde::Raw;
use ssss_client::{AccountData, AccountDataError, Content, Listing};

/// The account, and who waits for what.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) events: RefCell<BTreeMap<String, String>>,
    waiting: RefCell<BTreeMap<Ticket, String>>,
    granted: Cell<Option<Ticket>>,
    next: Cell<usize>,
    /// For each client, what it has seen.
    seen: [RefCell<DefaultHasher>; 2],
    pub(crate) trace: RefCell<Vec<String>>,
}

/// An access that waits: whose it is, and which.
pub(crate) type Ticket = (usize, usize);

impl World {
    pub(crate) fn new(events: BTreeMap<String, String>) -> Rc<Self> {
        Rc::new(Self {
            events: RefCell::new(events),
            ..Self::default()
        })
    }

    /// Every access that waits, in an order that is always the same.
    pub(crate) fn waiting(&self) -> Vec<Ticket> {
        self.waiting.borrow().keys().copied().collect()
    }

    /// Lets an access go on, once its client is asked to.
    pub(crate) fn grant(&self, ticket: Ticket) {
        self.granted.set(Some(ticket));
    }

    /// The account, and what each client has seen of it: what decides everything that follows.
    pub(crate) fn state(&self) -> (u64, u64, u64) {
        let mut hasher = DefaultHasher::new();
        self.events.borrow().hash(&mut hasher);
        let seen = |client: usize| self.seen[client].borrow().finish();
        (hasher.finish(), seen(0), seen(1))
    }
}

/// The account as one client reaches it.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) world: Rc<World>,
    pub(crate) client: usize,
}

impl Access {
    /// Waits, then acts.
    async fn act<T: std::hash::Hash>(&self, what: String, act: impl FnOnce() -> (T, String)) -> T {
        let world = &self.world;
        let ticket = (self.client, world.next.replace(world.next.get() + 1));
        world.waiting.borrow_mut().insert(ticket, what.clone());
        poll_fn(|_| {
            if world.granted.get() == Some(ticket) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        world.granted.set(None);
        world.waiting.borrow_mut().remove(&ticket);
        let (value, shown) = act();
        let mut seen = world.seen[self.client].borrow_mut();
        what.hash(&mut *seen);
        value.hash(&mut *seen);
        let name = ["A", "B"][self.client];
        world
            .trace
            .borrow_mut()
            .push(format!("{name}: {what}{shown}"));
        value
    }
}

impl AccountData for Access {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        let content = self
            .act(format!("GET {event_type}"), || {
                let content = self.world.events.borrow().get(event_type).cloned();
                (content, String::new())
            })
            .await;
        Ok(content.map(|content| Raw::from_json_string(content).unwrap()))
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        let content = content.json().get().to_owned();
        self.act(format!("PUT {event_type}"), || {
            let mut events = self.world.events.borrow_mut();
            events.insert(event_type.to_owned(), content.clone());
            (content, String::new())
        })
        .await;
        Ok(())
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        let events = self
            .act("read all".to_owned(), || {
                (self.world.events.borrow().clone(), String::new())
            })
            .await;
        let content = |text: String| Raw::from_json_string(text).unwrap();
        let events = events.into_iter();
        let events: Vec<_> = events.map(|(name, text)| (name, content(text))).collect();
        Ok(events.into())
    }
}

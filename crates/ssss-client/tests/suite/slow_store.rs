//! A store that takes its time, as a homeserver does: what goes out together comes back together.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use ssss_client::ssss_model::Secret;
use ssss_client::{
    AccountData, AccountDataError, AccountDataErrorKind, Content, Listing, MemoryStore, Publication,
};

/// Answers in rounds, and keeps a list of what was asked in which. It publishes, too.
#[derive(Default)]
pub(crate) struct SlowStore {
    pub(crate) inner: MemoryStore,
    round: Cell<usize>,
    /// For each request, the round that it was made in, from 0.
    pub(crate) requests: RefCell<Vec<(usize, String)>>,
    /// The names and values of what was published.
    pub(crate) published: RefCell<Vec<(String, String)>>,
    /// Why nothing is published, and whether it is all the same.
    pub(crate) refuses: Cell<Option<(AccountDataErrorKind, bool)>>,
    /// What another client writes in a round, before anything else is answered.
    pub(crate) rival: RefCell<Option<(usize, String, Content)>>,
}

impl SlowStore {
    pub(crate) fn new(inner: MemoryStore) -> Self {
        Self {
            inner,
            ..Self::default()
        }
    }

    /// Runs to the end: whenever nothing goes on without an answer, every answer arrives.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            let polled = future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            match polled {
                Poll::Ready(value) => return value,
                Poll::Pending => self.round.set(self.round.get() + 1),
            }
        }
    }

    /// What was asked, a line for each round, in the order of the alphabet.
    pub(crate) fn rounds(&self) -> Vec<String> {
        let requests = self.requests.borrow();
        let last = requests.iter().map(|(round, _)| *round).max();
        let rounds = last.map_or(0, |last| last + 1);
        (0..rounds)
            .map(|round| {
                let mut requests: Vec<&str> = requests
                    .iter()
                    .filter(|(of, _)| *of == round)
                    .map(|(_, what)| what.as_str())
                    .collect();
                requests.sort_unstable();
                requests.join(", ")
            })
            .collect()
    }

    async fn answer(&self, what: String) {
        let round = self.round.get();
        self.requests.borrow_mut().push((round, what));
        poll_fn(|_| {
            if self.round.get() > round {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        let is_now = |(at, ..): &mut (usize, String, Content)| *at == round;
        let rival = self.rival.borrow_mut().take_if(is_now);
        if let Some((_, event_type, content)) = rival {
            self.inner.put(&event_type, &content).await.unwrap();
        }
    }
}

impl AccountData for SlowStore {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.answer(format!("GET {event_type}")).await;
        self.inner.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.answer(format!("PUT {event_type}")).await;
        self.inner.put(event_type, content).await
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        self.answer("read all".to_owned()).await;
        self.inner.enumerate().await
    }

    async fn publish(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        assert!(!publication.is_empty());
        self.answer("publish".to_owned()).await;
        let refusal = self.refuses.get();
        if refusal.is_none_or(|(_, acts)| acts) {
            let published = secrets.iter().map(|secret| {
                let name = secret.name().as_str().to_owned();
                (name, secret.expose().to_owned())
            });
            *self.published.borrow_mut() = published.collect();
        }
        match refusal {
            None => Ok(()),
            Some((kind, _)) => Err(AccountDataError::new(kind, "refused")),
        }
    }
}

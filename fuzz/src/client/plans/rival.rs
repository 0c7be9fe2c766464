//! Another client, and whether it was noticed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use pollster::block_on;
use ssss_client::ssss_model::{
    DefaultKey, EncryptedSecret, EventState, Object, Secret, Snapshot, Value,
};
use ssss_client::{
    AccountData, AccountDataError, BACKUP_KEYS, Content, Listing, Plan, Publication, Write,
};

use super::account::{key, name, rng, secret, snapshot};
use super::generated::KEYS;
use super::same;
use super::server::Server;
use super::stopping::Stopping;

/// One write of another client, before an access of ours.
#[derive(Debug)]
pub(crate) struct Rival {
    pub(crate) at: usize,
    event_type: String,
    content: Object,
}

impl Rival {
    /// Where it stores a secret of its own.
    pub(crate) const SECRET: &str = "org.example.rival";

    /// Chooses what it writes: something new, or something that is in the account or that the plan is to
    /// write.
    pub(crate) fn new(chosen: [u8; 4], server: &Server, plan: &Plan) -> Self {
        let [at, what, which, how] = chosen.map(usize::from);
        let now = snapshot(&server.data);
        let events: Vec<_> = if what % 2 == 0 {
            plan.writes().map(Write::event_type).collect()
        } else {
            let all = block_on(server.data.enumerate()).unwrap().events;
            let all = all.iter().map(|(event_type, _)| event_type.clone());
            let known =
                |event_type: String| Some(now.content(&event_type)?.clone()).map(|_| event_type);
            let all: Vec<String> = all.filter_map(known).collect();
            return Self::over(at, all.get(which % all.len().max(1)), how, &now);
        };
        let event_type = events.get(which % events.len().max(1));
        Self::over(
            at,
            event_type.map(|name| (*name).to_owned()).as_ref(),
            how,
            &now,
        )
    }

    /// Writes over an event, or stores something new.
    fn over(at: usize, event_type: Option<&String>, how: usize, now: &Snapshot) -> Self {
        let sealed = |secret: &Secret| {
            let default = now.default_key_id();
            let of = KEYS
                .iter()
                .find(|of| Some(**of) == default.map(ssss_model::KeyId::as_str));
            let entry = key(of.copied().unwrap_or("a"))
                .key()
                .seal(secret, &mut rng());
            EncryptedSecret::content(secret.name(), None, &[entry.unwrap()]).unwrap()
        };
        let new = (
            Self::SECRET.to_owned(),
            Object::empty().with("a", &Value::number(1)),
        );
        let existing = event_type.and_then(|event_type| now.content(event_type));
        let (event_type, content) = match (how % 6, event_type) {
            (0, _) | (_, None) => new,
            (1, _) => (
                Self::SECRET.to_owned(),
                sealed(&secret(Self::SECRET, "theirs")),
            ),
            (2, Some(event_type)) => (event_type.clone(), Object::empty()),
            (3, Some(event_type)) => {
                let existing = existing.cloned().unwrap_or_else(Object::empty);
                let content = existing.with("org.example.theirs", &Value::number(1));
                (event_type.clone(), content)
            }
            // As js-sdk stores a secret: one entry, in place of all.
            (4, Some(event_type)) if !event_type.starts_with("m.") => {
                let content = sealed(&secret(event_type, "theirs"));
                (event_type.clone(), content)
            }
            (_, Some(event_type)) if event_type.starts_with("m.cross") => {
                let content = sealed(&Secret::from_key(name(event_type), &[7; 32]));
                (event_type.clone(), content)
            }
            _ => {
                let pointer = DefaultKey::EVENT_TYPE.to_owned();
                let id = key("b").key().id().clone();
                (pointer, DefaultKey::content(None, &id))
            }
        };
        Self {
            at: at % 16,
            event_type,
            content,
        }
    }

    /// Whether this is what it has written.
    pub(crate) fn is_of(&self, event_type: &str, content: &str) -> bool {
        event_type == self.event_type && content == self.content.as_json()
    }

    /// Whether it stores a secret that was not there.
    pub(crate) fn is_new_secret(&self) -> bool {
        let content = EncryptedSecret::parse(&name(Self::SECRET), &self.content);
        self.event_type == Self::SECRET && matches!(content, EventState::Present(_))
    }

    /// Whether a broken promise has nothing to do with what it wrote.
    pub(crate) fn is_not_to_blame(&self, broken: &str) -> bool {
        // Who writes over the pointer or a description decides what the default key opens.
        let decides = self.event_type.starts_with("m.secret_storage.");
        let is_of_default = ["P1", "a backup key", "is published"];
        let is_about_default = is_of_default.iter().any(|what| broken.contains(what));
        // Who writes over what a new backup key waits in, just before it is published, decides where it is.
        let is_waiting = self.event_type.starts_with(BACKUP_KEYS);
        let is_about_backup = broken.contains("is published");
        !(broken.contains(&self.event_type)
            || decides && is_about_default
            || is_waiting && is_about_backup)
    }
}

/// A server that stops, and that another client comes to; with what our client has seen of it.
pub(crate) struct Watched<'a> {
    inner: Stopping<'a>,
    server: &'a Server,
    plan: &'a Plan,
    rival: Option<(usize, &'a Rival)>,
    accesses: Cell<usize>,
    /// The account as our client has read it last.
    seen: RefCell<Option<BTreeMap<String, Object>>>,
    /// What our client has written since.
    written: RefCell<BTreeMap<String, Object>>,
    /// Events that it has read back as something else than it had written.
    differing: RefCell<Vec<String>>,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(
        inner: Stopping<'a>,
        server: &'a Server,
        plan: &'a Plan,
        rival: Option<(usize, &'a Rival)>,
    ) -> Self {
        Self {
            inner,
            server,
            plan,
            rival,
            accesses: Cell::new(0),
            seen: RefCell::default(),
            written: RefCell::default(),
            differing: RefCell::default(),
        }
    }

    pub(crate) fn accesses(&self) -> usize {
        self.accesses.get()
    }

    /// P6: whoever reads back something else than was written does not say that all is well.
    pub(crate) fn nothing_was_missed(&self, is_well: bool, name: &str) {
        let differing = self.differing.borrow();
        assert!(
            !is_well || differing.is_empty(),
            "{name}: P6: {differing:?}"
        );
    }

    async fn access(&self) {
        let count = self.accesses.replace(self.accesses.get() + 1);
        if let Some((at, rival)) = self.rival
            && at == count
        {
            let content = rival.content.to_raw();
            self.server
                .data
                .put(&rival.event_type, &content)
                .await
                .unwrap();
        }
    }

    /// P6: what was read as another's is not written over.
    fn is_written_over_what_was_seen(&self, event_type: &str, content: &Object) {
        let seen = self.seen.borrow();
        let seen = seen
            .as_ref()
            .expect("nothing is written before all is read");
        let mut writes = self.plan.writes();
        let is_planned = writes.any(|write| {
            write.event_type() == event_type
                && write.after().is_same_json(content)
                && same(write.before(), seen.get(event_type))
        });
        assert!(
            is_planned,
            "P6: {event_type} was {:?}",
            seen.get(event_type)
        );
    }
}

impl AccountData for Watched<'_> {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.access().await;
        self.inner.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.access().await;
        let object = Object::from_raw(content).unwrap();
        self.is_written_over_what_was_seen(event_type, &object);
        self.inner.put(event_type, content).await?;
        self.written
            .borrow_mut()
            .insert(event_type.to_owned(), object);
        Ok(())
    }

    async fn put_all(&self, events: &[(String, Content)]) -> Result<(), AccountDataError> {
        for (event_type, content) in self.inner.in_any_order(events) {
            self.put(event_type, content).await?;
        }
        Ok(())
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        self.access().await;
        let listing = self.inner.enumerate().await?;
        let read = listing
            .events
            .iter()
            .map(|(event_type, content)| (event_type.clone(), Object::from_raw(content).unwrap()));
        let read: BTreeMap<_, _> = read.collect();
        for (event_type, written) in self.written.take() {
            let now = read.get(&event_type);
            // Of the pointer only where it points matters.
            let points =
                |object: &Object| DefaultKey::parse(object).present().map(|d| d.id().clone());
            let is_same = same(now, Some(&written))
                || event_type == DefaultKey::EVENT_TYPE
                    && now.map(points) == Some(points(&written));
            let is_later = self
                .plan
                .writes()
                .any(|write| write.event_type() == event_type && same(now, Some(write.after())));
            if !is_same && !is_later {
                self.differing.borrow_mut().push(event_type);
            }
        }
        *self.seen.borrow_mut() = Some(read);
        Ok(listing)
    }

    async fn publish(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        self.access().await;
        self.inner.publish(publication, secrets).await
    }
}

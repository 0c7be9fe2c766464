//! What operations ask of a store.

use std::cell::RefCell;
use std::collections::BTreeSet;

use pollster::block_on;
use ssss_client::{
    AccountData, AccountDataError, ApplyErrorKind, Content, Error, MemoryStore, OldKey, Overwrite,
    Plan, SecretStorage,
};

use crate::account::{Account, dump, key, name, rng, secret, snapshot};
use crate::supplied_keys::SuppliedKeys;

const X: &str = "org.example.x";

/// A store that lists only what it was asked for, wrote, or heard of.
struct Unlisted<'a> {
    inner: &'a MemoryStore,
    seen: RefCell<BTreeSet<String>>,
}

impl<'a> Unlisted<'a> {
    fn new(inner: &'a MemoryStore) -> Self {
        let seen = ["m.secret_storage.default_key", "m.secret_storage.key.a"];
        Self {
            inner,
            seen: RefCell::new(seen.map(ToOwned::to_owned).into()),
        }
    }

    fn see(&self, event_type: &str) {
        self.seen.borrow_mut().insert(event_type.to_owned());
    }
}

impl AccountData for Unlisted<'_> {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.see(event_type);
        self.inner.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.see(event_type);
        self.inner.put(event_type, content).await
    }

    fn mention(&self, event_types: &[&str]) {
        for event_type in event_types {
            self.see(event_type);
        }
    }

    async fn enumerate(&self) -> Result<Vec<(String, Content)>, AccountDataError> {
        let events = self.inner.enumerate().await?.into_iter();
        let seen = self.seen.borrow();
        Ok(events.filter(|(name, _)| seen.contains(name)).collect())
    }
}

/// What a process that was stopped has written, another one knows from the plan alone.
#[test]
fn a_store_that_cannot_list_hears_what_a_plan_is_about() {
    let store = Account::standard("a").store();
    let (a, new) = (key("a"), key("new"));
    let plan = Plan::rotate(
        &snapshot(&store),
        &new,
        &[a.key()],
        &OldKey::Kept,
        &[],
        &mut rng(),
    )
    .unwrap();
    for write in plan.stages().iter().take(2).flatten() {
        block_on(store.put(write.event_type(), &write.after().to_raw())).unwrap();
    }
    let keys = SuppliedKeys::new(&["a", "new"]);
    let storage = SecretStorage::new(Unlisted::new(&store), &keys);
    block_on(storage.resume(&plan)).unwrap();
    assert!(dump(&store)["m.secret_storage.default_key"].contains("new"));
    // And what another client has written is seen, not written over.
    let other = Account::standard("a").secret(&secret(X, "theirs"), &["a"]);
    let store = other.store();
    let empty = Account::standard("a").store();
    let plan = Plan::put(
        &snapshot(&empty),
        &secret(X, "ours"),
        &[a.key()],
        Overwrite::Readable,
        &mut rng(),
    )
    .unwrap();
    let storage = SecretStorage::new(Unlisted::new(&store), &keys);
    match block_on(storage.resume(&plan)).unwrap_err() {
        Error::Apply(error) => assert_eq!(error.kind, ApplyErrorKind::Conflict(X.to_owned())),
        error => panic!("{error}"),
    }
}

#[test]
fn a_store_that_cannot_list_hears_of_the_secret_that_is_written() {
    let store = Account::standard("a")
        .describe("b")
        .secret(&secret(X, "theirs"), &["a", "b"])
        .store();
    let storage = SecretStorage::new(Unlisted::new(&store), SuppliedKeys::new(&["a"]));
    let ours = secret(X, "ours");
    let stored = block_on(storage.store(&ours, &[], Overwrite::Readable, &mut rng())).unwrap();
    assert_eq!(stored.stale, [key("b").key().id().clone()]);
    let storage = SecretStorage::new(Unlisted::new(&store), SuppliedKeys::new(&["a"]));
    block_on(storage.remove(&name(X))).unwrap();
    assert_eq!(dump(&store)[X], "{}");
}

//! What operations ask of a store.

use std::cell::RefCell;
use std::collections::BTreeSet;

use pollster::block_on;
use ssss_client::ssss_model::{Secret, SecretName};
use ssss_client::{
    AccountData, AccountDataError, AccountDataErrorKind, ApplyErrorKind, Content, Error, Listing,
    MemoryStore, OldKey, Overwrite, Plan, PlanError, SecretStorage,
};

use crate::account::{Account, dump, id, key, name, rng, secret, snapshot, standard_secrets};
use crate::slow_store::SlowStore;
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

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        let events = self.inner.enumerate().await?.events.into_iter();
        let seen = self.seen.borrow();
        Ok(Listing {
            events: events.filter(|(name, _)| seen.contains(name)).collect(),
            is_whole: false,
        })
    }
}

/// What a process that was stopped has written, another one knows from the plan alone.
#[test]
fn a_store_that_cannot_list_hears_what_a_plan_is_about() {
    let store = Account::standard("a").store();
    let a = key("a");
    let put = |store: &MemoryStore, value: &str| {
        let x = secret(X, value);
        Plan::put(
            &snapshot(store),
            &x,
            &[a.key()],
            Overwrite::Readable,
            &mut rng(),
        )
        .unwrap()
    };
    let plan = put(&store, "ours");
    for write in plan.writes() {
        block_on(store.put(write.event_type(), &write.after().to_raw())).unwrap();
    }
    let keys = SuppliedKeys::new(&["a", "new"]);
    let storage = SecretStorage::new(Unlisted::new(&store), &keys);
    block_on(storage.resume(&plan)).unwrap();
    // And what another client has written is seen, not written over.
    let other = Account::standard("a").secret(&secret(X, "theirs"), &["a"]);
    let store = other.store();
    let empty = Account::standard("a").store();
    let plan = put(&empty, "ours");
    let storage = SecretStorage::new(Unlisted::new(&store), &keys);
    match block_on(storage.resume(&plan)).unwrap_err() {
        Error::Apply(error) => assert_eq!(error.kind, ApplyErrorKind::Conflict(X.to_owned())),
        error => panic!("{error}"),
    }
}

/// Of a store whose list was had when a change began and is not any more, the default key is not moved:
/// what was stored since for the old key alone nobody would see. Nor is it moved back.
#[test]
fn a_default_key_is_moved_only_where_everything_is_listed() {
    let account = Account::standard("a");
    let (a, new) = (key("a"), key("new"));
    let before = snapshot(&account.store());
    let old = OldKey::Revoked(a.key().id().clone());
    let plan = Plan::rotate(&before, &new, &[a.key()], &old, &[], &mut rng()).unwrap();
    let keys = SuppliedKeys::new(&["a", "new"]);
    for done in 0..=plan.stages().len() {
        let store = account.store();
        for write in plan.stages().iter().take(done).flatten() {
            block_on(store.put(write.event_type(), &write.after().to_raw())).unwrap();
        }
        let at_first = dump(&store);
        let storage = SecretStorage::new(Unlisted::new(&store), &keys);
        match block_on(storage.resume(&plan)).unwrap_err() {
            Error::Plan(PlanError::NotListed) => assert_eq!(dump(&store), at_first, "{done}"),
            // The first stage only adds.
            Error::Apply(error) => {
                assert_eq!((error.kind, done), (ApplyErrorKind::NotListed, 0));
                let pointer = &dump(&store)["m.secret_storage.default_key"];
                assert!(!pointer.contains("new"), "{pointer}");
            }
            error => panic!("{done}: {error}"),
        }
        let at_last = dump(&store);
        let undone = block_on(storage.undo(&plan, &[]));
        if done < 2 {
            undone.unwrap();
            continue;
        }
        assert_eq!(undone.unwrap_err(), Error::Plan(PlanError::NotListed));
        assert_eq!(dump(&store), at_last, "{done}");
        // Where it is listed again, it is finished.
        block_on(SecretStorage::new(&store, &keys).resume(&plan)).unwrap();
    }
}

/// What of an account is not listed may be what a snapshot's default key does not open.
#[test]
fn a_snapshot_brings_no_default_key_back_where_not_everything_is_listed() {
    let then = snapshot(&Account::standard("a").store());
    let store = Account::standard("b").store();
    let storage = SecretStorage::new(Unlisted::new(&store), SuppliedKeys::new(&["a", "b"]));
    let before = dump(&store);
    let abandon: Vec<_> = standard_names();
    let refused = block_on(storage.restore(&then, &[], &abandon)).unwrap_err();
    assert_eq!(refused, Error::Plan(PlanError::NotListed));
    assert_eq!(dump(&store), before);
    // One event by its name is no matter of all.
    let one = [id("a").event_type()];
    block_on(storage.restore(&then, &one, &[])).unwrap();
    assert_ne!(dump(&store), before);
}

#[test]
fn a_store_that_cannot_list_hears_of_the_key_that_is_named() {
    let store = Account::standard("a").describe("b").store();
    let storage = SecretStorage::new(Unlisted::new(&store), SuppliedKeys::new(&["b"]));
    let b = id("b");
    assert!(block_on(storage.has_key(Some(&b))).unwrap());
    let storage = SecretStorage::new(Unlisted::new(&store), SuppliedKeys::new(&["b"]));
    let ours = secret(X, "ours");
    let ids = [b.clone()];
    let stored = block_on(storage.store(&ours, &ids, Overwrite::Readable, &mut rng())).unwrap();
    assert_eq!(stored.keys, ids);
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

const POINTER: &str = "GET m.secret_storage.default_key";

const FOUR: &str = "GET m.cross_signing.master, GET m.cross_signing.self_signing, GET m.cross_signing.user_signing, \
     GET m.megolm_backup.v1";

fn standard_names() -> Vec<SecretName> {
    let secrets = standard_secrets();
    secrets.iter().map(|secret| secret.name().clone()).collect()
}

/// What a new device asks for.
#[test]
fn four_secrets_are_opened_in_six_requests_and_two_rounds() {
    let other = secret(X, "of no interest");
    let account = Account::standard("a").secret(&other, &["a"]).describe("b");
    let store = SlowStore::new(account.store());
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"]));
    let opened = store.run(storage.get_all(&standard_names())).unwrap();
    let rounds = store.rounds();
    crate::say(&format!(
        "open four secrets: {} requests in {} rounds\n  {}",
        store.requests.borrow().len(),
        rounds.len(),
        rounds.join("\n  ")
    ));
    assert_eq!(
        rounds,
        [
            format!("{FOUR}, {POINTER}"),
            "GET m.secret_storage.key.a".to_owned()
        ]
    );
    for ((name, opened), secret) in opened.iter().zip(standard_secrets()) {
        assert_eq!(name, secret.name());
        assert!(
            opened
                .as_ref()
                .unwrap()
                .as_ref()
                .unwrap()
                .has_value_of(&secret)
        );
    }
}

/// Each once, and only those that there can be a use for.
#[test]
fn other_keys_are_asked_for_where_a_secret_is_sealed_for_them() {
    let account = Account::standard("a")
        .describe("b")
        .describe("c")
        .secret(&secret(X, "x"), &["b", "gone"])
        .secret(&secret("org.example.y", "y"), &["a", "b"])
        .secret(&secret("org.example.z", "z"), &["c"]);
    let store = SlowStore::new(account.store());
    let keys = SuppliedKeys::new(&["b"]);
    let storage = SecretStorage::new(&store, &keys);
    let names = [
        name(X),
        name("org.example.y"),
        name(X),
        name("org.example.none"),
    ];
    let opened = store.run(storage.get_all(&names)).unwrap();
    assert_eq!(
        store.rounds(),
        [
            &format!("{POINTER}, GET org.example.none, GET org.example.x, GET org.example.y"),
            "GET m.secret_storage.key.a",
            "GET m.secret_storage.key.b, GET m.secret_storage.key.gone"
        ]
    );
    // The default key is the first that would do.
    assert_eq!(keys.asked.borrow()[0].0, ["a", "b"]);
    let values: Vec<_> = opened
        .iter()
        .map(|(_, opened)| opened.as_ref().unwrap().as_ref().map(Secret::expose))
        .collect();
    assert_eq!(values, [Some("x"), Some("y"), Some("x"), None]);
}

#[test]
fn that_a_secret_is_stored_takes_the_secret_and_its_keys() {
    let account = Account::standard("a")
        .describe("b")
        .secret(&secret(X, "x"), &["a", "b"]);
    let store = SlowStore::new(account.store());
    let storage = SecretStorage::new(&store, SuppliedKeys::default());
    let stored = store.run(storage.is_stored(&name(X))).unwrap().unwrap();
    assert_eq!(stored.len(), 2);
    assert_eq!(
        store.rounds(),
        [
            "GET org.example.x",
            "GET m.secret_storage.key.a, GET m.secret_storage.key.b"
        ]
    );
}

#[test]
fn where_there_is_no_default_key_nothing_more_is_asked() {
    for account in [
        Account::new(),
        Account::new().event("m.secret_storage.default_key", "{}"),
    ] {
        let store = SlowStore::new(account.store());
        let keys = SuppliedKeys::default();
        let storage = SecretStorage::new(&store, &keys);
        let opened = store.run(storage.get_all(&standard_names())).unwrap();
        assert_eq!(store.rounds(), [format!("{FOUR}, {POINTER}")]);
        assert!(opened.iter().all(|(_, opened)| matches!(opened, Ok(None))));
        assert_eq!(keys.asked.borrow().len(), 0);
    }
}

/// One that cannot be read makes all of it an error: absence is not guessed.
#[test]
fn what_cannot_be_read_is_not_taken_for_absent() {
    struct Failing<'a>(&'a MemoryStore, usize, RefCell<usize>);
    impl AccountData for Failing<'_> {
        async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
            let count = self.2.replace_with(|count| *count + 1);
            if count == self.1 {
                let kind = AccountDataErrorKind::Unreachable;
                return Err(AccountDataError::new(kind, "gone"));
            }
            self.0.get(event_type).await
        }
        async fn put(&self, _: &str, _: &Content) -> Result<(), AccountDataError> {
            panic!("nothing is written")
        }
        async fn enumerate(&self) -> Result<Listing, AccountDataError> {
            panic!("nothing else is read")
        }
    }
    let account = Account::standard("a")
        .describe("b")
        .secret(&secret(X, "x"), &["a", "b"]);
    let store = account.store();
    let names = [name(X), SecretName::MEGOLM_BACKUP];
    for at in 0..5 {
        let failing = Failing(&store, at, RefCell::new(0));
        let storage = SecretStorage::new(failing, SuppliedKeys::new(&["a"]));
        match block_on(storage.get_all(&names)).unwrap_err() {
            Error::Store(error) => assert_eq!(error.kind(), AccountDataErrorKind::Unreachable),
            error => panic!("{error}"),
        }
    }
    let failing = Failing(&store, 5, RefCell::new(0));
    let storage = SecretStorage::new(failing, SuppliedKeys::new(&["a"]));
    assert_eq!(block_on(storage.get_all(&names)).unwrap().len(), 2);
}

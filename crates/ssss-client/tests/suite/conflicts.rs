//! Another client writes at the same time.

use std::cell::Cell;

use pollster::block_on;
use ssss_client::ssss_model::ssss_crypto::SecretStorageKey;
use ssss_client::ssss_model::{NewKey, Object};
use ssss_client::{
    AccountData, AccountDataError, ApplyErrorKind, Content, Listing, MemoryStore, OldKey,
    Overwrite, Plan, apply,
};

use crate::account::{Account, dump, id, key, name, rng, secret, snapshot};

/// A store into which another client writes before the n-th access.
struct Rival {
    inner: MemoryStore,
    accesses: Cell<usize>,
    at: usize,
    event_type: &'static str,
    content: Content,
}

impl Rival {
    async fn access(&self) {
        self.accesses.set(self.accesses.get() + 1);
        if self.accesses.get() == self.at {
            self.inner
                .put(self.event_type, &self.content)
                .await
                .unwrap();
        }
    }
}

impl AccountData for Rival {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.access().await;
        self.inner.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.access().await;
        self.inner.put(event_type, content).await
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        self.access().await;
        self.inner.enumerate().await
    }
}

const X: &str = "org.example.x";

fn plan(store: &MemoryStore) -> Plan {
    let snapshot = block_on(store.enumerate()).unwrap().into_snapshot();
    let keys = key("a");
    Plan::put(
        &snapshot,
        &secret(X, "ours"),
        &[keys.key()],
        Overwrite::Readable,
        &mut rng(),
    )
    .unwrap()
}

/// The other client's value, as js-sdk writes it: the whole event anew.
fn theirs() -> Content {
    let theirs = Account::standard("a").secret(&secret(X, "theirs"), &["a"]);
    Object::parse(&dump(&theirs.store())[X]).unwrap().to_raw()
}

fn run(at: usize) -> (Result<(), ApplyErrorKind>, String) {
    let inner = Account::standard("a").store();
    let plan = plan(&inner);
    let store = Rival {
        inner,
        accesses: Cell::new(0),
        at,
        event_type: X,
        content: theirs(),
    };
    let new = key("a");
    let result = block_on(apply(&store, &plan, &[new.key()], |_| ())).map_err(|error| error.kind);
    let snapshot = block_on(store.enumerate()).unwrap().into_snapshot();
    let stored = new
        .key()
        .open(snapshot.secret(&name(X)).present().unwrap())
        .unwrap();
    (result, stored.expose().to_owned())
}

#[test]
fn a_write_before_ours_is_kept_and_told() {
    let (result, stored) = run(1);
    assert_eq!(result, Err(ApplyErrorKind::Conflict(X.to_owned())));
    assert_eq!(stored, "theirs");
}

#[test]
fn a_write_after_ours_is_kept_and_told() {
    let (result, stored) = run(3);
    assert_eq!(result, Err(ApplyErrorKind::NotStored(X.to_owned())));
    assert_eq!(stored, "theirs");
}

/// What no client can promise without compare-and-swap, written down in `docs/security.md`: a
/// write between our reading and our writing is overwritten unseen.
#[test]
fn a_write_between_our_reading_and_writing_is_lost() {
    let (result, stored) = run(2);
    assert_eq!(result, Ok(()));
    assert_eq!(stored, "ours");
}

#[test]
fn a_plan_that_was_carried_out_is_not_carried_out_again() {
    let store = Account::standard("a").store();
    let plan = plan(&store);
    let new = key("a");
    block_on(apply(&store, &plan, &[new.key()], |_| ())).unwrap();
    let before = dump(&store);
    block_on(apply(&store, &plan, &[new.key()], |_| ())).unwrap();
    assert_eq!(dump(&store), before);
}

#[test]
fn a_server_that_spells_contents_anew_is_understood() {
    struct Respelling(MemoryStore);
    fn respelled(content: &Content) -> Content {
        let json: serde_json::Value = serde_json::from_str(content.json().get()).unwrap();
        let text = serde_json::to_string_pretty(&json).unwrap();
        Content::from_json_string(text).unwrap()
    }
    impl AccountData for Respelling {
        async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
            let content = self.0.get(event_type).await?;
            Ok(content.as_ref().map(respelled))
        }
        async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
            self.0.put(event_type, content).await
        }
        async fn enumerate(&self) -> Result<Listing, AccountDataError> {
            let events = self.0.enumerate().await?.events.into_iter();
            let events = events.map(|(name, content)| (name, respelled(&content)));
            Ok(events.collect::<Vec<_>>().into())
        }
    }
    let store = Respelling(
        Account::standard("a")
            .secret(&secret(X, "before"), &["a"])
            .store(),
    );
    let plan = plan(&store.0);
    block_on(apply(&store, &plan, &[key("a").key()], |_| ())).unwrap();
}

#[test]
fn a_store_that_forgets_is_found_out() {
    struct Forgetful(MemoryStore);
    impl AccountData for Forgetful {
        async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
            self.0.get(event_type).await
        }
        async fn put(&self, _: &str, _: &Content) -> Result<(), AccountDataError> {
            Ok(())
        }
        async fn enumerate(&self) -> Result<Listing, AccountDataError> {
            self.0.enumerate().await
        }
    }
    let store = Forgetful(Account::standard("a").store());
    let plan = plan(&store.0);
    let error = block_on(apply(&store, &plan, &[key("a").key()], |_| ())).unwrap_err();
    assert_eq!(error.kind, ApplyErrorKind::NotStored(X.to_owned()));
}

#[test]
fn nothing_is_written_that_could_not_be_opened_again() {
    let store = Account::standard("a").store();
    let before = dump(&store);
    let plan = plan(&store);
    let error = block_on(apply(&store, &plan, &[key("b").key()], |_| ())).unwrap_err();
    assert_eq!(
        error.kind,
        ApplyErrorKind::NoKey(key("a").key().id().clone())
    );
    assert_eq!(dump(&store), before);
}

/// The plan is an old one, and what goes by the name of its key is another key now.
#[test]
fn nothing_is_stripped_that_the_key_that_stays_does_not_open() {
    let store = Account::standard("a")
        .describe("b")
        .secret(&secret(X, "sealed for both"), &["a", "b"])
        .store();
    let before = dump(&store);
    let plan = Plan::remove_key(&snapshot(&store), &id("b"), &[key("a").key()], &[]).unwrap();
    let another = NewKey::from_key(SecretStorageKey::from_array(&[7; 32]))
        .id(id("a"))
        .build(&mut rng());
    let error = block_on(apply(&store, &plan, &[another.key()], |_| ())).unwrap_err();
    let is_told = matches!(&error.kind, ApplyErrorKind::DoesNotOpen(of, by, _)
        if *of == name(X) && *by == id("a"));
    assert!(is_told, "{error:?}");
    assert_eq!(error.written, [""; 0]);
    assert_eq!(dump(&store), before);
}

/// Another client does not know the new key before it is the default, and stores for the old one.
#[test]
fn what_is_stored_for_the_old_key_while_it_is_replaced_is_told() {
    const LATE: &str = "org.example.late";
    let account = Account::standard("a");
    let late = account.clone().secret(&secret(LATE, "late"), &["a"]);
    let late = Object::parse(&dump(&late.store())[LATE]).unwrap().to_raw();
    let (a, new) = (key("a"), key("new"));
    let before = snapshot(&account.store());
    let plan = Plan::rotate(&before, &new, &[a.key()], &OldKey::Kept, &[], &mut rng()).unwrap();
    let run = |at| {
        let store = Rival {
            inner: account.store(),
            accesses: Cell::new(0),
            at,
            event_type: LATE,
            content: late.clone(),
        };
        let done = block_on(apply(&store, &plan, &[a.key(), new.key()], |_| ()));
        (done.map_err(|error| error.kind), store.accesses.get())
    };
    let (done, accesses) = run(usize::MAX);
    assert_eq!(done, Ok(()));
    for at in 1..=accesses {
        let conflict = Err(ApplyErrorKind::Conflict(LATE.to_owned()));
        assert_eq!(run(at).0, conflict, "access {at} of {accesses}");
    }
}

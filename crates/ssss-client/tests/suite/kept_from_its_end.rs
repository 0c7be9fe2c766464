//! What an error and the journal say of a change that another client's write, or the store, has kept from
//! its end.

use std::cell::{Cell, RefCell};
use std::fs;

use pollster::block_on;
use ssss_client::ssss_model::{NewKey, Snapshot};
use ssss_client::{
    AccountData, AccountDataError, AccountDataErrorKind, ApplyErrorKind, ChangeState, Content,
    Ending, Error, Journal, JournalError, JournalErrorKind, JournalFolder, Listing, MemoryStore,
    OldKey, Overwrite, Plan, Rotate, SecretStorage,
};

use crate::account::{Account, dump, key, name, opens, rng, secret, snapshot};
use crate::broken::{DEFAULT, encrypted, entry, key_event};
use crate::supplied_keys::SuppliedKeys;

const X: &str = "org.example.x";
const Z: &str = "org.example.z";

/// An account that has Z, and not X.
fn account() -> Account {
    let z = secret(Z, "before");
    Account::standard("a").describe("b").secret(&z, &["a"])
}

/// A store on which another client writes once, after ours has, and that may fail.
#[derive(Default)]
struct Contested {
    inner: MemoryStore,
    theirs: RefCell<Option<(String, Content)>>,
    /// Nothing may be written.
    refuses: bool,
    /// What is left of the readings that succeed, once the other client has written.
    readings: Cell<Option<usize>>,
}

impl Contested {
    fn new(inner: MemoryStore) -> Self {
        Self {
            inner,
            ..Self::default()
        }
    }

    fn then(self, event_type: &str, content: &str) -> Self {
        let content = Content::from_json_string(content.to_owned()).unwrap();
        self.theirs.replace(Some((event_type.to_owned(), content)));
        self
    }
}

fn failed(kind: AccountDataErrorKind) -> AccountDataError {
    AccountDataError::new(kind, "no")
}

impl AccountData for Contested {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.inner.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.put_all(&[(event_type.to_owned(), content.clone())])
            .await
    }

    async fn put_all(&self, events: &[(String, Content)]) -> Result<(), AccountDataError> {
        if self.refuses {
            return Err(failed(AccountDataErrorKind::Refused));
        }
        self.inner.put_all(events).await?;
        if let Some((event_type, content)) = self.theirs.take() {
            self.inner.put(&event_type, &content).await?;
        }
        Ok(())
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        if self.theirs.borrow().is_none()
            && let Some(readings) = self.readings.get()
        {
            let left = readings.checked_sub(1);
            let left = left.ok_or_else(|| failed(AccountDataErrorKind::Unreachable))?;
            self.readings.set(Some(left));
        }
        self.inner.enumerate().await
    }
}

fn folder() -> (tempfile::TempDir, JournalFolder) {
    let temp = tempfile::tempdir().unwrap();
    let folder = JournalFolder::new(temp.path().join("changes"));
    (temp, folder)
}

fn put(store: &Contested, journal: &impl Journal) -> Error {
    let storage = SecretStorage::new(store, SuppliedKeys::new(&["a"])).with_journal(journal);
    let value = secret(X, "ours");
    block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap_err()
}

fn rotate(store: &Contested, journal: &impl Journal) -> Result<(), Error> {
    let storage = SecretStorage::new(store, SuppliedKeys::new(&["a"])).with_journal(journal);
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let options = Rotate {
        create_key: &mut create_key,
        old_key: OldKey::Kept,
        abandon: &[],
    };
    block_on(storage.rotate(options, &mut rng())).map(|_| ())
}

/// A secret that no key at hand opens.
fn for_a_stranger() -> String {
    encrypted(&[("stranger", entry(&secret(Z, "theirs"), "stranger"))])
}

#[test]
fn of_a_first_write_that_is_refused_nothing_is_left() {
    let (_temp, folder) = folder();
    let mut store = Contested::new(account().store());
    store.refuses = true;
    let before = dump(&store.inner);
    for error in [put(&store, &folder), rotate(&store, &folder).unwrap_err()] {
        assert_eq!(error, Error::Store(failed(AccountDataErrorKind::Refused)));
        assert!(!error.leaves_something());
    }
    assert!(folder.changes().unwrap().is_empty());
    assert_eq!(dump(&store.inner), before);
}

#[test]
fn a_write_that_is_taken_back_is_said_to_be() {
    let (_temp, folder) = folder();
    let store = Contested::new(account().store()).then(DEFAULT, r#"{"key":"b"}"#);
    let error = put(&store, &folder);
    assert!(!error.leaves_something(), "{error:?}");
    let Error::Apply(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.kind, ApplyErrorKind::Conflict(DEFAULT.to_owned()));
    assert!(error.taken_back);
    assert!(folder.changes().unwrap().is_empty());
    let now = snapshot(&store.inner);
    assert!(now.secret(&name(X)).present().is_none());
    assert_eq!(now.default_key_id().unwrap().as_str(), "b");
}

#[test]
fn what_was_written_over_is_not_there() {
    let (_temp, folder) = folder();
    let theirs = encrypted(&[("a", entry(&secret(X, "theirs"), "a"))]);
    let store = Contested::new(account().store()).then(X, &theirs);
    let error = put(&store, &folder);
    assert!(!error.leaves_something(), "{error:?}");
    assert!(folder.changes().unwrap().is_empty());
    assert_eq!(opens(&snapshot(&store.inner), key("a").key())[X], "theirs");
}

#[test]
fn a_new_key_for_which_there_is_no_plan_any_more_is_taken_back() {
    let (_temp, folder) = folder();
    let store = Contested::new(account().store()).then(Z, &for_a_stranger());
    let mut expected = dump(&store.inner);
    let error = rotate(&store, &folder).unwrap_err();
    let Error::Apply(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.kind, ApplyErrorKind::NotStored(Z.to_owned()));
    assert!(error.taken_back && !error.leaves_something());
    assert!(folder.changes().unwrap().is_empty());
    // Theirs stays, and all else is as it was.
    let mut now = dump(&store.inner);
    assert!(now.remove(Z).unwrap().contains("stranger"));
    assert_eq!(now.remove(&key_event("new")).unwrap(), "{}");
    expected.remove(Z);
    assert_eq!(now, expected);
}

/// With the description it would be out of reach.
#[test]
fn a_new_key_for_which_another_client_has_stored_something_stays() {
    let (_temp, folder) = folder();
    let theirs = encrypted(&[
        ("stranger", entry(&secret(Z, "theirs"), "stranger")),
        ("new", entry(&secret(Z, "theirs"), "stranger")),
    ]);
    let store = Contested::new(account().store()).then(Z, &theirs);
    let error = rotate(&store, &folder).unwrap_err();
    assert!(error.leaves_something(), "{error:?}");
    assert!(folder.unfinished().unwrap().is_some());
    assert!(dump(&store.inner)[&key_event("new")].contains("algorithm"));
}

/// Also where the store fails before it is known whether there is another plan.
#[test]
fn a_new_key_that_cannot_be_planned_anew_is_not_finished() {
    // One reading verifies, and one looks whether nothing was written.
    for readings in [2, 3] {
        let (_temp, folder) = folder();
        let theirs = encrypted(&[("a", entry(&secret(Z, "theirs"), "a"))]);
        let store = Contested::new(account().store()).then(Z, &theirs);
        store.readings.set(Some(readings));
        let error = rotate(&store, &folder).unwrap_err();
        assert!(error.leaves_something(), "{readings}: {error:?}");
        let change = folder.unfinished().unwrap().unwrap();
        let plan = folder.plan(&change).unwrap();
        store.readings.set(None);
        let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a", "new"]));
        let resumed = block_on(storage.resume(&plan));
        // The first part is met by the other client's write still; what goes on from it is not.
        assert_eq!(resumed.is_ok(), readings == 3, "{resumed:?}");
    }
}

/// Journals with room for one change only.
struct Small<'a>(&'a JournalFolder);

impl Journal for Small<'_> {
    async fn begin(&self, snapshot: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        self.0.begin(snapshot, plan).await
    }

    async fn begin_anew(&self, _: &Snapshot, _: &Plan) -> Result<(), JournalError> {
        Err(JournalError::new(JournalErrorKind::Io, "no space"))
    }

    async fn end(&self, ending: Ending) -> Result<(), JournalError> {
        self.0.end(ending).await
    }
}

#[test]
fn a_part_is_finished_once_the_next_one_is_remembered() {
    let theirs = encrypted(&[("a", entry(&secret(Z, "theirs"), "a"))]);
    let contested = || Contested::new(account().store()).then(Z, &theirs);
    let (_temp, folder) = folder();
    let store = contested();
    rotate(&store, &folder).unwrap();
    let states: Vec<_> = folder.changes().unwrap();
    assert_eq!(states.len(), 2);
    assert!(
        states
            .iter()
            .all(|change| change.state == ChangeState::Finished)
    );
    let now = snapshot(&store.inner);
    assert_eq!(opens(&now, key("new").key())[Z], "theirs");

    fs::remove_dir_all(folder.path()).unwrap();
    let store = contested();
    let error = rotate(&store, &Small(&folder)).unwrap_err();
    assert!(error.leaves_something(), "{error:?}");
    assert_eq!(folder.changes().unwrap().len(), 1);
    assert!(folder.unfinished().unwrap().is_some());
}

//! A change that was stopped, or is on its way, while another one is made: what a plan was made for is
//! looked at again before anything is taken away or the pointer is moved.

use std::cell::Cell;

use pollster::block_on;
use ssss_client::ssss_model::{NewKey, SecretName, Snapshot, VerifiedKey};
use ssss_client::{
    AccountData, AccountDataError, ApplyErrorKind, Content, Error, Listing, Loss, MemoryStore,
    OldKey, Plan, PlanError, Rotate, SecretStorage, apply,
};

use crate::account::{
    Account, default_opens, dump, id, key, name, opens, rng, secret, snapshot, standard_secrets,
};
use crate::broken::{BACKUP, DEFAULT, key_event};
use crate::supplied_keys::SuppliedKeys;

const X: &str = "org.example.x";
const Y: &str = "org.example.y";

/// A plan as a journal gives it back.
fn kept(plan: &Plan) -> Plan {
    Plan::from_json(&plan.to_json()).unwrap()
}

fn keys() -> SuppliedKeys {
    SuppliedKeys::new(&["a", "b", "new"])
}

fn carry_out(store: &MemoryStore, plan: &Plan) {
    let keys = ["a", "b", "new"].map(key);
    let keys: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
    block_on(apply(store, plan, &keys, |_| ())).unwrap();
}

fn rotation(store: &MemoryStore, old: &OldKey) -> Plan {
    let (now, a) = (snapshot(store), key("a"));
    Plan::rotate(&now, &key("new"), &[a.key()], old, &[], &mut rng()).unwrap()
}

/// An event as an account has it that somebody puts together.
fn event(account: &Account, of: &str) -> Content {
    let mut events = account.events().into_iter();
    events.find(|(event_type, _)| event_type == of).unwrap().1
}

fn put(store: &MemoryStore, of: &str, content: &Content) {
    block_on(store.put(of, content)).unwrap();
}

/// Writes a secret as js-sdk does, in the place of all that is there.
fn sealed(of: &str, value: &str, keys: &[&str]) -> Content {
    event(&Account::new().secret(&secret(of, value), keys), of)
}

fn set_default(store: &MemoryStore, of: &str) {
    let storage = SecretStorage::new(store, keys());
    block_on(storage.set_default_key(&id(of), &[])).unwrap();
}

/// Resuming tells of this event, and changes nothing.
#[track_caller]
fn assert_refused(store: &MemoryStore, plan: &Plan, event_type: &str) {
    let before = dump(store);
    assert_conflict(store, plan, event_type);
    assert_eq!(dump(store), before);
}

/// Resuming tells of this event, and the default key is the one that it was.
#[track_caller]
fn assert_conflict(store: &MemoryStore, plan: &Plan, event_type: &str) {
    let before = snapshot(store);
    let Error::Apply(error) = block_on(SecretStorage::new(store, keys()).resume(plan)).unwrap_err()
    else {
        panic!("something else");
    };
    assert_eq!(error.kind, ApplyErrorKind::Conflict(event_type.to_owned()));
    let default = |account: &Snapshot| account.default_key_id().cloned();
    assert_eq!(default(&snapshot(store)), default(&before));
}

#[track_caller]
fn assert_default_opens(store: &MemoryStore, of: &str, value: &str) {
    assert_eq!(opened(store, of).as_deref(), Some(value), "{of}");
}

/// What the default key opens a secret to.
fn opened(store: &MemoryStore, of: &str) -> Option<String> {
    let keys = ["a", "b", "new"].map(key);
    let keys: Vec<&VerifiedKey> = keys.iter().map(NewKey::key).collect();
    default_opens(&snapshot(store), &keys).remove(of)
}

#[test]
fn a_key_that_became_the_default_is_not_taken_back() {
    let store = Account::standard("a").store();
    let plan = rotation(&store, &OldKey::StaysDefault);
    carry_out(&store, &plan);
    let undoing = kept(&plan.undo(&snapshot(&store), &[]).unwrap());
    set_default(&store, "new");
    assert_refused(&store, &undoing, DEFAULT);
}

/// Nor where the change was stopped before its own pointer, so that undoing it finds the old one.
#[test]
fn a_key_that_became_the_default_since_a_stop_is_not_taken_back() {
    let store = Account::standard("a").store();
    let plan = rotation(&store, &OldKey::Kept);
    for write in &plan.stages()[0] {
        put(&store, write.event_type(), &write.after().to_raw());
    }
    let undoing = kept(&plan.undo(&snapshot(&store), &[]).unwrap());
    set_default(&store, "new");
    assert_refused(&store, &undoing, DEFAULT);
    // Where it is so no more, it is.
    let old = Account::new().default_key("a");
    put(&store, DEFAULT, &event(&old, DEFAULT));
    carry_out(&store, &undoing);
    assert_eq!(dump(&store)[&key_event("new")], "{}");
}

/// A store that does not list what it has.
struct Unlisted<'a>(&'a MemoryStore);

impl AccountData for Unlisted<'_> {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.0.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.0.put(event_type, content).await
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        let mut listing = self.0.enumerate().await?;
        listing.is_whole = false;
        Ok(listing)
    }
}

#[test]
fn the_pointer_is_taken_back_only_where_everything_is_listed() {
    let store = Account::standard("a").store();
    let plan = rotation(&store, &OldKey::Kept);
    carry_out(&store, &plan);
    let undoing = kept(&plan.undo(&snapshot(&store), &[]).unwrap());
    let before = dump(&store);
    let resumed = block_on(SecretStorage::new(Unlisted(&store), keys()).resume(&undoing));
    assert_eq!(resumed.unwrap_err(), Error::Plan(PlanError::NotListed));
    assert_eq!(dump(&store), before);
}

#[test]
fn a_rotation_is_not_taken_back_over_a_secret_that_was_stored_since() {
    let store = Account::standard("a").store();
    let plan = rotation(&store, &OldKey::Kept);
    carry_out(&store, &plan);
    let undoing = kept(&plan.undo(&snapshot(&store), &[]).unwrap());
    put(&store, Y, &sealed(Y, "since", &["new"]));
    assert_refused(&store, &undoing, Y);
    assert_default_opens(&store, Y, "since");
}

/// A secret that is not of the change, and that gets another value.
#[test]
fn a_rotation_is_not_taken_back_over_a_secret_that_was_changed_since() {
    let both = || Account::standard("a").secret(&secret(X, "one"), &["a", "new"]);
    let store = both().store();
    let plan = rotation(&store, &OldKey::Kept);
    carry_out(&store, &plan);
    let undoing = kept(&plan.undo(&snapshot(&store), &[]).unwrap());
    let changed = both().secret(&secret(X, "two"), &["new"]);
    put(&store, X, &event(&changed, X));
    assert_refused(&store, &undoing, X);
    assert_default_opens(&store, X, "two");
}

#[test]
fn a_key_is_not_taken_back_that_alone_opens_a_secret() {
    let store = Account::standard("a").store();
    let plan = rotation(&store, &OldKey::StaysDefault);
    carry_out(&store, &plan);
    let undoing = kept(&plan.undo(&snapshot(&store), &[]).unwrap());
    put(&store, Y, &sealed(Y, "since", &["new"]));
    // What was planned before does not know of it.
    assert_refused(&store, &undoing, Y);
    let undo = |abandon: &[SecretName]| plan.undo(&snapshot(&store), abandon);
    let refused = undo(&[]).unwrap_err();
    assert_eq!(refused, PlanError::WouldAbandon(vec![name(Y)]));
    let named = undo(&[name(Y)]).unwrap();
    assert!(named.losses().contains(&Loss::LeftBehind(name(Y))));
    carry_out(&store, &named);
    assert_eq!(dump(&store)[&key_event("new")], "{}");
}

#[test]
fn a_key_is_taken_back_where_another_one_opens_what_was_stored_since() {
    let store = Account::standard("a").store();
    let plan = rotation(&store, &OldKey::StaysDefault);
    carry_out(&store, &plan);
    put(&store, Y, &sealed(Y, "since", &["a", "new"]));
    carry_out(&store, &plan.undo(&snapshot(&store), &[]).unwrap());
    assert_eq!(dump(&store)[&key_event("new")], "{}");
    assert_default_opens(&store, Y, "since");
}

/// What was blanked, or cannot be read, is no secret; what is stored there is.
#[test]
fn a_secret_that_was_blanked_and_stored_again_is_not_left_behind() {
    for blank in ["{}", r#"{"encrypted":1}"#] {
        for old in [OldKey::Kept, OldKey::Revoked(id("a"))] {
            let account = Account::standard("a").event(BACKUP, blank);
            let store = account.store();
            let plan = kept(&rotation(&store, &old));
            let backup = standard_secrets().pop().unwrap();
            let stored = Account::new().secret(&backup, &["a"]);
            put(&store, BACKUP, &event(&stored, BACKUP));
            assert_conflict(&store, &plan, BACKUP);
            assert_default_opens(&store, BACKUP, backup.expose());
        }
    }
}

#[test]
fn a_default_key_is_not_set_that_opens_an_older_value() {
    let both = || {
        Account::new()
            .describe("a")
            .describe("b")
            .default_key("a")
            .secret(&secret(X, "one"), &["a", "b"])
    };
    let store = both().store();
    let (a, b) = (key("a"), key("b"));
    let plan = Plan::set_default(&snapshot(&store), b.key(), &[a.key()], &[]).unwrap();
    let changed = both().secret(&secret(X, "two"), &["a"]);
    put(&store, X, &event(&changed, X));
    assert_refused(&store, &kept(&plan), X);
    assert_default_opens(&store, X, "two");
}

/// A rotation that leaves a secret behind, because it was named.
fn rotation_without_x(store: &MemoryStore) -> Plan {
    let (now, new, a) = (snapshot(store), key("new"), key("a"));
    let (old, abandon) = (OldKey::Revoked(id("a")), [name(X)]);
    Plan::rotate(&now, &new, &[a.key()], &old, &abandon, &mut rng()).unwrap()
}

#[test]
fn a_secret_that_was_given_up_and_stored_again_is_not_left_behind() {
    let account = Account::standard("a").secret(&secret(X, "lost"), &["lost"]);
    let store = account.store();
    let plan = kept(&rotation_without_x(&store));
    put(&store, X, &sealed(X, "again", &["a"]));
    assert_refused(&store, &plan, X);
    assert_default_opens(&store, X, "again");
}

#[test]
fn a_secret_that_was_given_up_and_stored_for_the_new_key_is_in_nobodys_way() {
    let account = Account::standard("a").secret(&secret(X, "lost"), &["lost"]);
    let store = account.store();
    let plan = kept(&rotation_without_x(&store));
    for stage in &plan.stages()[..2] {
        for write in stage {
            put(&store, write.event_type(), &write.after().to_raw());
        }
    }
    put(&store, X, &sealed(X, "again", &["new"]));
    block_on(SecretStorage::new(&store, keys()).resume(&plan)).unwrap();
    assert_default_opens(&store, X, "again");
    assert_eq!(dump(&store)[&key_event("a")], "{}");
}

#[test]
fn a_key_for_an_account_without_secrets_does_not_leave_new_ones_behind() {
    let store = Account::new().describe("a").default_key("a").store();
    let plan = kept(&rotation(&store, &OldKey::Revoked(id("a"))));
    put(&store, X, &sealed(X, "since", &["a"]));
    assert_conflict(&store, &plan, X);
    assert_default_opens(&store, X, "since");
}

#[test]
fn a_description_is_not_blanked_that_something_is_sealed_for() {
    let account = Account::standard("a").describe("b").describe("dead");
    let store = account.store();
    let plan = kept(&Plan::gc(&snapshot(&store)).unwrap());
    put(&store, X, &sealed(X, "since", &["dead"]));
    assert_refused(&store, &plan, X);
}

#[test]
fn an_entry_is_not_dropped_of_a_key_that_became_the_default() {
    let account = Account::new()
        .describe("a")
        .describe("b")
        .default_key("a")
        .secret(&secret(X, "value"), &["a", "b"]);
    let store = account.store();
    let a = key("a");
    let now = snapshot(&store);
    let plan = Plan::drop_entry(&now, &name(X), &id("b"), &[a.key()], &[]).unwrap();
    set_default(&store, "b");
    assert_refused(&store, &kept(&plan), DEFAULT);
    assert_default_opens(&store, X, "value");
}

/// What was removed of the default key of another time stays where it is not that any more.
#[test]
fn secret_storage_is_not_blanked_where_another_key_is_the_default() {
    let account = Account::standard("a").sealed_for(&["b"]).describe("b");
    let store = account.store();
    let a = key("a");
    let plan = Plan::disable(&snapshot(&store), &[a.key()], &[]).unwrap();
    set_default(&store, "b");
    assert_refused(&store, &kept(&plan), DEFAULT);
}

/// What somebody else writes, and before which access.
type Moves<'a> = [(usize, &'a str, Content)];

/// A store into which another client writes before some of the accesses.
struct Meanwhile<'a> {
    inner: &'a MemoryStore,
    accesses: Cell<usize>,
    moves: &'a Moves<'a>,
}

impl<'a> Meanwhile<'a> {
    fn new(inner: &'a MemoryStore, moves: &'a Moves<'a>) -> Self {
        Self {
            inner,
            accesses: Cell::new(0),
            moves,
        }
    }

    async fn access(&self) {
        for (at, event_type, content) in self.moves {
            if *at == self.accesses.get() {
                self.inner.put(event_type, content).await.unwrap();
            }
        }
        self.accesses.set(self.accesses.get() + 1);
    }
}

impl AccountData for Meanwhile<'_> {
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

/// Rotates, with another client's writes on the way. Gives the number of accesses, too.
fn rotate_meanwhile(
    store: &MemoryStore,
    old_key: OldKey,
    moves: &Moves<'_>,
) -> (Result<(), Error>, usize) {
    let storage = SecretStorage::new(Meanwhile::new(store, moves), keys());
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let options = Rotate {
        create_key: &mut create_key,
        old_key,
        abandon: &[],
    };
    let rotated = block_on(storage.rotate(options, &mut rng()));
    (rotated.map(|_| ()), storage.account_data().accesses.get())
}

#[test]
fn a_rotation_carries_what_is_stored_on_its_way() {
    for (of, content) in [
        (Y, sealed(Y, "since", &["a"])),
        (BACKUP, {
            let backup = standard_secrets().pop().unwrap();
            event(&Account::new().secret(&backup, &["a"]), BACKUP)
        }),
    ] {
        for old in [OldKey::Kept, OldKey::Revoked(id("a"))] {
            let account = Account::standard("a").event(BACKUP, "{}");
            let (_, accesses) = rotate_meanwhile(&account.store(), old.clone(), &[]);
            for at in 0..accesses {
                let store = account.store();
                let moves = [(at, of, content.clone())];
                let (done, _) = rotate_meanwhile(&store, old.clone(), &moves);
                done.unwrap_or_else(|error| panic!("{old:?} {at}: {error}"));
                assert!(opened(&store, of).is_some(), "{of}, {old:?}, {at}");
            }
        }
    }
}

/// Planned anew, a rotation finds its pointer in place, and relies on it all the same.
#[test]
fn the_default_key_is_looked_at_when_a_rotation_is_planned_anew() {
    let account = Account::new()
        .describe("a")
        .default_key("a")
        .secret(&secret(X, "value"), &["a"]);
    let store = account.store();
    let old = OldKey::Revoked(id("a"));
    let (_, accesses) = rotate_meanwhile(&store, old.clone(), &[]);
    let pointer = event(&account, DEFAULT);
    let mut conflicts = 0;
    for first in 0..accesses {
        for second in first..3 * accesses {
            let store = account.store();
            let moves = [
                (first, Y, sealed(Y, "since", &["a"])),
                (second, DEFAULT, pointer.clone()),
            ];
            let (done, _) = rotate_meanwhile(&store, old.clone(), &moves);
            conflicts += usize::from(done.is_err());
            let when = format!("{first} {second} {done:?}");
            let now = snapshot(&store);
            let default = now.default_key_id().unwrap();
            assert!(now.key(default).present().is_some(), "{when}");
            assert_eq!(opened(&store, X).as_deref(), Some("value"), "{when}");
            assert_eq!(opened(&store, Y).as_deref(), Some("since"), "{when}");
        }
    }
    crate::say(&format!("{conflicts} conflicts"));
}

/// Another client that still has the key which goes: what it stores is not left without it, or told.
#[test]
fn what_is_stored_while_a_change_is_taken_back_is_told() {
    for old in [OldKey::Kept, OldKey::StaysDefault] {
        let account = Account::standard("a");
        let start = || {
            let store = account.store();
            let plan = rotation(&store, &old);
            carry_out(&store, &plan);
            (store, plan)
        };
        let undo = |moves: &Moves<'_>| {
            let (store, plan) = start();
            let storage = SecretStorage::new(Meanwhile::new(&store, moves), keys());
            let done = block_on(storage.undo(&plan, &[])).map(|_| ());
            let accesses = storage.account_data().accesses.get();
            (store, done, accesses)
        };
        let (_, done, accesses) = undo(&[]);
        done.unwrap();
        for at in 0..accesses {
            let moves = [(at, Y, sealed(Y, "since", &["new"]))];
            let (store, done, _) = undo(&moves);
            done.unwrap_err();
            let now = snapshot(&store);
            assert!(now.key(&id("new")).present().is_some(), "{at}");
            let opened = opens(&now, key("new").key());
            assert_eq!(opened[Y], "since", "{at}");
        }
    }
}

#[test]
fn what_comes_back_sealed_for_a_lost_key_is_in_nobodys_way() {
    let described = Account::new().describe("a");
    let earlier = described
        .clone()
        .default_key("a")
        .secret(&secret(Y, "lost"), &["lost"]);
    let account = described
        .describe("b")
        .default_key("b")
        .secret(&secret("org.example.z", "value"), &["a", "b"]);
    let store = account.store();
    let storage = SecretStorage::new(&store, keys());
    let earlier = snapshot(&earlier.store());
    block_on(storage.restore(&earlier, &[], &[])).unwrap();
    let now = snapshot(&store);
    assert_eq!(now.default_key_id(), Some(&id("a")));
    assert!(now.secret(&name(Y)).present().is_some());
    assert_default_opens(&store, "org.example.z", "value");
}

/// A new key for the default, where the default key is that already, is nothing to do.
#[test]
fn a_default_key_that_is_so_already_is_no_change() {
    let store = Account::standard("a").store();
    let a = key("a");
    let plan = Plan::set_default(&snapshot(&store), a.key(), &[], &[]).unwrap();
    assert!(plan.is_empty());
}

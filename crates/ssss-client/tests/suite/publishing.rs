//! Public halves are published within a change.

use std::cell::RefCell;

use pollster::block_on;
use ssss_client::ssss_model::{NewKey, Secret, SecretName};
use ssss_client::{
    AccountData, AccountDataErrorKind, ApplyErrorKind, Bootstrap, Bootstrapped, Error, Journal,
    JournalFolder, MemoryStore, Plan, PlanError, Publication, SecretStorage, Step, apply,
};

use crate::account::{Account, dump, id, key, rng, secret, snapshot, standard_secrets};
use crate::slow_store::SlowStore;
use crate::supplied_keys::SuppliedKeys;

const BOTH: Publication = Publication {
    identity: true,
    backup: true,
};

const BACKUP: Publication = Publication {
    identity: false,
    backup: true,
};

fn bootstrap<J: Journal>(
    storage: &SecretStorage<&SlowStore, &SuppliedKeys, J>,
    secrets: &[Secret],
    publish: Publication,
) -> Result<Bootstrapped, Error> {
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets,
        set_up_new: false,
        abandon: &[],
        publish,
    };
    storage
        .account_data()
        .run(storage.bootstrap(options, &mut rng()))
}

fn names(of: &[Secret]) -> Vec<String> {
    of.iter().map(|secret| secret.name().to_string()).collect()
}

fn published(store: &SlowStore) -> Vec<String> {
    let published = store.published.borrow();
    published.iter().map(|(name, _)| name.clone()).collect()
}

#[test]
fn an_account_is_set_up_and_published_in_few_requests() {
    let store = SlowStore::default();
    let keys = SuppliedKeys::default();
    let secrets = standard_secrets();
    bootstrap(&SecretStorage::new(&store, &keys), &secrets, BOTH).unwrap();
    let rounds = store.rounds();
    crate::say(&format!(
        "set up with four secrets and publish: {} requests in {} rounds\n  {}",
        store.requests.borrow().len(),
        rounds.len(),
        rounds.join("\n  ")
    ));
    assert_eq!(
        rounds,
        [
            "read all",
            "read all",
            "PUT m.secret_storage.key.new",
            "read all",
            "PUT m.cross_signing.master, PUT m.cross_signing.self_signing, \
             PUT m.cross_signing.user_signing, PUT m.megolm_backup.v1",
            "read all",
            "publish",
            "PUT m.secret_storage.default_key",
            "read all",
        ]
    );
    assert_eq!(published(&store), names(&secrets));
    let published = store.published.borrow();
    for ((_, value), secret) in published.iter().zip(&secrets) {
        assert_eq!(value, secret.expose());
    }
}

/// A refused approval, a server that fails, a reply that is lost: the pointer stays, what was to be
/// done is kept, and going on publishes.
#[test]
fn what_is_not_published_leaves_the_change_unfinished() {
    for (kind, acts) in [
        (AccountDataErrorKind::ApprovalNeeded, false),
        (AccountDataErrorKind::Unreachable, false),
        (AccountDataErrorKind::Unreachable, true),
        (AccountDataErrorKind::Conflict, false),
    ] {
        let temp = tempfile::tempdir().unwrap();
        let folder = JournalFolder::new(temp.path());
        let store = SlowStore::default();
        let keys = SuppliedKeys::new(&["new"]);
        let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
        store.refuses.set(Some((kind, acts)));
        let error = bootstrap(&storage, &standard_secrets(), BOTH).unwrap_err();
        let Error::Apply(error) = error else {
            panic!("{error}");
        };
        assert!(matches!(&error.kind, ApplyErrorKind::Publish(why) if why.kind() == kind));
        assert!(error.published, "or it may be");
        let now = dump(&store.inner);
        assert!(
            !now.contains_key("m.secret_storage.default_key"),
            "{kind:?}"
        );
        assert_eq!(now.len(), 5, "the private halves are there");
        let change = folder.unfinished().unwrap().unwrap();
        let plan = folder.plan(&change).unwrap();
        assert_eq!(plan.publication(), Some((2, BOTH)));

        store.refuses.set(None);
        store.run(storage.resume(&plan)).unwrap();
        assert_eq!(published(&store), names(&standard_secrets()));
        assert!(dump(&store.inner)["m.secret_storage.default_key"].contains("new"));
        // It is not published again once anything of a later stage is there.
        let count = || {
            let requests = store.requests.borrow();
            let published = requests.iter().filter(|(_, what)| what == "publish");
            published.count()
        };
        let before = count();
        store.run(storage.resume(&plan)).unwrap();
        assert_eq!(count(), before);
    }
}

#[test]
fn what_is_in_secret_storage_already_is_published_without_writing() {
    let temp = tempfile::tempdir().unwrap();
    let folder = JournalFolder::new(temp.path());
    let store = SlowStore::new(Account::standard("a").store());
    let before = dump(&store.inner);
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
    let done = bootstrap(&storage, &[], BOTH).unwrap();
    assert_eq!(done.stored, []);
    assert_eq!(dump(&store.inner), before);
    assert_eq!(published(&store), names(&standard_secrets()));
    assert_eq!(store.rounds(), ["read all", "read all", "publish"]);
    assert_eq!(
        keys.asked.borrow()[0].1,
        names(&standard_secrets()),
        "the key is asked for what is published"
    );
    // And asked for nothing where nothing is.
    bootstrap(&storage, &[], Publication::default()).unwrap();
    assert_eq!(keys.asked.borrow().len(), 1);

    // A failure is kept, although nothing was written.
    let store = SlowStore::new(Account::standard("a").store());
    store
        .refuses
        .set(Some((AccountDataErrorKind::Unreachable, true)));
    let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
    bootstrap(&storage, &[], BOTH).unwrap_err();
    let change = folder.unfinished().unwrap().unwrap();
    let plan = folder.plan(&change).unwrap();
    assert!(!plan.is_empty());
    store.refuses.set(None);
    store.run(storage.resume(&plan)).unwrap();
    assert_eq!(published(&store).len(), 4);
}

/// What is missing is stored first, then published.
#[test]
fn what_is_missing_is_stored_before_it_is_published() {
    let store = SlowStore::new(Account::new().describe("a").default_key("a").store());
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys);
    bootstrap(&storage, &standard_secrets(), BOTH).unwrap();
    let rounds = store.rounds();
    assert_eq!(rounds.len(), 5);
    assert_eq!(rounds[3..], ["read all", "publish"]);
}

/// The master key signs a backup, if it is there.
#[test]
fn a_backup_is_published_with_the_master_key() {
    let backup = "m.megolm_backup.v1".to_owned();
    let secrets = standard_secrets();
    let store = SlowStore::default();
    let keys = SuppliedKeys::default();
    bootstrap(&SecretStorage::new(&store, &keys), &secrets, BACKUP).unwrap();
    let master = "m.cross_signing.master".to_owned();
    assert_eq!(published(&store), [backup.clone(), master]);
    let store = SlowStore::default();
    bootstrap(&SecretStorage::new(&store, &keys), &secrets[3..], BACKUP).unwrap();
    assert_eq!(published(&store), [backup]);
}

#[test]
fn nothing_is_planned_to_be_published_that_the_key_does_not_open() {
    let (a, b, new) = (key("a"), key("b"), key("new"));
    let plan = |account: &Account, secrets: &[Secret], publish| {
        let snapshot = snapshot(&account.store());
        let set_up = Plan::set_up(
            &snapshot,
            &new,
            secrets,
            &[a.key()],
            &[],
            publish,
            &mut rng(),
        );
        let complete = Plan::complete(&snapshot, a.key(), secrets, publish, &mut rng());
        (set_up.map(|_| ()), complete.map(|_| ()))
    };
    let backup = SecretName::MEGOLM_BACKUP;
    let missing = Err(PlanError::NoSecret(backup.clone()));
    let three = &standard_secrets()[..3];
    let nothing = Account::new().describe("a").default_key("a");
    assert_eq!(plan(&nothing, three, BOTH), (missing.clone(), missing));
    let master = Err(PlanError::NoSecret(SecretName::CROSS_SIGNING_MASTER));
    assert_eq!(plan(&nothing, &[], BOTH), (master.clone(), master));
    // What another key has is no use.
    let of_b = nothing.describe("b").secret(&standard_secrets()[3], &["b"]);
    let snapshot = snapshot(&of_b.store());
    let complete = Plan::complete(&snapshot, a.key(), three, BOTH, &mut rng());
    assert_eq!(complete.map(|_| ()), Err(PlanError::Locked(backup.clone())));
    let abandoned = Plan::set_up(
        &snapshot,
        &new,
        three,
        &[a.key()],
        std::slice::from_ref(&backup),
        BOTH,
        &mut rng(),
    );
    assert_eq!(abandoned.map(|_| ()), Err(PlanError::Locked(backup)));
    assert!(Plan::set_up(&snapshot, &new, three, &[b.key()], &[], BOTH, &mut rng()).is_ok());
}

#[test]
fn nothing_is_published_for_a_plan_that_another_client_has_overtaken() {
    let (a, other) = (key("a"), secret("org.example.x", "value"));
    let account = Account::standard("a").secret(&other, &["a"]);
    let plan = Plan::complete(&snapshot(&account.store()), a.key(), &[], BOTH, &mut rng()).unwrap();
    // The default key is another one now; a private half is gone, or does not open any more.
    let moved = account.describe("b").default_key("b");
    let gone = Account::standard("a").event("m.megolm_backup.v1", "{}");
    let broken = Account::standard("a").event(
        "m.megolm_backup.v1",
        r#"{"encrypted":{"a":{"iv":"AAAAAAAAAAAAAAAAAAAAAA","ciphertext":"AA","mac":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}"#,
    );
    for (account, event_type) in [
        (moved, Some("m.secret_storage.default_key")),
        (gone, Some("m.megolm_backup.v1")),
        (broken, None),
    ] {
        let store = SlowStore::new(account.store());
        let error = store
            .run(apply(&store, &plan, &[a.key()], |_| ()))
            .unwrap_err();
        match (error.kind, event_type) {
            (ApplyErrorKind::Conflict(of), Some(event_type)) => assert_eq!(of, event_type),
            (ApplyErrorKind::DoesNotOpen(of, by, _), None) => {
                assert_eq!((of, by), (SecretName::MEGOLM_BACKUP, id("a")));
            }
            (kind, _) => panic!("{kind}"),
        }
        assert!(!error.published);
        assert_eq!(published(&store), Vec::<String>::new());
    }
    // A pointer that is to come, and that somebody else has set meanwhile.
    let store = SlowStore::default();
    let new = key("new");
    let empty = snapshot(&store.inner);
    let secrets = standard_secrets();
    let plan = Plan::set_up(&empty, &new, &secrets, &[], &[], BOTH, &mut rng()).unwrap();
    let theirs = Account::new().default_key("b").store();
    let pointer = block_on(theirs.get("m.secret_storage.default_key")).unwrap();
    block_on(
        store
            .inner
            .put("m.secret_storage.default_key", &pointer.unwrap()),
    )
    .unwrap();
    store
        .run(apply(&store, &plan, &[new.key()], |_| ()))
        .unwrap_err();
    assert_eq!(published(&store), Vec::<String>::new());
}

/// An identity without its private keys would be of no use to anybody.
#[test]
fn what_is_published_is_not_taken_back_unnamed() {
    let store = SlowStore::default();
    let new = key("new");
    let secrets = standard_secrets();
    let empty = snapshot(&store.inner);
    let plan = Plan::set_up(&empty, &new, &secrets, &[], &[], BOTH, &mut rng()).unwrap();
    store
        .run(apply(&store, &plan, &[new.key()], |_| ()))
        .unwrap();
    let now = snapshot(&store.inner);
    let mut all: Vec<_> = secrets.iter().map(|secret| secret.name().clone()).collect();
    all.sort();
    assert_eq!(
        plan.undo(&now, &[]).map(|_| ()),
        Err(PlanError::WouldAbandon(all.clone()))
    );
    assert!(plan.undo(&now, &all).is_ok());
    // What was not written yet is not lost.
    assert!(plan.undo(&empty, &[]).is_ok());
}

/// Another client's write, before anything is published: what was written is taken back as ever, and
/// after that it stays.
#[test]
fn a_change_that_did_not_come_to_publishing_is_taken_back() {
    let theirs = Account::new().default_key("b").events().remove(0);
    for (round, is_published) in [(3, false), (5, true)] {
        let account = Account::new().describe("a").describe("b").default_key("a");
        let store = SlowStore::new(account.store());
        let (event_type, content) = theirs.clone();
        *store.rival.borrow_mut() = Some((round, event_type, content));
        let keys = SuppliedKeys::new(&["a"]);
        let storage = SecretStorage::new(&store, &keys);
        let done = bootstrap(&storage, &standard_secrets(), BOTH);
        assert_eq!(done.is_ok(), is_published);
        assert_eq!(!published(&store).is_empty(), is_published);
        let backup = dump(&store.inner)["m.megolm_backup.v1"].clone();
        assert_eq!(backup != "{}", is_published, "{backup}");
        // The fourth round is the one in which the account is read back.
        assert_eq!(store.rounds()[3], "read all");
    }
}

#[test]
fn a_store_that_is_no_homeserver_publishes_nothing() {
    let store = Account::standard("a").store();
    let error = block_on(store.publish(BOTH, &[])).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::ReadOnly);
    let error = block_on(AccountData::publish(&&store, BOTH, &[])).unwrap_err();
    assert_eq!(error.kind(), AccountDataErrorKind::ReadOnly);
}

#[test]
fn publishing_is_a_step() {
    let store = SlowStore::default();
    let new = key("new");
    let secrets = standard_secrets();
    let empty = snapshot(&MemoryStore::new());
    let plan = Plan::set_up(&empty, &new, &secrets, &[], &[], BOTH, &mut rng()).unwrap();
    let steps = RefCell::new(Vec::new());
    let hear = |progress: ssss_client::Progress<'_>| {
        let count = progress.writes.len();
        steps
            .borrow_mut()
            .push((progress.stage, progress.step, count));
    };
    store.run(apply(&store, &plan, &[new.key()], hear)).unwrap();
    let steps = steps.borrow();
    let at = steps
        .iter()
        .position(|(_, step, _)| *step == Step::Publishing);
    let at = at.unwrap();
    assert_eq!(
        steps[at - 1..=at + 1],
        [
            (1, Step::Done, 4),
            (2, Step::Publishing, 0),
            (2, Step::Comparing, 1)
        ]
    );
}

//! The key of the key backup: a new one, and one that comes back.

use ssss_client::ssss_model::{NewKey, Secret, SecretName};
use ssss_client::{
    AccountDataErrorKind, BACKUP_KEYS, Error, Intent, JournalFolder, Loss, Plan, PlanError,
    ResetBackup, SecretStorage, apply,
};

use crate::account::{Account, dump, key, name, opens, rng, secret, snapshot};
use crate::slow_store::SlowStore;
use crate::supplied_keys::SuppliedKeys;

const BACKUP: &str = "m.megolm_backup.v1";

fn backup_key(byte: u8) -> Secret {
    Secret::from_key(SecretName::MEGOLM_BACKUP, &[byte; 32])
}

fn text(byte: u8) -> String {
    backup_key(byte).expose().to_owned()
}

fn own(what: &str) -> String {
    format!("{BACKUP_KEYS}{what}")
}

/// A backup key under another name.
fn kept(what: &str, byte: u8) -> Secret {
    secret(&own(what), &text(byte))
}

fn reset<'a>(key: &'a Secret, version: Option<&'a str>) -> ResetBackup<'a> {
    ResetBackup {
        key,
        version,
        abandon: &[],
    }
}

/// What the key opens of backup keys, wherever they lie.
fn backup_keys(store: &SlowStore, of: &str) -> Vec<(String, String)> {
    let opened = opens(&snapshot(&store.inner), key(of).key()).into_iter();
    opened
        .filter(|(name, _)| name == BACKUP || name.starts_with(BACKUP_KEYS))
        .collect()
}

fn expected(of: &[(&str, u8)]) -> Vec<(String, String)> {
    let of = of
        .iter()
        .map(|(name, byte)| ((*name).to_owned(), text(*byte)));
    of.collect()
}

#[test]
fn a_new_backup_key_takes_the_old_ones_place_which_is_kept() {
    // The fourth of the standard secrets.
    let store = SlowStore::new(Account::standard("a").store());
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys);
    let new = backup_key(9);
    let losses = store
        .run(storage.reset_backup(reset(&new, Some("7")), &mut rng()))
        .unwrap();
    assert_eq!(losses, []);
    assert_eq!(
        store.rounds(),
        [
            "read all",
            "read all",
            &format!("PUT {}, PUT {}", own("7"), own("pending")),
            "read all",
            "publish",
            "PUT m.megolm_backup.v1",
            "read all",
            &format!("PUT {}", own("pending")),
            "read all",
        ]
    );
    let expected = expected(&[(&own("7"), 4), (BACKUP, 9)]);
    assert_eq!(backup_keys(&store, "a"), expected);
    assert_eq!(dump(&store.inner)[&own("pending")], "{}");
    let published = store.published.borrow();
    assert_eq!(published[0], (BACKUP.to_owned(), text(9)));
    assert_eq!(
        published[1].0, "m.cross_signing.master",
        "it signs the backup"
    );
}

#[test]
fn where_there_is_no_backup_key_one_is_put_in_place() {
    let account = Account::new().describe("a").default_key("a");
    for account in [
        account.event(BACKUP, "{}"),
        Account::new().describe("a").default_key("a"),
    ] {
        let store = SlowStore::new(account.store());
        let keys = SuppliedKeys::new(&["a"]);
        let storage = SecretStorage::new(&store, &keys);
        let new = backup_key(9);
        store
            .run(storage.reset_backup(reset(&new, None), &mut rng()))
            .unwrap();
        assert_eq!(backup_keys(&store, "a"), expected(&[(BACKUP, 9)]));
    }
}

/// At whichever moment publishing fails, going on finishes, and the keys of both versions are there.
#[test]
fn a_reset_that_was_not_published_is_finished_later() {
    for acts in [false, true] {
        let temp = tempfile::tempdir().unwrap();
        let folder = JournalFolder::new(temp.path());
        let store = SlowStore::new(Account::standard("a").store());
        let keys = SuppliedKeys::new(&["a"]);
        let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
        store
            .refuses
            .set(Some((AccountDataErrorKind::Unreachable, acts)));
        let new = backup_key(9);
        let failed = store.run(storage.reset_backup(reset(&new, Some("7")), &mut rng()));
        assert!(matches!(failed, Err(Error::Apply(_))));
        let halfway = expected(&[(&own("7"), 4), (&own("pending"), 9), (BACKUP, 4)]);
        assert_eq!(backup_keys(&store, "a"), halfway);
        let change = folder.unfinished().unwrap().unwrap();
        let plan = folder.plan(&change).unwrap();
        assert_eq!(plan.intent(), Intent::ResetBackup);
        // The new version may be there, and this is its only key.
        let pending = name(&own("pending"));
        assert_eq!(
            plan.undo(&snapshot(&store.inner), &[]).map(|_| ()),
            Err(PlanError::WouldAbandon(vec![pending]))
        );
        store.refuses.set(None);
        for _ in 0..2 {
            store.run(storage.resume(&plan)).unwrap();
            let end = expected(&[(&own("7"), 4), (BACKUP, 9)]);
            assert_eq!(backup_keys(&store, "a"), end);
        }
        let requests = store.requests.borrow();
        let count = requests
            .iter()
            .filter(|(_, what)| what == "publish")
            .count();
        assert_eq!(count, 2, "what was finished is not published again");
    }
}

/// Another reset may have been stopped, and never gone on with.
#[test]
fn a_key_that_waits_is_kept_too() {
    let account = Account::standard("a").secret(&kept("pending", 8), &["a"]);
    let store = SlowStore::new(account.store());
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys);
    let new = backup_key(9);
    store
        .run(storage.reset_backup(reset(&new, Some("7")), &mut rng()))
        .unwrap();
    let end = expected(&[(&own("7"), 4), (&own("unknown"), 8), (BACKUP, 9)]);
    assert_eq!(backup_keys(&store, "a"), end);
    let rounds = store.rounds();
    let archived = format!("PUT {}, PUT {}", own("7"), own("unknown"));
    assert_eq!(
        rounds[2..5],
        [
            archived,
            "read all".to_owned(),
            format!("PUT {}", own("pending"))
        ]
    );
}

#[test]
fn an_archive_is_not_written_over() {
    for (version, archives, expected_name) in [
        (Some("7"), vec![kept("7", 5)], "7.2"),
        (Some("7"), vec![kept("7", 5), kept("7.2", 6)], "7.3"),
        (None, vec![kept("unknown", 5)], "unknown.2"),
        // What the server calls a version is no other name of ours.
        (Some("pending"), vec![], "unknown"),
        (Some("a\u{7}b"), vec![], "unknown"),
        (Some("../x y"), vec![], "../x y"),
    ] {
        let mut account = Account::standard("a");
        for archive in &archives {
            account = account.secret(archive, &["a"]);
        }
        let store = SlowStore::new(account.store());
        let before = backup_keys(&store, "a");
        let keys = SuppliedKeys::new(&["a"]);
        let storage = SecretStorage::new(&store, &keys);
        let new = backup_key(9);
        store
            .run(storage.reset_backup(reset(&new, version), &mut rng()))
            .unwrap();
        let now = backup_keys(&store, "a");
        assert!(
            now.contains(&(own(expected_name), text(4))),
            "{expected_name}"
        );
        for archive in before.iter().filter(|(name, _)| name != BACKUP) {
            assert!(now.contains(archive));
        }
    }
    // What lies in one already is not kept twice.
    let account = Account::standard("a").secret(&kept("7", 4), &["a"]);
    let store = SlowStore::new(account.store());
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys);
    let new = backup_key(9);
    store
        .run(storage.reset_backup(reset(&new, Some("7")), &mut rng()))
        .unwrap();
    assert_eq!(backup_keys(&store, "a").len(), 2);
}

#[test]
fn a_backup_key_that_no_key_opens_is_not_replaced_unnamed() {
    let backup = SecretName::MEGOLM_BACKUP;
    let account = Account::new()
        .describe("a")
        .describe("b")
        .default_key("a")
        .secret(&backup_key(4), &["b"]);
    let store = SlowStore::new(account.store());
    let before = dump(&store.inner);
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys);
    let new = backup_key(9);
    let refused = store.run(storage.reset_backup(reset(&new, Some("7")), &mut rng()));
    let lost = PlanError::WouldAbandon(vec![backup.clone()]);
    assert_eq!(refused.unwrap_err(), Error::Plan(lost));
    assert_eq!(dump(&store.inner), before);
    assert!(store.published.borrow().is_empty());

    let abandon = [backup.clone()];
    let options = ResetBackup {
        abandon: &abandon,
        ..reset(&new, Some("7"))
    };
    store
        .run(storage.reset_backup(options, &mut rng()))
        .unwrap();
    assert_eq!(backup_keys(&store, "a"), expected(&[(BACKUP, 9)]));
    // It is another key's, which has it still.
    assert_eq!(backup_keys(&store, "b"), expected(&[(BACKUP, 4)]));

    // Both keys: what the other one opens is kept.
    let store = SlowStore::new(account.store());
    let keys = SuppliedKeys::new(&["a", "b"]);
    let storage = SecretStorage::new(&store, &keys);
    store
        .run(storage.reset_backup(reset(&new, Some("7")), &mut rng()))
        .unwrap();
    let end = expected(&[(&own("7"), 4), (BACKUP, 9)]);
    assert_eq!(backup_keys(&store, "a"), end);
}

/// What is there for the default key and does not open may be of use to somebody.
#[test]
fn what_does_not_open_is_not_written_over_unnamed() {
    let garbage = r#"{"encrypted":{"a":{"iv":"AAAAAAAAAAAAAAAAAAAAAA","ciphertext":"AA","mac":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}"#;
    let account = Account::new()
        .describe("a")
        .describe("b")
        .default_key("a")
        .event(BACKUP, garbage)
        .secret(&backup_key(4), &["b"]);
    let snapshot = snapshot(&account.store());
    let (a, b) = (key("a"), key("b"));
    let keys = [a.key(), b.key()];
    let new = backup_key(9);
    let plan = Plan::reset_backup(&snapshot, reset(&new, None), a.key(), &keys, &mut rng());
    let backup = SecretName::MEGOLM_BACKUP;
    let id = a.key().id().clone();
    assert_eq!(
        plan.map(|_| ()),
        Err(PlanError::WouldOverwrite(backup.clone(), id.clone()))
    );
    let abandon = [backup.clone()];
    let options = ResetBackup {
        abandon: &abandon,
        ..reset(&new, None)
    };
    let plan = Plan::reset_backup(&snapshot, options, a.key(), &keys, &mut rng()).unwrap();
    assert_eq!(plan.losses(), [Loss::Overwritten(backup, id)]);
    let other = Plan::reset_backup(
        &snapshot,
        reset(&secret("org.example.x", "no key"), None),
        a.key(),
        &keys,
        &mut rng(),
    );
    assert!(matches!(other, Err(PlanError::NotASecret(..))));
}

#[test]
fn the_servers_backup_key_is_found_wherever_it_lies() {
    let is_current = |secret: &Secret| {
        assert_eq!(*secret.name(), SecretName::MEGOLM_BACKUP);
        secret.has_value_of(&backup_key(5))
    };
    for place in [own("7"), own("pending"), "org.example.elsewhere".to_owned()] {
        let account = Account::standard("a").secret(&secret(&place, &text(5)), &["a"]);
        let store = SlowStore::new(account.store());
        let keys = SuppliedKeys::new(&["a"]);
        let storage = SecretStorage::new(&store, &keys);
        let rng = &mut rng();
        let repair = storage.repair_backup_key(is_current, &[], rng);
        assert_eq!(store.run(repair).unwrap(), []);
        let now = backup_keys(&store, "a");
        assert!(now.contains(&(BACKUP.to_owned(), text(5))));
        assert!(
            now.contains(&(own("unknown"), text(4))),
            "what was there is kept"
        );
        assert!(store.published.borrow().is_empty());
        // All is well now.
        let before = dump(&store.inner);
        let repair = storage.repair_backup_key(is_current, &[], rng);
        store.run(repair).unwrap();
        assert_eq!(dump(&store.inner), before);
    }
    // For another key than the default, in its own place.
    let account = Account::new()
        .describe("a")
        .describe("b")
        .default_key("a")
        .secret(&backup_key(5), &["b"]);
    let plan = |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|of| key(of)).collect();
        let keys: Vec<_> = keys.iter().map(NewKey::key).collect();
        let snapshot = snapshot(&account.store());
        Plan::repair_backup_key(&snapshot, is_current, keys[0], &keys, &[], &mut rng())
    };
    assert_eq!(plan(&["a", "b"]).unwrap().writes().count(), 1);
    let backup = SecretName::MEGOLM_BACKUP;
    assert_eq!(
        plan(&["a"]).map(|_| ()),
        Err(PlanError::Locked(backup.clone()))
    );
    let account = Account::standard("a").store();
    let never = |_: &Secret| false;
    let a = key("a");
    let plan = Plan::repair_backup_key(&snapshot(&account), never, a.key(), &[], &[], &mut rng());
    assert_eq!(plan.map(|_| ()), Err(PlanError::NoSecret(backup)));
}

/// What comes and goes within a change is not taken for done before it came.
#[test]
fn a_name_that_was_blanked_is_used_again() {
    let store = SlowStore::new(Account::standard("a").store());
    let a = key("a");
    for byte in [9, 10] {
        let new = backup_key(byte);
        let now = snapshot(&store.inner);
        let options = reset(&new, None);
        let plan = Plan::reset_backup(&now, options, a.key(), &[a.key()], &mut rng()).unwrap();
        store.run(apply(&store, &plan, &[a.key()], |_| ())).unwrap();
        assert!(backup_keys(&store, "a").contains(&(BACKUP.to_owned(), text(byte))));
        assert_eq!(store.published.borrow()[0].1, text(byte));
        assert_eq!(dump(&store.inner)[&own("pending")], "{}");
    }
    assert_eq!(backup_keys(&store, "a").len(), 3);
}

//! Whatever moment it is stopped at: every operation that writes, stopped before and after each
//! access to the store.
//!
//! P1: the default key opens what it opened before. P2: nothing is dropped that was not asked to
//! be. P5: doing it again ends as if it had not been stopped.

use std::collections::BTreeMap;

use pollster::block_on;
use ssss_client::ssss_model::{NewKey, Object, Secret, SecretName, Snapshot};
use ssss_client::{Bootstrap, Error, MemoryStore, Overwrite, Publication, SecretStorage};

use crate::account::{
    Account, default_opens, dump, id, key, name, opens, rng, secret, snapshot, standard_secrets,
};
use crate::stopping_store::{Moment, StoppingStore};
use crate::supplied_keys::SuppliedKeys;

type Storage<'a> = SecretStorage<StoppingStore<'a>, &'a SuppliedKeys>;

/// An operation on an account.
struct Case {
    what: &'static str,
    account: Account,
    /// Runs the operation; told how often it was run before.
    run: fn(&Storage<'_>, usize) -> Result<(), Error>,
    /// The secrets that the operation gives other values, or removes.
    changes: &'static [&'static str],
}

fn bootstrap(
    storage: &Storage<'_>,
    attempt: usize,
    secrets: &[Secret],
    set_up_new: bool,
) -> Result<(), Error> {
    let mut create_key =
        async || -> Option<NewKey> { Some(key(["new1", "new2", "new3"][attempt])) };
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets,
        set_up_new,
        abandon: &[],
        publish: Publication::default(),
    };
    block_on(storage.bootstrap(options, &mut rng())).map(|_| ())
}

fn cases() -> Vec<Case> {
    let odd = || {
        let master = SecretName::CROSS_SIGNING_MASTER;
        Account::standard("old")
            .describe("other")
            .secret(&secret("org.example.x", "custom"), &["old", "other"])
            .secret(&secret("org.matrix.msc3814", "device"), &["old"])
            .event("org.example.gone", r#"{"encrypted":{},"note":1}"#)
            .unknown_field("org.example.x")
            .unknown_field(master.as_str())
            .unknown_field("m.secret_storage.default_key")
            .unknown_field("m.secret_storage.key.old")
    };
    vec![
        Case {
            what: "bootstrap of a new account",
            account: Account::new().event("m.direct", r#"{"@a:b":["!c:d"]}"#),
            run: |storage, attempt| bootstrap(storage, attempt, &standard_secrets(), false),
            changes: &[],
        },
        Case {
            what: "bootstrap of an account that was blanked",
            account: Account::new()
                .event("m.secret_storage.default_key", "{}")
                .event("m.secret_storage.key.old", "{}")
                .event("m.cross_signing.master", r#"{"encrypted":{}}"#)
                .event("m.megolm_backup.v1", "{}"),
            run: |storage, attempt| bootstrap(storage, attempt, &standard_secrets(), false),
            changes: &[],
        },
        Case {
            what: "bootstrap with a new key",
            account: odd(),
            run: |storage, attempt| bootstrap(storage, attempt, &[], true),
            changes: &[],
        },
        Case {
            what: "bootstrap that completes",
            account: Account::new()
                .describe("old")
                .default_key("old")
                .secret(&secret("org.example.x", "custom"), &["old"]),
            run: |storage, attempt| bootstrap(storage, attempt, &standard_secrets(), false),
            changes: &[],
        },
        Case {
            what: "store",
            account: odd(),
            run: |storage, _| {
                let secret = secret("org.example.x", "changed");
                let overwrite = Overwrite::Readable;
                block_on(storage.store(&secret, &[], overwrite, &mut rng())).map(|_| ())
            },
            changes: &["org.example.x"],
        },
        Case {
            what: "remove",
            account: odd(),
            run: |storage, _| block_on(storage.remove(&name("org.example.x"))),
            changes: &["org.example.x"],
        },
        Case {
            what: "set the default key",
            account: odd()
                .describe("next")
                .secret(&secret("org.example.y", "y"), &["old", "next"]),
            run: |storage, _| {
                let abandon: Vec<_> = standard_secrets()
                    .iter()
                    .map(|secret| secret.name().clone())
                    .chain([name("org.example.x"), name("org.matrix.msc3814")])
                    .collect();
                block_on(storage.set_default_key(&id("next"), &abandon))
            },
            changes: &[
                "m.cross_signing.master",
                "m.cross_signing.self_signing",
                "m.cross_signing.user_signing",
                "m.megolm_backup.v1",
                "org.example.x",
                "org.matrix.msc3814",
            ],
        },
    ]
}

fn all_keys() -> Vec<NewKey> {
    ["old", "other", "next", "new1", "new2", "new3"]
        .map(key)
        .into()
}

fn opened_by_default(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let keys = all_keys();
    let keys: Vec<_> = keys.iter().map(NewKey::key).collect();
    default_opens(snapshot, &keys)
}

/// Runs a case, and stops it at a moment.
fn run(
    case: &Case,
    store: &MemoryStore,
    attempt: usize,
    at: Option<(usize, Moment)>,
) -> (usize, Result<(), Error>) {
    let keys = SuppliedKeys::new(&["old", "next", "new1", "new2", "new3"]);
    let storage = SecretStorage::new(StoppingStore::new(store, at), &keys);
    let result = (case.run)(&storage, attempt);
    (storage.account_data().count(), result)
}

fn assert_whole(case: &Case, before: &Snapshot, store: &MemoryStore, when: &str) {
    let after = snapshot(store);
    // P1.
    let (could, can) = (opened_by_default(before), opened_by_default(&after));
    for (name, value) in &could {
        if !case.changes.contains(&name.as_str()) {
            assert_eq!(can.get(name), Some(value), "{when}: {name} is lost");
        }
    }
    // P2: what each key opened, it opens; and fields that nobody knows are there.
    for key in all_keys() {
        let can = opens(&after, key.key());
        for (name, value) in opens(before, key.key()) {
            if !case.changes.contains(&name.as_str()) {
                assert_eq!(
                    can.get(&name),
                    Some(&value),
                    "{when}: {name} for {:?}",
                    key.key()
                );
            }
        }
    }
    for event_type in dump(store).keys() {
        let Some(old) = before.content(event_type) else {
            continue;
        };
        let new = after.content(event_type).unwrap();
        let is_removed = new.is_empty() && case.changes.contains(&event_type.as_str());
        for (field, value) in old
            .iter()
            .filter(|(field, _)| *field != "encrypted" && *field != "key")
        {
            assert!(
                is_removed || new.get(field) == Some(value),
                "{when}: {event_type}: {field}"
            );
        }
        if let Some(encrypted) = old.get("encrypted").filter(|_| !is_removed) {
            let entries = Object::parse(new.get("encrypted").unwrap()).unwrap();
            for (key_id, entry) in Object::parse(encrypted).unwrap().iter() {
                let is_ours = case.changes.contains(&event_type.as_str()) && key_id == "old";
                assert!(
                    is_ours || entries.get(key_id) == Some(entry),
                    "{when}: {event_type}: {key_id}"
                );
            }
        }
    }
}

#[test]
fn every_operation_stopped_at_every_moment() {
    let mut stops = 0;
    for case in cases() {
        let finished = case.account.store();
        let (accesses, result) = run(&case, &finished, 0, None);
        result.unwrap_or_else(|error| panic!("{}: {error}", case.what));
        let end = opened_by_default(&snapshot(&finished));

        for at in 0..accesses {
            for moment in [Moment::Before, Moment::After] {
                let when = format!(
                    "{}, stopped {moment:?} access {at} of {accesses}",
                    case.what
                );
                let store = case.account.store();
                let before = snapshot(&store);
                run(&case, &store, 0, Some((at, moment)))
                    .1
                    .expect_err(&when);
                assert_whole(&case, &before, &store, &when);

                // P5, with a second stop on the way, if it comes to that.
                let _ = run(&case, &store, 1, Some((at / 2, moment)));
                assert_whole(&case, &before, &store, &when);
                let again = run(&case, &store, 2, None).1;
                again.unwrap_or_else(|error| panic!("{when}: again: {error}"));
                assert_whole(&case, &before, &store, &when);
                assert_eq!(
                    opened_by_default(&snapshot(&store)),
                    end,
                    "{when}: the end differs"
                );
                stops += 2;
            }
        }
    }
    println!("{stops} stops");
    assert!(stops > 200, "{stops}");
}

#[test]
fn doing_it_again_writes_nothing() {
    for what in ["bootstrap of a new account", "bootstrap that completes"] {
        let case = cases().into_iter().find(|case| case.what == what).unwrap();
        let store = case.account.store();
        run(&case, &store, 0, None).1.unwrap();
        let before = dump(&store);
        run(&case, &store, 1, None).1.unwrap();
        assert_eq!(dump(&store), before, "{what}");
    }
}

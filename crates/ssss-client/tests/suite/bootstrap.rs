//! Setting up, as the reference's guide has it.

use std::cell::Cell;

use pollster::block_on;
use ssss_client::ssss_model::{KeyId, NewKey, Secret, SecretName};
use ssss_client::{
    Bootstrap, Bootstrapped, Error, MemoryStore, NotStored, PlanError, Publication, SecretSource,
    SecretStorage,
};

use crate::account::{
    Account, default_opens, dump, id, key, name, opens, rng, secret, snapshot, standard_secrets,
};
use crate::supplied_keys::SuppliedKeys;

/// Bootstraps, and tells how often a new key was asked for.
fn bootstrap(
    store: &MemoryStore,
    keys: &SuppliedKeys,
    secrets: &(impl SecretSource + ?Sized),
    set_up_new: bool,
    abandon: &[SecretName],
) -> (Result<Bootstrapped, Error>, usize) {
    let created = Cell::new(0);
    let mut create_key = async || -> Option<NewKey> {
        created.set(created.get() + 1);
        Some(key("new"))
    };
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets,
        set_up_new,
        abandon,
        publish: Publication::default(),
    };
    let storage = SecretStorage::new(store, keys);
    let result = block_on(storage.bootstrap(options, &mut rng()));
    (result, created.get())
}

fn names(secrets: &[Secret]) -> Vec<SecretName> {
    secrets.iter().map(|secret| secret.name().clone()).collect()
}

#[test]
fn a_new_account() {
    let store = MemoryStore::new();
    let keys = SuppliedKeys::default();
    let (result, created) = bootstrap(&store, &keys, standard_secrets().as_slice(), false, &[]);
    let done = result.unwrap();
    assert_eq!(created, 1);
    assert_eq!(done.key_id, id("new"));
    assert_eq!(done.stored, names(&standard_secrets()));
    assert!(done.carried.is_empty() && done.not_stored.is_empty() && done.new_key.is_some());
    assert_eq!(keys.asked.borrow().len(), 0);
    assert_eq!(*keys.cached.borrow(), ["new"]);
    assert_eq!(
        default_opens(&snapshot(&store), &[key("new").key()]).len(),
        4
    );
    assert!(block_on(SecretStorage::new(&store, &keys).is_ready()).unwrap());
}

#[test]
fn an_account_that_is_ready_is_left_alone() {
    let store = Account::standard("a").store();
    let before = dump(&store);
    let keys = SuppliedKeys::new(&["a"]);
    let (result, created) = bootstrap(&store, &keys, standard_secrets().as_slice(), false, &[]);
    let done = result.unwrap();
    assert_eq!((created, done.key_id, done.stored), (0, id("a"), vec![]));
    assert!(done.new_key.is_none() && done.not_stored.is_empty());
    assert_eq!(keys.asked.borrow().len(), 0, "nothing to ask a key for");
    assert_eq!(dump(&store), before);
}

#[test]
fn what_is_missing_is_stored_for_the_default_key() {
    let [_, rest @ ..] = &standard_secrets()[..] else {
        panic!("there are four")
    };
    let mut account = Account::new().describe("a").default_key("a");
    for secret in rest {
        account = account.secret(secret, &["a"]);
    }
    let store = account.store();
    let keys = SuppliedKeys::new(&["a"]);
    let (result, created) = bootstrap(&store, &keys, standard_secrets().as_slice(), false, &[]);
    assert_eq!(created, 0);
    assert_eq!(result.unwrap().stored, [SecretName::CROSS_SIGNING_MASTER]);
    assert_eq!(keys.asked.borrow().len(), 1);
    assert_eq!(opens(&snapshot(&store), key("a").key()).len(), 4);
}

#[test]
fn what_nobody_has_is_reported_and_not_passed_over() {
    let store = MemoryStore::new();
    let have = [Secret::from_key(SecretName::MEGOLM_BACKUP, &[4; 32])];
    let (result, _) = bootstrap(&store, &SuppliedKeys::default(), &have[..], false, &[]);
    let done = result.unwrap();
    let missing = SecretName::CROSS_SIGNING.map(|name| (name, NotStored::NoValue));
    assert_eq!(done.not_stored, missing);
    assert!(!block_on(SecretStorage::new(&store, SuppliedKeys::default()).is_ready()).unwrap());
}

#[test]
fn a_new_key_on_demand_carries_every_secret() {
    let store = Account::standard("a")
        .secret(&secret("org.matrix.msc3814", "device"), &["a"])
        .secret(&secret("org.example.x", "custom"), &["a"])
        .store();
    let keys = SuppliedKeys::new(&["a"]);
    let nothing: &[Secret] = &[];
    let (result, created) = bootstrap(&store, &keys, nothing, true, &[]);
    let done = result.unwrap();
    assert_eq!((created, keys.asked.borrow().len()), (1, 1));
    assert_eq!(done.carried.len(), 6);
    let after = snapshot(&store);
    assert_eq!(after.default_key_id(), Some(&id("new")));
    assert_eq!(
        opens(&after, key("new").key()),
        opens(&after, key("a").key())
    );
    assert_eq!(opens(&after, key("new").key()).len(), 6);
}

#[test]
fn a_lost_key_abandons_nothing_that_was_not_named() {
    let account = Account::standard("a").secret(&secret("org.example.x", "custom"), &["a"]);
    let store = account.store();
    let before = dump(&store);
    let keys = SuppliedKeys::default();
    let (result, created) = bootstrap(&store, &keys, standard_secrets().as_slice(), true, &[]);
    let error = result.unwrap_err();
    assert_eq!(
        error,
        Error::Plan(PlanError::WouldAbandon(vec![name("org.example.x")]))
    );
    assert_eq!(created, 0, "no key is shown for nothing");
    assert_eq!(dump(&store), before);

    let abandon = [name("org.example.x")];
    let (result, created) = bootstrap(&store, &keys, standard_secrets().as_slice(), true, &abandon);
    let done = result.unwrap();
    assert_eq!(created, 1);
    assert_eq!(
        done.not_stored,
        [(name("org.example.x"), NotStored::Abandoned)]
    );
    let after = snapshot(&store);
    assert_eq!(opens(&after, key("new").key()).len(), 4);
    assert_eq!(
        opens(&after, key("a").key()).len(),
        5,
        "the old key still opens what it did"
    );
}

#[test]
fn a_default_that_leads_nowhere_is_replaced() {
    for pointer in [
        r#"{"key":"gone"}"#,
        "{}",
        r#"{"key":""}"#,
        r#"{"key":"odd"}"#,
        r#"{"key":"far"}"#,
    ] {
        let store = Account::standard("a")
            .event("m.secret_storage.default_key", pointer)
            .event("m.secret_storage.key.odd", r#"{"iv":1}"#)
            .event("m.secret_storage.key.far", r#"{"algorithm":"org.example"}"#)
            .store();
        let keys = SuppliedKeys::new(&["a"]);
        let nothing: &[Secret] = &[];
        let (result, created) = bootstrap(&store, &keys, nothing, false, &[]);
        assert_eq!(
            (result.unwrap().carried.len(), created),
            (4, 1),
            "{pointer}"
        );
        assert_eq!(
            default_opens(&snapshot(&store), &[key("new").key()]).len(),
            4,
            "{pointer}"
        );
    }
}

#[test]
fn what_only_another_key_has_is_reported() {
    let store = Account::standard("a")
        .describe("b")
        .secret(&secret("org.example.x", "custom"), &["b"])
        .store();
    let nothing: &[Secret] = &[];
    let (result, _) = bootstrap(&store, &SuppliedKeys::new(&["a"]), nothing, false, &[]);
    assert_eq!(
        result.unwrap().not_stored,
        [(name("org.example.x"), NotStored::OtherKey)]
    );
}

#[test]
fn nothing_is_written_if_no_key_is_made() {
    let store = MemoryStore::new();
    let mut create_key = async || -> Option<NewKey> { None };
    let secrets = standard_secrets();
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets: secrets.as_slice(),
        set_up_new: false,
        abandon: &[],
        publish: Publication::default(),
    };
    let storage = SecretStorage::new(&store, SuppliedKeys::default());
    let error = block_on(storage.bootstrap(options, &mut rng())).unwrap_err();
    assert_eq!(error, Error::NoKeyCreated);
    assert!(dump(&store).is_empty());
}

#[test]
fn the_key_is_shown_before_anything_is_written() {
    let store = MemoryStore::new();
    let mut create_key = async || -> Option<NewKey> {
        assert!(
            dump(&store).is_empty(),
            "nothing is written before the key is shown"
        );
        Some(key("new"))
    };
    let secrets = standard_secrets();
    let options = Bootstrap {
        create_key: &mut create_key,
        secrets: secrets.as_slice(),
        set_up_new: false,
        abandon: &[],
        publish: Publication::default(),
    };
    let storage = SecretStorage::new(&store, SuppliedKeys::default());
    let done = block_on(storage.bootstrap(options, &mut rng())).unwrap();
    let ids: Vec<KeyId> = snapshot(&store).keys().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, [done.key_id]);
}

#[test]
fn a_secret_under_a_name_that_nobody_should_have_chosen_is_carried_too() {
    let odd = "org.example.\0\u{1b}[2J";
    let donor = Account::standard("a").secret(&secret("org.example.x", "custom"), &["a"]);
    let sealed = dump(&donor.store())["org.example.x"].clone();
    // It was sealed for another name, so no key opens it: it is not passed over in silence.
    let store = Account::standard("a").event(odd, &sealed).store();
    let keys = SuppliedKeys::new(&["a"]);
    let nothing: &[Secret] = &[];
    let (result, _) = bootstrap(&store, &keys, nothing, true, &[]);
    let error = result.unwrap_err();
    let Error::Plan(PlanError::WouldAbandon(names)) = &error else {
        panic!("{error}")
    };
    assert_eq!(
        names.iter().map(SecretName::as_str).collect::<Vec<_>>(),
        [odd]
    );
    assert!(!error.to_string().chars().any(char::is_control), "{error}");

    let (result, _) = bootstrap(&store, &keys, nothing, true, names);
    assert_eq!(result.unwrap().carried.len(), 4);
}

//! Secrets that are not read here, and that another client may open: they are lost like any other.

use pollster::block_on;
use ssss_client::ssss_model::{EncryptedSecret, EventState, NewKey, Object, Snapshot};
use ssss_client::{Bootstrap, Error, Loss, OldKey, Plan, PlanError, Publication, Rotate};

use crate::account::{Account, dump, id, key, name, rng, secret, snapshot, standard_secrets};
use crate::broken::{DEFAULT, MASTER, Storage, entry, key_event, mend_over, refuse};

const X: &str = "org.example.x";

/// One that js-sdk opens with key `a`, among more keys than are read.
fn of_many_keys() -> String {
    let mut entries: serde_json::Map<_, _> = (0..EncryptedSecret::MAX_ENTRIES)
        .map(|index| (format!("k{index}"), serde_json::json!({})))
        .collect();
    entries.insert("a".to_owned(), entry(&secret(X, "value"), "a"));
    serde_json::json!({ "encrypted": entries }).to_string()
}

/// One with a name that is no text to us, and is to a browser.
fn of_other_json() -> String {
    let entry = entry(&standard_secrets()[0], "a");
    format!(r#"{{"encrypted":{{"a":{entry}}},"\ud800":1}}"#)
}

/// Accounts with a secret of each kind, and its name.
fn accounts() -> [(&'static str, Account); 2] {
    let account = || Account::standard("a").describe("b");
    [
        (X, account().event(X, &of_many_keys())),
        (MASTER, {
            let account = account();
            assert!(Object::parse(&of_other_json()).is_err());
            account.raw_event(MASTER, of_other_json())
        }),
    ]
}

type Change = (
    &'static str,
    fn(&Storage<'_>, &[&str]) -> Result<Vec<Loss>, Error>,
);

fn rotate(storage: &Storage<'_>, abandon: &[&str], old_key: OldKey) -> Result<Vec<Loss>, Error> {
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let abandon: Vec<_> = abandon.iter().map(|of| name(of)).collect();
    let options = Rotate {
        create_key: &mut create_key,
        old_key,
        abandon: &abandon,
    };
    Ok(block_on(storage.rotate(options, &mut rng()))?.losses)
}

const CHANGES: [Change; 6] = [
    ("rotate", |storage, abandon| {
        rotate(storage, abandon, OldKey::Kept)
    }),
    ("rotate and revoke", |storage, abandon| {
        rotate(storage, abandon, OldKey::Revoked(id("a")))
    }),
    ("set up", |storage, abandon| {
        let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
        let abandon: Vec<_> = abandon.iter().map(|of| name(of)).collect();
        let options = Bootstrap {
            create_key: &mut create_key,
            secrets: &[][..],
            set_up_new: true,
            abandon: &abandon,
            publish: Publication::default(),
        };
        block_on(storage.bootstrap(options, &mut rng()))?;
        Ok(Vec::new())
    }),
    ("set default", |storage, abandon| {
        let abandon: Vec<_> = abandon.iter().map(|of| name(of)).collect();
        block_on(storage.set_default_key(&id("b"), &abandon))?;
        Ok(Vec::new())
    }),
    ("remove key", |storage, abandon| {
        let abandon: Vec<_> = abandon.iter().map(|of| name(of)).collect();
        block_on(storage.remove_key(&id("b"), &abandon))
    }),
    ("disable", |storage, abandon| {
        let abandon: Vec<_> = abandon.iter().map(|of| name(of)).collect();
        block_on(storage.disable(&abandon))
    }),
];

#[test]
fn what_is_not_read_is_not_lost_unless_it_is_named() {
    for (of, account) in accounts() {
        for (what, change) in CHANGES {
            // For `set default` every other secret opens with both keys.
            let account = account.clone().sealed_for_both(&["a", "b"], of);
            let store = account.store();
            let lost = Error::Plan(PlanError::WouldAbandon(vec![name(of)]));
            let refused = refuse(&store, &["a", "b"], |storage| change(storage, &[]));
            assert_eq!(refused, lost, "{what}: {of}");

            let before = dump(&store);
            let written: Vec<_> = before.keys().map(|of| (of.as_str(), "a")).collect();
            let others: Vec<_> = before.keys().map(|of| (of.as_str(), "b")).collect();
            let written = [written, others].concat();
            mend_over(&store, &["a", "b"], &written, |storage| {
                change(storage, &[of])
            });
            let after = dump(&store);
            assert_ne!(after, before, "{what}: {of}");
            let is_blanked = what == "disable" && of == X;
            assert_eq!(after[of] == "{}", is_blanked, "{what}: {of}");
            assert!(is_blanked || after[of] == before[of], "{what}: {of}");
            // The key that may open it stays described, unless it is the one that was to go.
            let goes = ["disable", "remove key"].contains(&what);
            assert!(goes || after[&key_event("a")] != "{}", "{what}: {of}");
        }
    }
}

#[test]
fn an_older_pointer_comes_back_only_where_nothing_is_lost_by_it() {
    for (of, account) in accounts() {
        let account = account.sealed_for_both(&["a", "b"], of);
        let store = account.store();
        let earlier = Account::new().describe("b").default_key("b").store();
        let (now, then): (Snapshot, Snapshot) = (snapshot(&store), snapshot(&earlier));
        let only = [DEFAULT.to_owned()];
        let (a, b) = (key("a"), key("b"));
        let keys = [a.key(), b.key()];
        let refused = Plan::restore(&now, &then, &only, &keys, &[]).unwrap_err();
        assert_eq!(refused, PlanError::WouldAbandon(vec![name(of)]));
        let plan = Plan::restore(&now, &then, &only, &keys, &[name(of)]).unwrap();
        assert_eq!(plan.losses(), [Loss::LeftBehind(name(of))]);
    }
}

#[test]
fn nothing_is_collected_as_long_as_something_is_not_read() {
    for (of, account) in accounts() {
        let store = account.store();
        assert!(Plan::gc(&snapshot(&store)).is_empty(), "{of}");
        let without = Account::standard("a").describe("b").store();
        assert!(!Plan::gc(&snapshot(&without)).is_empty());
    }
}

/// The control: it is a secret like any other to a client that reads entries by name.
#[test]
fn a_client_that_looks_for_its_entry_opens_it() {
    let content: serde_json::Value = serde_json::from_str(&of_many_keys()).unwrap();
    let entry = serde_json::json!({ "encrypted": { "a": content["encrypted"]["a"] } });
    let store = Account::new().event(X, &entry.to_string()).store();
    let EventState::Present(of_one_key) = snapshot(&store).secret(&name(X)).clone() else {
        panic!("it is there");
    };
    let opened = key("a").key().open(&of_one_key).unwrap();
    assert_eq!(opened.expose(), "value");
}

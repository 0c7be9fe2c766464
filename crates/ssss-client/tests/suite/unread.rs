//! Secrets of more keys than are read here: another client may open them, so they are lost like any other.

use pollster::block_on;
use ssss_client::ssss_model::{EncryptedSecret, EventState, Malformed, NewKey};
use ssss_client::{Bootstrap, Error, Loss, OldKey, Plan, PlanError, Publication, Rotate};

use crate::account::{Account, dump, id, key, name, opens, rng, secret, snapshot};
use crate::broken::{DEFAULT, Storage, entry, key_event, mend_over, refuse};

const X: &str = "org.example.x";

/// One that js-sdk opens with key `a`, among more keys than are read.
fn of_many_keys() -> String {
    let mut entries: serde_json::Map<_, _> = (0..EncryptedSecret::MAX_ENTRIES)
        .map(|index| (format!("k{index}"), serde_json::json!({})))
        .collect();
    entries.insert("a".to_owned(), entry(&secret(X, "value"), "a"));
    serde_json::json!({ "encrypted": entries }).to_string()
}

fn account() -> Account {
    Account::standard("a")
        .describe("b")
        .event(X, &of_many_keys())
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
    for (what, change) in CHANGES {
        // Every other secret opens with both keys.
        let store = account().sealed_for(&["a", "b"]).store();
        let lost = Error::Plan(PlanError::WouldAbandon(vec![name(X)]));
        let refused = refuse(&store, &["a", "b"], |storage| change(storage, &[]));
        assert_eq!(refused, lost, "{what}");

        let before = dump(&store);
        let entries = before
            .keys()
            .flat_map(|of| [(of.as_str(), "a"), (of.as_str(), "b")]);
        let written: Vec<_> = entries.collect();
        mend_over(&store, &["a", "b"], &written, |storage| {
            change(storage, &[X])
        });
        let after = dump(&store);
        assert_ne!(after, before, "{what}");
        let is_disabled = what == "disable";
        let kept = if is_disabled { "{}" } else { &before[X] };
        assert_eq!(after[X], kept, "{what}");
        // The key that may open it stays described.
        assert_eq!(after[&key_event("a")] == "{}", is_disabled, "{what}");
    }
}

#[test]
fn an_older_pointer_comes_back_only_where_nothing_is_lost_by_it() {
    let store = account().sealed_for(&["a", "b"]).store();
    let earlier = Account::new().describe("b").default_key("b").store();
    let (now, then) = (snapshot(&store), snapshot(&earlier));
    let only = [DEFAULT.to_owned()];
    let (a, b) = (key("a"), key("b"));
    let keys = [a.key(), b.key()];
    let refused = Plan::restore(&now, &then, &only, &keys, &[]).unwrap_err();
    assert_eq!(refused, PlanError::WouldAbandon(vec![name(X)]));
    let plan = Plan::restore(&now, &then, &only, &keys, &[name(X)]).unwrap();
    assert_eq!(plan.losses(), [Loss::LeftBehind(name(X))]);
}

#[test]
fn nothing_is_collected_as_long_as_something_is_not_read() {
    assert!(Plan::gc(&snapshot(&account().store())).unwrap().is_empty());
    let without = Account::standard("a").describe("b").store();
    assert!(!Plan::gc(&snapshot(&without)).unwrap().is_empty());
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

/// What a snapshot and the account have of one secret may together be more entries than are read.
#[test]
fn what_comes_back_is_not_filled_beyond_what_is_read() {
    let filled = |of: &str, others: usize| {
        let mut entries: serde_json::Map<_, _> = (0..others)
            .map(|index| (format!("{of}{index}"), serde_json::json!({})))
            .collect();
        entries.insert("a".to_owned(), entry(&secret(X, "value"), "a"));
        let content = serde_json::json!({ "encrypted": entries }).to_string();
        Account::standard("a").event(X, &content).store()
    };
    let a = key("a");
    for (others_now, others_then, fits) in [
        (EncryptedSecret::MAX_ENTRIES - 2, 1, true),
        (EncryptedSecret::MAX_ENTRIES - 1, 1, false),
        (1, EncryptedSecret::MAX_ENTRIES - 1, false),
    ] {
        let (now, then) = (filled("now", others_now), filled("then", others_then));
        let (store, earlier) = (now, snapshot(&then));
        let only = [X.to_owned()];
        for abandon in [vec![], vec![name(X)]] {
            let planned = Plan::restore(&snapshot(&store), &earlier, &only, &[a.key()], &abandon);
            let full = PlanError::NotASecret(name(X), Malformed::TooManyEntries);
            assert_eq!(planned.err(), (!fits).then_some(full), "{others_now}");
        }
        let restore = |storage: &Storage<'_>| block_on(storage.restore(&earlier, &only, &[]));
        if fits {
            mend_over(&store, &["a"], &[(X, "a")], restore);
        } else {
            refuse(&store, &["a"], restore);
        }
        assert_eq!(opens(&snapshot(&store), a.key())[X], "value");
    }
}

//! Descriptions and secrets that come back from a snapshot.

use pollster::block_on;
use ssss_client::ssss_model::{DefaultKey, Object, Snapshot};
use ssss_client::{Content, Loss, Plan, PlanError, SecretStorage};

use crate::account::{Account, id, key, name, opens, secret, snapshot};
use crate::broken::{at_hand, key_event};
use crate::supplied_keys::SuppliedKeys;

const ALGORITHM: &str = r#""algorithm":"m.secret_storage.v1.aes-hmac-sha2""#;

/// The account once everything has come back that an earlier one has.
fn restored(now: &Account, then: &Account) -> Snapshot {
    let (now, then) = (snapshot(&now.store()), snapshot(&then.store()));
    let plan = Plan::restore(&now, &then, &[], &[], &[]).unwrap();
    let event =
        |of: &str, content: &Object| -> (String, Content) { (of.to_owned(), content.to_raw()) };
    let written = plan
        .writes()
        .map(|write| event(write.event_type(), write.after()));
    let before = now
        .secret_storage_events()
        .map(|(of, content)| event(of, content));
    Snapshot::new(before.chain(written))
}

/// A key without a check is proven by what it opens, and would be refused by the check of another.
#[test]
fn a_description_that_cannot_be_read_lends_its_check_to_none() {
    let then = Account::standard("a").event(&key_event("a"), &format!("{{{ALGORITHM}}}"));
    let broken = r#"{
        "iv": "AAAAAAAAAAAAAAAAAAAAAA", "mac": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "passphrase": {"algorithm": "m.pbkdf2", "salt": "s", "iterations": 1},
        "org.example.unknown": 1
    }"#;
    let now = then.clone().event(&key_event("a"), broken);
    let after = restored(&now, &then);
    let key = at_hand(&after, "a");
    assert!(
        after
            .present_secrets()
            .all(|secret| key.open(secret).is_ok())
    );
    let description = after.key(&id("a")).present().unwrap().object();
    assert_eq!(description.get("org.example.unknown"), Some("1"));
    assert_eq!(description.get("passphrase"), None);
    assert!(after.contains(DefaultKey::EVENT_TYPE));
}

const X: &str = "org.example.x";

fn account(value: &str) -> Account {
    Account::standard("a").secret(&secret(X, value), &["a"])
}

#[test]
fn what_is_there_is_written_over_if_a_key_opens_it_to_what_comes_back() {
    let then = snapshot(&account("then").store());
    let (a, b) = (key("a"), key("b"));
    let refused = || Err(PlanError::WouldAbandon(vec![name(X)]));
    for (value, at_hand, abandon, expected) in [
        // Sealed anew, which gives another ciphertext.
        ("then", &[a.key()][..], &[][..], Ok(vec![])),
        ("then", &[], &[], refused()),
        ("then", &[b.key()], &[], refused()),
        ("now", &[a.key()], &[], refused()),
        (
            "now",
            &[a.key()],
            &[name(X)],
            Ok(vec![Loss::Overwritten(name(X), id("a"))]),
        ),
    ] {
        let now = snapshot(&account(value).store());
        let only = [X.to_owned()];
        let plan = Plan::restore(&now, &then, &only, at_hand, abandon);
        let lost = plan.map(|plan| plan.losses().to_vec());
        assert_eq!(lost, expected, "{value}, {} keys", at_hand.len());
    }
}

/// Whoever gives a secret up hears that it is lost only if it is.
#[test]
fn keys_tell_whether_what_is_given_up_is_lost() {
    let then = snapshot(&account("then").store());
    for (value, lost) in [
        ("then", vec![]),
        ("now", vec![Loss::Overwritten(name(X), id("a"))]),
    ] {
        let store = account(value).store();
        let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"]));
        let told = block_on(storage.restore(&then, &[X.to_owned()], &[name(X)]));
        assert_eq!(told.unwrap(), lost, "{value}");
        let opened = opens(&snapshot(&store), key("a").key());
        assert_eq!(opened[X], "then", "{value}");
    }
}

/// Somebody gave the description a check since, and a name: it is the same key's, and they stay.
#[test]
fn a_description_that_gained_a_check_is_the_same_keys() {
    let now = Account::standard("a");
    let then = now
        .clone()
        .event(&key_event("a"), &format!("{{{ALGORITHM}}}"));
    let description = |of: &Snapshot| {
        of.key(&id("a"))
            .present()
            .unwrap()
            .object()
            .as_json()
            .to_owned()
    };
    let before = description(&snapshot(&now.store()));
    assert_eq!(description(&restored(&now, &then)), before);
    let named = before.replacen('{', r#"{"name":"mine","#, 1);
    let now = now.event(&key_event("a"), &named);
    let after = Object::parse(&description(&restored(&now, &then))).unwrap();
    assert!(after.is_same_json(&Object::parse(&named).unwrap()));
    // Another field says otherwise.
    let other = format!(r#"{{{ALGORITHM},"name":"another"}}"#);
    let then = then.event(&key_event("a"), &other);
    let (now, then) = (snapshot(&now.store()), snapshot(&then.store()));
    let refused = Plan::restore(&now, &then, &[], &[], &[]).unwrap_err();
    assert_eq!(refused, PlanError::OtherKey(id("a")));
}

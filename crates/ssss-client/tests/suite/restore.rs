//! Descriptions that come back from a snapshot.

use ssss_client::ssss_model::{DefaultKey, Object, Snapshot};
use ssss_client::{Content, Plan, PlanError};

use crate::account::{Account, id, snapshot};
use crate::broken::{at_hand, key_event};

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

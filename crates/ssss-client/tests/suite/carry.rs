//! What is in the way when secrets are sealed for another key.

use ssss_client::ssss_model::NewKey;
use ssss_client::ssss_model::ssss_crypto::SecretStorageKey;
use ssss_client::{Loss, OldKey, Plan, PlanError, Purpose};

use crate::account::{Account, id, key, name, rng, secret, snapshot};

const X: &str = "org.example.x";

/// Another key went by the same id. What is sealed for it this one does not open.
#[test]
fn what_is_sealed_for_another_key_of_the_same_id_is_written_over_only_if_it_is_named() {
    let account = Account::standard("a").secret(&secret(X, "x"), &["a", "new"]);
    let before = snapshot(&account.store());
    let a = key("a");
    let new = NewKey::from_key(SecretStorageKey::from_array(&[7; 32]))
        .id(id("new"))
        .build(&mut rng());
    for (abandon, expected) in [
        (&[][..], Err(PlanError::WouldOverwrite(name(X), id("new")))),
        (&[name(X)], Ok(vec![Loss::Overwritten(name(X), id("new"))])),
    ] {
        let keys = [a.key()];
        let plan = Plan::rotate(&before, &new, &keys, &OldKey::Kept, abandon, &mut rng());
        assert_eq!(plan.map(|plan| plan.losses().to_vec()), expected);
    }
}

/// A change that was stopped may have left it, and no key at hand opens it.
#[test]
fn what_the_other_key_opens_already_stays_as_it_is() {
    let account = Account::standard("a").secret(&secret(X, "x"), &["new"]);
    let before = snapshot(&account.store());
    let (a, new) = (key("a"), key("new"));
    let plan = Plan::rotate(&before, &new, &[a.key()], &OldKey::Kept, &[], &mut rng()).unwrap();
    assert_eq!(plan.losses(), []);
    assert!(plan.writes().all(|write| write.event_type() != X));
}

/// That is what is looked at before it becomes the default, and after.
#[test]
fn what_a_new_default_key_must_open_is_every_secret_that_is_not_given_up() {
    let account = Account::standard("a")
        .secret(&secret(X, "x"), &["a"])
        .secret(&secret("org.example.locked", "x"), &["b"]);
    let before = snapshot(&account.store());
    let (a, new) = (key("a"), key("new"));
    let locked = name("org.example.locked");
    let abandon = std::slice::from_ref(&locked);
    let plan = Plan::rotate(
        &before,
        &new,
        &[a.key()],
        &OldKey::Kept,
        abandon,
        &mut rng(),
    );
    let plan = plan.unwrap();
    let mut promised = plan.writes().filter_map(|write| match write.purpose() {
        Purpose::SetDefaultKey {
            opens, passes_over, ..
        } => Some((opens, passes_over)),
        _ => None,
    });
    let (opens, passes_over) = promised.next().unwrap();
    let names = before.present_secrets().map(|secret| secret.name().clone());
    let expected: Vec<_> = names.filter(|name| *name != locked).collect();
    assert_eq!(expected.len(), 5);
    assert_eq!(*opens, expected);
    assert_eq!(*passes_over, [locked]);
}

//! Which keys a typed text opens.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::Poll;

use futures_util::future::join;
use ssss_client::ssss_model::ssss_crypto::{CostError, CostLimits};
use ssss_client::ssss_model::ssss_recovery_key::ParseError;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    DeriveError, EncryptedSecret, Evidence, NewKey, Passphrase, Snapshot, TypedKey, VerifyError,
};
use ssss_client::{
    AccountData as _, KeyCallbacks, KeyMismatch, KeyRequest, ProvidedKey, SecretStorage,
    UnlockError, UnlockScope, Unlocked, unlock,
};

use crate::account::{Account, id, key, rng, secret};
use crate::slow_store::SlowStore;

fn recovery_key(of: &str) -> String {
    key(of)
        .key()
        .recovery_key()
        .unwrap()
        .format()
        .expose()
        .to_owned()
}

fn typed(text: &str) -> ProvidedKey {
    ProvidedKey::Typed(TypedKey::read(Zeroizing::new(text.to_owned())))
}

fn run(account: &Account, text: &str, limits: CostLimits) -> Result<Unlocked, UnlockError> {
    let snapshot = Snapshot::new(account.events());
    unlock(
        &snapshot,
        snapshot.descriptions(),
        &typed(text),
        UnlockScope::Every,
        limits,
    )
}

fn ids(unlocked: &Unlocked) -> Vec<&str> {
    unlocked.keys.iter().map(|key| key.id().as_str()).collect()
}

const NO_CHECK: &str = r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#;

/// A description of the key `of` from this passphrase block.
fn block(iterations: u64) -> String {
    format!(
        r#"{{"algorithm":"m.secret_storage.v1.aes-hmac-sha2","iv":"AAAAAAAAAAAAAAAAAAAAAA",
        "mac":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "passphrase":{{"algorithm":"m.pbkdf2","salt":"s","iterations":{iterations}}}}}"#
    )
}

#[test]
fn a_recovery_key_is_tried_on_every_key() {
    let account = Account::standard("a").describe("b").describe("c");
    let unlocked = run(&account, &recovery_key("b"), CostLimits::default()).unwrap();
    assert_eq!(ids(&unlocked), ["b"]);
    assert!(matches!(unlocked.keys[0].evidence(), Evidence::Matched(_)));
}

#[test]
fn one_key_under_two_ids() {
    let twice = key("a").description().as_json().to_owned();
    let account = Account::standard("a").event("m.secret_storage.key.0", &twice);
    let unlocked = run(&account, &recovery_key("a"), CostLimits::default()).unwrap();
    assert_eq!(ids(&unlocked), ["a", "0"], "the default key first");
}

#[test]
fn a_recovery_key_never_runs_a_derivation() {
    // A derivation of this cost would take hours, and is within the limits.
    let limits = CostLimits {
        floor: 1,
        ceiling: u32::MAX,
    };
    let account = Account::standard("a").event("m.secret_storage.key.z", &block(4_000_000_000));
    let spaced = recovery_key("a").replace(' ', "\u{a0}\n- ");
    assert_eq!(ids(&run(&account, &spaced, limits).unwrap()), ["a"]);
}

#[test]
fn keys_without_a_check() {
    let event = "m.secret_storage.key.a";
    let account = Account::standard("a").event(event, NO_CHECK);
    let unlocked = run(&account, &recovery_key("a"), CostLimits::default()).unwrap();
    assert!(matches!(
        unlocked.keys[0].evidence(),
        Evidence::ProvenBySecret(_)
    ));

    let mismatch = run(&account, &recovery_key("b"), CostLimits::default()).unwrap_err();
    let expected = vec![(id("a"), KeyMismatch::OpensNothing)];
    assert_eq!(mismatch, UnlockError::FitsNothing(expected));

    let account = Account::new().event(event, NO_CHECK);
    let unlocked = run(&account, &recovery_key("b"), CostLimits::default()).unwrap();
    assert_eq!((unlocked.keys.len(), unlocked.unchecked.len()), (0, 1));
}

#[test]
fn what_fits_nothing() {
    let account = Account::standard("a").event("m.secret_storage.key.p", &block(2));
    let wrong = run(&account, &recovery_key("b"), CostLimits::default()).unwrap_err();
    let refused = || KeyMismatch::Refused(VerifyError::WrongKey);
    assert_eq!(
        wrong,
        UnlockError::FitsNothing(vec![(id("a"), refused()), (id("p"), refused())])
    );

    let wrong = run(&account, "hunter2", CostLimits::default()).unwrap_err();
    let none = KeyMismatch::NotDerived(DeriveError::NoPassphrase);
    assert_eq!(
        wrong,
        UnlockError::FitsNothing(vec![(id("a"), none), (id("p"), refused())])
    );

    let wrong = run(&Account::standard("a"), "EsTc LW2K", CostLimits::default()).unwrap_err();
    assert_eq!(
        wrong,
        UnlockError::NotARecoveryKey(ParseError::Length { found: 8 })
    );
    let wrong = run(&Account::new(), "hunter2", CostLimits::default()).unwrap_err();
    assert_eq!(wrong, UnlockError::NoKeys);
}

#[test]
fn the_cost_of_a_passphrase_is_bounded_alone_and_in_sum() {
    let cost = |iterations: u64, limits| {
        let account = Account::new().event("m.secret_storage.key.p", &block(iterations));
        match run(&account, "hunter2", limits).unwrap_err() {
            UnlockError::FitsNothing(keys) => keys[0].1.clone(),
            other => panic!("{other}"),
        }
    };
    let refused = |error| KeyMismatch::NotDerived(DeriveError::Cost(error));
    let limits = CostLimits {
        floor: 10,
        ceiling: 100,
    };
    assert_eq!(cost(0, limits), refused(CostError::ZeroIterations));
    assert_eq!(
        cost(9, limits),
        refused(CostError::BelowFloor {
            iterations: 9,
            floor: 10
        })
    );
    for iterations in [101, 1 << 53, u64::MAX] {
        assert_eq!(
            cost(iterations, limits),
            refused(CostError::AboveCeiling {
                iterations,
                ceiling: 100
            })
        );
    }
    assert_eq!(
        cost(100, limits),
        KeyMismatch::Refused(VerifyError::WrongKey)
    );

    for (iterations, fit) in [(40, 2), (50, 2), (51, 1)] {
        let mut account = Account::new();
        for key in 0..5 {
            account = account.event(&format!("m.secret_storage.key.{key}"), &block(iterations));
        }
        let UnlockError::FitsNothing(keys) = run(&account, "hunter2", limits).unwrap_err() else {
            panic!("it fits nothing");
        };
        let derived = keys
            .iter()
            .filter(|(_, why)| *why != KeyMismatch::CostSpent)
            .count();
        assert_eq!(derived, fit, "derivations of {iterations} within 100");
    }
}

#[test]
fn a_passphrase_stops_at_the_first_key_if_told_to() {
    let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned()));
    let new = NewKey::from_passphrase(&passphrase, &mut rng())
        .id(id("p"))
        .build(&mut rng());
    let description = new.description().as_json();
    let account = Account::new()
        .event("m.secret_storage.key.p", description)
        .event("m.secret_storage.key.q", description)
        .secret(&secret("org.example.x", "v"), &["a"]);
    let snapshot = Snapshot::new(account.events());
    let limits = CostLimits::default();
    let recovery_key = new.key().recovery_key().unwrap().format();
    for (scope, text, count) in [
        (UnlockScope::First, "correct horse", 1),
        (UnlockScope::Every, "correct horse", 2),
        // A recovery key costs nothing.
        (UnlockScope::First, recovery_key.expose(), 2),
    ] {
        let provided = typed(text);
        let unlocked = unlock(&snapshot, snapshot.descriptions(), &provided, scope, limits);
        assert_eq!(unlocked.unwrap().keys.len(), count);
    }
}

/// A person who types a passphrase, and what happened in which order.
struct Typing<'a> {
    passphrase: &'a str,
    log: &'a RefCell<Vec<&'static str>>,
}

impl KeyCallbacks for Typing<'_> {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        self.log.borrow_mut().push("typed");
        Some(typed(self.passphrase))
    }
}

/// Deriving a key takes a while, and nobody waits for it who need not.
#[test]
fn requests_go_on_while_a_key_is_derived() {
    let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned()));
    let new = NewKey::from_passphrase(&passphrase, &mut rng())
        .id(id("p"))
        .build(&mut rng());
    let value = secret("org.example.x", "value");
    let sealed = new.key().seal(&value, &mut rng()).unwrap();
    let content = EncryptedSecret::content(value.name(), None, &[sealed]).unwrap();
    let store = Account::new()
        .event(&id("p").event_type(), new.description().as_json())
        .default_key("p")
        .event("org.example.x", content.as_json())
        .store();
    let log = RefCell::new(Vec::new());
    let keys = Typing {
        passphrase: "correct horse",
        log: &log,
    };
    let storage = SecretStorage::new(&store, keys);
    let opening = async {
        let opened = storage.get(value.name()).await.unwrap().unwrap();
        log.borrow_mut().push("opened");
        opened
    };
    let slow = SlowStore::default();
    let other = async {
        while log.borrow().is_empty() {
            next_turn().await;
        }
        log.borrow_mut().push("asked");
        slow.get("org.example.y").await.unwrap();
        log.borrow_mut().push("answered");
    };
    // Whoever waits is asked again and again.
    let (opened, ()) = slow.run(join(opening, other));
    assert_eq!(opened.expose(), "value");
    assert_eq!(*log.borrow(), ["typed", "asked", "answered", "opened"]);
}

async fn next_turn() {
    let mut is_next = false;
    poll_fn(|_| {
        if std::mem::replace(&mut is_next, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

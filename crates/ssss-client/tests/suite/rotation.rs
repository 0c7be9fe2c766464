//! A new key in the place of the old one: everything comes along, or nothing happens.

use std::cell::Cell;

use pollster::block_on;
use ssss_client::ssss_model::ssss_crypto::{CostLimits, Pbkdf2, SecretStorageKey};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    EncryptedSecret, NewKey, Passphrase, PassphraseState, SecretName, TypedKey, UnverifiedKey,
    Verification,
};
use ssss_client::{
    AccountData, Error, Finding, KeyCallbacks, KeyRequest, Loss, MemoryStore, OldKey, Plan,
    PlanError, ProvidedKey, Repair, Rotate, Rotated, SecretStorage,
};

use crate::account::{
    Account, dump, id, key, name, opens, rng, secret, snapshot, standard_secrets,
};
use crate::broken::{
    DEFAULT, Storage, assert_opens_standard, codes, encrypted, entry, key_event, look, mend,
    mend_over, refuse,
};
use crate::stopping_store::StoppingStore;
use crate::supplied_keys::SuppliedKeys;

fn rotate<S: AccountData, K: KeyCallbacks>(
    storage: &SecretStorage<S, K>,
    old_key: OldKey,
    abandon: &[SecretName],
) -> Result<Rotated, Error> {
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let options = Rotate {
        create_key: &mut create_key,
        old_key,
        abandon,
    };
    block_on(storage.rotate(options, &mut rng()))
}

const UNKNOWN: [(&str, &str); 5] = [
    ("org.example.empty", ""),
    ("org.example.text", "välue \u{feff}\0"),
    ("org.example.json", r#"{"a":[1]}"#),
    (
        "org.matrix.msc3814",
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
    ),
    ("com.example.slash/and%20space", "value"),
];

fn account() -> Account {
    let mut account = Account::standard("old").unknown_field(DEFAULT);
    for (of, value) in UNKNOWN {
        account = account
            .secret(&secret(of, value), &["old"])
            .unknown_field(of);
    }
    account
}

/// Names with their entries for a key.
fn entries_for(of: &str) -> Vec<(&'static str, &str)> {
    let standard = [
        "m.cross_signing.master",
        "m.cross_signing.self_signing",
        "m.cross_signing.user_signing",
        "m.megolm_backup.v1",
    ];
    let names = standard.into_iter().chain(UNKNOWN.map(|(name, _)| name));
    names.map(|name| (name, of)).collect()
}

fn assert_opens_all(store: &MemoryStore, of: &str) {
    assert_opens_standard(store, of);
    let opened = opens(&snapshot(store), key(of).key());
    for (name, value) in UNKNOWN {
        assert_eq!(opened.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[test]
fn unknown_secrets_survive_a_rotation() {
    for old_key in [OldKey::Kept, OldKey::Revoked(id("old"))] {
        let store = account().store();
        let is_revoked = old_key != OldKey::Kept;
        let written = if is_revoked {
            entries_for("old")
        } else {
            Vec::new()
        };
        let rotated = mend_over(&store, &["old"], &written, |storage| {
            rotate(storage, old_key, &[])
        });
        assert_eq!(rotated.carried.len(), 9);
        assert_opens_all(&store, "new");
        let found = codes(&look(&store, &["new"]));
        assert!(found.is_empty(), "{found:?}");
        for (of, _) in UNKNOWN {
            assert!(dump(&store)[of].contains("org.example.unknown"), "{of}");
        }
        assert!(dump(&store)[DEFAULT].contains("org.example.unknown"));
        assert_eq!(
            opens(&snapshot(&store), key("old").key()).is_empty(),
            is_revoked
        );
    }
}

#[test]
fn a_secret_under_a_locked_key_is_named_and_nothing_happens() {
    let locked = name("org.example.locked");
    let value = secret("org.example.locked", "value");
    for account in [
        account().describe("b").secret(&value, &["b"]),
        // Nobody describes its key.
        account().secret(&value, &["gone"]),
        // What is there for the key at hand is not its own.
        account().describe("b").event(
            "org.example.locked",
            &encrypted(&[("old", entry(&value, "b"))]),
        ),
        // The default key may have a newer value.
        account()
            .describe("b")
            .default_key("b")
            .secret(&value, &["old", "b"]),
    ] {
        let store = account.store();
        let calls = Cell::new(0);
        let error = refuse(&store, &["old"], |storage| {
            let mut create_key = async || -> Option<NewKey> {
                calls.set(calls.get() + 1);
                Some(key("new"))
            };
            let options = Rotate {
                create_key: &mut create_key,
                old_key: OldKey::Kept,
                abandon: &[],
            };
            block_on(storage.rotate(options, &mut rng()))
        });
        assert_eq!(
            error,
            Error::Plan(PlanError::WouldAbandon(vec![locked.clone()]))
        );
        assert!(error.to_string().contains("org.example.locked"));
        assert_eq!(calls.get(), 0, "no key is made, or shown, for nothing");
    }
}

#[test]
fn a_secret_that_is_named_stays_behind_with_its_key() {
    let locked = [name("org.example.locked")];
    let value = secret("org.example.locked", "value");
    let foreign = encrypted(&[("old", entry(&value, "b"))]);
    let store = account().event("org.example.locked", &foreign).store();
    let rotated = mend_over(&store, &["old"], &entries_for("old"), |storage| {
        rotate(storage, OldKey::Revoked(id("old")), &locked)
    });
    assert_eq!(rotated.losses[0], Loss::LeftBehind(locked[0].clone()));
    assert_eq!(dump(&store)["org.example.locked"], foreign);
    assert_opens_all(&store, "new");
    // The old key is needed still: its description stays.
    assert!(!rotated.losses.contains(&Loss::Key(id("old"))));
    assert_ne!(dump(&store)[&key_event("old")], "{}");
}

#[test]
fn what_becomes_of_the_old_key() {
    // It stays the default: one key more.
    let store = account().store();
    let before = dump(&store);
    mend(&store, &["old"], |storage| {
        rotate(storage, OldKey::StaysDefault, &[])
    });
    assert_eq!(dump(&store)[DEFAULT], before[DEFAULT]);
    assert_opens_all(&store, "old");
    assert_opens_all(&store, "new");

    // It is kept.
    let store = account().store();
    let described = dump(&store)[&key_event("old")].clone();
    let rotated = mend(&store, &["old"], |storage| {
        rotate(storage, OldKey::Kept, &[])
    });
    assert_eq!(rotated.losses, []);
    assert_eq!(snapshot(&store).default_key_id(), Some(&id("new")));
    assert_opens_all(&store, "old");
    assert_eq!(dump(&store)[&key_event("old")], described);

    // It is revoked; what a third key has stays.
    let x = secret("org.example.x", "x");
    let store = account().describe("b").secret(&x, &["b", "old"]).store();
    let mut written = entries_for("old");
    written.push(("org.example.x", "old"));
    let rotated = mend_over(&store, &["old"], &written, |storage| {
        rotate(storage, OldKey::Revoked(id("old")), &[])
    });
    assert!(rotated.losses.contains(&Loss::Key(id("old"))));
    let stripped = rotated
        .losses
        .iter()
        .filter(|loss| loss.as_str() == "stripped");
    assert_eq!(stripped.count(), 10);
    assert_eq!(dump(&store)[&key_event("old")], "{}");
    let after = snapshot(&store);
    assert_eq!(opens(&after, key("b").key())["org.example.x"], "x");
    assert_eq!(opens(&after, key("new").key())["org.example.x"], "x");
    assert!(
        after
            .present_secrets()
            .all(|secret| !secret.is_sealed_for(&id("old")))
    );

    // Another key than the default is revoked.
    let store = account().describe("b").secret(&x, &["b", "old"]).store();
    mend_over(&store, &["old"], &[("org.example.x", "b")], |storage| {
        rotate(storage, OldKey::Revoked(id("b")), &[])
    });
    assert_opens_all(&store, "old");
    assert_opens_all(&store, "new");
    assert_eq!(dump(&store)[&key_event("b")], "{}");
}

#[test]
fn keys_are_asked_for_while_something_is_missing_and_no_longer() {
    let both = || {
        account()
            .describe("b")
            .describe("c")
            .secret(&secret("org.example.b", "b"), &["b"])
            .secret(&secret("org.example.both", "both"), &["old", "b", "c"])
    };
    let asked = |account: Account, supplied: &[&str]| {
        let store = account.store();
        let keys = SuppliedKeys::new(supplied);
        rotate(&SecretStorage::new(&store, &keys), OldKey::Kept, &[]).unwrap();
        let opened = opens(&snapshot(&store), key("new").key());
        assert_eq!(opened.len(), snapshot(&store).present_secrets().count());
        let asked = keys.asked.borrow();
        assert_eq!(*keys.cached.borrow(), ["new"]);
        asked.clone()
    };
    // Two keys, one question each; the third is not asked for.
    let questions = asked(both(), &["old", "b", "c"]);
    assert_eq!(questions.len(), 2);
    assert_eq!(questions[0].0, ["old", "b", "c"], "the default key first");
    assert_eq!(questions[1].0, ["b"]);
    assert_eq!(questions[1].1, ["org.example.b"]);
    // One opens everything.
    assert_eq!(asked(account().describe("b"), &["old", "b"]).len(), 1);
    // There is nothing to open.
    let empty = Account::new().describe("old").default_key("old");
    assert_eq!(asked(empty, &["old"]).len(), 0);
}

#[test]
fn where_keys_disagree_the_default_key_is_right() {
    let entries = [
        ("b", entry(&secret("org.example.x", "older"), "b")),
        ("old", entry(&secret("org.example.x", "newer"), "old")),
    ];
    let store = account()
        .describe("b")
        .event("org.example.x", &encrypted(&entries))
        .store();
    // Whichever is supplied first.
    for supplied in [["b", "old"], ["old", "b"]] {
        let store: MemoryStore = block_on(store.enumerate())
            .unwrap()
            .events
            .into_iter()
            .collect();
        mend(&store, &supplied, |storage| {
            rotate(storage, OldKey::Kept, &[])
        });
        assert_eq!(
            opens(&snapshot(&store), key("new").key())["org.example.x"],
            "newer"
        );
        assert_eq!(
            opens(&snapshot(&store), key("b").key())["org.example.x"],
            "older"
        );
    }
}

#[test]
fn nothing_is_written_if_no_key_is_made() {
    let store = account().store();
    let error = refuse(&store, &["old"], |storage: &Storage<'_>| {
        let mut create_key = async || -> Option<NewKey> { None };
        let options = Rotate {
            create_key: &mut create_key,
            old_key: OldKey::Kept,
            abandon: &[],
        };
        block_on(storage.rotate(options, &mut rng()))
    });
    assert_eq!(error, Error::NoKeyCreated);
    // Nor if the new key has the id of another one.
    let store = account().describe("new").store();
    let error = refuse(&store, &["old"], |storage| {
        rotate(storage, OldKey::Kept, &[])
    });
    assert_eq!(error, Error::Plan(PlanError::KeyExists(id("new"))));
    // Nor without a key.
    let names: Vec<_> = snapshot(&store)
        .present_secrets()
        .map(|secret| secret.name().clone())
        .collect();
    let error = refuse(&store, &[], |storage| rotate(storage, OldKey::Kept, &[]));
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(names)));
}

/// A plan made for the same key again has nothing left to do.
#[test]
fn a_rotation_that_was_made_is_not_made_again() {
    let store = account().store();
    let (old, new) = (key("old"), key("new"));
    for old_key in [
        OldKey::StaysDefault,
        OldKey::Kept,
        OldKey::Revoked(id("old")),
    ] {
        for again in [false, true] {
            let before = snapshot(&store);
            let keys = [old.key(), new.key()];
            let plan = Plan::rotate(&before, &new, &keys, &old_key, &[], &mut rng()).unwrap();
            block_on(ssss_client::apply(&store, &plan, &keys, |_| {})).unwrap();
            assert_eq!(plan.is_empty(), again, "{old_key:?}");
            assert_eq!(
                plan.losses().is_empty(),
                again || old_key != OldKey::Revoked(id("old"))
            );
        }
    }
    assert_opens_all(&store, "new");
}

/// A key that was added before, and now takes the default key's place.
#[test]
fn an_added_key_takes_over() {
    for old_key in [OldKey::Kept, OldKey::Revoked(id("old"))] {
        let store = account().store();
        let (old, new) = (key("old"), key("new"));
        let keys = [old.key(), new.key()];
        for old_key in [&OldKey::StaysDefault, &old_key] {
            let before = snapshot(&store);
            let plan = Plan::rotate(&before, &new, &keys, old_key, &[], &mut rng()).unwrap();
            block_on(ssss_client::apply(&store, &plan, &keys, |_| {})).unwrap();
        }
        assert_opens_all(&store, "new");
    }
}

/// What is not known to be garbage is not taken away with a key.
#[test]
fn an_entry_that_cannot_be_read_is_not_taken_for_nothing() {
    let odd = r#"{"encrypted":{"b":{"iv":"AAAA","ciphertext":"AAAA","mac":"AAAA"}},"note":1}"#;
    let account = Account::standard("a")
        .describe("b")
        .event("org.example.x", odd);
    let store = account.store();
    let refused = Plan::remove_key(&snapshot(&store), &id("b"), &[key("a").key()], &[]);
    let names = vec![name("org.example.x")];
    assert_eq!(refused.unwrap_err(), PlanError::WouldAbandon(names));
}

/// A key that has become the default since is neither stripped nor blanked.
#[test]
fn what_has_become_the_default_meanwhile_stays() {
    let both = &["a", "b"];
    let account = Account::new()
        .describe("a")
        .describe("b")
        .default_key("a")
        .secret(&secret("org.example.x", "x"), both);
    let store = account.store();
    let (a, b) = (key("a"), key("b"));
    let keys = [a.key(), b.key()];
    let before = snapshot(&store);
    let removal = Plan::remove_key(&before, &id("b"), &keys, &[]).unwrap();
    let other = Plan::set_default(&before, b.key(), &keys, &[]).unwrap();
    block_on(ssss_client::apply(&store, &other, &keys, |_| {})).unwrap();
    let there = dump(&store);
    block_on(ssss_client::apply(&store, &removal, &keys, |_| {})).unwrap_err();
    assert_eq!(dump(&store), there);
    // Nor is a key that was added blanked by taking that back, once it is the default.
    let store = Account::standard("a").store();
    let new = key("b");
    let keys = [a.key(), new.key()];
    let added = OldKey::StaysDefault;
    let added = Plan::rotate(&snapshot(&store), &new, &keys, &added, &[], &mut rng()).unwrap();
    block_on(ssss_client::apply(&store, &added, &keys, |_| {})).unwrap();
    let default = Plan::set_default(&snapshot(&store), new.key(), &keys, &[]).unwrap();
    block_on(ssss_client::apply(&store, &default, &keys, |_| {})).unwrap();
    let undone = added.undo(&snapshot(&store), &[]);
    assert_eq!(undone.unwrap_err(), PlanError::IsDefault(id("b")));
}

/// Where nothing describes a key, it is not made the default.
#[test]
fn an_undescribed_key_does_not_become_the_default() {
    let account = Account::standard("a").secret(&secret("org.example.x", "x"), &["a", "b"]);
    let store = account.store();
    let keys = [key("a"), key("b")];
    let keys = [keys[0].key(), keys[1].key()];
    let refused = Plan::set_default(&snapshot(&store), keys[1], &keys, &[]);
    assert_eq!(refused.unwrap_err(), PlanError::NoSuchKey(id("b")));
}

struct Typed;

const PASSPHRASE: &str = "correct horse";

impl KeyCallbacks for Typed {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let text = Zeroizing::new(PASSPHRASE.to_owned());
        Some(ProvidedKey::Typed(TypedKey::read(text)))
    }
}

/// A key from a passphrase that costs next to nothing.
fn cheap() -> Account {
    let limits = CostLimits {
        floor: 1,
        ceiling: 2_000,
    };
    let pbkdf2 = Pbkdf2::admit(1_000, 256, limits).unwrap();
    let bytes = pbkdf2.derive(PASSPHRASE.as_bytes(), b"salt");
    let built = NewKey::from_key(SecretStorageKey::from_bytes(bytes.expose()).unwrap())
        .id(id("cheap"))
        .build(&mut rng());
    let mut description: serde_json::Value =
        serde_json::from_str(built.description().as_json()).unwrap();
    description["passphrase"] = serde_json::json!(
        {"algorithm": "m.pbkdf2", "iterations": 1_000, "salt": "salt", "bits": 256}
    );
    let mut account = Account::new()
        .event(&key_event("cheap"), &description.to_string())
        .default_key("cheap");
    let parsed = snapshot(&account.store());
    let unverified = UnverifiedKey::from_key(bytes);
    let description = parsed.key(&id("cheap")).present().unwrap();
    let Ok(Verification::Verified(verified)) = description.verify(unverified) else {
        panic!("it is this key");
    };
    let custom = secret("org.example.x", "value");
    for secret in standard_secrets().iter().chain([&custom]) {
        let sealed = verified.seal(secret, &mut rng()).unwrap();
        let content = EncryptedSecret::content(secret.name(), None, &[sealed]);
        account = account.event(secret.name().as_str(), content.unwrap().as_json());
    }
    account
}

#[test]
fn a_passphrase_is_kept_and_costs_what_it_costs_today() {
    let store = cheap().store();
    let finding = Finding::PassphraseCheap(id("cheap"), 1_000);
    assert_eq!(look(&store, &[]).findings, std::slice::from_ref(&finding));
    assert_eq!(finding.repair(), Some(Repair::Passphrase(id("cheap"))));

    let limits = CostLimits {
        floor: 1,
        ..CostLimits::default()
    };
    let storage = SecretStorage::new(&store, Typed).with_cost_limits(limits);
    let mut create_key = async || -> Option<NewKey> {
        let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.to_owned()));
        let key = NewKey::from_passphrase(&passphrase, &mut rng()).id(id("dear"));
        Some(key.build(&mut rng()))
    };
    let options = Rotate {
        create_key: &mut create_key,
        old_key: OldKey::Revoked(id("cheap")),
        abandon: &[],
    };
    let rotated = block_on(storage.rotate(options, &mut rng())).unwrap();
    assert_eq!(rotated.carried.len(), 5);
    assert_eq!(look(&store, &[]).findings, []);
    assert_eq!(dump(&store)[&key_event("cheap")], "{}");
    let after = snapshot(&store);
    assert_eq!(after.default_key_id(), Some(&id("dear")));
    let description = after.key(&id("dear")).present().unwrap();
    let PassphraseState::Usable(info) = description.passphrase() else {
        panic!("no passphrase");
    };
    assert_eq!(info.iterations(), u64::from(Pbkdf2::DEFAULT_ITERATIONS));

    // The same passphrase opens everything, within today's limits.
    let storage = SecretStorage::new(&store, Typed);
    let mut names: Vec<_> = standard_secrets()
        .iter()
        .map(|s| s.name().clone())
        .collect();
    names.push(name("org.example.x"));
    for (name, read) in block_on(storage.get_all(&names)).unwrap() {
        assert!(read.unwrap().is_some(), "{name}");
    }
}

/// What a rotation costs grows as the account does: each secret more costs the same.
#[test]
fn each_secret_more_costs_the_same() {
    let cost = |count: usize| {
        let mut account = Account::new().describe("old").default_key("old");
        for index in 0..count {
            let value = secret(&format!("org.example.{index:04}"), "value");
            account = account.secret(&value, &["old"]);
        }
        let store = account.store();
        let counting = StoppingStore::new(&store, None);
        let storage = SecretStorage::new(counting, SuppliedKeys::new(&["old"]));
        let before = snapshot(&store);
        rotate(&storage, OldKey::Revoked(id("old")), &[]).unwrap();
        let accesses = storage.account_data().count();
        let (old, new) = (key("old"), key("new"));
        let revoked = OldKey::Revoked(id("old"));
        let plan = Plan::rotate(&before, &new, &[old.key()], &revoked, &[], &mut rng());
        let plan = plan.unwrap();
        (accesses, plan.writes().count(), plan.to_json().len())
    };
    let [none, some, more, most] = [10, 110, 210, 310].map(cost);
    assert_eq!(more.0 - some.0, some.0 - none.0);
    assert_eq!(most.0 - more.0, some.0 - none.0);
    assert_eq!(more.1 - some.1, some.1 - none.1);
    assert_eq!(more.2 - some.2, some.2 - none.2);
    // Two accesses: written when carried, and again when stripped. The account is read as a whole, to
    // compare and to verify.
    assert_eq!((some.0 - none.0, some.1 - none.1), (200, 200));
}

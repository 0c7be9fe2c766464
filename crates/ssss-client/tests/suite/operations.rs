//! The operations of the reference's guide, each with its semantics.

use pollster::block_on;
use ssss_client::ssss_model::ssss_crypto::{CostLimits, SecretStorageKey};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    DefaultKey, Malformed, NewKey, OpenError, Passphrase, SecretName, TypedKey, UnverifiedKey,
};
use ssss_client::{
    Error, KeyCallbacks, KeyRequest, MemoryStore, NoKeys, Overwrite, PlanError, ProvidedKey,
    SecretStorage, UnlockError,
};

use crate::account::{
    Account, dump, id, key, name, opens, rng, secret, snapshot, standard_secrets,
};
use crate::supplied_keys::SuppliedKeys;

#[test]
fn a_new_key_is_described_cached_and_not_the_default() {
    let store = MemoryStore::new();
    let keys = SuppliedKeys::default();
    let storage = SecretStorage::new(&store, &keys);
    block_on(storage.add_key(&key("a"))).unwrap();
    assert_eq!(*keys.cached.borrow(), ["a"]);
    assert_eq!(block_on(storage.default_key_id()).unwrap(), None);
    assert!(block_on(storage.has_key(Some(&id("a")))).unwrap());
    assert!(!block_on(storage.has_key(Some(&id("b")))).unwrap());
    assert!(!block_on(storage.has_key(None)).unwrap());
    let described = block_on(storage.key(Some(&id("a")))).unwrap().unwrap();
    assert_eq!(described.id(), &id("a"));

    let error = block_on(storage.add_key(&key("a"))).unwrap_err();
    assert_eq!(error, Error::Plan(PlanError::KeyExists(id("a"))));
}

#[test]
fn a_key_is_checked() {
    let store = Account::standard("a").describe("b").store();
    let storage = SecretStorage::new(&store, NoKeys);
    let bytes = |of: &str| {
        let bytes = key(of).key().key().expose().to_vec();
        UnverifiedKey::from_key(SecretStorageKey::from_bytes(&bytes).unwrap())
    };
    assert!(block_on(storage.check_key(&id("a"), bytes("a"))).unwrap());
    assert!(!block_on(storage.check_key(&id("a"), bytes("b"))).unwrap());
    let error = block_on(storage.check_key(&id("c"), bytes("a"))).unwrap_err();
    assert_eq!(error, Error::NoSuchKey(id("c")));

    // Without a check, what is sealed for the key answers.
    let no_check = r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2"}"#;
    let store = Account::standard("a")
        .event("m.secret_storage.key.a", no_check)
        .store();
    let storage = SecretStorage::new(&store, NoKeys);
    assert!(block_on(storage.check_key(&id("a"), bytes("a"))).unwrap());
    assert!(!block_on(storage.check_key(&id("a"), bytes("b"))).unwrap());
    let store = Account::new()
        .event("m.secret_storage.key.a", no_check)
        .store();
    let storage = SecretStorage::new(&store, NoKeys);
    let error = block_on(storage.check_key(&id("a"), bytes("a"))).unwrap_err();
    assert_eq!(error, Error::KeyUnproven(id("a")));
}

#[test]
fn a_secret_is_stored_for_the_default_key_and_read_back() {
    let store = Account::standard("a").describe("b").store();
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys);
    let value = secret("org.example.x", "välue \u{feff}\0");
    let stored = block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap();
    assert_eq!((stored.keys, stored.stale), (vec![id("a")], vec![]));
    let read = block_on(storage.get(&name("org.example.x")))
        .unwrap()
        .unwrap();
    assert_eq!(read.expose(), value.expose());
    let asked = keys.asked.borrow();
    assert_eq!(asked.len(), 2, "once an operation");
    for (candidates, secrets) in asked.iter() {
        assert_eq!(
            (candidates.as_slice(), secrets.as_slice()),
            (&["a".to_owned()][..], &["org.example.x".to_owned()][..])
        );
    }
}

#[test]
fn every_key_that_a_secret_is_sealed_for_is_a_candidate() {
    let store = Account::standard("b")
        .describe("a")
        .describe("c")
        .secret(&secret("org.example.x", "value"), &["a", "b", "unknown"])
        .store();
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys);
    let read = block_on(storage.get(&name("org.example.x")))
        .unwrap()
        .unwrap();
    assert_eq!(read.expose(), "value");
    assert_eq!(
        keys.asked.borrow()[0].0,
        ["b", "a"],
        "the default key first"
    );
}

#[test]
fn many_secrets_are_read_with_one_question() {
    let store = Account::standard("a")
        .describe("b")
        .secret(&secret("org.example.both", "both"), &["a", "b"])
        .secret(&secret("org.example.b", "b"), &["b"])
        .event("org.example.odd", r#"{"encrypted":1}"#)
        .store();
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys);
    let mut names: Vec<_> = standard_secrets()
        .iter()
        .map(|secret| secret.name().clone())
        .collect();
    names.extend(["both", "b", "odd", "none"].map(|of| name(&format!("org.example.{of}"))));
    let read = block_on(storage.get_all(&names)).unwrap();
    assert_eq!(keys.asked.borrow().len(), 1);
    for (expected, (name, found)) in standard_secrets().iter().zip(&read) {
        let found = found.as_ref().unwrap().as_ref().unwrap();
        assert_eq!((expected.name(), expected.expose()), (name, found.expose()));
    }
    assert_eq!(
        read[4].1.as_ref().unwrap().as_ref().unwrap().expose(),
        "both"
    );
    let not_for_a = Error::Open(name("org.example.b"), id("a"), OpenError::NotSealedForKey);
    assert_eq!(*read[5].1.as_ref().unwrap_err(), not_for_a);
    assert!(matches!(read[6].1, Err(Error::MalformedSecret(..))));
    assert!(matches!(read[7].1, Ok(None)));
    block_on(storage.get_all(&names[7..])).unwrap();
    assert_eq!(keys.asked.borrow().len(), 1, "there is nothing to open");
}

#[test]
fn a_secret_is_stored_for_several_keys() {
    let store = Account::standard("a").describe("b").describe("c").store();
    let keys = SuppliedKeys::new(&["a", "b"]);
    let storage = SecretStorage::new(&store, &keys);
    let value = secret("org.example.x", "value");
    let ids = [id("a"), id("b")];
    block_on(storage.store(&value, &ids, Overwrite::Readable, &mut rng())).unwrap();
    for of in ["a", "b"] {
        assert_eq!(
            opens(&snapshot(&store), key(of).key())["org.example.x"],
            "value"
        );
    }
    let sealed_for = block_on(storage.is_stored(&name("org.example.x")))
        .unwrap()
        .unwrap();
    assert_eq!(
        sealed_for
            .iter()
            .map(|key| key.id().as_str())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
}

#[test]
fn what_other_keys_have_stays_and_is_reported() {
    let store = Account::standard("a")
        .describe("b")
        .secret(&secret("org.example.x", "before"), &["a", "b"])
        .store();
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"]));
    let value = secret("org.example.x", "after");
    let stored = block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap();
    assert_eq!(stored.stale, [id("b")]);
    assert_eq!(
        opens(&snapshot(&store), key("a").key())["org.example.x"],
        "after"
    );
    assert_eq!(
        opens(&snapshot(&store), key("b").key())["org.example.x"],
        "before"
    );
}

#[test]
fn what_a_key_does_not_open_is_not_overwritten() {
    // Sealed with another key under this key's id: what a stale cache does (P3).
    let foreign = Account::standard("b").secret(&secret("org.example.x", "theirs"), &["b"]);
    let foreign = dump(&foreign.store())["org.example.x"].replace("\"b\"", "\"a\"");
    let store = Account::standard("a")
        .event("org.example.x", &foreign)
        .store();
    let before = dump(&store);
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"]));
    let value = secret("org.example.x", "ours");
    let error = block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap_err();
    let expected = PlanError::WouldOverwrite(name("org.example.x"), id("a"));
    assert_eq!(error, Error::Plan(expected));
    assert_eq!(dump(&store), before);

    block_on(storage.store(&value, &[], Overwrite::Anything, &mut rng())).unwrap();
    assert_eq!(
        opens(&snapshot(&store), key("a").key())["org.example.x"],
        "ours"
    );
}

#[test]
fn a_wrong_key_writes_nothing() {
    struct WrongKey;
    impl KeyCallbacks for WrongKey {
        async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey> {
            let wrong = SecretStorageKey::from_array(&[1; 32]);
            Some(ProvidedKey::Cached(
                request.candidates[0].id().clone(),
                wrong,
            ))
        }
    }
    let store = Account::standard("a").store();
    let before = dump(&store);
    let storage = SecretStorage::new(&store, WrongKey);
    let value = secret("org.example.x", "value");
    let error = block_on(storage.store(&value, &[], Overwrite::Anything, &mut rng())).unwrap_err();
    assert!(
        matches!(error, Error::Unlock(UnlockError::FitsNothing(_))),
        "{error}"
    );
    assert_eq!(dump(&store), before);
}

#[test]
fn a_passphrase_whose_check_was_stripped_writes_nothing() {
    // T1: the server strips the check and lowers the cost, and waits for what is written.
    struct Typed;
    impl KeyCallbacks for Typed {
        async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
            Some(ProvidedKey::Typed(TypedKey::read(Zeroizing::new(
                "hunter2".to_owned(),
            ))))
        }
    }
    let stripped = r#"{"algorithm":"m.secret_storage.v1.aes-hmac-sha2",
        "passphrase":{"algorithm":"m.pbkdf2","salt":"theirs","iterations":1}}"#;
    let store = Account::standard("a")
        .event("m.secret_storage.key.a", stripped)
        .store();
    let empty = Account::new()
        .default_key("a")
        .event("m.secret_storage.key.a", stripped)
        .store();
    for store in [store, empty] {
        let before = dump(&store);
        let storage = SecretStorage::new(&store, Typed);
        let value = secret("org.example.x", "value");
        block_on(storage.store(&value, &[], Overwrite::Anything, &mut rng())).unwrap_err();
        block_on(storage.set_default_key(&id("a"), &[])).unwrap_err();
        assert_eq!(dump(&store), before);
    }
}

#[test]
fn reading_what_is_not_there() {
    let store = Account::standard("a")
        .event("org.example.gone", "{}")
        .event("org.example.blank", r#"{"encrypted":{}}"#)
        .event("org.example.other", r#"{"a":1}"#)
        .event("org.example.odd", r#"{"encrypted":[]}"#)
        .secret(&secret("org.example.orphan", "value"), &["unknown"])
        .store();
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"]));
    for missing in ["org.example.none", "org.example.gone", "org.example.blank"] {
        assert!(
            block_on(storage.get(&name(missing))).unwrap().is_none(),
            "{missing}"
        );
        assert!(
            block_on(storage.is_stored(&name(missing)))
                .unwrap()
                .is_none(),
            "{missing}"
        );
    }
    let other = block_on(storage.get(&name("org.example.other"))).unwrap_err();
    assert_eq!(
        other,
        Error::MalformedSecret(name("org.example.other"), Malformed::OtherData)
    );
    let odd = block_on(storage.get(&name("org.example.odd"))).unwrap_err();
    assert!(matches!(
        odd,
        Error::MalformedSecret(_, Malformed::WrongType("encrypted"))
    ));
    let orphan = block_on(storage.get(&name("org.example.orphan"))).unwrap_err();
    assert_eq!(
        orphan,
        Error::NoUsableKey(name("org.example.orphan"), vec![id("unknown")])
    );
    assert!(
        block_on(storage.is_stored(&name("org.example.orphan")))
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_damaged_secret_is_told_from_a_wrong_key() {
    let entry = |of: &str| dump(&Account::standard(of).store())["m.megolm_backup.v1"].clone();
    let damaged = entry("b").replace("\"b\"", "\"a\"");
    let store = Account::standard("a")
        .event("m.megolm_backup.v1", &damaged)
        .store();
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"]));
    let error = block_on(storage.get(&SecretName::MEGOLM_BACKUP)).unwrap_err();
    let expected = Error::Open(SecretName::MEGOLM_BACKUP, id("a"), OpenError::Inauthentic);
    assert_eq!(error, expected);
}

#[test]
fn removing() {
    let store = Account::standard("a")
        .event("m.direct", r#"{"a":1}"#)
        .store();
    let storage = SecretStorage::new(&store, NoKeys);
    block_on(storage.remove(&SecretName::MEGOLM_BACKUP)).unwrap();
    assert_eq!(dump(&store)["m.megolm_backup.v1"], "{}");
    block_on(storage.remove(&SecretName::MEGOLM_BACKUP)).unwrap();
    let error = block_on(storage.remove(&name("org.example.none"))).unwrap_err();
    assert_eq!(
        error,
        Error::Plan(PlanError::NoSecret(name("org.example.none")))
    );
}

#[test]
fn the_default_key_is_set_only_if_it_opens_everything() {
    let store = Account::standard("a")
        .describe("b")
        .unknown_field(DefaultKey::EVENT_TYPE)
        .store();
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a", "b"]));
    let before = dump(&store);
    let error = block_on(storage.set_default_key(&id("b"), &[])).unwrap_err();
    let Error::Plan(PlanError::WouldAbandon(names)) = error else {
        panic!("{error}")
    };
    assert_eq!(names.len(), 4);
    assert_eq!(dump(&store), before);

    block_on(storage.set_default_key(&id("b"), &names)).unwrap();
    assert_eq!(block_on(storage.default_key_id()).unwrap(), Some(id("b")));
    assert!(
        dump(&store)[DefaultKey::EVENT_TYPE].contains("org.example.unknown"),
        "P2"
    );
    block_on(storage.unset_default_key()).unwrap();
    assert_eq!(block_on(storage.default_key_id()).unwrap(), None);
    assert_eq!(dump(&store)[DefaultKey::EVENT_TYPE], "{}");
    // Nothing waits for an echo: doing it again is doing nothing.
    block_on(storage.unset_default_key()).unwrap();
    let error = block_on(storage.set_default_key(&id("c"), &[])).unwrap_err();
    assert_eq!(error, Error::NoSuchKey(id("c")));
}

#[test]
fn secrets_go_only_where_secrets_are() {
    let store = Account::standard("a")
        .event("org.example.app", r#"{"settings":true}"#)
        .store();
    let before = dump(&store);
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"]));
    let value = secret("org.example.app", "value");
    let error = block_on(storage.store(&value, &[], Overwrite::Anything, &mut rng())).unwrap_err();
    assert!(matches!(
        error,
        Error::Plan(PlanError::NotASecret(_, Malformed::OtherData))
    ));
    assert_eq!(dump(&store), before);
}

#[test]
fn a_store_is_not_asked_for_a_key_that_cannot_help() {
    let value = secret("org.example.x", "value");
    let storage = SecretStorage::new(MemoryStore::new(), NoKeys);
    let error = block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap_err();
    assert_eq!(error, Error::NoDefaultKey);
    let storage = SecretStorage::new(Account::standard("a").store(), NoKeys);
    let error = block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap_err();
    assert_eq!(error, Error::NoKeySupplied);
}

#[test]
fn listing() {
    let store = Account::new()
        .describe("a")
        .default_key("a")
        .secret(&secret("org.example.x", "value"), &["a"])
        .event("org.example.app", r#"{"settings":true}"#)
        .store();
    let listed = block_on(SecretStorage::new(&store, NoKeys).list()).unwrap();
    let names: Vec<_> = listed.iter().map(|secret| secret.name.as_str()).collect();
    assert_eq!(names.len(), standard_secrets().len() + 1);
    assert!(names.contains(&"org.example.x") && !names.contains(&"org.example.app"));
}

#[test]
fn a_passphrase_opens_within_limits() {
    struct Typed;
    impl KeyCallbacks for Typed {
        async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
            Some(ProvidedKey::Typed(TypedKey::read(Zeroizing::new(
                "correct horse".to_owned(),
            ))))
        }
    }
    let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned()));
    let new = NewKey::from_passphrase(&passphrase, &mut rng())
        .id(id("p"))
        .build(&mut rng());
    let store = MemoryStore::new();
    let storage = SecretStorage::new(&store, Typed);
    block_on(storage.add_key(&new)).unwrap();
    block_on(storage.set_default_key(&id("p"), &[])).unwrap();
    let value = secret("org.example.x", "value");
    block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap();
    assert_eq!(
        opens(&snapshot(&store), new.key())["org.example.x"],
        "value"
    );

    let limits = CostLimits {
        floor: 1,
        ceiling: 499_999,
    };
    let storage = SecretStorage::new(&store, Typed).with_cost_limits(limits);
    let error = block_on(storage.get(&name("org.example.x"))).unwrap_err();
    assert!(error.to_string().contains("fit"), "{error}");
}

/// Clients run these on runtimes that move tasks between threads.
#[test]
fn futures_are_send_if_store_and_callbacks_are() {
    fn assert_send(future: impl Send) {
        drop(future);
    }
    let storage = SecretStorage::new(MemoryStore::new(), NoKeys);
    let name = SecretName::MEGOLM_BACKUP;
    assert_send(storage.get(&name));
    assert_send(storage.status());
    assert_send(storage.remove(&name));
    let value = secret("org.example.x", "value");
    let mut rng = rng();
    assert_send(storage.store(&value, &[], Overwrite::Readable, &mut rng));
}

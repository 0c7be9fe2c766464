//! Each repair: what it mends, what it refuses, that it need not be made twice, and what stays.

use pollster::block_on;
use ssss_client::ssss_model::ssss_crypto::{CostLimits, SecretStorageKey};
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    EncryptedSecret, KeySpelling, Malformed, Secret, SecretName, Snapshot, TypedKey, UnverifiedKey,
    Verification,
};
use ssss_client::{
    Error, Finding, KeyCallbacks, KeyRequest, Loss, MemoryStore, Overwrite, Plan, PlanError,
    ProvidedKey, Report, SecretStorage, UnlockError,
};

use crate::account::{
    Account, dump, id, key, name, opens, rng, secret, snapshot, standard_secrets,
};
use crate::broken::{
    BACKUP, DEFAULT, MASTER, Storage, assert_opens_standard, assert_sound, base64, codes,
    description_with_iv, encrypted, entry, key_event, look, mend, mend_over, refuse, sealed_bytes,
    values,
};

const X: &str = "org.example.x";

fn x() -> SecretName {
    name(X)
}

fn v(value: &str) -> Secret {
    secret(X, value)
}

fn reseal(storage: &Storage<'_>, of: Option<&str>) -> Result<Vec<Loss>, Error> {
    block_on(storage.repair_entry(&x(), of.map(id).as_ref(), &mut rng()))
}

/// Runs a repair again: nothing is written.
fn assert_done(
    store: &MemoryStore,
    keys: &[&str],
    run: impl FnOnce(&Storage<'_>) -> Result<(), Error>,
) {
    let before = dump(store);
    mend(store, keys, run);
    assert_eq!(dump(store), before, "a second time");
}

#[test]
fn a_secret_is_sealed_for_the_default_key_and_for_another() {
    let store = Account::standard("a")
        .describe("b")
        .describe("c")
        .event(
            X,
            &encrypted(&[
                ("b", entry(&v("value"), "b")),
                ("gone", serde_json::json!([1])),
            ]),
        )
        .unknown_field(X)
        .store();
    // For the default key.
    assert_eq!(
        mend(&store, &["a", "b"], |storage| reseal(storage, None)),
        []
    );
    assert_eq!(opens(&snapshot(&store), key("a").key())[X], "value");
    // For another one.
    assert_eq!(
        mend(&store, &["a", "c"], |storage| reseal(storage, Some("c"))),
        []
    );
    assert_eq!(opens(&snapshot(&store), key("c").key())[X], "value");
    assert!(dump(&store)[X].contains("org.example.unknown"));
    assert!(dump(&store)[X].contains(r#""gone":[1]"#));
    for of in [None, Some("c")] {
        assert_done(&store, &["a", "b", "c"], |storage| {
            reseal(storage, of).map(|_| ())
        });
    }
}

#[test]
fn no_older_value_than_the_default_keys_is_carried() {
    let entries = [
        ("a", entry(&v("newer"), "a")),
        ("b", entry(&v("older"), "b")),
    ];
    let account = || Account::standard("a").describe("b").describe("c");
    let store = account().event(X, &encrypted(&entries)).store();
    // Without the default key nobody knows whether it has a newer one.
    let error = refuse(&store, &["b", "c"], |storage| reseal(storage, Some("c")));
    assert_eq!(error, Error::Plan(PlanError::Locked(x())));
    mend(&store, &["b", "c", "a"], |storage| {
        reseal(storage, Some("c"))
    });
    assert_eq!(opens(&snapshot(&store), key("c").key())[X], "newer");
    // What is written over is asked for, and said.
    let losses = mend_over(&store, &["b", "a"], &[(X, "b")], |storage| {
        reseal(storage, Some("b"))
    });
    assert_eq!(losses, [Loss::Overwritten(x(), id("b"))]);
    assert_eq!(opens(&snapshot(&store), key("b").key())[X], "newer");
}

#[test]
fn what_cannot_be_sealed_for_a_key_is_refused() {
    let account = || Account::standard("a").describe("b");
    let store = account()
        .secret(&v("value"), &["b"])
        .event("org.example.odd", r#"{"encrypted":[]}"#)
        .event("org.example.app", r#"{"settings":1}"#)
        .store();
    let run = |of: &'static str, target: Option<&'static str>| {
        move |storage: &Storage<'_>| {
            let target = target.map(id);
            block_on(storage.repair_entry(&name(of), target.as_ref(), &mut rng()))
        }
    };
    let plan = |error| Error::Plan(error);
    let none = PlanError::NoSecret(name("org.example.none"));
    assert_eq!(
        refuse(&store, &["a"], run("org.example.none", None)),
        plan(none)
    );
    let odd = name("org.example.odd");
    let odd = PlanError::NotASecret(odd, Malformed::WrongType("encrypted"));
    assert_eq!(
        refuse(&store, &["a"], run("org.example.odd", None)),
        plan(odd)
    );
    let app = PlanError::NotASecret(name("org.example.app"), Malformed::OtherData);
    assert_eq!(
        refuse(&store, &["a"], run("org.example.app", None)),
        plan(app)
    );
    // No key opens it, or the key to seal it for is not there.
    assert_eq!(
        refuse(&store, &["a"], run(X, None)),
        plan(PlanError::Locked(x()))
    );
    assert_eq!(refuse(&store, &["b"], run(X, None)), Error::NoKeySupplied);
    assert_eq!(refuse(&store, &[], run(X, None)), Error::NoKeySupplied);
    assert_eq!(
        refuse(&store, &["b"], run(X, Some("gone"))),
        Error::NoSuchKey(id("gone"))
    );
    let store = account()
        .event(DEFAULT, "{}")
        .secret(&v("value"), &["b"])
        .store();
    assert_eq!(refuse(&store, &["b"], run(X, None)), Error::NoDefaultKey);
}

#[test]
fn the_default_key_is_repaired_only_to_one_that_opens_everything() {
    let account = || Account::standard("a").describe("b").default_key("gone");
    let store = account().secret(&v("value"), &["a", "b"]).store();
    let run = |storage: &Storage<'_>| block_on(storage.repair_default_key(&[]));
    let names: Vec<_> = standard_secrets()
        .iter()
        .map(|secret| secret.name().clone())
        .collect();
    let error = refuse(&store, &["b"], run);
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(names)));
    assert_eq!(refuse(&store, &[], run), Error::NoKeySupplied);
    assert_eq!(mend(&store, &["a"], run), id("a"));
    assert_done(&store, &["a"], |storage| run(storage).map(|_| ()));

    // One that is lost is left behind only if it is named.
    let store = account().secret(&v("value"), &["b"]).store();
    let error = refuse(&store, &["a"], run);
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(vec![x()])));
    mend(&store, &["a"], |storage| {
        block_on(storage.repair_default_key(&[x()]))
    });
    assert_eq!(snapshot(&store).default_key_id(), Some(&id("a")));
    assert_eq!(opens(&snapshot(&store), key("b").key())[X], "value");
}

#[test]
fn what_a_secret_has_for_one_key_is_dropped() {
    let short = serde_json::json!({"iv": "AA", "ciphertext": "AA", "mac": "AA"});
    let entries = |of: &str| {
        encrypted(&[
            (of, entry(&v("value"), of)),
            ("gone", entry(&v("other"), "gone")),
            ("bad", short.clone()),
            ("null", serde_json::Value::Null),
        ])
    };
    let drop = |of: &'static str| {
        move |storage: &Storage<'_>| block_on(storage.drop_entry(&x(), &id(of), &[]))
    };
    let store = Account::standard("a")
        .describe("b")
        .event(X, &entries("a"))
        .unknown_field(X)
        .store();
    for of in ["null", "bad", "gone"] {
        let losses = mend_over(&store, &["a"], &[(X, of)], drop(of));
        assert_eq!(losses, [Loss::Stripped(x(), id(of))]);
        assert!(!dump(&store)[X].contains(of));
    }
    assert!(dump(&store)[X].contains("org.example.unknown"));
    assert_sound_but_unused(&store);
    let error = refuse(&store, &["a"], drop("gone"));
    assert_eq!(error, Error::Plan(PlanError::NoEntry(x(), id("gone"))));
    let error = refuse(&store, &["a"], |storage| {
        block_on(storage.drop_entry(&name("org.example.none"), &id("a"), &[]))
    });
    assert_eq!(
        error,
        Error::Plan(PlanError::NoSecret(name("org.example.none")))
    );

    // Nothing else opens it: for want of a key, or of another entry.
    let abandon = Error::Plan(PlanError::WouldAbandon(vec![x()]));
    let store = Account::standard("a")
        .describe("b")
        .event(X, &entries("b"))
        .store();
    assert_eq!(refuse(&store, &["a"], drop("gone")), abandon);
    assert_eq!(refuse(&store, &["a"], drop("null")), abandon);
    let store = Account::standard("a")
        .secret(&v("value"), &["gone"])
        .store();
    assert_eq!(refuse(&store, &["a"], drop("gone")), abandon);
    let written = [(X, "gone")];
    let losses = mend_over(&store, &[], &written, |storage| {
        block_on(storage.drop_entry(&x(), &id("gone"), &[x()]))
    });
    assert_eq!(losses, [Loss::Secret(x())]);
    assert_eq!(dump(&store)[X], "{}");
}

fn assert_sound_but_unused(store: &MemoryStore) {
    assert_eq!(look(store, &["a"]).findings, [Finding::KeyUnused(id("b"))]);
}

/// P1: that another key opens a secret as well is no reason to take it from the default key.
#[test]
fn what_the_default_key_may_open_is_not_dropped() {
    let account = || Account::standard("a").describe("b");
    let store = account().secret(&v("value"), &["a", "b"]).store();
    let drop = |abandon: Vec<SecretName>| {
        move |storage: &Storage<'_>| block_on(storage.drop_entry(&x(), &id("a"), &abandon))
    };
    let refused = Error::Plan(PlanError::WouldAbandon(vec![x()]));
    for keys in [&["a", "b"][..], &["b"], &[]] {
        assert_eq!(refuse(&store, keys, drop(Vec::new())), refused);
    }
    mend_over(&store, &["b"], &[(X, "a")], drop(vec![x()]));
    assert_eq!(opens(&snapshot(&store), key("b").key())[X], "value");
    // Garbage is, even the default key's.
    let garbage = [
        ("a", serde_json::json!({"iv": "AA"})),
        ("b", entry(&v("value"), "b")),
    ];
    let store = account().event(X, &encrypted(&garbage)).store();
    mend_over(&store, &["b"], &[(X, "a")], drop(Vec::new()));
    assert_eq!(opens(&snapshot(&store), key("b").key())[X], "value");
}

const ALGORITHM: &str = r#""algorithm":"m.secret_storage.v1.aes-hmac-sha2""#;

fn check(storage: &Storage<'_>) -> Result<(), Error> {
    block_on(storage.repair_key_check(&id("a"), &mut rng()))
}

#[test]
fn a_description_is_given_a_check_and_keeps_everything_else() {
    let event = key_event("a");
    let block = r#""passphrase":{"algorithm":"m.pbkdf2","salt":"s","iterations":500000}"#;
    let extra = format!(r#""name":"mine",{block},"signatures":{{"@a:b":{{}}}}"#);
    let float = block.replace("500000", "500000.0");
    let check_iv = |change: fn([u8; 16]) -> String| description_with_iv("a", change);
    for description in [
        format!("{{{ALGORITHM},{extra}}}"),
        format!(r#"{{{ALGORITHM},"iv":"AA","mac":"AA",{extra}}}"#),
        format!(r#"{{{ALGORITHM},"iv":null,"mac":"",{extra}}}"#),
        // What cannot be read is read again, with everything that it says.
        format!(r#"{{"iv":1,{extra}}}"#),
        format!(r#"{{"algorithm":7,{extra}}}"#),
        check_iv(|mut iv| {
            iv[8] |= 0x80;
            base64(&iv)
        })
        .replacen('{', &format!("{{{extra},"), 1),
        check_iv(|iv| base64(&[iv, [7; 16]].concat())).replacen('{', &format!("{{{extra},"), 1),
        check_iv(|iv| base64(&iv)).replacen(
            '{',
            &format!("{{{},", extra.replace(block, &float)),
            1,
        ),
    ] {
        let store = Account::standard("a").event(&event, &description).store();
        mend(&store, &["a"], check);
        let after = dump(&store)[&event].clone();
        assert!(
            after.contains(r#""name":"mine""#) && after.contains(block),
            "{after}"
        );
        assert!(after.contains(r#""signatures":{"@a:b":{}}"#), "{after}");
        assert_sound(&store, &["a"]);
        assert_opens_standard(&store, "a");
        assert_done(&store, &["a"], check);
    }
    // Where nothing is wrong, nothing is done.
    let store = Account::standard("a").store();
    assert_done(&store, &["a"], check);
}

/// Supplies a key that is nobody's.
struct Wrong;

impl KeyCallbacks for Wrong {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let wrong = SecretStorageKey::from_array(&[1; 32]);
        Some(ProvidedKey::Cached(id("a"), wrong))
    }
}

#[test]
fn a_key_that_nothing_proves_describes_nothing() {
    let event = key_event("a");
    let bare = format!("{{{ALGORITHM}}}");
    // There is no secret to prove it by.
    let store = Account::new().default_key("a").event(&event, &bare).store();
    assert_eq!(refuse(&store, &["a"], check), Error::KeyUnproven(id("a")));
    let store = Account::new().default_key("a").store();
    assert_eq!(refuse(&store, &["a"], check), Error::NoSuchKey(id("a")));

    // An assumed key is refused, also by the plan.
    let snapshot = Snapshot::new(
        Account::new()
            .default_key("a")
            .event(&event, &bare)
            .events(),
    );
    let bytes = SecretStorageKey::from_bytes(key("a").key().key().expose()).unwrap();
    let description = snapshot.key(&id("a")).present().unwrap();
    let Ok(Verification::Unchecked(unchecked)) = description.verify(UnverifiedKey::from_key(bytes))
    else {
        panic!("there is no check");
    };
    let assumed = unchecked.dangerous_assume_valid().unwrap();
    let error = Plan::back_fill_check(&snapshot, &assumed, &mut rng()).unwrap_err();
    assert_eq!(error, PlanError::Unproven(id("a")));
    // A key of an id that nothing describes or needs.
    let error = Plan::back_fill_check(&snapshot, key("b").key(), &mut rng()).unwrap_err();
    assert_eq!(error, PlanError::NoSuchKey(id("b")));

    // A wrong key is told, with and without a check.
    for account in [
        Account::standard("a"),
        Account::standard("a").event(&event, &bare),
    ] {
        let store = account.store();
        let before = dump(&store);
        let storage = SecretStorage::new(&store, Wrong);
        let error = block_on(storage.repair_key_check(&id("a"), &mut rng())).unwrap_err();
        assert!(
            matches!(error, Error::Unlock(UnlockError::FitsNothing(_))),
            "{error}"
        );
        assert_eq!(dump(&store), before);
    }
}

fn spelled(byte: u8, spelling: KeySpelling) -> Secret {
    let canonical = Secret::from_key(SecretName::MEGOLM_BACKUP, &[byte; 32]);
    let text = canonical.expose().to_owned();
    secret(
        BACKUP,
        &match spelling {
            KeySpelling::Decimal => [byte.to_string().as_str(); 32].join(","),
            KeySpelling::DoubleBase64 => base64(text.as_bytes()),
            KeySpelling::UrlSafeBase64 => text.replace('+', "-").replace('/', "_"),
            _ => text,
        },
    )
}

fn respell(storage: &Storage<'_>) -> Result<(), Error> {
    block_on(storage.repair_legacy(&SecretName::MEGOLM_BACKUP, &mut rng()))
}

#[test]
fn two_keys_with_two_values_keep_them_in_todays_spelling() {
    let entries = [
        ("a", entry(&spelled(0xFB, KeySpelling::DoubleBase64), "a")),
        ("b", entry(&spelled(9, KeySpelling::Decimal), "b")),
        ("c", entry(&spelled(0xFB, KeySpelling::UrlSafeBase64), "c")),
        ("gone", serde_json::Value::Null),
    ];
    let account = Account::standard("a").describe("b").describe("c");
    let store = account
        .event(BACKUP, &encrypted(&entries))
        .unknown_field(BACKUP)
        .store();
    // The default key's alone, if no other is supplied.
    mend(&store, &["a"], respell);
    let canonical = |byte: u8| spelled(byte, KeySpelling::Base64).expose().to_owned();
    let opened = |of| opens(&snapshot(&store), key(of).key())[BACKUP].clone();
    assert_eq!(opened("a"), canonical(0xFB));
    assert!(opened("b").starts_with("9,9,"));
    // Then those that are.
    mend(&store, &["a", "b", "c"], respell);
    for (of, byte) in [("a", 0xFB), ("b", 9), ("c", 0xFB)] {
        assert_eq!(opened(of), canonical(byte), "{of}");
    }
    assert!(dump(&store)[BACKUP].contains(r#""gone":null"#));
    assert!(dump(&store)[BACKUP].contains("org.example.unknown"));
    assert_done(&store, &["a", "b", "c"], respell);
    // Nothing opens it.
    assert_eq!(
        refuse(&store, &[], respell),
        Error::Plan(PlanError::Locked(SecretName::MEGOLM_BACKUP))
    );
}

#[test]
fn what_is_spelled_oddly_for_another_key_is_written_anew_too() {
    let backup = standard_secrets().pop().unwrap();
    let mut odd = entry(&backup, "b");
    odd["mac"] = format!(" {} ", odd["mac"].as_str().unwrap()).into();
    let entries = [("a", entry(&backup, "a")), ("b", odd)];
    let store = Account::standard("a")
        .describe("b")
        .event(BACKUP, &encrypted(&entries))
        .store();
    let finding = Finding::EntryOddlySpelled(SecretName::MEGOLM_BACKUP, id("b"));
    assert!(look(&store, &["a", "b"]).findings.contains(&finding));
    mend(&store, &["a", "b"], respell);
    assert_eq!(codes(&look(&store, &["a", "b"])), ["change-unfinished"]);
    assert_eq!(
        values(&snapshot(&store), key("b").key())[BACKUP],
        backup.expose()
    );
}

/// Both in one go: what is odd for the one key hides nothing of the other.
#[test]
fn odd_spellings_for_two_keys_are_written_anew_together() {
    let mut odd = entry(&spelled(7, KeySpelling::Base64), "b");
    odd["mac"] = format!(" {} ", odd["mac"].as_str().unwrap()).into();
    let entries = [
        ("a", entry(&spelled(7, KeySpelling::Decimal), "a")),
        ("b", odd),
    ];
    let store = Account::standard("a")
        .describe("b")
        .event(BACKUP, &encrypted(&entries))
        .store();
    mend(&store, &["a", "b"], respell);
    assert_eq!(codes(&look(&store, &["a", "b"])), ["change-unfinished"]);
}

/// That a key opens a secret is not enough: an older value is not what the default key has.
#[test]
fn no_key_becomes_the_default_that_opens_a_secret_to_another_value() {
    let mut account = Account::standard("a").describe("b");
    for secret in standard_secrets() {
        account = account.secret(&secret, &["a", "b"]);
    }
    let entries = [
        ("a", entry(&v("newer"), "a")),
        ("b", entry(&v("older"), "b")),
    ];
    let store = account.event(X, &encrypted(&entries)).store();
    let set = |storage: &Storage<'_>| block_on(storage.set_default_key(&id("b"), &[]));
    let lost = Error::Plan(PlanError::WouldAbandon(vec![x()]));
    assert_eq!(refuse(&store, &["b", "a"], set), lost);
    mend_over(&store, &["a", "b"], &[(X, "b")], |storage| {
        reseal(storage, Some("b"))
    });
    mend(&store, &["b", "a"], set);
    assert_eq!(opens(&snapshot(&store), key("b").key())[X], "newer");
    assert_eq!(snapshot(&store).default_key_id(), Some(&id("b")));
    assert_done(&store, &["b", "a"], set);
}

#[test]
fn only_what_nothing_needs_is_collected() {
    let base = || Account::standard("a").describe("dead");
    let dead = key_event("dead");
    for (account, is_collected) in [
        (base(), true),
        // The default key, even if nothing is sealed for it.
        (Account::new().describe("dead").default_key("dead"), false),
        (base().secret(&v("value"), &["a", "dead"]), false),
        // What cannot be read may be of use.
        (base().event(X, r#"{"encrypted":{"dead":{"iv":1}}}"#), false),
        (base().event(X, r#"{"encrypted":{"dead":null}}"#), false),
        (base().event(X, r#"{"encrypted":"dead"}"#), false),
        (base().event(BACKUP, r#"{"dead":1}"#), false),
        (base().event(DEFAULT, r#"{"key":7}"#), false),
        (
            base().event(&dead, r#"{"algorithm":"org.example.next"}"#),
            false,
        ),
        (base().event(&dead, r#"{"iv":"AA"}"#), false),
        // What is no secret storage's matters nothing.
        (base().event("org.example.app", r#"{"dead":1}"#), true),
        (base().event(X, "{}"), true),
    ] {
        let store = account.store();
        let before = dump(&store);
        let losses = mend(&store, &[], |storage| block_on(storage.gc()));
        let mut expected = before;
        if is_collected {
            assert_eq!(losses, [Loss::Key(id("dead"))]);
            expected.insert(dead.clone(), "{}".to_owned());
        } else {
            assert_eq!(losses, []);
        }
        assert_eq!(dump(&store), expected, "{}", account.json());
        assert_done(&store, &[], |storage| block_on(storage.gc()).map(|_| ()));
    }
}

#[test]
fn everything_is_blanked_by_who_can_open_it() {
    let account = || {
        Account::standard("a")
            .describe("b")
            .secret(&v("value"), &["b"])
            .event("m.direct", r#"{"a":1}"#)
            .event("m.secret_storage.key.odd", r#"{"iv":1}"#)
    };
    let store = account().store();
    let run = |storage: &Storage<'_>| block_on(storage.disable(&[]));
    let error = refuse(&store, &["a"], run);
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(vec![x()])));
    let mut names: Vec<_> = standard_secrets()
        .iter()
        .map(|secret| secret.name().clone())
        .collect();
    names.push(x());
    let error = refuse(&store, &[], run);
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(names.clone())));

    let blank = |store: &MemoryStore, keys: &[&str], abandon: &[SecretName]| {
        let keys = crate::supplied_keys::SuppliedKeys::new(keys);
        block_on(SecretStorage::new(store, keys).disable(abandon)).unwrap()
    };
    for (keys, abandon) in [
        (&["a", "b"][..], &[][..]),
        (&["a"], &names[4..]),
        (&[], &names),
    ] {
        let store = account().store();
        let losses = blank(&store, keys, abandon);
        assert_eq!(losses.len(), 8);
        let mut after = dump(&store);
        assert_eq!(after.remove("m.direct").as_deref(), Some(r#"{"a":1}"#));
        assert!(after.values().all(|content| content == "{}"), "{after:?}");
        let report = Report::new(&snapshot(&store), &[], CostLimits::default());
        assert_eq!(report.findings, [Finding::NotSetUp]);
        assert_eq!(blank(&store, &[], &[]), [], "a second time");
    }
}

#[test]
fn what_cannot_be_read_is_removed_if_it_was_meant_as_a_secret() {
    for (of, content) in [
        (BACKUP, r#"{"a":1}"#),
        (MASTER, r#"{"encrypted":"x"}"#),
        ("org.matrix.msc3814", r#"{"a":1}"#),
        (X, r#"{"encrypted":[1]}"#),
    ] {
        let store = Account::standard("a").event(of, content).store();
        let snapshot = snapshot(&store);
        let plan = Plan::remove(&snapshot, &name(of)).unwrap();
        assert_eq!(plan.losses(), [Loss::Secret(name(of))]);
        let report = look(&store, &[]);
        assert_eq!(report.findings[0].code(), "secret-malformed");
        let repair = report.findings[0].repair();
        assert_eq!(repair, Some(ssss_client::Repair::Remove(name(of))));
        mend(&store, &[], |storage| block_on(storage.remove(&name(of))));
        assert_eq!(dump(&store)[of], "{}");
        assert_done(&store, &[], |storage| block_on(storage.remove(&name(of))));
    }
    // Other data is not, nor what no server could have.
    let store = Account::standard("a").event(X, r#"{"a":1}"#).store();
    let remove = |storage: &Storage<'_>| block_on(storage.remove(&x()));
    let error = refuse(&store, &[], remove);
    assert_eq!(
        error,
        Error::Plan(PlanError::NotASecret(x(), Malformed::OtherData))
    );
    let mut events = Account::standard("a").events();
    let no_object = ssss_client::Content::from_json_string("[1]".to_owned()).unwrap();
    events.push((BACKUP.to_owned(), no_object));
    let store: MemoryStore = events.into_iter().collect();
    let report = Report::new(&snapshot(&store), &[], CostLimits::default());
    assert_eq!(
        (report.findings[0].code(), report.findings[0].repair()),
        ("secret-malformed", None)
    );
    let error = refuse(&store, &[], |storage| {
        block_on(storage.remove(&SecretName::MEGOLM_BACKUP))
    });
    assert!(matches!(
        error,
        Error::Plan(PlanError::NotASecret(_, Malformed::Object(_)))
    ));
}

#[test]
fn a_key_is_taken_away_only_where_another_opens_the_same() {
    let account = || {
        Account::standard("a")
            .describe("b")
            .secret(&v("value"), &["a", "b"])
    };
    let remove =
        |of: &'static str| move |storage: &Storage<'_>| block_on(storage.remove_key(&id(of), &[]));
    let store = account().store();
    assert_eq!(
        refuse(&store, &["a"], remove("a")),
        Error::Plan(PlanError::IsDefault(id("a")))
    );
    let none = Error::Plan(PlanError::NoSuchKey(id("gone")));
    assert_eq!(refuse(&store, &["a"], remove("gone")), none);
    // Nobody shows that anything else opens it.
    let lost = Error::Plan(PlanError::WouldAbandon(vec![x()]));
    assert_eq!(refuse(&store, &["b"], remove("b")), lost);
    assert_eq!(refuse(&store, &[], remove("b")), lost);
    for keys in [&["a"][..], &["b", "a"], &["a", "b"]] {
        let store = account().store();
        let losses = mend_over(&store, keys, &[(X, "b")], remove("b"));
        assert_eq!(losses, [Loss::Stripped(x(), id("b")), Loss::Key(id("b"))]);
        assert_sound(&store, &["a"]);
        assert_eq!(opens(&snapshot(&store), key("a").key())[X], "value");
    }
    // The key that goes has another value.
    let entries = [("a", entry(&v("one"), "a")), ("b", entry(&v("other"), "b"))];
    let store = account().event(X, &encrypted(&entries)).store();
    assert_eq!(refuse(&store, &["b", "a"], remove("b")), lost);
}

/// With one entry more than can be read, the secret could not be read at all.
#[test]
fn a_secret_that_is_full_is_not_filled_further() {
    let mut entries: serde_json::Map<_, _> = (1..EncryptedSecret::MAX_ENTRIES)
        .map(|index| (format!("k{index}"), serde_json::Value::Null))
        .collect();
    entries.insert("a".to_owned(), entry(&v("value"), "a"));
    let content = serde_json::json!({ "encrypted": entries }).to_string();
    let store = Account::standard("a")
        .describe("b")
        .event(X, &content)
        .store();
    let error = refuse(&store, &["a", "b"], |storage| reseal(storage, Some("b")));
    assert_eq!(
        error,
        Error::Plan(PlanError::NotASecret(x(), Malformed::TooManyEntries))
    );
    let put = |storage: &Storage<'_>| {
        block_on(storage.store(&v("new"), &[], Overwrite::Readable, &mut rng()))
    };
    mend_over(&store, &["a"], &[(X, "a")], put);
    assert_eq!(opens(&snapshot(&store), key("a").key())[X], "new");
}

/// Types a passphrase.
struct Phrase;

impl KeyCallbacks for Phrase {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let text = Zeroizing::new("correct horse".to_owned());
        Some(ProvidedKey::Typed(TypedKey::read(text)))
    }
}

#[test]
fn a_passphrase_alone_does_not_bring_a_description_back() {
    // How it was made from the passphrase went with the description.
    let store = Account::standard("a").event(&key_event("a"), "{}").store();
    let before = dump(&store);
    let storage = SecretStorage::new(&store, Phrase);
    let error = block_on(storage.repair_key_check(&id("a"), &mut rng())).unwrap_err();
    assert!(
        matches!(error, Error::Unlock(UnlockError::NotARecoveryKey(_))),
        "{error}"
    );
    assert_eq!(dump(&store), before);
}

/// P3: what is authentic and no text, or no key under a name that holds one, may be of use to whoever
/// wrote it.
#[test]
fn what_no_key_can_make_sense_of_is_not_written_over_unasked() {
    let backup = standard_secrets().pop().unwrap();
    for (value, of, bytes) in [
        (&backup, BACKUP, &b"hello"[..]),
        (&v("value"), X, &[0xFF, 0xFE]),
    ] {
        let content = encrypted(&[("a", sealed_bytes(of, bytes))]);
        let store = Account::standard("a").event(of, &content).store();
        let put = |storage: &Storage<'_>, overwrite| {
            block_on(storage.store(value, &[], overwrite, &mut rng()))
        };
        let error = refuse(&store, &["a"], |storage| put(storage, Overwrite::Readable));
        assert_eq!(
            error,
            Error::Plan(PlanError::WouldOverwrite(name(of), id("a")))
        );
        let written = [(of, "a")];
        let stored = mend_over(&store, &["a"], &written, |storage| {
            put(storage, Overwrite::Anything)
        });
        assert_eq!(stored.replaced, [id("a")]);
        assert_eq!(
            values(&snapshot(&store), key("a").key())[of],
            value.expose()
        );
    }
}

/// Keys are asked for until something else opens, the one after the other.
#[test]
fn an_entry_is_dropped_where_only_the_last_key_opens() {
    let entries = encrypted(&[
        ("a", entry(&v("value"), "b")),
        ("b", entry(&v("value"), "c")),
        ("c", entry(&v("value"), "c")),
        ("gone", serde_json::Value::Null),
    ]);
    let account = || {
        Account::standard("a")
            .describe("b")
            .describe("c")
            .event(X, &entries)
    };
    let drop = |storage: &Storage<'_>| block_on(storage.drop_entry(&x(), &id("gone"), &[]));
    let store = account().store();
    let error = refuse(&store, &["a", "b"], drop);
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(vec![x()])));
    mend_over(&store, &["a", "b", "c"], &[(X, "gone")], drop);
    assert_eq!(opens(&snapshot(&store), key("c").key())[X], "value");
    // So with a key that goes.
    let store = account().store();
    let remove = |storage: &Storage<'_>| block_on(storage.remove_key(&id("b"), &[]));
    let error = refuse(&store, &["b", "a"], remove);
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(vec![x()])));
    mend_over(&store, &["b", "a", "c"], &[(X, "b")], remove);
    assert_eq!(opens(&snapshot(&store), key("c").key())[X], "value");
}

//! What people run into: an account as a client leaves it, what is found, and what mends it.

use pollster::block_on;
use ssss_client::ssss_model::ssss_crypto::CostLimits;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{
    DefaultKey, KeySpelling, NewKey, OpenError, Secret, SecretName, TypedKey,
};
use ssss_client::{
    Bootstrap, ChangeState, EntryState, Error, FileStore, Finding, JournalFolder, KeyCallbacks,
    KeyMismatch, KeyRequest, Loss, MemoryStore, OldKey, Overwrite, Plan, PlanError, ProvidedKey,
    Publication, Repair, Report, Rotate, SecretState, SecretStorage, Severity, UnlockError,
    UnlockScope, unlock,
};

use crate::account::{
    Account, dump, id, key, name, opens, rng, secret, snapshot, standard_secrets,
};
use crate::broken::{
    BACKUP, DEFAULT, MASTER, Storage, assert_kept, assert_opens_standard, assert_sound, codes,
    encrypted, entry, key_event, look, mend, mend_over, refuse, values,
};
use crate::stopping_store::{Moment, StoppingStore};
use crate::supplied_keys::SuppliedKeys;

/// A finding, and what it is to say of itself.
fn assert_says(finding: &Finding, code: &str, severity: Severity, repair: &Repair) {
    assert_eq!(finding.code(), code);
    assert_eq!(finding.severity(), severity, "{code}");
    assert_eq!(finding.repair().as_ref(), Some(repair), "{code}");
}

/// Types a recovery key.
struct Typed(&'static str);

impl KeyCallbacks for Typed {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        Some(ProvidedKey::Typed(typed(self.0)))
    }
}

fn typed(of: &str) -> TypedKey {
    let text = key(of).key().recovery_key().unwrap().format();
    TypedKey::read(Zeroizing::new(text.expose().to_owned()))
}

/// Element-web#29553, #29463: js-sdk's `bootstrapSecretStorage` points at the new key, and stops
/// before it has stored a secret for it. Everything is under another key than the default.
#[test]
fn c2_secrets_under_another_key_than_the_default() {
    let account = || Account::standard("old").describe("new").default_key("new");
    let store = account().store();
    let report = look(&store, &["new"]);
    assert!(!report.is_ready());
    for (finding, secret) in report.findings.iter().zip(standard_secrets()) {
        let name = secret.name().clone();
        assert_eq!(
            *finding,
            Finding::SecretNotUnderDefault(name.clone(), vec![id("old")])
        );
        let repair = Repair::Entry(name.clone(), None);
        assert_says(
            finding,
            "secret-not-under-default",
            Severity::Problem,
            &repair,
        );
        assert_eq!((finding.secret(), finding.key_id()), (Some(&name), None));
    }
    let unfinished = Finding::ChangeUnfinished {
        from: id("old"),
        to: id("new"),
        done: 0,
        of: 4,
    };
    assert_eq!(&report.findings[4..], std::slice::from_ref(&unfinished));
    assert_says(
        &unfinished,
        "change-unfinished",
        Severity::Warning,
        &Repair::Resume,
    );

    // The key that the person has is told from the default.
    let snapshot = snapshot(&store);
    let limits = CostLimits::default();
    let provided = ProvidedKey::Typed(typed("old"));
    let scope = UnlockScope::Every;
    let unlocked = unlock(&snapshot, snapshot.descriptions(), &provided, scope, limits).unwrap();
    assert_eq!(unlocked.keys[0].id(), &id("old"));

    // With both keys: every secret for the default key too.
    for secret in standard_secrets() {
        let run = |storage: &Storage<'_>| mend_entry(storage, secret.name());
        assert_eq!(mend(&store, &["old", "new"], run), []);
    }
    assert_sound(&store, &["old", "new"]);
    assert_opens_standard(&store, "new");

    // With the old key alone: it becomes the default again.
    let store = account().store();
    let made = mend(&store, &["old"], |storage| {
        block_on(storage.repair_default_key(&[]))
    });
    assert_eq!(made, id("old"));
    let report = look(&store, &["old"]);
    assert!(report.is_ready());
    assert_eq!(report.findings, [Finding::KeyUnused(id("new"))]);
    assert_opens_standard(&store, "old");
}

fn mend_entry<S: ssss_client::AccountData>(
    storage: &SecretStorage<S, SuppliedKeys>,
    name: &SecretName,
) -> Result<Vec<Loss>, Error> {
    block_on(storage.repair_entry(name, None, &mut rng()))
}

/// Element-web#30994, #13180: an old recovery key, or a wrong one, fails silently. Rotation by js-sdk
/// leaves the old key described, and under it what it does not know.
#[test]
fn c3_an_old_or_a_wrong_recovery_key_is_named_for_what_it_is() {
    let device = secret("org.matrix.msc3814", "device");
    let store = Account::standard("new")
        .describe("old")
        .secret(&device, &["old"])
        .store();
    let report = look(&store, &["new"]);
    let finding = Finding::SecretNotUnderDefault(device.name().clone(), vec![id("old")]);
    assert_eq!(report.findings, std::slice::from_ref(&finding));
    let repair = Repair::Entry(device.name().clone(), None);
    assert_says(
        &finding,
        "secret-not-under-default",
        Severity::Problem,
        &repair,
    );

    let before = snapshot(&store);
    let limits = CostLimits::default();
    let unlock = |of| {
        let provided = ProvidedKey::Typed(typed(of));
        unlock(
            &before,
            before.descriptions(),
            &provided,
            UnlockScope::Every,
            limits,
        )
    };
    // The old key: it is that one, and not the default.
    let unlocked = unlock("old").unwrap();
    assert_eq!(unlocked.keys[0].id(), &id("old"));
    assert_eq!(before.default_key_id(), Some(&id("new")));
    // A wrong one: what became of it with each key.
    let UnlockError::FitsNothing(refusals) = unlock("third").unwrap_err() else {
        panic!("something else");
    };
    let ids: Vec<_> = refusals.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["new", "old"]);
    assert!(
        refusals
            .iter()
            .all(|(_, why)| matches!(why, KeyMismatch::Refused(_)))
    );

    mend(&store, &["new", "old"], |storage| {
        mend_entry(storage, device.name())
    });
    // What the old key still has is worth a word, until it goes.
    let report = look(&store, &["new", "old"]);
    assert!(report.is_ready() && !report.has_problems());
    assert_eq!(codes(&report), ["change-unfinished"]);
    let written = [("org.matrix.msc3814", "old")];
    mend_over(&store, &["new", "old"], &written, |storage| {
        block_on(storage.remove_key(&id("old"), &[]))
    });
    assert_sound(&store, &["new"]);
    assert_eq!(
        opens(&snapshot(&store), key("new").key())["org.matrix.msc3814"],
        "device"
    );
}

/// Element-x-android#4343, #4344: a right key is called an incorrect one, because there is no master
/// key in secret storage.
#[test]
fn c5_a_right_key_where_the_master_key_is_not_stored() {
    let master = &standard_secrets()[0];
    let mut missing = Account::new().describe("a").default_key("a");
    for secret in &standard_secrets()[1..] {
        missing = missing.secret(secret, &["a"]);
    }
    for (account, state) in [
        (missing, SecretState::Missing),
        (
            Account::standard("a").event(MASTER, "{}"),
            SecretState::Tombstone,
        ),
        (
            Account::standard("a").event(MASTER, r#"{"encrypted":{}}"#),
            SecretState::Tombstone,
        ),
    ] {
        let store = account.store();
        // The key is right, and the secret is absent: two stories.
        let report = look(&store, &["a"]);
        assert_eq!(report.secrets[0].state, state);
        assert!(
            report.secrets[1]
                .entries
                .iter()
                .all(|entry| entry.state == EntryState::Opens)
        );
        assert_eq!(
            report.findings,
            [Finding::SecretMissing(master.name().clone())]
        );
        let repair = Repair::Put(master.name().clone());
        assert_says(
            &report.findings[0],
            "secret-missing",
            Severity::Problem,
            &repair,
        );
        let read = mend(&store, &["a"], |storage| {
            block_on(storage.get(master.name()))
        });
        assert!(read.is_none());

        let run = |storage: &Storage<'_>| {
            block_on(storage.store(master, &[], Overwrite::Readable, &mut rng()))
        };
        assert_eq!(mend(&store, &["a"], run).keys, [id("a")]);
        assert_sound(&store, &["a"]);
        assert_opens_standard(&store, "a");
    }
}

/// A rotation that stops at each access to the store in turn, with its journal.
fn stopped_rotation(store: &MemoryStore, folder: &JournalFolder, at: usize) -> bool {
    let keys = SuppliedKeys::new(&["old"]);
    let stopping = StoppingStore::new(store, Some((at, Moment::After)));
    let storage = SecretStorage::new(stopping, &keys).with_journal(folder);
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let options = Rotate {
        create_key: &mut create_key,
        old_key: OldKey::Revoked(id("old")),
        abandon: &[],
    };
    block_on(storage.rotate(options, &mut rng())).is_err()
}

/// Element-web#13338, #24516, #12019, #13611: a closed window, a password prompt or a crash in the
/// middle leaves a broken account.
#[test]
fn c7_a_change_that_stopped_on_its_way_is_found_and_finished_or_taken_back() {
    let mut findings = 0;
    for at in 0.. {
        let mut mended = Vec::new();
        for finish in [true, false] {
            let temp = tempfile::tempdir().unwrap();
            let folder = JournalFolder::new(temp.path());
            let store = Account::standard("old").unknown_field(BACKUP).store();
            let (before, dumped) = (snapshot(&store), dump(&store));
            if !stopped_rotation(&store, &folder, at) {
                assert!(at > 16, "{at}");
                assert!(findings > 5, "{findings}");
                return;
            }
            let stopped = snapshot(&store);
            let opened = |of| values(&stopped, key(of).key()).len();
            let is_carrying = (1..4).contains(&opened("new"));
            let report = look(&store, &[]);
            let unfinished = Finding::ChangeUnfinished {
                from: id("old"),
                to: id("new"),
                done: opened("new"),
                of: 4,
            };
            if is_carrying {
                findings += 1;
                assert_eq!(report.findings, [unfinished]);
            }
            // Whatever the moment, everything is within reach.
            let default = stopped.default_key_id().unwrap().as_str();
            assert_opens_standard(&store, default);
            let Some(change) = folder.unfinished().unwrap() else {
                assert_eq!(dump(&store), dumped, "nothing was begun, or all is done");
                continue;
            };
            let plan = folder.plan(&change).unwrap();
            if finish {
                let keys = SuppliedKeys::new(&["new"]);
                block_on(SecretStorage::new(&store, keys).resume(&plan)).unwrap();
                folder.close(&change, &plan).unwrap();
                assert_sound(&store, &["new"]);
                assert_opens_standard(&store, "new");
                assert_eq!(dump(&store)[&key_event("old")], "{}");
                assert!(dump(&store)[BACKUP].contains("org.example.unknown"));
            } else {
                mend_over(&store, &[], &standard_for("new"), |storage| {
                    block_on(storage.undo(&plan, &[]))
                });
                let mut after = dump(&store);
                after.retain(|_, content| content != "{}");
                assert_eq!(after, dumped);
                assert_kept(&before, &snapshot(&store), &[]);
                assert_sound(&store, &["old"]);
            }
            mended.push(finish);
        }
        assert!(mended.is_empty() || mended == [true, false]);
    }
}

fn standard_for(of: &'static str) -> Vec<(&'static str, &'static str)> {
    let names = [
        MASTER,
        "m.cross_signing.self_signing",
        "m.cross_signing.user_signing",
        BACKUP,
    ];
    names.into_iter().map(|name| (name, of)).collect()
}

/// Element-web#27806, #22727, #24484: "Reset backup" makes a new secret storage with the backup key in
/// it, and without the cross-signing keys; or the default key changes alone.
#[test]
fn c9_a_new_default_key_without_the_cross_signing_keys() {
    let new_backup = Secret::from_key(SecretName::MEGOLM_BACKUP, &[9; 32]);
    let store = Account::standard("old")
        .describe("new")
        .default_key("new")
        .event(BACKUP, &encrypted(&[("new", entry(&new_backup, "new"))]))
        .store();
    let report = look(&store, &["new"]);
    assert!(!report.is_ready());
    assert_eq!(codes(&report), ["secret-not-under-default"; 3]);
    for name in &SecretName::CROSS_SIGNING {
        let expected = Finding::SecretNotUnderDefault(name.clone(), vec![id("old")]);
        assert!(report.findings.contains(&expected));
        mend(&store, &["new", "old"], |storage| mend_entry(storage, name));
    }
    assert_eq!(codes(&look(&store, &["new", "old"])), ["change-unfinished"]);
    assert!(!look(&store, &["new", "old"]).has_problems());
    let written = standard_for("old");
    mend_over(&store, &["new", "old"], &written, |storage| {
        block_on(storage.remove_key(&id("old"), &[]))
    });
    assert_sound(&store, &["new"]);
    assert_eq!(
        opens(&snapshot(&store), key("new").key())[BACKUP],
        new_backup.expose()
    );

    // Here the pointer does not move before everything is carried.
    let store = Account::standard("old").describe("new").store();
    let names: Vec<_> = standard_secrets()
        .iter()
        .map(|secret| secret.name().clone())
        .collect();
    let error = refuse(&store, &["new", "old"], |storage| {
        block_on(storage.set_default_key(&id("new"), &[]))
    });
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(names)));
    // And where another client moved it alone, it moves back.
    let store = Account::standard("old")
        .describe("new")
        .default_key("new")
        .store();
    assert!(codes(&look(&store, &["new"])).contains(&"change-unfinished"));
    mend(&store, &["old", "new"], |storage| {
        block_on(storage.set_default_key(&id("old"), &[]))
    });
    assert_opens_standard(&store, "old");
    assert_eq!(
        look(&store, &["old", "new"]).findings,
        [Finding::KeyUnused(id("new"))]
    );
}

/// Js-sdk#2866, matrix-spec#596: a new backup key is written over the only copy of the old one.
#[test]
fn c10_a_backup_key_written_over_another_is_said_and_recoverable() {
    let temp = tempfile::tempdir().unwrap();
    let folder = JournalFolder::new(temp.path());
    let store = Account::standard("a").store();
    let before = dump(&store);
    let old = standard_secrets().pop().unwrap();
    let new = Secret::from_key(SecretName::MEGOLM_BACKUP, &[9; 32]);

    // It is known before anything is written.
    let a = key("a");
    let plan = Plan::put(
        &snapshot(&store),
        &new,
        &[a.key()],
        Overwrite::Readable,
        &mut rng(),
    );
    let replaced = Loss::Overwritten(SecretName::MEGOLM_BACKUP, id("a"));
    assert_eq!(plan.unwrap().losses(), [replaced]);
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"])).with_journal(&folder);
    let stored = block_on(storage.store(&new, &[], Overwrite::Readable, &mut rng())).unwrap();
    assert_eq!((stored.replaced, stored.stale), (vec![id("a")], vec![]));
    assert_eq!(values(&snapshot(&store), a.key())[BACKUP], new.expose());
    // The same value again replaces nothing.
    let stored = block_on(storage.store(&new, &[], Overwrite::Readable, &mut rng())).unwrap();
    assert_eq!(stored.replaced, []);

    // The old value is in the snapshot.
    let first = folder.changes().unwrap().pop().unwrap();
    let kept = FileStore::open(&first.snapshot).unwrap();
    let kept = block_on(SecretStorage::new(&kept, SuppliedKeys::new(&["a"])).get(old.name()));
    assert_eq!(kept.unwrap().unwrap().expose(), old.expose());
    // And comes back: the one change after the other.
    for _ in 0..2 {
        let latest = folder.latest().unwrap().unwrap();
        assert_eq!(latest.state, ChangeState::Finished);
        let plan = folder.plan(&latest).unwrap();
        block_on(storage.undo(&plan, &[])).unwrap();
    }
    assert_eq!(dump(&store), before);
    assert_sound(&store, &["a"]);

    // What rust-sdk leaves: the old key still has the old value.
    let store = Account::standard("new")
        .describe("old")
        .event(
            BACKUP,
            &encrypted(&[("old", entry(&old, "old")), ("new", entry(&new, "new"))]),
        )
        .store();
    let report = look(&store, &["new", "old"]);
    let differ = Finding::ValuesDiffer(SecretName::MEGOLM_BACKUP, id("old"));
    assert!(report.findings.contains(&differ));
    let repair = Repair::Entry(SecretName::MEGOLM_BACKUP, Some(id("old")));
    assert_says(&differ, "values-differ", Severity::Warning, &repair);
    let losses = mend_over(&store, &["new", "old"], &[(BACKUP, "old")], |storage| {
        block_on(storage.repair_entry(&SecretName::MEGOLM_BACKUP, Some(&id("old")), &mut rng()))
    });
    // What is written over is said.
    assert_eq!(
        losses,
        [Loss::Overwritten(SecretName::MEGOLM_BACKUP, id("old"))]
    );
    for of in ["old", "new"] {
        assert_eq!(
            values(&snapshot(&store), key(of).key())[BACKUP],
            new.expose()
        );
    }
    assert!(!codes(&look(&store, &["new", "old"])).contains(&"values-differ"));
}

/// Element-web#30978: the description of the default key was deleted.
#[test]
fn c13_a_description_that_was_deleted() {
    let blanked = || Account::standard("a").event(&key_event("a"), "{}");
    let mut missing = Account::new().default_key("a");
    for secret in standard_secrets() {
        missing = missing.secret(&secret, &["a"]);
    }
    for (account, finding, code) in [
        (
            missing,
            Finding::DefaultKeyDangling(id("a")),
            "default-key-dangling",
        ),
        (
            blanked(),
            Finding::DefaultKeyBlanked(id("a")),
            "default-key-blanked",
        ),
    ] {
        let store = account.store();
        let report = look(&store, &[]);
        assert!(!report.is_ready());
        assert_eq!(finding.key_id(), Some(&id("a")));
        assert!(report.findings.contains(&finding), "{:?}", report.findings);
        assert_says(
            &finding,
            code,
            Severity::Problem,
            &Repair::KeyCheck(id("a")),
        );

        // A wrong key opens nothing.
        let before = dump(&store);
        let wrong = SecretStorage::new(&store, Typed("third"));
        let error = block_on(wrong.repair_key_check(&id("a"), &mut rng())).unwrap_err();
        assert!(
            matches!(error, Error::Unlock(UnlockError::FitsNothing(_))),
            "{error}"
        );
        assert_eq!(dump(&store), before);

        // The right one is described anew, and nothing more is needed.
        let right = SecretStorage::new(&store, Typed("a"));
        block_on(right.repair_key_check(&id("a"), &mut rng())).unwrap();
        assert_sound(&store, &["a"]);
        assert_opens_standard(&store, "a");
        let repaired = dump(&store);
        for (event_type, content) in &before {
            assert!(*event_type == key_event("a") || repaired[event_type] == *content);
        }
    }
    // Where the pointer went too, it comes second.
    let store = blanked().event(DEFAULT, "{}").store();
    let found = codes(&look(&store, &[]));
    assert_eq!(found[0], "no-default-key");
    assert!(
        found[1..]
            .iter()
            .all(|code| *code == "secret-under-unknown-key")
    );
    mend(&store, &["a"], |storage| {
        block_on(storage.repair_key_check(&id("a"), &mut rng()))
    });
    let made = mend(&store, &["a"], |storage| {
        block_on(storage.repair_default_key(&[]))
    });
    assert_eq!(made, id("a"));
    assert_sound(&store, &["a"]);
}

/// Element-web#30226, #34696: there are two keys, or a default key that no client can use, and no way
/// to recover is offered.
#[test]
fn c14_every_key_is_listed_and_the_one_that_works_is_offered() {
    let mut account = Account::new().describe("b").default_key("a");
    for secret in standard_secrets() {
        account = account.secret(&secret, &["a", "b"]);
    }
    let store = account
        .event(
            &key_event("a"),
            r#"{"algorithm":"org.example.next","name":"next"}"#,
        )
        .store();
    let report = look(&store, &["b"]);
    let keys: Vec<_> = report
        .keys
        .iter()
        .map(|key| (key.id.as_str(), key.is_usable, key.secrets))
        .collect();
    assert_eq!(keys, [("a", false, 4), ("b", true, 4)]);
    let finding = Finding::DefaultKeyUnsupported(id("a"), "org.example.next".to_owned());
    assert_eq!(report.findings, std::slice::from_ref(&finding));
    assert_says(
        &finding,
        "default-key-unsupported",
        Severity::Problem,
        &Repair::DefaultKey,
    );

    let made = mend(&store, &["b"], |storage| {
        block_on(storage.repair_default_key(&[]))
    });
    assert_eq!(made, id("b"));
    let report = look(&store, &["b"]);
    assert!(report.is_ready() && !report.has_problems());
    let rest = Finding::KeyUnsupported(id("a"), "org.example.next".to_owned());
    assert_eq!(report.findings, [rest]);
    assert_opens_standard(&store, "b");
}

/// Rust-sdk#5458: "missing field key at line 1 column 2" after logging out and in again. What
/// rust-sdk's `disable` leaves, and what js-sdk's `deleteSecretStorage` does.
#[test]
fn c16_blanked_events_are_no_secret_storage_and_no_error() {
    for blank in ["{}", r#"{"encrypted":{}}"#] {
        let mut account = Account::new()
            .event(DEFAULT, "{}")
            .event(&key_event("old"), "{}")
            .event(
                "m.org.matrix.custom.backup_disabled",
                r#"{"disabled":true}"#,
            );
        for secret in standard_secrets() {
            account = account.event(secret.name().as_str(), blank);
        }
        let store = account.store();
        let report = look(&store, &[]);
        assert!(!report.is_set_up());
        assert_eq!(report.findings, [Finding::NotSetUp]);
        assert_says(
            &Finding::NotSetUp,
            "not-set-up",
            Severity::Problem,
            &Repair::Bootstrap,
        );
        assert_eq!(
            Finding::NotSetUp.to_string(),
            "secret storage is not set up"
        );
        mend(&store, &[], |storage| {
            let mut create_key = async || -> Option<NewKey> { Some(key("a")) };
            let secrets = standard_secrets();
            let options = Bootstrap {
                create_key: &mut create_key,
                secrets: secrets.as_slice(),
                set_up_new: false,
                abandon: &[],
                publish: Publication::default(),
            };
            block_on(storage.bootstrap(options, &mut rng()))
        });
        assert_sound(&store, &["a"]);
        assert_opens_standard(&store, "a");
    }
    // The pointer alone.
    let store = Account::standard("a").event(DEFAULT, "{}").store();
    let report = look(&store, &["a"]);
    assert_eq!(report.findings, [Finding::NoDefaultKey]);
    assert_says(
        &Finding::NoDefaultKey,
        "no-default-key",
        Severity::Problem,
        &Repair::DefaultKey,
    );
    mend(&store, &["a"], |storage| {
        block_on(storage.repair_default_key(&[]))
    });
    assert_sound(&store, &["a"]);
}

/// Openclaw PR#60599, element-web#34878: a secret was written under a stale key, and the next start
/// says "bad MAC".
#[test]
fn c18_a_secret_that_was_sealed_with_a_stale_key() {
    let backup = standard_secrets().pop().unwrap();
    // Sealed with the old key's bytes, under the new key's id.
    let stale = || ("new", entry(&backup, "old"));
    let finding =
        Finding::EntryDoesNotOpen(SecretName::MEGOLM_BACKUP, id("new"), OpenError::Inauthentic);
    let repair = Repair::Entry(SecretName::MEGOLM_BACKUP, None);
    assert_says(&finding, "entry-does-not-open", Severity::Problem, &repair);

    // Another key has it still.
    let entries = [("old", entry(&backup, "old")), stale()];
    let store = Account::standard("new")
        .describe("old")
        .event(BACKUP, &encrypted(&entries))
        .store();
    assert_eq!(codes(&look(&store, &[])), ["change-unfinished"]);
    assert_eq!(look(&store, &["new"]).findings[0], finding);
    assert!(look(&store, &["new"]).has_problems());
    let written = [(BACKUP, "new")];
    let losses = mend_over(&store, &["new", "old"], &written, |storage| {
        mend_entry(storage, backup.name())
    });
    assert_eq!(
        losses,
        [Loss::Overwritten(SecretName::MEGOLM_BACKUP, id("new"))]
    );
    assert_opens_standard(&store, "new");
    assert!(!look(&store, &["new", "old"]).has_problems());

    // Nobody has it: it is not carried out of nothing, and not written over unless that is asked.
    let store = Account::standard("new")
        .event(BACKUP, &encrypted(&[stale()]))
        .store();
    assert_eq!(look(&store, &["new"]).findings, [finding]);
    let error = refuse(&store, &["new"], |storage| {
        mend_entry(storage, backup.name())
    });
    assert_eq!(
        error,
        Error::Plan(PlanError::Locked(SecretName::MEGOLM_BACKUP))
    );
    let put = |storage: &Storage<'_>, overwrite| {
        block_on(storage.store(&backup, &[], overwrite, &mut rng()))
    };
    let error = refuse(&store, &["new"], |storage| {
        put(storage, Overwrite::Readable)
    });
    let expected = PlanError::WouldOverwrite(SecretName::MEGOLM_BACKUP, id("new"));
    assert_eq!(error, Error::Plan(expected));
    mend_over(&store, &["new"], &written, |storage| {
        put(storage, Overwrite::Anything)
    });
    assert_sound(&store, &["new"]);
    assert_opens_standard(&store, "new");
}

/// Element-web#12970, js-sdk PR#1311, PR#1324: the backup key is stored as decimal numbers.
#[test]
fn c22_a_backup_key_of_decimal_numbers() {
    let legacy = secret(BACKUP, &["4"; 32].join(","));
    let store = Account::standard("a")
        .secret(&legacy, &["a"])
        .unknown_field(BACKUP)
        .store();
    let report = look(&store, &["a"]);
    let finding = Finding::ValueOddlySpelled(SecretName::MEGOLM_BACKUP, KeySpelling::Decimal);
    assert_eq!(report.findings, std::slice::from_ref(&finding));
    let repair = Repair::Legacy(SecretName::MEGOLM_BACKUP);
    assert_says(&finding, "value-oddly-spelled", Severity::Warning, &repair);
    mend(&store, &["a"], |storage| {
        block_on(storage.repair_legacy(&SecretName::MEGOLM_BACKUP, &mut rng()))
    });
    assert_sound(&store, &["a"]);
    let backup = opens(&snapshot(&store), key("a").key())[BACKUP].clone();
    assert_eq!(backup, standard_secrets().pop().unwrap().expose());
    assert!(dump(&store)[BACKUP].contains("org.example.unknown"));
}

/// Matrix-spec#190, #2040, #971: account data cannot be deleted, and dead keys pile up.
#[test]
fn c24_dead_keys_are_blanked_and_only_those() {
    let store = Account::standard("a")
        .describe("b")
        .describe("c")
        .describe("d")
        .secret(&secret("org.example.x", "value"), &["a", "d"])
        .event(&key_event("next"), r#"{"algorithm":"org.example.next"}"#)
        .event(&key_event("old"), "{}")
        .store();
    let report = look(&store, &["a"]);
    let unused = [Finding::KeyUnused(id("b")), Finding::KeyUnused(id("c"))];
    assert_eq!(report.findings[2..], unused);
    assert_eq!(
        codes(&report)[..2],
        ["key-unsupported", "change-unfinished"]
    );
    assert_says(&unused[0], "key-unused", Severity::Note, &Repair::Gc);
    let before = dump(&store);
    let losses = mend(&store, &[], |storage| block_on(storage.gc()));
    assert_eq!(losses, [Loss::Key(id("b")), Loss::Key(id("c"))]);
    let mut expected = before;
    for of in ["b", "c"] {
        expected.insert(key_event(of), "{}".to_owned());
    }
    assert_eq!(dump(&store), expected);
    assert_eq!(
        codes(&look(&store, &["a"])),
        ["key-unsupported", "change-unfinished"]
    );
    assert_eq!(mend(&store, &[], |storage| block_on(storage.gc())), []);
    assert_eq!(dump(&store), expected);
}

/// Element-meta#2181, matrix-spec#607: what does a reset do? Every write and every loss is listed
/// before anything is written.
#[test]
fn c27_a_reset_says_beforehand_all_that_it_writes_and_loses() {
    let account = || {
        Account::standard("a")
            .describe("b")
            .secret(&secret("org.example.x", "value"), &["a"])
            .secret(&secret("org.example.locked", "value"), &["b"])
            .event("m.direct", r#"{"@a:b":["!c:d"]}"#)
    };
    let store = account().store();
    let finding = Finding::SecretNotUnderDefault(name("org.example.locked"), vec![id("b")]);
    assert_eq!(look(&store, &["a"]).findings, [finding]);
    // What nobody opens is named.
    let locked = [name("org.example.locked")];
    let error = refuse(&store, &["a"], |storage| block_on(storage.disable(&[])));
    assert_eq!(error, Error::Plan(PlanError::WouldAbandon(locked.to_vec())));

    let (before, a) = (snapshot(&store), key("a"));
    let plan = Plan::disable(&before, &[a.key()], &locked).unwrap();
    let mut expected: Vec<_> = standard_secrets()
        .iter()
        .map(|secret| Loss::Secret(secret.name().clone()))
        .collect();
    expected.extend(["org.example.locked", "org.example.x"].map(|of| Loss::Secret(name(of))));
    expected.extend(["a", "b"].map(|of| Loss::Key(id(of))));
    assert_eq!(plan.losses(), expected);

    // What it writes is what is listed, and nothing else.
    let mut after = dump(&store);
    for write in plan.writes() {
        after.insert(
            write.event_type().to_owned(),
            write.after().as_json().to_owned(),
        );
    }
    assert_eq!(
        plan.writes().last().unwrap().event_type(),
        DefaultKey::EVENT_TYPE
    );
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a"]));
    assert_eq!(block_on(storage.disable(&locked)).unwrap(), expected);
    assert_eq!(dump(&store), after);
    assert_eq!(dump(&store)["m.direct"], r#"{"@a:b":["!c:d"]}"#);
    let report = Report::new(&snapshot(&store), &[], CostLimits::default());
    assert_eq!(report.findings, [Finding::NotSetUp]);

    // A reset that makes a new key: the same, by way of what a rotation says.
    let store = account().store();
    let new = key("new");
    let old = OldKey::Revoked(id("a"));
    let snapshot = snapshot(&store);
    let plan = Plan::rotate(&snapshot, &new, &[a.key()], &old, &locked, &mut rng()).unwrap();
    assert!(plan.losses().contains(&Loss::LeftBehind(locked[0].clone())));
    assert!(plan.losses().contains(&Loss::Key(id("a"))));
    let mut listed: Vec<_> = plan.writes().map(ssss_client::Write::event_type).collect();
    listed.sort_unstable();
    listed.dedup();
    let untouched = dump(&store);
    block_on(ssss_client::apply(
        &store,
        &plan,
        &[a.key(), new.key()],
        |_| {},
    ))
    .unwrap();
    let changed: Vec<_> = dump(&store)
        .into_iter()
        .filter(|(event_type, content)| untouched.get(event_type) != Some(content))
        .map(|(event_type, _)| event_type)
        .collect();
    assert_eq!(changed, listed);
}

//! Changes that are remembered: files, damage, finishing, taking back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pollster::block_on;
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use ssss_client::ssss_model::{KeySpelling, NewKey, Secret, SecretName, Snapshot};
use ssss_client::{
    AccountData, AccountDataError, AccountDataErrorKind, ApplyErrorKind, Bootstrap, Change,
    ChangeState, Content, Ending, Error, FileStore, Intent, Journal, JournalError,
    JournalErrorKind, JournalFolder, Listing, Loss, MemoryStore, OldKey, Overwrite, Plan,
    PlanError, Progress, Publication, Purpose, ResetBackup, Rotate, SecretStorage, Step, apply,
};

use crate::account::{
    Account, dump, id, key, name, opens, rng, secret, snapshot, standard_secrets,
};
use crate::broken::{BACKUP, DEFAULT, assert_kept, encrypted, entry, key_event};
use crate::stopping_store::{Moment, StoppingStore};
use crate::supplied_keys::SuppliedKeys;

type Remembered<'a> = SecretStorage<&'a MemoryStore, &'a SuppliedKeys, &'a JournalFolder>;

fn folder() -> (tempfile::TempDir, JournalFolder) {
    let temp = tempfile::tempdir().unwrap();
    let folder = JournalFolder::new(temp.path().join("changes"));
    (temp, folder)
}

fn put(storage: &Remembered<'_>, of: &str, value: &str) {
    let value = secret(of, value);
    block_on(storage.store(&value, &[], Overwrite::Readable, &mut rng())).unwrap();
}

fn undo(storage: &Remembered<'_>, change: &Change) -> Result<Vec<Loss>, Error> {
    let plan = storage.journal().plan(change).unwrap();
    block_on(storage.undo(&plan, &[]))
}

fn states(folder: &JournalFolder) -> Vec<ChangeState> {
    folder
        .changes()
        .unwrap()
        .iter()
        .map(|change| change.state)
        .collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const X: &str = "org.example.x";

#[test]
fn a_change_is_two_files_named_by_its_time() {
    let (_temp, folder) = folder();
    assert!(
        folder.changes().unwrap().is_empty(),
        "there is no folder yet"
    );
    let account = Account::standard("a")
        .event("m.direct", r#"{"a":1}"#)
        .event("org.example.app", r#"{"settings":1}"#)
        .event("org.example.odd", "{ \"encrypted\" : [1.0e2] }");
    let store = account.store();
    let before = dump(&store);
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
    put(&storage, X, "one");
    put(&storage, X, "two");
    let names = names(folder.path());
    assert_eq!(names.len(), 4, "{names:?}");
    for (name, suffix) in names
        .iter()
        .zip(["finished", "snapshot", "finished", "snapshot"])
    {
        let time = name.strip_suffix(&format!(".{suffix}.json")).unwrap();
        let shape: String = time
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
            .collect();
        assert_eq!(shape, "0000-00-00T00-00-00-000000Z");
    }
    let changes = folder.changes().unwrap();
    assert_eq!(states(&folder), [ChangeState::Finished; 2]);
    assert!(changes[0].time > changes[1].time, "the latest first");
    assert_eq!(folder.latest().unwrap().unwrap().time, changes[0].time);
    assert!(folder.unfinished().unwrap().is_none());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(folder.path()), 0o700);
        for name in &names {
            assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
        }
    }

    // The snapshot is a file of account data, of secret storage and nothing else.
    let kept = FileStore::open(&changes[1].snapshot).unwrap();
    let kept: MemoryStore = block_on(kept.enumerate())
        .unwrap()
        .events
        .into_iter()
        .collect();
    let mut expected = before;
    expected.retain(|event_type, _| event_type != "m.direct" && event_type != "org.example.app");
    assert_eq!(dump(&kept), expected, "to the byte");
    // Nothing that is secret stands in any file.
    for name in names {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        for secret in standard_secrets() {
            assert!(!text.contains(secret.expose()));
        }
    }
    let alone = folder.save_snapshot(&snapshot(&store)).unwrap();
    assert_eq!(
        dump(
            &block_on(FileStore::open(alone).unwrap().enumerate())
                .unwrap()
                .events
                .into_iter()
                .collect()
        )[X],
        dump(&store)[X]
    );
    assert_eq!(
        folder.changes().unwrap().len(),
        2,
        "a snapshot by itself is no change"
    );
}

/// An account with something for every kind of change in it.
fn account() -> Account {
    Account::standard("a")
        .describe("b")
        .describe("dead")
        .secret(&secret(X, "value"), &["a", "b"])
        .unknown_field(X)
        .unknown_field(DEFAULT)
        .unknown_field(&key_event("a"))
        .event(
            "org.example.foreign",
            &encrypted(&[
                ("a", entry(&secret("org.example.foreign", "v"), "b")),
                ("b", entry(&secret("org.example.foreign", "v"), "b")),
                ("gone", serde_json::Value::Null),
            ]),
        )
}

/// A plan of every purpose, and with every loss.
fn plans() -> Vec<Plan> {
    let store = account().store();
    let account = snapshot(&store);
    let (a, b, new) = (key("a"), key("b"), key("new \"\\\u{1F511}/"));
    let keys = [a.key(), b.key()];
    let foreign = [name("org.example.foreign")];
    let rng = &mut rng();
    let value = secret(X, "other");
    let revoked = OldKey::Revoked(id("a"));
    let rotate = Plan::rotate(&account, &new, &keys, &revoked, &[], rng).unwrap();
    let left = Plan::rotate(&account, &new, &[a.key()], &revoked, &foreign, rng).unwrap();
    let backup = Secret::from_key(SecretName::MEGOLM_BACKUP, &[9; 32]);
    let new_backup = ResetBackup {
        key: &backup,
        version: Some("7"),
        abandon: &[],
    };
    vec![
        Plan::describe_key(&account, &new).unwrap(),
        rotate.undo(&account, &[]).unwrap(),
        rotate,
        left,
        Plan::put(&account, &value, &[a.key()], Overwrite::Readable, rng).unwrap(),
        Plan::remove(&account, &value_name()).unwrap(),
        Plan::unset_default(&account),
        Plan::gc(&account).unwrap(),
        Plan::remove_key(&account, &id("b"), &keys, &foreign).unwrap(),
        Plan::disable(&account, &keys, &[]).unwrap(),
        Plan::reseal(&account, &foreign[0], a.key(), &keys, rng).unwrap(),
        Plan::drop_entry(&account, &foreign[0], &id("gone"), &keys, &[]).unwrap(),
        Plan::set_default(&account, b.key(), &keys, &all_names(&account)).unwrap(),
        Plan::set_up(&account, &new, &standard_secrets(), &keys, &[], BOTH, rng).unwrap(),
        Plan::complete(&account, a.key(), &[value], NOTHING, rng).unwrap(),
        Plan::reset_backup(&account, new_backup, a.key(), &keys, rng).unwrap(),
        Plan::restore(
            &Snapshot::new(Account::new().events()),
            &account,
            &[],
            &keys,
            &[],
        )
        .unwrap(),
    ]
}

const NOTHING: Publication = Publication {
    identity: false,
    backup: false,
};

const BOTH: Publication = Publication {
    identity: true,
    backup: true,
};

fn value_name() -> SecretName {
    name(X)
}

fn all_names(snapshot: &Snapshot) -> Vec<SecretName> {
    snapshot
        .present_secrets()
        .map(|secret| secret.name().clone())
        .collect()
}

#[test]
fn every_plan_reads_back_as_it_was_written() {
    let (mut purposes, mut losses, mut intents) = (Vec::new(), Vec::new(), Vec::new());
    for plan in plans() {
        let json = plan.to_json();
        let read = Plan::from_json(&json).unwrap();
        assert_eq!(read.to_json(), json);
        assert_eq!(read.intent(), plan.intent());
        assert_eq!(read.losses(), plan.losses());
        assert_eq!(read.stages().len(), plan.stages().len());
        assert_eq!(read.publication(), plan.publication());
        for (read, plan) in read.writes().zip(plan.writes()) {
            assert_eq!(read.event_type(), plan.event_type());
            assert_eq!(read.purpose(), plan.purpose());
            let text = |write: &ssss_client::Write| {
                (
                    write.before().map(|b| b.as_json().to_owned()),
                    write.after().as_json().to_owned(),
                )
            };
            assert_eq!(text(read), text(plan), "to the byte");
        }
        purposes.extend(plan.writes().map(|write| write.purpose().as_str()));
        losses.extend(plan.losses().iter().map(Loss::as_str));
        intents.push(plan.intent());
    }
    purposes.sort_unstable();
    purposes.dedup();
    assert_eq!(
        purposes,
        [
            "blank-key",
            "describe-key",
            "remove-secret",
            "restore",
            "set-default-key",
            "store-secret",
            "strip-secret",
            "unset-default-key"
        ]
    );
    losses.sort_unstable();
    losses.dedup();
    assert_eq!(
        losses,
        ["key", "left-behind", "overwritten", "secret", "stripped"]
    );
    for intent in Intent::ALL {
        assert!(intents.contains(&intent), "{intent:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever names, ids and fields a server has chosen.
    #[test]
    fn any_plan_reads_back(
        names in proptest::collection::btree_set("org\\.\\PC{1,9}", 1..4),
        ids in proptest::collection::btree_set("\\PC{1,9}", 2..4),
        field in "\\PC{0,9}",
        number in any::<f64>(),
        value in "\\PC{0,9}",
    ) {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut account = Account::new().default_key(ids[0]);
        for of in &ids {
            account = account.describe(of);
        }
        for of in &names {
            account = account.secret(&secret(of, &value), &ids);
        }
        // What nobody knows, spelled as somebody liked.
        let mut events = account.events();
        for (_, content) in &mut events {
            let field = serde_json::Value::from(field.as_str());
            let text = content.json().get().replacen('{', &format!("{{ {field} :\t{number:e},"), 1);
            let text = text.replace("NaN", "1").replace("inf", "1e9");
            *content = Content::from_json_string(text).unwrap();
        }
        let account = Snapshot::new(events);
        let keys: Vec<_> = ids.iter().map(|of| key(of)).collect();
        let verified: Vec<_> = keys.iter().map(NewKey::key).collect();
        let new = key("another");
        let old = OldKey::Revoked(id(ids[0]));
        let plan = Plan::rotate(&account, &new, &verified, &old, &[], &mut rng()).unwrap();
        for plan in [plan.undo(&account, &[]).unwrap(), plan] {
            let json = plan.to_json();
            prop_assert_eq!(Plan::from_json(&json).unwrap().to_json(), json);
        }
    }
}

#[test]
fn a_damaged_journal_is_told_and_never_believed() {
    let (_temp, folder) = folder();
    let store = account().store();
    let a = key("a");
    // A name that is no ASCII, so that a cut may be no text.
    let value = secret("org.example.\u{1F511}", "value");
    let snapshot = snapshot(&store);
    let plan = Plan::put(
        &snapshot,
        &value,
        &[a.key()],
        Overwrite::Readable,
        &mut rng(),
    )
    .unwrap();
    block_on(folder.begin(&snapshot, &plan)).unwrap();
    let change = folder.unfinished().unwrap().unwrap();
    let whole = fs::read(&change.journal).unwrap();
    assert_eq!(folder.plan(&change).unwrap().to_json().as_bytes(), whole);
    let is_damaged = |bytes: &[u8]| {
        fs::write(&change.journal, bytes).unwrap();
        let error = folder.plan(&change).unwrap_err();
        assert_eq!(error.kind(), JournalErrorKind::Damaged, "{error}");
        assert!(!error.to_string().chars().any(char::is_control));
    };
    for len in 0..whole.len() {
        is_damaged(&whole[..len]);
    }
    for len in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[len] = 0xFF;
        is_damaged(&bytes);
    }
    let text = String::from_utf8(whole).unwrap();
    for (from, to) in [
        (r#""format":1"#, r#""format":2"#),
        (r#""format":1"#, r#""format":-1"#),
        (r#""format":1,"#, ""),
        (r#""intent":"put""#, r#""intent":"conquer""#),
        (r#""purpose":"store-secret""#, r#""purpose":"share-secret""#),
        (r#""purpose":"store-secret""#, r#""purpose":"blank-key""#),
        (
            "\"secret\":\"org.example.\u{1F511}\"",
            r#""secret":"m.secret_storage.default_key""#,
        ),
        (r#""keys":["a"]"#, r#""keys":[""]"#),
        (r#""after":{"#, r#""after":[],"x":{"#),
        (r#""before":null"#, r#""before":1"#),
        (r#""losses":[]"#, r#""losses":[{"loss":"mind"}]"#),
        (r#""losses":[]"#, r#""losses":[{"loss":"key"}]"#),
        (
            r#""losses":[]"#,
            r#""losses":[{"loss":"stripped","key":"a"}]"#,
        ),
        (r#""losses":[]"#, r#""losses":{}"#),
    ] {
        assert!(text.contains(from), "{from}: {text}");
        is_damaged(text.replacen(from, to, 1).as_bytes());
    }
    let deep = "[".repeat(200_000);
    is_damaged(deep.as_bytes());
    is_damaged(
        text.replacen(r#""before":null"#, &format!(r#""before":{deep}"#), 1)
            .as_bytes(),
    );
    is_damaged(b"{}");
    is_damaged(b"null");
    // One that is gone is another story.
    fs::remove_file(&change.journal).unwrap();
    assert_eq!(
        folder.plan(&change).unwrap_err().kind(),
        JournalErrorKind::Io
    );
}

#[test]
fn what_cannot_be_remembered_is_not_done() {
    struct Full;
    impl Journal for Full {
        async fn begin(&self, _: &Snapshot, _: &Plan) -> Result<(), JournalError> {
            Err(JournalError::new(JournalErrorKind::Io, "no space"))
        }
        async fn begin_anew(&self, _: &Snapshot, _: &Plan) -> Result<(), JournalError> {
            panic!("it was not begun");
        }
        async fn end(&self, _: Ending) -> Result<(), JournalError> {
            panic!("it was not begun");
        }
    }
    let temp = tempfile::tempdir().unwrap();
    // There is a file where the folder would be.
    let path = temp.path().join("file");
    fs::write(&path, "").unwrap();
    let folder = JournalFolder::new(&path);
    let store = account().store();
    let before = dump(&store);
    let keys = SuppliedKeys::new(&["a", "b"]);
    let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
    let is_refused = |result: Result<(), Error>| {
        let Err(Error::Journal(error)) = result else {
            panic!("{result:?}");
        };
        assert_eq!(error.kind(), JournalErrorKind::Io);
        assert_eq!(dump(&store), before);
    };
    let value = secret(X, "other");
    let overwrite = Overwrite::Readable;
    is_refused(block_on(storage.store(&value, &[], overwrite, &mut rng())).map(|_| ()));
    is_refused(block_on(storage.remove(&name(X))));
    is_refused(block_on(storage.disable(&[])).map(|_| ()));
    let storage = SecretStorage::new(&store, &keys).with_journal(Full);
    is_refused(block_on(storage.gc()).map(|_| ()));
    // What writes nothing is not remembered either.
    let storage = SecretStorage::new(&store, &keys).with_journal(Full);
    block_on(storage.remove(&name("org.example.foreign"))).unwrap_err();
    block_on(storage.set_default_key(&id("a"), &all_names(&snapshot(&store)))).unwrap();
}

/// A folder that nobody may write to.
#[cfg(unix)]
#[test]
fn a_folder_that_is_read_only_stops_a_change() {
    use std::os::unix::fs::PermissionsExt as _;
    let temp = tempfile::tempdir().unwrap();
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o500)).unwrap();
    // Root may write to any.
    if fs::write(temp.path().join("probe"), "").is_ok() {
        return;
    }
    let folder = JournalFolder::new(temp.path());
    let store = account().store();
    let before = dump(&store);
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
    let error = block_on(storage.gc()).unwrap_err();
    assert!(matches!(error, Error::Journal(_)), "{error}");
    assert_eq!(dump(&store), before);
}

#[test]
fn of_a_change_that_wrote_nothing_nothing_is_kept() {
    let (_temp, folder) = folder();
    let store = account().store();
    let snapshot = snapshot(&store);
    let plan = Plan::gc(&snapshot).unwrap();
    block_on(folder.begin(&snapshot, &plan)).unwrap();
    assert_eq!(names(folder.path()).len(), 2);
    block_on(folder.end(Ending::Untouched)).unwrap();
    assert_eq!(names(folder.path()), Vec::<String>::new());
    // Ending what was not begun does nothing.
    block_on(folder.end(Ending::Finished)).unwrap();

    let before = dump(&store);
    for (at, is_kept) in [(0, false), (1, false), (2, true)] {
        // It reads, compares, writes.
        let stopping = StoppingStore::new(&store, Some((at, Moment::After)));
        let storage = SecretStorage::new(stopping, SuppliedKeys::default()).with_journal(&folder);
        block_on(storage.gc()).unwrap_err();
        assert_eq!(
            names(folder.path()).len(),
            if is_kept { 2 } else { 0 },
            "{at}"
        );
        assert_eq!(dump(&store) != before, is_kept);
        assert_eq!(folder.unfinished().unwrap().is_some(), is_kept);
    }
}

/// A store that fails at the first write, before or after it acts, and works again.
struct Hiccup<'a> {
    inner: &'a MemoryStore,
    moment: Cell<Option<Moment>>,
}

impl AccountData for Hiccup<'_> {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.inner.get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        let moment = self.moment.take();
        if moment != Some(Moment::Before) {
            self.inner.put(event_type, content).await?;
        }
        match moment {
            None => Ok(()),
            Some(_) => Err(AccountDataError::new(AccountDataErrorKind::Io, "a hiccup")),
        }
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        self.inner.enumerate().await
    }
}

/// Only the account says whether a write whose reply was lost was made.
#[test]
fn a_change_whose_reply_was_lost_is_kept() {
    for moment in [Moment::Before, Moment::After] {
        let (_temp, folder) = folder();
        let store = account().store();
        let before = dump(&store);
        let hiccup = Hiccup {
            inner: &store,
            moment: Cell::new(Some(moment)),
        };
        let storage = SecretStorage::new(hiccup, SuppliedKeys::default()).with_journal(&folder);
        block_on(storage.remove(&name(X))).unwrap_err();
        let is_written = moment == Moment::After;
        assert_eq!(dump(&store) != before, is_written);
        assert_eq!(folder.unfinished().unwrap().is_some(), is_written);
        assert_eq!(names(folder.path()).len(), if is_written { 2 } else { 0 });
    }
}

/// Who stores for the default key means the one that is the default when all is done; also when the
/// plan comes from a journal.
#[test]
fn what_a_plan_relies_on_is_remembered() {
    let store = account().store();
    let a = key("a");
    let value = secret("org.example.y", "value");
    let overwrite = Overwrite::Readable;
    let plan = Plan::put(&snapshot(&store), &value, &[a.key()], overwrite, &mut rng()).unwrap();
    let plan = Plan::from_json(&plan.to_json()).unwrap();
    let moved: MemoryStore = account().default_key("b").store();
    let error = block_on(apply(&moved, &plan, &[a.key()], |_| {})).unwrap_err();
    assert_eq!(error.kind, ApplyErrorKind::Conflict(DEFAULT.to_owned()));
    block_on(apply(&store, &plan, &[a.key()], |_| {})).unwrap();
}

type Operation = fn(&Remembered<'_>) -> Result<(), Error>;

/// Operations of every kind, each on the account above.
fn operations() -> Vec<(&'static str, Operation)> {
    fn rotate(storage: &Remembered<'_>, old_key: OldKey) -> Result<(), Error> {
        let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
        let options = Rotate {
            create_key: &mut create_key,
            old_key,
            abandon: &[],
        };
        block_on(storage.rotate(options, &mut rng())).map(|_| ())
    }
    fn bootstrap(storage: &Remembered<'_>, set_up_new: bool) -> Result<(), Error> {
        let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
        let secrets = [secret("org.example.source", "value")];
        let options = Bootstrap {
            create_key: &mut create_key,
            secrets: &secrets[..],
            set_up_new,
            abandon: &[],
            publish: Publication::default(),
        };
        block_on(storage.bootstrap(options, &mut rng())).map(|_| ())
    }
    fn store(storage: &Remembered<'_>, of: &str, ids: &[&str]) -> Result<(), Error> {
        let ids: Vec<_> = ids.iter().map(|of| id(of)).collect();
        let value = secret(of, "other");
        block_on(storage.store(&value, &ids, Overwrite::Readable, &mut rng())).map(|_| ())
    }
    vec![
        ("add a key", |storage| {
            block_on(storage.add_key(&key("new")))
        }),
        ("store", |storage| store(storage, X, &["a", "b"])),
        ("store what is new", |storage| {
            store(storage, "org.example.y", &[])
        }),
        ("remove", |storage| block_on(storage.remove(&name(X)))),
        ("add one more key", |storage| {
            rotate(storage, OldKey::StaysDefault)
        }),
        ("rotate", |storage| rotate(storage, OldKey::Kept)),
        ("rotate and revoke", |storage| {
            rotate(storage, OldKey::Revoked(id("a")))
        }),
        ("remove a key", |storage| {
            block_on(storage.remove_key(&id("b"), &[name("org.example.foreign")])).map(|_| ())
        }),
        ("set the default", |storage| {
            let abandon = all_names(&block_on(storage.snapshot()).unwrap());
            block_on(storage.set_default_key(&id("b"), &abandon))
        }),
        ("unset the default", |storage| {
            block_on(storage.unset_default_key())
        }),
        ("seal anew", |storage| {
            let name = name("org.example.foreign");
            block_on(storage.repair_entry(&name, None, &mut rng())).map(|_| ())
        }),
        ("spell anew", |storage| {
            block_on(storage.repair_legacy(&SecretName::MEGOLM_BACKUP, &mut rng()))
        }),
        ("drop an entry", |storage| {
            let name = name("org.example.foreign");
            block_on(storage.drop_entry(&name, &id("gone"), &[])).map(|_| ())
        }),
        ("collect", |storage| block_on(storage.gc()).map(|_| ())),
        ("disable", |storage| {
            block_on(storage.disable(&[])).map(|_| ())
        }),
        ("set up anew", |storage| bootstrap(storage, true)),
        ("complete", |storage| bootstrap(storage, false)),
    ]
}

fn odd_account() -> Account {
    let odd = Secret::from_key(SecretName::MEGOLM_BACKUP, &[7; 32]);
    assert_eq!(odd.spelling(), Some(KeySpelling::Base64));
    account().secret(&secret(BACKUP, &["7"; 32].join(",")), &["a"])
}

/// Without what was blanked, which is the same as what never was.
fn live(store: &MemoryStore) -> BTreeMap<String, String> {
    let mut events = dump(store);
    events.retain(|_, content| content != "{}");
    events
}

#[test]
fn a_change_of_each_kind_is_taken_back_and_made_again() {
    for (what, run) in operations() {
        let (_temp, folder) = folder();
        let store = odd_account().store();
        let before = dump(&store);
        let keys = SuppliedKeys::new(&["a", "b", "new"]);
        let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
        run(&storage).unwrap_or_else(|error| panic!("{what}: {error}"));
        let after = live(&store);
        assert_ne!(dump(&store), before, "{what}");
        let change = folder.latest().unwrap().unwrap();
        assert_eq!(change.state, ChangeState::Finished, "{what}");
        undo(&storage, &change).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(live(&store), before, "{what}");
        assert_eq!(states(&folder), [ChangeState::Undone; 2], "{what}");
        assert!(folder.latest().unwrap().is_none(), "{what}");
        // Taking back what was taken back is making it again.
        let taken_back = folder.plan(&folder.changes().unwrap()[0]).unwrap();
        // What the caller named to be left behind is to be named again.
        let abandon = if matches!(what, "set the default" | "unset the default") {
            block_on(storage.undo(&taken_back, &[])).unwrap_err();
            all_names(&snapshot(&store))
        } else {
            Vec::new()
        };
        block_on(storage.undo(&taken_back, &abandon)).unwrap();
        assert_eq!(live(&store), after, "{what}");
    }
}

#[test]
fn taking_back_twice_goes_further_back() {
    let (_temp, folder) = folder();
    let store = account().store();
    let keys = SuppliedKeys::new(&["a"]);
    let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
    let mut dumps = vec![dump(&store)];
    for value in ["one", "two", "three"] {
        put(&storage, X, value);
        dumps.push(dump(&store));
    }
    for earlier in dumps.iter().rev().skip(1) {
        undo(&storage, &folder.latest().unwrap().unwrap()).unwrap();
        assert_eq!(dump(&store), *earlier);
    }
    assert!(folder.latest().unwrap().is_none());
    assert_eq!(states(&folder), [ChangeState::Undone; 6]);
    // What is done afterwards is taken back first, and then nothing is left.
    put(&storage, X, "four");
    undo(&storage, &folder.latest().unwrap().unwrap()).unwrap();
    assert_eq!(dump(&store), dumps[0]);
    assert!(folder.latest().unwrap().is_none());
}

#[test]
fn what_another_client_has_changed_since_is_not_taken_back() {
    let (_temp, folder) = folder();
    let store = account().store();
    let keys = SuppliedKeys::new(&["a", "b", "new"]);
    let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let options = Rotate {
        create_key: &mut create_key,
        old_key: OldKey::Kept,
        abandon: &[],
    };
    block_on(storage.rotate(options, &mut rng())).unwrap();
    let plan = folder.plan(&folder.latest().unwrap().unwrap()).unwrap();
    let rotated = dump(&store);
    let theirs = Account::new().secret(&secret(X, "theirs"), &["new"]);
    for (event_type, content) in [
        (X, theirs.events().remove(0).1),
        (DEFAULT, content(r#"{"key":"b"}"#)),
        (&*key_event("new"), content("{}")),
    ] {
        let is_blanked = content.json().get() == "{}";
        let store: MemoryStore = block_on(store.enumerate())
            .unwrap()
            .events
            .into_iter()
            .collect();
        block_on(store.put(event_type, &content)).unwrap();
        let changed = dump(&store);
        let storage = SecretStorage::new(&store, &keys);
        // A description that went before is as the change found it.
        let undone = block_on(storage.undo(&plan, &[]));
        if is_blanked {
            undone.unwrap();
            continue;
        }
        let expected = PlanError::Changed(event_type.to_owned());
        assert_eq!(undone.unwrap_err(), Error::Plan(expected));
        let abandon = all_names(&snapshot(&store));
        block_on(storage.undo(&plan, &abandon)).unwrap_err();
        assert_eq!(dump(&store), changed);
    }
    assert_eq!(dump(&store), rotated);

    // What only the new default key opens would be out of reach.
    put(&storage, "org.example.since", "since");
    let since = name("org.example.since");
    let error = block_on(storage.undo(&plan, &[])).unwrap_err();
    assert_eq!(
        error,
        Error::Plan(PlanError::WouldAbandon(vec![since.clone()]))
    );
    let losses = block_on(storage.undo(&plan, std::slice::from_ref(&since))).unwrap();
    assert_eq!(losses, [Loss::Key(id("new")), Loss::LeftBehind(since)]);
    assert_eq!(snapshot(&store).default_key_id(), Some(&id("a")));
}

fn content(text: &str) -> Content {
    Content::from_json_string(text.to_owned()).unwrap()
}

/// A change of each kind stops at each moment, and so does taking it back; each is found, and
/// finished.
#[test]
fn a_change_that_was_taken_back_half_way_is_taken_back_in_the_end() {
    let mut stops = 0;
    for (what, run) in operations() {
        for at in 0.. {
            let (_temp, folder) = folder();
            let store = odd_account().store();
            let before = dump(&store);
            let keys = SuppliedKeys::new(&["a", "b", "new"]);
            let storage = SecretStorage::new(&store, &keys).with_journal(&folder);
            run(&storage).unwrap();
            let plan = folder.plan(&folder.latest().unwrap().unwrap()).unwrap();
            let stopping = StoppingStore::new(&store, Some((at, Moment::After)));
            let stopped = SecretStorage::new(stopping, &keys).with_journal(&folder);
            if block_on(stopped.undo(&plan, &[])).is_ok() {
                break;
            }
            stops += 1;
            let Some(change) = folder.unfinished().unwrap() else {
                // It was not begun.
                assert_eq!(states(&folder), [ChangeState::Finished], "{what} {at}");
                continue;
            };
            let undoing = folder.plan(&change).unwrap();
            assert_eq!(undoing.intent(), Intent::Undo);
            block_on(storage.resume(&undoing)).unwrap();
            folder.close(&change, &undoing).unwrap();
            assert_eq!(live(&store), before, "{what} {at}");
            assert_eq!(states(&folder), [ChangeState::Undone; 2], "{what} {at}");
            // Once more is no harm.
            block_on(storage.resume(&undoing)).unwrap();
            assert_eq!(live(&store), before, "{what} {at}");
        }
    }
    assert!(stops > 100, "{stops}");
}

/// Each operation stops at each moment, is found, and resumed from what the journal kept.
#[test]
fn an_unfinished_change_is_found_and_resumed() {
    let mut resumed = 0;
    for (what, run) in operations() {
        let finished = odd_account().store();
        let (_temp, kept) = folder();
        let keys = SuppliedKeys::new(&["a", "b", "new"]);
        run(&SecretStorage::new(&finished, &keys).with_journal(&kept)).unwrap();
        let plan = kept.plan(&kept.latest().unwrap().unwrap()).unwrap();
        let start = kept.latest().unwrap().unwrap().snapshot;
        let start = || -> MemoryStore {
            let start = FileStore::open(&start).unwrap();
            block_on(start.enumerate())
                .unwrap()
                .events
                .into_iter()
                .collect()
        };
        for at in 0.. {
            let store = start();
            let before = snapshot(&store);
            let verified = ["a", "b", "new"].map(key);
            let verified: Vec<_> = verified.iter().map(NewKey::key).collect();
            let stopping = StoppingStore::new(&store, Some((at, Moment::After)));
            if block_on(apply(&stopping, &plan, &verified, |_| {})).is_ok() {
                break;
            }
            let storage = SecretStorage::new(&store, &keys);
            block_on(storage.resume(&plan)).unwrap_or_else(|e| panic!("{what} {at}: {e}"));
            assert_eq!(live(&store), live(&finished), "{what} {at}");
            let end = dump(&store);
            block_on(storage.resume(&plan)).unwrap();
            assert_eq!(dump(&store), end, "{what} {at}: once more");
            if plan.losses().is_empty() && !matches!(what, "unset the default") {
                assert_kept(&before, &snapshot(&store), &[]);
            }
            resumed += 1;
        }
    }
    assert!(resumed > 100, "{resumed}");
}

#[test]
fn a_resumed_change_needs_its_keys_and_meets_other_clients() {
    let (_temp, folder) = folder();
    let store = account().store();
    let keys = SuppliedKeys::new(&["a", "b"]);
    let stopping = StoppingStore::new(&store, Some((7, Moment::After)));
    let storage = SecretStorage::new(stopping, &keys).with_journal(&folder);
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let options = Rotate {
        create_key: &mut create_key,
        old_key: OldKey::Kept,
        abandon: &[],
    };
    block_on(storage.rotate(options, &mut rng())).unwrap_err();
    let change = folder.unfinished().unwrap().unwrap();
    let plan = folder.plan(&change).unwrap();
    let before = dump(&store);
    let resume = |keys: &[&str]| {
        let keys = SuppliedKeys::new(keys);
        block_on(SecretStorage::new(&store, keys).resume(&plan))
    };
    assert_eq!(resume(&[]).unwrap_err(), Error::NoKeySupplied);
    assert_eq!(dump(&store), before);
    // Another client's write is not written over.
    let write = plan.writes().find(|write| write.event_type() == X).unwrap();
    let theirs = Account::new()
        .secret(&secret(X, "theirs"), &["a"])
        .events()
        .remove(0)
        .1;
    block_on(store.put(X, &theirs)).unwrap();
    let Error::Apply(error) = resume(&["new"]).unwrap_err() else {
        panic!("something else");
    };
    assert_eq!(
        error.to_string(),
        "another client has written org.example.x meanwhile"
    );
    assert_eq!(opens(&snapshot(&store), key("a").key())[X], "theirs");
    assert!(matches!(write.purpose(), Purpose::StoreSecret(..)));
}

/// Hears everything.
#[derive(Default)]
struct Heard(RefCell<Vec<String>>);

impl Journal for Heard {
    async fn begin(&self, _: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        self.0
            .borrow_mut()
            .push(format!("begin {}", plan.intent().as_str()));
        Ok(())
    }
    async fn begin_anew(&self, _: &Snapshot, plan: &Plan) -> Result<(), JournalError> {
        let begun = format!("begin anew {}", plan.intent().as_str());
        self.0.borrow_mut().push(begun);
        Ok(())
    }
    fn progress(&self, progress: Progress<'_>) {
        if progress.step == Step::Writing {
            let writing = format!("{} of {}", progress.stage + 1, progress.stages);
            self.0.borrow_mut().push(writing);
        }
    }
    async fn end(&self, ending: Ending) -> Result<(), JournalError> {
        self.0.borrow_mut().push(format!("{ending:?}"));
        Ok(())
    }
}

#[test]
fn a_journal_hears_of_every_stage() {
    let store = account().store();
    let heard = Heard::default();
    let storage = SecretStorage::new(&store, SuppliedKeys::new(&["a", "b"])).with_journal(&heard);
    let mut create_key = async || -> Option<NewKey> { Some(key("new")) };
    let options = Rotate {
        create_key: &mut create_key,
        old_key: OldKey::Revoked(id("a")),
        abandon: &[],
    };
    block_on(storage.rotate(options, &mut rng())).unwrap();
    let heard = heard.0.borrow();
    assert_eq!(
        *heard,
        [
            "begin rotate",
            "1 of 4",
            "2 of 4",
            "3 of 4",
            "4 of 4",
            "Finished",
        ]
    );
}

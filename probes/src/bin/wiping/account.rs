//! The calls of `ssss-client`, over a file with a journal, and in memory.

use std::hint::black_box;

use pollster::block_on;
use ssss_client::{
    AccountData, BackupKey, Bootstrap, CrossSigningKeys, FileStore, Journal, JournalFolder,
    KeyCallbacks, KeyRequest, MemoryStore, NoJournal, OldKey, Overwrite, ProvidedKey, Publication,
    Report, Rotate, SecretStorage, UnlockScope, public_half, unlock,
};
use ssss_model::ssss_crypto::CostLimits;
use ssss_model::{EventState, NewKey, Secret, SecretName, Snapshot, TypedKey, UnverifiedKey};
use ssss_probes::counting::Counting;

use crate::Call;
use crate::key::Drawn;
use crate::model::{custom, id, made, passphrase_description, seed, token, typed};
use crate::secrets::{PASSPHRASE, SEED, key, new_key, new_recovery_key, recovery_key};

pub(crate) const CALLS: &[Call] = &[
    ("bootstrap", || in_memory(|_| {})),
    ("bootstrap, in a file", || in_file(|_, _| {})),
    ("get", || in_memory(get)),
    ("get_all", || in_memory(get_all)),
    ("get, with a cached key", get_cached),
    ("get, with a passphrase", get_by_passphrase),
    ("get, with a wrong key", get_wrong),
    ("store", || in_memory(store)),
    ("store, in a file", || in_file(|account, _| store(account))),
    ("check_key", || in_memory(check_key)),
    ("unlock", unlocked),
    ("rotate", || in_memory(rotate)),
    ("rotate, in a file", || {
        in_file(|account, _| rotate(account));
    }),
    ("add_key, remove_key", || in_memory(add_and_remove_key)),
    ("set_default_key", || in_memory(set_default_key)),
    ("repair_entry, repair_key_check", || in_memory(repair)),
    ("resume and undo, in a file", || in_file(resume_and_undo)),
    ("restore", || in_memory(restore)),
    ("disable", || in_memory(disable)),
    ("Report::new", || in_memory(report)),
    ("public_half", public_halves),
    ("CrossSigningKeys, BackupKey", identity),
    ("CrossSigningKeys::random, BackupKey::random", new_identity),
];

/// A person with two recovery keys.
struct Person;

impl KeyCallbacks for Person {
    async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let is_old = request.candidates.iter().any(|key| *key.id() == id());
        let text = if is_old {
            recovery_key()
        } else {
            new_recovery_key()
        };
        Some(ProvidedKey::Typed(TypedKey::read(text)))
    }
}

struct Cache;

impl KeyCallbacks for Cache {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        Some(ProvidedKey::Cached(id(), key()))
    }
}

struct Typist(fn() -> TypedKey);

impl KeyCallbacks for Typist {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        Some(ProvidedKey::Typed((self.0)()))
    }
}

type InMemory = SecretStorage<MemoryStore, Person, NoJournal>;

fn rng() -> Counting {
    Counting(1)
}

fn bootstrap<S: AccountData, J: Journal>(account: &SecretStorage<S, Person, J>) {
    let secrets = [seed(), token()];
    let options = Bootstrap {
        create_key: &mut async || Some(made()),
        secrets: &secrets[..],
        set_up_new: false,
        abandon: &[],
        publish: Publication::default(),
    };
    let done = block_on(account.bootstrap(options, &mut rng())).unwrap();
    assert_eq!(done.key_id, id());
    // It has a place for known secrets only.
    block_on(account.store(&token(), &[], Overwrite::Readable, &mut rng())).unwrap();
}

fn in_memory(run: fn(&InMemory)) {
    let account = SecretStorage::new(MemoryStore::new(), Person);
    bootstrap(&account);
    run(&account);
}

type InFile = SecretStorage<FileStore, Person, JournalFolder>;

fn in_file(run: fn(&InFile, &JournalFolder)) {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::open_or_create(folder.path().join("account.json")).unwrap();
    let journal = || JournalFolder::new(folder.path().join("journal"));
    let account = SecretStorage::new(store, Person).with_journal(journal());
    bootstrap(&account);
    run(&account, &journal());
}

fn get<S: AccountData, K: KeyCallbacks, J: Journal>(account: &SecretStorage<S, K, J>) {
    let read = block_on(account.get(&custom())).unwrap().unwrap();
    assert_eq!(read.expose().len(), 43);
}

fn get_all(account: &InMemory) {
    let names = [custom(), SecretName::CROSS_SIGNING_MASTER];
    let all = block_on(account.get_all(&names)).unwrap();
    assert!(all.iter().all(|(_, secret)| matches!(secret, Ok(Some(_)))));
}

fn events() -> MemoryStore {
    let account = SecretStorage::new(MemoryStore::new(), Person);
    bootstrap(&account);
    let events = block_on(account.account_data().enumerate()).unwrap();
    events.events.into_iter().collect()
}

fn get_cached() {
    get(&SecretStorage::new(events(), Cache));
}

fn get_wrong() {
    let account = SecretStorage::new(events(), Typist(|| TypedKey::read(new_recovery_key())));
    assert!(block_on(account.get(&custom())).is_err());
}

fn get_by_passphrase() {
    let store = MemoryStore::new();
    let description = passphrase_description();
    block_on(store.put(&id().event_type(), &description.to_raw())).unwrap();
    let account = SecretStorage::new(store, Typist(|| TypedKey::read(PASSPHRASE.text())));
    block_on(account.set_default_key(&id(), &[])).unwrap();
    block_on(account.store(&token(), &[], Overwrite::Readable, &mut rng())).unwrap();
    get(&account);
}

fn store<S: AccountData, J: Journal>(account: &SecretStorage<S, Person, J>) {
    let secret = Secret::from_key(SecretName::MEGOLM_BACKUP, &SEED.bytes());
    block_on(account.store(&secret, &[], Overwrite::Readable, &mut rng())).unwrap();
}

fn check_key(account: &InMemory) {
    assert!(block_on(account.check_key(&id(), UnverifiedKey::from_key(key()))).unwrap());
    assert!(!block_on(account.check_key(&id(), UnverifiedKey::from_key(new_key()))).unwrap());
}

fn snapshot(account: &InMemory) -> Snapshot {
    block_on(account.snapshot()).unwrap()
}

fn unlocked() {
    in_memory(|account| {
        let snapshot = snapshot(account);
        let candidates = snapshot.descriptions();
        let provided = ProvidedKey::Typed(typed());
        let limits = CostLimits::default();
        let unlocked = unlock(&snapshot, candidates, &provided, UnlockScope::Every, limits);
        assert_eq!(unlocked.unwrap().keys.len(), 1);
    });
}

fn new() -> NewKey {
    NewKey::from_key(new_key()).build(&mut Counting(100))
}

fn rotate<S: AccountData, J: Journal>(account: &SecretStorage<S, Person, J>) {
    let options = Rotate {
        create_key: &mut async || Some(new()),
        old_key: OldKey::Revoked(id()),
        abandon: &[],
    };
    let rotated = block_on(account.rotate(options, &mut rng())).unwrap();
    assert_eq!(rotated.carried.len(), 2);
    get(account);
}

fn add_and_remove_key(account: &InMemory) {
    let key = new();
    block_on(account.add_key(&key)).unwrap();
    block_on(account.remove_key(key.key().id(), &[])).unwrap();
}

fn set_default_key(account: &InMemory) {
    block_on(account.unset_default_key()).unwrap();
    block_on(account.set_default_key(&id(), &[])).unwrap();
}

fn repair(account: &InMemory) {
    block_on(account.repair_key_check(&id(), &mut rng())).unwrap();
    block_on(account.repair_entry(&custom(), Some(&id()), &mut rng())).unwrap();
}

fn resume_and_undo(account: &InFile, journal: &JournalFolder) {
    let change = journal.latest().unwrap().unwrap();
    let plan = journal.plan(&change).unwrap();
    block_on(account.resume(&plan)).unwrap();
    block_on(account.undo(&plan, &[custom()])).unwrap();
}

fn restore(account: &InMemory) {
    let earlier = snapshot(account);
    rotate(account);
    block_on(account.restore(&earlier, &[], &[])).unwrap();
}

fn disable(account: &InMemory) {
    block_on(account.disable(&[])).unwrap();
}

fn report(account: &InMemory) {
    let snapshot = snapshot(account);
    let made = made();
    let report = Report::new(&snapshot, &[made.key()], CostLimits::default());
    assert!(report.is_set_up());
    assert!(matches!(snapshot.secret(&custom()), EventState::Present(_)));
}

fn public_halves() {
    assert!(public_half(&seed()).is_some());
    let backup = Secret::from_key(SecretName::MEGOLM_BACKUP, &SEED.bytes());
    assert!(public_half(&backup).is_some());
}

fn identity() {
    let seeds = SecretName::CROSS_SIGNING.map(|name| Secret::from_key(name, &SEED.bytes()));
    let keys = CrossSigningKeys::from_secrets(seeds).unwrap();
    let user = "@dora:example.org".try_into().unwrap();
    black_box(keys.upload_body(user));
    let backup = Secret::from_key(SecretName::MEGOLM_BACKUP, &SEED.bytes());
    let backup = BackupKey::from_secret(backup).unwrap();
    black_box(backup.version_body(user, &keys.secrets()[0]).unwrap());
}

fn new_identity() {
    black_box(CrossSigningKeys::random(&mut Drawn(&SEED)));
    black_box(BackupKey::random(&mut Drawn(&SEED)));
}

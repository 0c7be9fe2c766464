//! An account on a server of its own, and somebody with its keys.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use getrandom::SysRng;
use ssss_client::ssss_model::rand_core::UnwrapErr;
use ssss_client::ssss_model::ruma_common::OwnedUserId;
use ssss_client::ssss_model::ssss_crypto::SecretStorageKey;
use ssss_client::ssss_model::{KeyId, NewKey, Secret, VerifiedKey};
use ssss_client::{
    BackupKey, CrossSigningKeys, Error, Homeserver, HomeserverAccount, HomeserverOptions,
    KeyCallbacks, KeyRequest, ProvidedKey, SecretStorage,
};

use super::memory::Memory;
use super::work::{BOOTSTRAP, Outcome, Work};
use crate::server::{DEVICE, FakeServer, USER};
use crate::{block_on, tokens};

pub(super) type Storage<'a> = SecretStorage<&'a HomeserverAccount, Person, Memory>;

/// The bytes of a key, and its id.
type Kept = (KeyId, Vec<u8>);

/// What somebody wrote down, the oldest first.
#[derive(Clone, Default)]
pub(super) struct Person(Arc<Mutex<Vec<Kept>>>);

impl KeyCallbacks for Person {
    async fn secret_storage_key(&self, request: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let known = self.0.lock().unwrap();
        let is_wanted = |id: &KeyId| request.candidates.iter().any(|key| key.id() == id);
        let (id, bytes) = known.iter().rev().find(|(id, _)| is_wanted(id))?;
        let key = SecretStorageKey::from_bytes(bytes).ok()?;
        Some(ProvidedKey::Cached(id.clone(), key))
    }
}

impl Person {
    pub(super) fn write_down(&self, key: &VerifiedKey) {
        let bytes = key.key().expose().to_vec();
        self.0.lock().unwrap().push((key.id().clone(), bytes));
    }

    /// The keys, as those who check what they open need them.
    pub(super) fn keys(&self) -> Vec<VerifiedKey> {
        let known = self.0.lock().unwrap();
        let key = |(id, bytes): &Kept| {
            let key = SecretStorageKey::from_bytes(bytes).unwrap();
            let new = NewKey::from_key(key).id(id.clone());
            new.build(&mut UnwrapErr(SysRng)).into_key()
        };
        known.iter().map(key).collect()
    }
}

pub(super) struct Subject<'a> {
    pub(super) server: FakeServer,
    pub(super) person: Person,
    pub(super) memory: Memory,
    /// What a client that sets up makes.
    pub(super) secrets: Vec<Secret>,
    work: &'a Work,
}

impl<'a> Subject<'a> {
    pub(super) fn new(work: &'a Work) -> Self {
        let server = FakeServer::start();
        let person = Person::default();
        if work.is_set_up {
            let (kept, known) = standard();
            let (kept, mut state) = (kept.state(), server.state());
            state.account_data.clone_from(&kept.account_data);
            state.identity.clone_from(&kept.identity);
            state.backups.clone_from(&kept.backups);
            drop((kept, state));
            known
                .0
                .lock()
                .unwrap()
                .clone_into(&mut person.0.lock().unwrap());
        }
        let subject = Self {
            server,
            person,
            memory: Memory::default(),
            secrets: secrets(),
            work,
        };
        (work.prepare)(&subject);
        subject.memory.forget();
        subject
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.work.outcome
    }

    /// Does it once.
    pub(super) fn run(&self) -> Result<(), Error> {
        self.with_storage(async |storage| (self.work.run)(self, storage).await)
    }

    /// Finishes what was stopped, or does it again if nothing came of it.
    pub(super) fn finish(&self, done: &Result<(), Error>) -> Result<(), Error> {
        match self.memory.unfinished() {
            Some(plan) => self.with_storage(async |storage| storage.resume(&plan).await),
            None if done.is_err() && !self.memory.is_finished() => self.run(),
            None => Ok(()),
        }
    }

    pub(super) fn with_storage<R>(
        &self,
        run: impl AsyncFnOnce(&Storage<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let options = HomeserverOptions {
            timeout: Duration::from_millis(400),
            max_answer: 1 << 20,
            ..HomeserverOptions::default()
        };
        block_on(async {
            let homeserver = Homeserver::connect(&self.server.url, &options).await?;
            let user: OwnedUserId = USER.parse().unwrap();
            let account = HomeserverAccount::new(homeserver, user, Some(DEVICE.into()), tokens());
            let storage =
                SecretStorage::new(&account, self.person.clone()).with_journal(self.memory.clone());
            run(&storage).await
        })
    }
}

fn secrets() -> Vec<Secret> {
    let rng = &mut UnwrapErr(SysRng);
    let mut secrets: Vec<Secret> = CrossSigningKeys::random(rng).into_secrets().into();
    secrets.push(BackupKey::random(rng).into_secret());
    secrets
}

/// An account that was set up, made once.
fn standard() -> &'static (FakeServer, Person) {
    static STANDARD: OnceLock<(FakeServer, Person)> = OnceLock::new();
    STANDARD.get_or_init(|| {
        let subject = Subject::new(&BOOTSTRAP);
        subject.run().unwrap();
        (subject.server.clone(), subject.person.clone())
    })
}

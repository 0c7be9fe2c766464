//! What is done to an account while the server plays.

use ssss_client::ssss_model::ssss_crypto::CostLimits;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::ssss_model::{KeyId, NewKey, Secret, SecretName, TypedKey, VerifiedKey};
use ssss_client::{
    AccountData, Bootstrap, Error, KeyCallbacks, KeyRequest, OldKey, Overwrite, ProvidedKey,
    Publication, Report, Rotate, SecretStorage, UnlockScope, unlock,
};

use crate::account::{name, rng, secret};
use crate::client::Told;
use crate::truth::REAL;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Open,
    StoreOther,
    StoreKnown,
    SetUpNew,
    Bootstrap,
    Rotate,
    Revoke,
    AddKey,
    SetDefault,
    RemoveKey,
    RepairDefault,
    RepairEntry,
    RepairCheck,
    Gc,
    Disable,
    Doctor,
}

pub(crate) const ALL: &[Work] = &[
    Work::Open,
    Work::StoreOther,
    Work::StoreKnown,
    Work::SetUpNew,
    Work::Bootstrap,
    Work::Rotate,
    Work::Revoke,
    Work::AddKey,
    Work::SetDefault,
    Work::RemoveKey,
    Work::RepairDefault,
    Work::RepairEntry,
    Work::RepairCheck,
    Work::Gc,
    Work::Disable,
    Work::Doctor,
];

/// What the weak client can do.
pub(crate) const WEAK: &[Work] = &[
    Work::Open,
    Work::StoreOther,
    Work::StoreKnown,
    Work::Bootstrap,
];

pub(crate) const OTHER: &str = "org.example.other";
pub(crate) const OTHER_VALUE: &str = "canary-other-value";

/// Types the same whatever is asked.
pub(crate) struct Person(pub(crate) String);

impl KeyCallbacks for Person {
    async fn secret_storage_key(&self, _: &KeyRequest<'_>) -> Option<ProvidedKey> {
        let text = Zeroizing::new(self.0.clone());
        Some(ProvidedKey::Typed(TypedKey::read(text)))
    }
}

pub(crate) fn known_names() -> Vec<SecretName> {
    let mut names = SecretName::CROSS_SIGNING.to_vec();
    names.push(SecretName::MEGOLM_BACKUP);
    names
}

/// Names that are opened: the known ones, and two that are not.
pub(crate) fn opened_names() -> Vec<SecretName> {
    let mut names = known_names();
    names.extend([name(OTHER), name("org.example.x")]);
    names
}

pub(crate) async fn run<S: AccountData>(
    work: Work,
    storage: &SecretStorage<S, Person>,
    typed: &str,
    told: &Told,
) -> Result<(), Error> {
    let rng = &mut rng();
    let mut create_key = async || Some(new_key(told));
    match work {
        Work::Open => {
            for (name, opened) in storage.get_all(&opened_names()).await? {
                match opened {
                    Ok(Some(secret)) => told.opened(&name, secret.expose()),
                    Ok(None) => {}
                    Err(error) => told.say(&error),
                }
            }
        }
        Work::StoreOther => {
            let other = secret(OTHER, OTHER_VALUE);
            storage.store(&other, &[], Overwrite::Readable, rng).await?;
        }
        Work::StoreKnown => {
            let known = Secret::from_key(SecretName::MEGOLM_BACKUP, &[9; 32]);
            storage.store(&known, &[], Overwrite::Anything, rng).await?;
        }
        Work::SetUpNew | Work::Bootstrap => {
            let options = Bootstrap {
                create_key: &mut create_key,
                secrets: &[][..],
                set_up_new: work == Work::SetUpNew,
                abandon: &[],
                publish: Publication::default(),
            };
            storage.bootstrap(options, rng).await?;
        }
        Work::Rotate | Work::Revoke => {
            let old_key = match storage.default_key_id().await? {
                Some(id) if work == Work::Revoke => OldKey::Revoked(id),
                _ => OldKey::Kept,
            };
            let options = Rotate {
                create_key: &mut create_key,
                old_key,
                abandon: &[],
            };
            storage.rotate(options, rng).await?;
        }
        Work::AddKey => storage.add_key(&new_key(told)).await?,
        Work::SetDefault | Work::RemoveKey | Work::RepairCheck => {
            let snapshot = storage.snapshot().await?;
            let ids: Vec<KeyId> = snapshot.keys().map(|(id, _)| id.clone()).collect();
            for id in ids.iter().take(4) {
                let done = match work {
                    Work::SetDefault => storage.set_default_key(id, &[]).await,
                    Work::RemoveKey => storage.remove_key(id, &[]).await.map(drop),
                    _ => storage.repair_key_check(id, rng).await,
                };
                if let Err(error) = done {
                    told.say(&error);
                }
            }
        }
        Work::RepairDefault => {
            storage.repair_default_key(&[]).await?;
        }
        Work::RepairEntry => {
            for name in opened_names() {
                let real = KeyId::new(REAL).ok();
                for id in [None, real.as_ref()] {
                    if let Err(error) = storage.repair_entry(&name, id, rng).await {
                        told.say(&error);
                    }
                }
            }
        }
        Work::Gc => {
            storage.gc().await?;
        }
        Work::Disable => {
            storage.disable(&[]).await?;
        }
        Work::Doctor => doctor(storage, typed, told).await?,
    }
    Ok(())
}

/// Looks, with the key, and says everything that is found.
async fn doctor<S: AccountData>(
    storage: &SecretStorage<S, Person>,
    typed: &str,
    told: &Told,
) -> Result<(), Error> {
    let snapshot = storage.snapshot().await?;
    let limits = CostLimits::default();
    let typed = TypedKey::read(Zeroizing::new(typed.to_owned()));
    let provided = ProvidedKey::Typed(typed);
    let undescribed = snapshot.undescribed_keys();
    let candidates = snapshot.descriptions().chain(&undescribed);
    let found = unlock(&snapshot, candidates, &provided, UnlockScope::Every, limits);
    let keys = match found {
        Ok(unlocked) => unlocked.keys,
        Err(error) => {
            told.say(&error);
            Vec::new()
        }
    };
    let keys: Vec<&VerifiedKey> = keys.iter().collect();
    let report = Report::new(&snapshot, &keys, limits);
    for finding in &report.findings {
        told.say(finding);
    }
    Ok(())
}

fn new_key(told: &Told) -> NewKey {
    let key = NewKey::random(&mut rng()).build(&mut rng());
    told.created(key.key().key().expose());
    key
}

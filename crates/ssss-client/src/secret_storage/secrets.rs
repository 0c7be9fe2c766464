//! Secrets: store, get, is-stored, remove, list.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{
    EncryptedSecret, EventState, KeyDescription, KeyId, OpenError, Secret, SecretName, Snapshot,
    VerifiedKey,
};

use super::hand::sealed_for;
use super::{SecretStorage, usable_key};
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::Journal;
use crate::key_callbacks::KeyCallbacks;
use crate::plan::{Loss, Overwrite, Plan};
use crate::report::SecretReport;
use crate::unlock::Unlocked;

/// What came of storing a secret.
#[derive(Debug)]
#[non_exhaustive]
pub struct Stored {
    /// The keys that open the new value.
    pub keys: Vec<KeyId>,
    /// Those of them for which something else was stored before, which is written over: another value,
    /// or something that they did not open. A [journal](Journal) has it still.
    pub replaced: Vec<KeyId>,
    /// Keys for which something else stays stored: the value that it had before, as far as one can
    /// tell without those keys.
    pub stale: Vec<KeyId>,
}

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Stores a secret, sealed for the given keys, or for the default key if none are given. Each
    /// key is asked for and held against its description first.
    ///
    /// What is stored for other keys stays, and is reported.
    pub async fn store(
        &self,
        secret: &Secret,
        keys: &[KeyId],
        overwrite: Overwrite,
        rng: &mut impl CryptoRng,
    ) -> Result<Stored, Error> {
        let snapshot = self.snapshot_with(Some(secret.name()), keys).await?;
        let ids = match keys {
            [] => vec![usable_default(&snapshot)?.id().clone()],
            ids => ids.to_vec(),
        };
        let verified = self.ask_for_all(&snapshot, &ids, secret.name()).await?;
        let verified: Vec<&VerifiedKey> = verified.iter().collect();
        let plan = Plan::put(&snapshot, secret, &verified, overwrite, rng)?;
        self.carry_out_or_back(&snapshot, &plan, &verified).await?;
        let stale = match snapshot.secret(secret.name()) {
            EventState::Present(before) => {
                let others = before
                    .entries()
                    .map(|(id, _)| id)
                    .filter(|id| !ids.contains(id));
                others.cloned().collect()
            }
            _ => Vec::new(),
        };
        let replaced = plan.losses().iter().filter_map(Loss::key_id);
        Ok(Stored {
            replaced: replaced.cloned().collect(),
            keys: ids,
            stale,
        })
    }

    /// Opens a secret; `None` if there is none, or it was removed. The key is asked for once, with
    /// every key that the secret is sealed for.
    pub async fn get(&self, name: &SecretName) -> Result<Option<Secret>, Error> {
        let mut secrets = self.get_all(std::slice::from_ref(name)).await?;
        secrets.pop().map_or(Ok(None), |(_, secret)| secret)
    }

    /// Opens secrets, each with what came of it. The key is asked for once for all of them, with
    /// every key that any of them is sealed for; not at all, if there is nothing to open. Reads these
    /// secrets and keys only. If anything of it cannot be read, that is the error of all.
    pub async fn get_all(
        &self,
        names: &[SecretName],
    ) -> Result<Vec<(SecretName, Result<Option<Secret>, Error>)>, Error> {
        let snapshot = self.look_up(names).await?;
        let sealed: Vec<&EncryptedSecret> = names
            .iter()
            .filter_map(|name| snapshot.secret(name).present())
            .collect();
        let candidates = candidates(&snapshot, &sealed);
        let unlocked = match candidates.as_slice() {
            [] => Unlocked::none(),
            candidates => self.ask(&snapshot, candidates, names).await?,
        };
        Ok(names
            .iter()
            .map(|name| (name.clone(), read(&snapshot, &unlocked, name)))
            .collect())
    }

    /// The keys that a secret is sealed for and that are described; `None` if there are none. Shows
    /// that it is there, not that it opens.
    pub async fn is_stored(&self, name: &SecretName) -> Result<Option<Vec<KeyDescription>>, Error> {
        let snapshot = self.look_up_keys(name).await?;
        let EventState::Present(sealed) = snapshot.secret(name) else {
            return Ok(None);
        };
        let keys: Vec<_> = sealed
            .entries()
            .filter(|(_, fault)| fault.is_none())
            .filter_map(|(id, _)| usable_key(&snapshot, id).cloned())
            .collect();
        Ok((!keys.is_empty()).then_some(keys))
    }

    /// Removes a secret, for every key. Needs none.
    pub async fn remove(&self, name: &SecretName) -> Result<(), Error> {
        let snapshot = self.snapshot_with(Some(name), &[]).await?;
        let plan = Plan::remove(&snapshot, name)?;
        self.carry_out_or_back(&snapshot, &plan, &[]).await
    }

    /// Lists the secrets: the cross-signing keys and the backup key, there or not, and every other
    /// that has an event.
    pub async fn list(&self) -> Result<Vec<SecretReport>, Error> {
        Ok(self.status().await?.secrets)
    }

    /// Asks until every one of these keys is at hand: once, if what is supplied is all of them.
    async fn ask_for_all(
        &self,
        snapshot: &Snapshot,
        ids: &[KeyId],
        name: &SecretName,
    ) -> Result<Vec<VerifiedKey>, Error> {
        let mut verified: Vec<VerifiedKey> = Vec::new();
        let mut descriptions = Vec::new();
        for id in ids {
            let key = usable_key(snapshot, id).ok_or_else(|| Error::NoSuchKey(id.clone()))?;
            descriptions.push(key);
        }
        loop {
            let is_open = |id: &KeyId| verified.iter().any(|key| key.id() == id);
            descriptions.retain(|key| !is_open(key.id()));
            let Some(first) = descriptions.first() else {
                return Ok(verified);
            };
            let first = first.id().clone();
            let unlocked = self
                .ask(snapshot, &descriptions, std::slice::from_ref(name))
                .await?;
            if unlocked.keys.is_empty() {
                let unproven = unlocked
                    .unchecked
                    .first()
                    .map_or(first, |key| key.id().clone());
                return Err(Error::KeyUnproven(unproven));
            }
            verified.extend(unlocked.keys);
        }
    }
}

/// The default key, if it can be used.
pub(super) fn usable_default(snapshot: &Snapshot) -> Result<&KeyDescription, Error> {
    let id = snapshot.default_key_id().ok_or(Error::NoDefaultKey)?;
    usable_key(snapshot, id).ok_or(Error::NoDefaultKey)
}

/// The keys that any of these secrets is sealed for, the default key first.
pub(super) fn candidates<'a>(
    snapshot: &'a Snapshot,
    secrets: &[&EncryptedSecret],
) -> Vec<&'a KeyDescription> {
    let wanted = sealed_for(secrets);
    snapshot
        .descriptions()
        .filter(|key| key.is_supported() && wanted.contains(key.id()))
        .collect()
}

fn read(
    snapshot: &Snapshot,
    unlocked: &Unlocked,
    name: &SecretName,
) -> Result<Option<Secret>, Error> {
    let sealed = match snapshot.secret(name) {
        EventState::Missing | EventState::Tombstone => return Ok(None),
        EventState::Malformed(why) => return Err(Error::MalformedSecret(name.clone(), *why)),
        EventState::Present(sealed) => sealed,
    };
    if candidates(snapshot, &[sealed]).is_empty() {
        let ids = sealed.entries().map(|(id, _)| id.clone()).collect();
        return Err(Error::NoUsableKey(name.clone(), ids));
    }
    open(unlocked, sealed).map(Some)
}

/// Opens a secret with whichever of the keys does.
pub(super) fn open(unlocked: &Unlocked, sealed: &EncryptedSecret) -> Result<Secret, Error> {
    let mut failed = None;
    let verified = unlocked.keys.iter().map(|key| (key.id(), key.open(sealed)));
    let unchecked = unlocked
        .unchecked
        .iter()
        .map(|key| (key.id(), key.open(sealed)));
    for (id, opened) in verified.chain(unchecked) {
        match opened {
            Ok(secret) => return Ok(secret),
            // That a key is not meant for it says less than why one that is does not open it.
            Err(OpenError::NotSealedForKey) if failed.is_some() => {}
            Err(error) => failed = Some((id.clone(), error)),
        }
    }
    let (id, error) = failed.ok_or(Error::NoKeySupplied)?;
    Err(Error::Open(sealed.name().clone(), id, error))
}

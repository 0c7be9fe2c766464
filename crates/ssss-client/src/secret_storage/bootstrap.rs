//! Setting secret storage up.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{EncryptedSecret, EventState, KeyId, NewKey, Secret, SecretName, Snapshot};

use super::SecretStorage;
use super::secrets::{candidates, open, usable_default};
use crate::account_data::AccountData;
use crate::apply::apply;
use crate::error::Error;
use crate::key_callbacks::KeyCallbacks;
use crate::plan::{Plan, PlanError};
use crate::secret_source::SecretSource;
use crate::unlock::Unlocked;

/// How to set secret storage up. The reference's `CreateSecretStorageOpts`.
#[derive(Debug)]
pub struct Bootstrap<'a, C: ?Sized, Q: ?Sized> {
    /// Makes the new key, and shows it to the person who must keep it. Called only if a new key is
    /// needed, after everything that could refuse has been looked at, and before anything is
    /// written. `None` calls the whole thing off. The reference's `createSecretStorageKey`.
    pub create_key: &'a mut C,
    /// Where the secrets come from that are to be stored.
    pub secrets: &'a Q,
    /// Make a new key even if there is one that can be used. The reference's
    /// `setupNewSecretStorage`.
    pub set_up_new: bool,
    /// Secrets that may be left behind, out of reach of the new default key, if no key opens them.
    pub abandon: &'a [SecretName],
}

/// What came of setting secret storage up.
#[derive(Debug)]
#[non_exhaustive]
pub struct Bootstrapped {
    /// The id of the default key.
    pub key_id: KeyId,
    /// The new key, if one was made.
    pub new_key: Option<NewKey>,
    /// The secrets that were stored, from the source.
    pub stored: Vec<SecretName>,
    /// The secrets of the account that were carried over to the new key.
    pub carried: Vec<SecretName>,
    /// The secrets that were not stored, and why: those of the source's names that are not there,
    /// and those of the account that the default key does not reach.
    pub not_stored: Vec<(SecretName, NotStored)>,
}

/// Why a secret is not stored for the default key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotStored {
    /// The source does not have it, and neither does the account.
    NoValue,
    /// No key opens it, and the caller named it to be left behind.
    Abandoned,
    /// It is sealed for other keys than the default key, as it was before.
    OtherKey,
}

impl<S: AccountData, K: KeyCallbacks> SecretStorage<S, K> {
    /// Sets secret storage up, as far as it is not. The reference calls this
    /// `bootstrapSecretStorage`.
    ///
    /// Where there is a usable default key, the secrets that are missing for it are stored, if the
    /// source has them; where nothing is missing, nothing is asked and nothing written.
    ///
    /// Otherwise a new key is made. Secrets of the account which the source does not have are
    /// opened with a key that is asked for, once, and carried over; if that does not open all of
    /// them, nothing is written, unless they are named to be left behind.
    pub async fn bootstrap<C, Q>(
        &self,
        options: Bootstrap<'_, C, Q>,
        rng: &mut impl CryptoRng,
    ) -> Result<Bootstrapped, Error>
    where
        C: AsyncFnMut() -> Option<NewKey> + ?Sized,
        Q: SecretSource + ?Sized,
    {
        let snapshot = self.snapshot().await?;
        match usable_default(&snapshot) {
            Ok(key) if !options.set_up_new => {
                self.complete(&snapshot, key.id(), options.secrets, rng)
                    .await
            }
            _ => self.set_up(&snapshot, options, rng).await,
        }
    }

    async fn complete(
        &self,
        snapshot: &Snapshot,
        id: &KeyId,
        source: &(impl SecretSource + ?Sized),
        rng: &mut impl CryptoRng,
    ) -> Result<Bootstrapped, Error> {
        let mut secrets = Vec::new();
        let mut not_stored = Vec::new();
        for name in source.names() {
            let state = snapshot.secret(&name);
            if state
                .present()
                .is_some_and(|secret| secret.is_sealed_for(id))
            {
                continue;
            }
            match (source.secret(&name).await, state) {
                (Some(secret), _) => secrets.push(secret),
                (None, EventState::Present(_)) => {}
                (None, _) => not_stored.push((name, NotStored::NoValue)),
            }
        }
        let stored: Vec<_> = secrets.iter().map(|secret| secret.name().clone()).collect();
        not_stored.extend(
            snapshot
                .present_secrets()
                .filter(|secret| !secret.is_sealed_for(id) && !stored.contains(secret.name()))
                .map(|secret| (secret.name().clone(), NotStored::OtherKey)),
        );
        if !secrets.is_empty() {
            let key = self.ask_for(snapshot, id, &stored).await?;
            let plan = Plan::complete(snapshot, &key, &secrets, rng)?;
            apply(&self.store, &plan, &[&key]).await?;
        }
        let key_id = id.clone();
        Ok(Bootstrapped {
            key_id,
            new_key: None,
            stored,
            carried: Vec::new(),
            not_stored,
        })
    }
}

impl<S: AccountData, K: KeyCallbacks> SecretStorage<S, K> {
    async fn set_up<C, Q>(
        &self,
        snapshot: &Snapshot,
        options: Bootstrap<'_, C, Q>,
        rng: &mut impl CryptoRng,
    ) -> Result<Bootstrapped, Error>
    where
        C: AsyncFnMut() -> Option<NewKey> + ?Sized,
        Q: SecretSource + ?Sized,
    {
        let mut secrets = Vec::new();
        let mut not_stored = Vec::new();
        for name in options.secrets.names() {
            match options.secrets.secret(&name).await {
                Some(secret) => secrets.push(secret),
                None if snapshot.secret(&name).present().is_some() => {}
                None => not_stored.push((name, NotStored::NoValue)),
            }
        }
        let stored: Vec<_> = secrets.iter().map(|secret| secret.name().clone()).collect();
        let (carried, locked) = self.carry(snapshot, &stored, options.abandon).await?;
        not_stored.extend(locked.into_iter().map(|name| (name, NotStored::Abandoned)));
        let carried_names = carried.iter().map(|secret| secret.name().clone()).collect();
        secrets.extend(carried);

        let new_key = (options.create_key)().await.ok_or(Error::NoKeyCreated)?;
        let plan = Plan::set_up(snapshot, &new_key, &secrets, options.abandon, rng)?;
        apply(&self.store, &plan, &[new_key.key()]).await?;
        self.keys
            .cache_secret_storage_key(new_key.key(), new_key.description());
        Ok(Bootstrapped {
            key_id: new_key.key().id().clone(),
            new_key: Some(new_key),
            stored,
            carried: carried_names,
            not_stored,
        })
    }

    /// Opens the secrets of the account that are not replaced anyway, with one key that is asked
    /// for; with them come the names of those that it does not open. Refused if one of these is not
    /// named to be left behind.
    async fn carry(
        &self,
        snapshot: &Snapshot,
        replaced: &[SecretName],
        abandon: &[SecretName],
    ) -> Result<(Vec<Secret>, Vec<SecretName>), Error> {
        let sealed: Vec<&EncryptedSecret> = snapshot
            .present_secrets()
            .filter(|secret| !replaced.contains(secret.name()))
            .collect();
        let names: Vec<_> = sealed.iter().map(|secret| secret.name().clone()).collect();
        let candidates = candidates(snapshot, &sealed);
        let is_needed = names.iter().any(|name| !abandon.contains(name)) && !candidates.is_empty();
        let unlocked = if is_needed {
            match self.ask(snapshot, &candidates, &names).await {
                Err(Error::NoKeySupplied) => Unlocked::none(),
                asked => asked?,
            }
        } else {
            Unlocked::none()
        };
        let mut carried = Vec::new();
        let mut locked = Vec::new();
        for secret in sealed {
            match open(&unlocked, secret) {
                Ok(secret) => carried.push(secret),
                Err(_) => locked.push(secret.name().clone()),
            }
        }
        let lost: Vec<_> = locked
            .iter()
            .filter(|name| !abandon.contains(name))
            .cloned()
            .collect();
        if lost.is_empty() {
            Ok((carried, locked))
        } else {
            Err(PlanError::WouldAbandon(lost).into())
        }
    }
}

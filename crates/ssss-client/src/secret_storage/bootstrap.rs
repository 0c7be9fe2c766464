//! Setting secret storage up.

use ssss_model::rand_core::CryptoRng;
use ssss_model::{EventState, KeyId, NewKey, SecretName, Snapshot, VerifiedKey};

use super::SecretStorage;
use super::secrets::usable_default;
use crate::account_data::AccountData;
use crate::error::Error;
use crate::journal::Journal;
use crate::key_callbacks::KeyCallbacks;
use crate::plan::{Loss, Plan, PlanError, SetUp};
use crate::publication::Publication;
use crate::secret_source::SecretSource;

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
    /// What to publish, once the private halves lie in secret storage. Nothing, for a store that
    /// is no homeserver.
    pub publish: Publication,
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

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Sets secret storage up, as far as it is not. The reference calls this
    /// `bootstrapSecretStorage`.
    ///
    /// Where there is a usable default key, the secrets that are missing for it are stored, if the
    /// source has them; where nothing is missing, nothing is asked and nothing written.
    ///
    /// Otherwise a new key is made. Secrets of the account which the source does not have are
    /// opened with a key that is asked for, once, and carried over; if that does not open all of
    /// them, nothing is written, unless they are named to be left behind. Nor is it where the store does
    /// not give the list of the account's data.
    pub async fn bootstrap<C, Q>(
        &self,
        options: Bootstrap<'_, C, Q>,
        rng: &mut impl CryptoRng,
    ) -> Result<Bootstrapped, Error>
    where
        C: AsyncFnMut() -> Option<NewKey> + ?Sized,
        Q: SecretSource + ?Sized,
    {
        let names = options.secrets.names();
        let names: Vec<&str> = names.iter().map(SecretName::as_str).collect();
        self.store.mention(&names);
        let snapshot = self.snapshot().await?;
        match usable_default(&snapshot) {
            Ok(key) if !options.set_up_new => {
                self.complete(&snapshot, key.id(), options, rng).await
            }
            // A new key would not open what nobody sees, nor would it be known that there is nothing.
            _ if !snapshot.is_whole() => Err(Error::Plan(PlanError::NotListed)),
            _ => self.set_up(&snapshot, options, rng).await,
        }
    }

    async fn complete<C, Q>(
        &self,
        snapshot: &Snapshot,
        id: &KeyId,
        options: Bootstrap<'_, C, Q>,
        rng: &mut impl CryptoRng,
    ) -> Result<Bootstrapped, Error>
    where
        C: ?Sized,
        Q: SecretSource + ?Sized,
    {
        let (source, publish) = (options.secrets, options.publish);
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
        if !secrets.is_empty() || !publish.is_empty() {
            let key = self
                .ask_for(snapshot, id, &needed(&stored, publish))
                .await?;
            let plan = Plan::complete(snapshot, &key, &secrets, publish, rng)?;
            self.carry_out_or_back(snapshot, &plan, &[&key]).await?;
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

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
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
        let (abandon, publish) = (options.abandon, options.publish);
        let others: Vec<_> = snapshot
            .present_secrets()
            .filter(|secret| !stored.contains(secret.name()) && !abandon.contains(secret.name()))
            .collect();
        let keys = self.gather(snapshot, &others, &[]).await?;
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        let trial = NewKey::random(rng).build(rng);
        let plan = |snapshot: &Snapshot, newest: Option<&KeyId>, new: &NewKey| {
            let options = SetUp {
                newest,
                secrets: &secrets,
                keys: &keys,
                abandon,
                publish,
            };
            Plan::set_up_from(snapshot, new, options, rng)
        };
        let done = self
            .put_in_place(snapshot, &keys, &trial, options.create_key, plan)
            .await?;
        not_stored.extend(done.losses.into_iter().filter_map(|loss| match loss {
            Loss::LeftBehind(name) => Some((name, NotStored::Abandoned)),
            _ => None,
        }));
        let mut carried = done.stored;
        carried.retain(|name| !stored.contains(name));
        Ok(Bootstrapped {
            key_id: done.key.key().id().clone(),
            new_key: Some(done.key),
            stored,
            carried,
            not_stored,
        })
    }
}

/// The secrets for which a key is needed: those that are stored, and those that are published.
fn needed(stored: &[SecretName], publish: Publication) -> Vec<SecretName> {
    let mut names = stored.to_vec();
    let identity = SecretName::CROSS_SIGNING
        .into_iter()
        .filter(|_| publish.identity);
    let backup = publish.backup.then_some(SecretName::MEGOLM_BACKUP);
    for name in identity.chain(backup) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

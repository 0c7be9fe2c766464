//! Secret storage of one account: the operations.

mod backup;
mod bootstrap;
mod changes;
mod hand;
mod keys;
mod lookup;
mod new_key;
mod repair;
mod rotate;
mod secrets;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ssss_model::ssss_crypto::CostLimits;
use ssss_model::{KeyDescription, KeyId, Object, SecretName, Snapshot, VerifiedKey};

pub use self::bootstrap::{Bootstrap, Bootstrapped, NotStored};
pub use self::rotate::{Rotate, Rotated};
pub use self::secrets::Stored;
use crate::account_data::{AccountData, AccountDataErrorKind};
use crate::apply::{ApplyError, ApplyErrorKind, Progress, apply};
use crate::error::Error;
use crate::journal::{Ending, Journal, NoJournal};
use crate::key_callbacks::{KeyCallbacks, KeyRequest};
use crate::plan::{Plan, PlanError};
use crate::report::Report;
use crate::unlock::{UnlockScope, Unlocked, unlock_aside};

/// Secret storage of one account, over a store, with keys from callbacks.
///
/// Each operation reads what it needs, decides, and, if it writes, does so by way of a
/// [`Plan`], which a [`Journal`] may remember. Nothing is kept between operations.
#[derive(Debug)]
pub struct SecretStorage<S, K, J = NoJournal> {
    store: S,
    keys: K,
    journal: J,
    limits: CostLimits,
}

/// How often a change is planned anew because another client wrote meanwhile.
const ATTEMPTS: usize = 3;

impl<S: AccountData, K: KeyCallbacks> SecretStorage<S, K> {
    /// Takes a store and the callbacks that supply keys. Passphrases may cost what
    /// [`CostLimits::default`] allows, and changes are not remembered.
    pub fn new(store: S, keys: K) -> Self {
        Self {
            store,
            keys,
            journal: NoJournal,
            limits: CostLimits::default(),
        }
    }
}

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Bounds the cost of deriving keys from passphrases.
    #[must_use]
    pub fn with_cost_limits(self, limits: CostLimits) -> Self {
        Self { limits, ..self }
    }

    /// Has every change remembered, before anything of it is written.
    pub fn with_journal<J2: Journal>(self, journal: J2) -> SecretStorage<S, K, J2> {
        SecretStorage {
            store: self.store,
            keys: self.keys,
            journal,
            limits: self.limits,
        }
    }

    /// What remembers changes.
    pub fn journal(&self) -> &J {
        &self.journal
    }

    /// The store.
    pub fn account_data(&self) -> &S {
        &self.store
    }

    /// Reads the account.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(self.store.enumerate().await?.into_snapshot())
    }

    /// Reads the account for a change that is safe only if nothing is missing from it. Refused before a
    /// key is asked for.
    async fn whole_snapshot(&self) -> Result<Snapshot, Error> {
        let snapshot = self.snapshot().await?;
        if snapshot.is_whole() {
            Ok(snapshot)
        } else {
            Err(Error::Plan(PlanError::NotListed))
        }
    }

    /// Reads the account, a secret of this name and keys of these ids included, also where the store
    /// cannot list them.
    async fn snapshot_with(
        &self,
        name: Option<&SecretName>,
        ids: &[KeyId],
    ) -> Result<Snapshot, Error> {
        let keys: Vec<String> = ids.iter().map(KeyId::event_type).collect();
        let names = name.into_iter().map(SecretName::as_str);
        let names: Vec<&str> = names.chain(keys.iter().map(String::as_str)).collect();
        self.store.mention(&names);
        self.snapshot().await
    }

    /// Tells what is there and what is wrong with it, without any key. The reference calls this
    /// `getSecretStorageStatus`.
    pub async fn status(&self) -> Result<Report, Error> {
        Ok(Report::new(&self.snapshot().await?, &[], self.limits))
    }

    /// Whether everything is there that should be. The reference calls this
    /// `isSecretStorageReady`.
    pub async fn is_ready(&self) -> Result<bool, Error> {
        Ok(self.status().await?.is_ready())
    }

    /// Carries a plan out, and has it remembered.
    async fn carry_out(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        keys: &[&VerifiedKey],
    ) -> Result<(), Error> {
        if plan.is_empty() {
            return Ok(());
        }
        self.journal.begin(snapshot, plan).await?;
        let mut applied = self.apply(plan, keys).await;
        match &mut applied {
            Ok(()) => self.journal.end(Ending::Finished).await?,
            Err(error) if self.is_untouched(plan, error).await => {
                self.journal.end(Ending::Untouched).await?;
                error.written.clear();
            }
            Err(_) => {}
        }
        Ok(applied?)
    }

    /// The same, and takes back what was written if another client's write is what kept the plan from
    /// its end: a change that is not made anew is made whole or not at all, as far as that client
    /// leaves it to us.
    async fn carry_out_or_back(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        keys: &[&VerifiedKey],
    ) -> Result<(), Error> {
        match self.carry_out(snapshot, plan, keys).await {
            Err(error) if is_conflict(&error) && error.leaves_something() => {
                Err(self.taken_back(plan, error).await?)
            }
            done => done,
        }
    }

    /// Takes back what was written of a plan that was kept from its end, as far as another client
    /// leaves that to us. Gives the error, which then says so.
    async fn taken_back(&self, plan: &Plan, error: Error) -> Result<Error, Error> {
        let Error::Apply(mut error) = error else {
            return Ok(error);
        };
        let plan = if error.published {
            Cow::Borrowed(plan)
        } else {
            // What was not published need not be minded.
            Cow::Owned(plan.without_publication())
        };
        // Should that fail, it is the first failure that tells more.
        if let Ok(snapshot) = self.snapshot().await
            && let Ok(undoing) = plan.ours(&snapshot).undo(&snapshot, &[])
            && self.apply(&undoing, &[]).await.is_ok()
        {
            self.journal.end(Ending::Untouched).await?;
            error.taken_back = true;
        }
        Ok(Error::Apply(error))
    }

    /// Whether nothing of a plan that failed was written. A store that failed may have written all
    /// the same, so what is there is looked at.
    async fn is_untouched(&self, plan: &Plan, error: &ApplyError) -> bool {
        let written: HashSet<_> = error.written.iter().map(String::as_str).collect();
        if error.published {
            return false;
        }
        if written.is_empty() {
            return true;
        }
        let Ok(listing) = self.store.enumerate().await else {
            return false;
        };
        // Also where the list is not whole: what was written was asked for by name.
        let now: HashMap<_, _> = listing.events.into_iter().collect();
        let mut writes = plan
            .writes()
            .filter(|write| written.contains(write.event_type()));
        !writes.any(|write| {
            match now.get(write.event_type()).map(Object::from_raw) {
                Some(Ok(current)) => current.is_same_json(write.after()),
                // Nobody knows what this is.
                Some(Err(_)) => false,
                None => write.after().is_empty(),
            }
        })
    }

    async fn apply(&self, plan: &Plan, keys: &[&VerifiedKey]) -> Result<(), ApplyError> {
        let on_progress = |progress: Progress<'_>| self.journal.progress(progress);
        apply(&self.store, plan, keys, on_progress).await
    }

    /// Asks for a key, once, and finds out which of the candidates it is.
    async fn ask<'a>(
        &self,
        snapshot: &'a Snapshot,
        candidates: &[&'a KeyDescription],
        secrets: &[SecretName],
    ) -> Result<Unlocked, Error> {
        let default_key = snapshot.default_key_id();
        let request = KeyRequest {
            candidates,
            default_key,
            secrets,
        };
        let provided = self
            .keys
            .secret_storage_key(&request)
            .await
            .ok_or(Error::NoKeySupplied)?;
        // One secret needs one key; several may be sealed for several.
        let scope = if secrets.len() > 1 {
            UnlockScope::Every
        } else {
            UnlockScope::First
        };
        Ok(unlock_aside(snapshot, candidates, provided, scope, self.limits).await?)
    }

    /// Asks for one key, which must be proven: for writing.
    async fn ask_for(
        &self,
        snapshot: &Snapshot,
        id: &KeyId,
        secrets: &[SecretName],
    ) -> Result<VerifiedKey, Error> {
        let description = usable_key(snapshot, id).ok_or_else(|| Error::NoSuchKey(id.clone()))?;
        let unlocked = self.ask(snapshot, &[description], secrets).await?;
        unlocked
            .keys
            .into_iter()
            .next()
            .ok_or_else(|| Error::KeyUnproven(id.clone()))
    }
}

/// The description of a key, if it can be used.
fn usable_key<'a>(snapshot: &'a Snapshot, id: &KeyId) -> Option<&'a KeyDescription> {
    snapshot.key(id).present().filter(|key| key.is_supported())
}

/// Whether another client's write is what kept a plan from being carried out, so that planning anew
/// may help.
fn is_conflict(error: &Error) -> bool {
    let kind = match error {
        // Nothing was written.
        Error::Store(error) => return error.kind() == AccountDataErrorKind::Conflict,
        Error::Apply(error) => &error.kind,
        _ => return false,
    };
    match kind {
        ApplyErrorKind::Conflict(_) | ApplyErrorKind::NotStored(_) => true,
        ApplyErrorKind::Store(error) => error.kind() == AccountDataErrorKind::Conflict,
        ApplyErrorKind::NoKey(_)
        | ApplyErrorKind::DoesNotOpen(..)
        | ApplyErrorKind::NotListed
        // What was published may not be left without its private half.
        | ApplyErrorKind::Publish(_) => false,
    }
}

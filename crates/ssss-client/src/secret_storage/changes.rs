//! Changes that were made before: finishing them, taking them back, going back to a snapshot.

use ssss_model::{EncryptedSecret, KeyId, Object, SecretName, Snapshot, VerifiedKey};

use super::SecretStorage;
use super::hand::required;
use crate::account_data::{AccountData, Content};
use crate::error::Error;
use crate::journal::Journal;
use crate::key_callbacks::KeyCallbacks;
use crate::plan::{Loss, Plan, PlanError, Purpose};

impl<S: AccountData, K: KeyCallbacks, J: Journal> SecretStorage<S, K, J> {
    /// Carries a plan out that a journal kept, as far as that was not done. The keys that it names are
    /// asked for, also one that it was stopped before describing. The journal hears of progress only:
    /// it knows of the plan.
    pub async fn resume(&self, plan: &Plan) -> Result<(), Error> {
        self.store.mention(&plan.event_types());
        // Only keys are looked for in it; whether all is there, `apply` sees.
        let now = self.store.enumerate().await?;
        let snapshot = with_descriptions(now.events, plan);
        let ids: Vec<KeyId> = plan.keys().into_iter().cloned().collect();
        let keys = self.gather(&snapshot, &[], &ids).await?;
        for id in &ids {
            required(&snapshot, &keys, id)?;
        }
        let keys: Vec<&VerifiedKey> = keys.iter().collect();
        Ok(self.apply(plan, &keys).await?)
    }

    /// Takes a change back that a journal kept, as far as it was carried out. Needs no key: the account
    /// becomes what it was.
    pub async fn undo(&self, plan: &Plan, abandon: &[SecretName]) -> Result<Vec<Loss>, Error> {
        self.store.mention(&plan.event_types());
        let snapshot = self.snapshot().await?;
        let plan = plan.undo(&snapshot, abandon)?;
        self.carry_out_or_back(&snapshot, &plan, &[]).await?;
        Ok(plan.losses().to_vec())
    }

    /// Brings back what an earlier snapshot has; see [`Plan::restore`]. Keys are asked for where
    /// something is there now that would be written over.
    pub async fn restore(
        &self,
        earlier: &Snapshot,
        only: &[String],
        abandon: &[SecretName],
    ) -> Result<Vec<Loss>, Error> {
        let earlier_events: Vec<&str> = earlier.secret_storage_events().map(|(of, _)| of).collect();
        self.store.mention(&earlier_events);
        let snapshot = self.snapshot().await?;
        // Where nothing is lost, no key is needed to see it.
        let plan = match Plan::restore(&snapshot, earlier, only, &[], abandon) {
            Ok(plan) if plan.losses().is_empty() => {
                self.carry_out_or_back(&snapshot, &plan, &[]).await?;
                plan
            }
            Err(PlanError::NotListed) => return Err(Error::Plan(PlanError::NotListed)),
            _ => {
                // The keys may be described there only.
                let now = self.store.enumerate().await?;
                let both = Snapshot::new(now.events.into_iter().chain(lacking(&snapshot, earlier)));
                let sealed: Vec<&EncryptedSecret> = both.present_secrets().collect();
                let ids: Vec<_> = earlier.default_key_id().cloned().into_iter().collect();
                let keys = self.gather(&both, &sealed, &ids).await?;
                let keys: Vec<&VerifiedKey> = keys.iter().collect();
                let plan = Plan::restore(&snapshot, earlier, only, &keys, abandon)?;
                self.carry_out_or_back(&snapshot, &plan, &keys).await?;
                plan
            }
        };
        Ok(plan.losses().to_vec())
    }
}

/// The account, with the keys that a plan describes.
fn with_descriptions(now: Vec<(String, Content)>, plan: &Plan) -> Snapshot {
    let described = plan.writes().filter_map(|write| match write.purpose() {
        Purpose::DescribeKey(_) => Some((write.event_type().to_owned(), write.after().to_raw())),
        _ => None,
    });
    Snapshot::new(now.into_iter().chain(described))
}

/// The descriptions that an earlier snapshot has, of keys that are not described now.
fn lacking(now: &Snapshot, earlier: &Snapshot) -> Vec<(String, Content)> {
    let described = earlier.keys().filter_map(|(id, state)| {
        let object: &Object = state.present()?.object();
        let is_lacking = now.key(id).present().is_none();
        is_lacking.then(|| (id.event_type(), object.to_raw()))
    });
    described.collect()
}

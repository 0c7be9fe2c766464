//! Reading no more of an account than it takes to open some secrets.

use std::collections::BTreeSet;

use futures_util::future::{try_join, try_join_all};
use ssss_model::{DefaultKey, KeyId, SecretName, Snapshot};

use super::SecretStorage;
use crate::account_data::{AccountData, AccountDataError, Content};

/// An event, if there is one.
type Event = Option<(String, Content)>;

impl<S: AccountData, K, J> SecretStorage<S, K, J> {
    /// Reads secrets, the pointer to the default key, and the keys that they are sealed for; nothing
    /// else of the account. The secrets and the pointer are asked for together, the description of the
    /// default key as soon as the pointer is there, and others last, for there are none as a rule.
    pub(super) async fn look_up(&self, names: &[SecretName]) -> Result<Snapshot, AccountDataError> {
        let default = async {
            let pointer = self.event(DefaultKey::EVENT_TYPE.to_owned()).await?;
            let id = Snapshot::new(pointer.clone()).default_key_id().cloned();
            let description = match id {
                Some(id) => self.event(id.event_type()).await?,
                None => None,
            };
            Ok([pointer, description])
        };
        let (default, secrets) = try_join(default, self.secrets(names)).await?;
        let events = default.into_iter().flatten().chain(secrets).collect();
        self.with_descriptions(events).await
    }

    /// Reads a secret and the keys that it is sealed for.
    pub(super) async fn look_up_keys(
        &self,
        name: &SecretName,
    ) -> Result<Snapshot, AccountDataError> {
        let events = self.secrets(std::slice::from_ref(name)).await?;
        self.with_descriptions(events).await
    }

    /// Those of these secrets that there are.
    async fn secrets(
        &self,
        names: &[SecretName],
    ) -> Result<Vec<(String, Content)>, AccountDataError> {
        let names: BTreeSet<&SecretName> = names.iter().collect();
        let secrets = names
            .iter()
            .map(|name| self.event(name.as_str().to_owned()));
        Ok(try_join_all(secrets).await?.into_iter().flatten().collect())
    }

    /// These events, and the descriptions that are not among them of the keys that secrets among them
    /// are sealed for.
    async fn with_descriptions(
        &self,
        mut events: Vec<(String, Content)>,
    ) -> Result<Snapshot, AccountDataError> {
        let snapshot = Snapshot::new(events.clone());
        let sealed = snapshot.present_secrets().flat_map(|secret| {
            let sound = secret.entries().filter(|(_, fault)| fault.is_none());
            sound.map(|(id, _)| id)
        });
        // The default key's was asked for, whether there is one or not.
        let is_unknown = |id: &&KeyId| Some(*id) != snapshot.default_key_id();
        let others: BTreeSet<&KeyId> = sealed.filter(is_unknown).collect();
        if others.is_empty() {
            return Ok(snapshot);
        }
        let descriptions = others.iter().map(|id| self.event(id.event_type()));
        events.extend(try_join_all(descriptions).await?.into_iter().flatten());
        Ok(Snapshot::new(events))
    }

    async fn event(&self, event_type: String) -> Result<Event, AccountDataError> {
        let content = self.store.get(&event_type).await?;
        Ok(content.map(|content| (event_type, content)))
    }
}

//! Taking a change back.

use std::collections::{BTreeSet, HashMap, HashSet};

use ssss_model::{DefaultKey, EncryptedSecret, EventState, KeyId, Object, SecretName, Snapshot};

use super::error::require_whole;
use super::{Intent, Loss, Plan, PlanError, Purpose, Reliance, Write};

impl Plan {
    /// Takes this change back, as far as it was carried out: its writes, the last first, each the
    /// other way round. The account goes through the same states backwards, so that it is as whole at
    /// each of them. An event that there was not becomes `{}`: account data cannot be deleted.
    ///
    /// Refused if an event is neither as the change found it nor as it left it, or if a secret was
    /// added since that only the present default key opens, or only a key that would go, or if the public
    /// half of a secret that would go may be published; but not for the secrets in `abandon`. Refused, if
    /// another key becomes the default, unless the snapshot is [whole](Snapshot::is_whole).
    ///
    /// Where a key would go or the pointer move, what is made relies on every secret: another one, or
    /// another value, and it is not carried out.
    pub fn undo(&self, snapshot: &Snapshot, abandon: &[SecretName]) -> Result<Self, PlanError> {
        let by_event = self.by_event();
        for write in self.writes() {
            let event_type = write.event_type();
            let current = snapshot.content(event_type);
            let was_seen = snapshot.contains(event_type) == current.is_some();
            let writes = by_event.get(event_type);
            if !was_seen || !writes.is_some_and(|writes| knows(writes, current)) {
                return Err(PlanError::Changed(event_type.to_owned()));
            }
        }
        if let Some(id) = self.blanked_default(snapshot) {
            return Err(PlanError::IsDefault(id));
        }
        if self.leads_elsewhere(snapshot) {
            // What was added since, and is not seen, might be out of reach of the key before.
            require_whole(snapshot)?;
        }
        let is_written = |name: &SecretName| by_event.contains_key(name.as_str());
        let published = self.published(snapshot);
        let stranded = self.stranded(snapshot, is_written).into_iter();
        let stranded = stranded.chain(published);
        let (named, lost): (Vec<_>, Vec<_>) = stranded.partition(|name| abandon.contains(name));
        if !lost.is_empty() {
            return Err(PlanError::WouldAbandon(lost));
        }
        let reversed = |write: &Write| {
            let after = write.before.clone().unwrap_or_else(Object::empty);
            let current = snapshot.content(write.event_type());
            let is_back =
                current.map_or_else(|| after.is_empty(), |current| current.is_same_json(&after));
            // A pointer that never went is not brought back from where it may go meanwhile.
            let before = if is_back && write.event_type() == DefaultKey::EVENT_TYPE {
                current.cloned()
            } else {
                Some(write.after.clone())
            };
            Write {
                event_type: write.event_type.clone(),
                before,
                after,
                purpose: Purpose::Restore,
            }
        };
        let stages: Vec<Vec<Write>> = self
            .stages
            .iter()
            .rev()
            .map(|stage| stage.iter().map(reversed).collect())
            .collect();
        let gone = self
            .writes()
            .filter(|write| write.before().is_none_or(Object::is_empty));
        let losses = gone
            .filter_map(|write| match write.purpose() {
                Purpose::StoreSecret(name, _) => Some(Loss::Secret(name.clone())),
                Purpose::DescribeKey(id) => Some(Loss::Key(id.clone())),
                _ => None,
            })
            .chain(named.into_iter().map(Loss::LeftBehind))
            .collect();
        let mut plan = Self::from_parts(Intent::Undo, stages, losses, Vec::new(), None);
        plan.relies_on = self.relied_on_by(&plan, snapshot);
        Ok(plan.undoing(self.change.clone()))
    }

    /// The same without the events that another client has written since, which stay as they are then.
    /// But for secrets that have something for a key which this plan describes: with the description
    /// that would be out of reach, so that such a change is not taken back.
    pub(crate) fn ours(&self, snapshot: &Snapshot) -> Self {
        let by_event = self.by_event();
        let described: Vec<&KeyId> = self
            .writes()
            .filter_map(|write| match write.purpose() {
                Purpose::DescribeKey(id) => Some(id),
                _ => None,
            })
            .collect();
        let needs_ours = |event_type: &str| {
            let name = SecretName::of_event(event_type);
            let secret = name
                .as_ref()
                .and_then(|name| snapshot.secret(name).present());
            secret.is_some_and(|secret| described.iter().any(|id| secret.has_data_for(id)))
        };
        let is_theirs = |event_type: &str| {
            let current = snapshot.content(event_type);
            let writes = by_event.get(event_type);
            current.is_some() && writes.is_some_and(|writes| !knows(writes, current))
        };
        let is_left = |write: &&Write| {
            let event_type = write.event_type();
            !is_theirs(event_type) || needs_ours(event_type)
        };
        let left = |stage: &Vec<Write>| stage.iter().filter(is_left).cloned().collect();
        let mut ours = Self {
            stages: self.stages.iter().map(left).collect(),
            ..self.clone()
        };
        ours.drop_empty_stages();
        ours
    }

    /// The writes of each event, in order.
    fn by_event(&self) -> HashMap<&str, Vec<&Write>> {
        let mut by_event: HashMap<&str, Vec<&Write>> = HashMap::new();
        for write in self.writes() {
            by_event.entry(write.event_type()).or_default().push(write);
        }
        by_event
    }

    /// Whether it takes a change back so that a key goes, or the pointer moves: then any secret of the
    /// account may be put out of reach, and it is carried out only if it knows them all.
    pub(crate) fn is_about_every_secret(&self) -> bool {
        let concerns_all = |write: &Write| {
            write.event_type() == DefaultKey::EVENT_TYPE
                || write.after().is_empty() && KeyId::from_event_type(write.event_type()).is_some()
        };
        self.intent() == Intent::Undo && self.writes().any(concerns_all)
    }

    /// What the plan that takes this one back does not write, and relies on.
    fn relied_on_by(&self, undoing: &Self, snapshot: &Snapshot) -> Vec<Reliance> {
        let written: HashSet<&str> = undoing.writes().map(Write::event_type).collect();
        let reliance = |event_type: &str| Reliance {
            event_type: event_type.to_owned(),
            content: snapshot.content(event_type).cloned(),
        };
        let mut relies_on = Vec::new();
        // What only comes back, as a description that was blanked, is no harm whatever the default key is.
        let takes_away = self.writes().any(|write| {
            matches!(
                write.purpose(),
                Purpose::StoreSecret(..) | Purpose::DescribeKey(_) | Purpose::Restore
            )
        });
        if takes_away && !written.contains(DefaultKey::EVENT_TYPE) {
            relies_on.push(reliance(DefaultKey::EVENT_TYPE));
        }
        if undoing.is_about_every_secret() {
            let names = snapshot.present_secrets().map(EncryptedSecret::name);
            let names = names.map(SecretName::as_str);
            relies_on.extend(names.filter(|name| !written.contains(name)).map(reliance));
        }
        relies_on
    }

    /// The key that is the default afterwards, if undoing would blank its description.
    fn blanked_default(&self, snapshot: &Snapshot) -> Option<KeyId> {
        let default = match self.pointer() {
            Some(pointer) => default_before(pointer),
            None => snapshot.default_key_id().cloned(),
        };
        default.filter(|id| self.described().contains(id))
    }

    /// The keys that are described, and were not before.
    fn described(&self) -> HashSet<KeyId> {
        let writes = self.writes();
        let new = writes.filter(|write| write.before().is_none_or(Object::is_empty));
        new.filter_map(|write| KeyId::from_event_type(write.event_type()))
            .collect()
    }

    /// The secrets that this change has written, and whose public halves it publishes. Without them
    /// what is published is of no use.
    fn published(&self, snapshot: &Snapshot) -> Vec<SecretName> {
        let Some(publishing) = self.publishing() else {
            return Vec::new();
        };
        let is_written = |name: &SecretName| {
            self.writes().any(|write| {
                let current = snapshot.content(name.as_str());
                let is_same =
                    |content: &Object| current.is_some_and(|now| now.is_same_json(content));
                write.event_type() == name.as_str()
                    && matches!(write.purpose(), Purpose::StoreSecret(..))
                    && is_same(write.after())
            })
        };
        let required = publishing.required();
        let published = required.iter().map(|name| publishing.published_as(name));
        let names: BTreeSet<&SecretName> = required.iter().copied().chain(published).collect();
        let written = names.into_iter().filter(|name| is_written(name));
        written.cloned().collect()
    }

    /// Whether undoing makes another key the default than is now, or none.
    fn leads_elsewhere(&self, snapshot: &Snapshot) -> bool {
        let now = snapshot.default_key_id();
        let pointer = self.pointer();
        pointer.is_some_and(|write| now.is_some() && default_before(write).as_ref() != now)
    }

    /// The first write of the pointer to the default key.
    fn pointer(&self) -> Option<&Write> {
        let mut writes = self.writes();
        writes.find(|write| write.event_type() == DefaultKey::EVENT_TYPE)
    }

    /// The secrets that the present default key may open, and the one before it does not; and those for
    /// which only keys have anything that go.
    fn stranded(
        &self,
        snapshot: &Snapshot,
        is_written: impl Fn(&SecretName) -> bool,
    ) -> Vec<SecretName> {
        let pointer = self.pointer();
        let before = pointer.and_then(default_before);
        let now = snapshot.default_key_id().filter(|_| pointer.is_some());
        let is_out_of_reach = |secret: &EncryptedSecret| {
            now.is_some_and(|now| secret.is_sealed_for(now))
                && before.as_ref().is_none_or(|id| !secret.is_sealed_for(id))
        };
        let described = self.described();
        let is_usable = |id: &KeyId| snapshot.key(id).present().is_some();
        let goes = |id: &KeyId| described.contains(id) && is_usable(id);
        let stays = |id: &KeyId| !described.contains(id) && is_usable(id);
        let is_without_key = |secret: &EncryptedSecret| {
            let has_any = |is_wanted: &dyn Fn(&KeyId) -> bool| {
                let mut entries = secret.entries();
                entries.any(|(id, _)| is_wanted(id))
            };
            has_any(&|id| goes(id) && secret.has_data_for(id))
                && !has_any(&|id| stays(id) && secret.is_sealed_for(id))
        };
        let others = snapshot
            .present_secrets()
            .filter(|secret| !is_written(secret.name()));
        let stranded = others.filter(|secret| is_out_of_reach(secret) || is_without_key(secret));
        stranded.map(|secret| secret.name().clone()).collect()
    }
}

/// The default key before the pointer was written.
fn default_before(pointer: &Write) -> Option<KeyId> {
    match DefaultKey::parse(pointer.before()?) {
        EventState::Present(default) => Some(default.id().clone()),
        _ => None,
    }
}

/// Whether an event is as a change found it, or as one of its stages left it.
fn knows(writes: &[&Write], current: Option<&Object>) -> bool {
    let empty = Object::empty();
    let current = current.unwrap_or(&empty);
    writes.iter().any(|write| {
        let before = write.before().unwrap_or(&empty);
        current.is_same_json(before) || current.is_same_json(write.after())
    })
}

//! A plan in the making.

use std::collections::{BTreeMap, BTreeSet};

use ssss_model::{DefaultKey, EncryptedSecret, EventState, KeyId, Object, SecretName, Snapshot};

use super::{Intent, Loss, Plan, Publishing, Purpose, Reliance, Write};

/// A plan in the making, and the account as it will be so far.
pub(super) struct Draft<'a> {
    pub(super) snapshot: &'a Snapshot,
    contents: BTreeMap<String, Object>,
    plan: Plan,
}

impl<'a> Draft<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, intent: Intent) -> Self {
        Self {
            snapshot,
            contents: BTreeMap::new(),
            plan: Plan::from_parts(intent, Vec::new(), Vec::new(), Vec::new(), None),
        }
    }

    /// An event as it will be.
    pub(super) fn content(&self, event_type: &str) -> Option<&Object> {
        let changed = self.contents.get(event_type);
        changed.or_else(|| self.snapshot.content(event_type))
    }

    /// A secret as it will be.
    pub(super) fn secret(&self, name: &SecretName) -> EventState<EncryptedSecret> {
        match self.contents.get(name.as_str()) {
            Some(content) => EncryptedSecret::parse(name, content),
            None => self.snapshot.secret(name).clone(),
        }
    }

    /// The names of all secrets that there will be.
    pub(super) fn secrets(&self) -> BTreeSet<SecretName> {
        let there = self.snapshot.secrets().map(|(name, _)| name.clone());
        let written = self.contents.keys();
        let written = written.filter_map(|event_type| SecretName::of_event(event_type));
        there.chain(written).collect()
    }

    /// What follows waits until what there is so far was written and seen to be there.
    pub(super) fn next_stage(&mut self) {
        self.plan.stages.push(Vec::new());
    }

    /// The number of stages before this one; empty ones count.
    pub(super) fn stages_so_far(&self) -> usize {
        self.plan.stages.len().saturating_sub(1)
    }

    pub(super) fn set_publishing(&mut self, publishing: Publishing) {
        self.plan.publishing = Some(publishing);
    }

    /// Adds a write to this stage, unless it changes nothing.
    pub(super) fn write(&mut self, event_type: &str, after: Object, purpose: Purpose) {
        let before = self.content(event_type).cloned();
        let changes = match &before {
            Some(before) => before.as_json() != after.as_json(),
            // What never was need not be blanked.
            None => !after.is_empty(),
        };
        if changes {
            self.push(event_type, before, after, purpose);
        }
    }

    fn push(&mut self, event_type: &str, before: Option<Object>, after: Object, purpose: Purpose) {
        self.contents.insert(event_type.to_owned(), after.clone());
        let write = Write {
            event_type: event_type.to_owned(),
            before,
            after,
            purpose,
        };
        match self.plan.stages.last_mut() {
            Some(stage) => stage.push(write),
            None => self.plan.stages.push(vec![write]),
        }
    }

    /// Points at a key that opens these secrets. Others that are there it need not open, as long as they
    /// stay what they are.
    pub(super) fn point(&mut self, id: &KeyId, opens: Vec<SecretName>) {
        let after = DefaultKey::content(self.content(DefaultKey::EVENT_TYPE), id);
        self.point_by(after, id, opens);
    }

    /// The same, with the content of the pointer. A pointer that is right already stands in the plan all
    /// the same: what comes after relies on it, and on what its key opens.
    pub(super) fn point_by(&mut self, after: Object, id: &KeyId, opens: Vec<SecretName>) {
        let mut passes_over = self.secrets();
        // What is blank, or cannot be read, is nothing that may be passed over once it is stored.
        passes_over.retain(|name| self.secret(name).present().is_some());
        for name in &opens {
            passes_over.remove(name);
        }
        // What is not sealed anew must stay what it is until the key is the default.
        for name in opens.iter().chain(&passes_over) {
            self.rely_on(name.as_str());
        }
        let purpose = Purpose::SetDefaultKey {
            id: id.clone(),
            opens,
            passes_over: passes_over.into_iter().collect(),
        };
        let before = self.content(DefaultKey::EVENT_TYPE).cloned();
        self.push(DefaultKey::EVENT_TYPE, before, after, purpose);
    }

    /// Blanks a key's description.
    pub(super) fn blank_key(&mut self, id: &KeyId) {
        let event_type = id.event_type();
        if self
            .content(&event_type)
            .is_some_and(|content| !content.is_empty())
        {
            self.write(&event_type, Object::empty(), Purpose::BlankKey(id.clone()));
            self.lose(Loss::Key(id.clone()));
        }
    }

    pub(super) fn lose(&mut self, loss: Loss) {
        self.plan.losses.push(loss);
    }

    /// An event must stay as it is for the plan to be right.
    pub(super) fn rely_on(&mut self, event_type: &str) {
        self.plan.relies_on.push(Reliance {
            event_type: event_type.to_owned(),
            content: self.snapshot.content(event_type).cloned(),
        });
    }

    pub(super) fn finish(mut self) -> Plan {
        // A pointer that is right, and nothing else, is nothing to do.
        if self.plan.publishing.is_none() && !self.plan.writes().any(Write::changes) {
            self.plan.stages.clear();
        }
        self.plan.drop_empty_stages();
        // What is written is compared and read back anyway.
        let contents = &self.contents;
        let is_written = |event: &Reliance| contents.contains_key(&event.event_type);
        self.plan.relies_on.retain(|event| !is_written(event));
        self.plan
    }
}

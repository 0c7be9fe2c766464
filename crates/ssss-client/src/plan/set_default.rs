//! Pointing at the default key.

use ssss_model::{DefaultKey, KeyId, Object, SecretName, Snapshot, VerifiedKey};

use super::{Plan, PlanError, Purpose, Write};

impl Plan {
    /// Makes a key the default. Refused unless the key opens every secret, but for those that the
    /// caller names.
    pub fn set_default(
        snapshot: &Snapshot,
        key: &VerifiedKey,
        abandon: &[SecretName],
    ) -> Result<Self, PlanError> {
        let locked = snapshot
            .present_secrets()
            .filter(|secret| key.open(secret).is_err());
        let names = locked.map(|secret| secret.name().clone());
        let lost: Vec<_> = names.filter(|name| !abandon.contains(name)).collect();
        if !lost.is_empty() {
            return Err(PlanError::WouldAbandon(lost));
        }
        Ok(Self::new([vec![Write::point(snapshot, key.id())]]))
    }

    /// Makes no key the default: the pointer becomes `{}`.
    #[must_use]
    pub fn unset_default(snapshot: &Snapshot) -> Self {
        if !snapshot.contains(DefaultKey::EVENT_TYPE) {
            return Self::new([]);
        }
        let event_type = DefaultKey::EVENT_TYPE.to_owned();
        let purpose = Purpose::UnsetDefaultKey;
        Self::new([vec![Write::new(
            snapshot,
            event_type,
            Object::empty(),
            purpose,
        )]])
    }
}

impl Write {
    pub(super) fn point(snapshot: &Snapshot, id: &KeyId) -> Self {
        let after = DefaultKey::content(snapshot.content(DefaultKey::EVENT_TYPE), id);
        let purpose = Purpose::SetDefaultKey(id.clone());
        Self::new(snapshot, DefaultKey::EVENT_TYPE.to_owned(), after, purpose)
    }
}

//! Blanking everything.

use ssss_model::{EventState, SecretName, Snapshot, VerifiedKey};

use super::carry::{Hand, is_unread};
use super::draft::Draft;
use super::error::require_whole;
use super::remove::blank_secret;
use super::set_default::unset;
use super::{Intent, Plan, PlanError};

impl Plan {
    /// Blanks every secret, then every key's description, then the pointer to the default key: the
    /// order of js-sdk's `deleteSecretStorage`, which leaves out secrets and keys that it does not
    /// know.
    ///
    /// Refused if there is a secret that no key at hand opens; but not for those in `abandon`. Refused if the
    /// snapshot is not [whole](Snapshot::is_whole).
    pub fn disable(
        snapshot: &Snapshot,
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
    ) -> Result<Self, PlanError> {
        require_whole(snapshot)?;
        let hand = Hand {
            keys,
            abandon,
            newest: snapshot.default_key_id(),
        };
        let is_known = |name: &SecretName| {
            hand.may_lose(name)
                || match snapshot.secret(name) {
                    EventState::Present(secret) => keys.iter().any(|key| key.open(secret).is_ok()),
                    state => !is_unread(state),
                }
        };
        let names = in_order(snapshot);
        let lost: Vec<_> = names
            .iter()
            .filter(|name| !is_known(name))
            .cloned()
            .collect();
        if !lost.is_empty() {
            return Err(PlanError::WouldAbandon(lost));
        }
        let mut draft = Draft::new(snapshot, Intent::Disable);
        for name in names {
            let state = snapshot.secret(&name);
            if matches!(state, EventState::Present(_)) || is_unread(state) {
                blank_secret(&mut draft, &name);
            }
        }
        draft.next_stage();
        for (id, state) in snapshot.keys() {
            if matches!(state, EventState::Present(_) | EventState::Malformed(_)) {
                draft.blank_key(id);
            }
        }
        draft.next_stage();
        unset(&mut draft);
        Ok(draft.finish())
    }
}

/// Every secret that is there: those that js-sdk blanks, in its order, and then the others.
fn in_order(snapshot: &Snapshot) -> Vec<SecretName> {
    let mut names = SecretName::CROSS_SIGNING.to_vec();
    names.push(SecretName::MEGOLM_BACKUP);
    let others = snapshot.secrets().map(|(name, _)| name);
    let others: Vec<_> = others
        .filter(|name| !names.contains(name))
        .cloned()
        .collect();
    names.extend(others);
    names
}

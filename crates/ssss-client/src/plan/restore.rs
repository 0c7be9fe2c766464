//! Bringing back what a snapshot kept.

use ssss_model::{
    CheckState, DefaultKey, EncryptedSecret, EventState, KeyDescription, KeyId, Object, SecretName,
    Snapshot, VerifiedKey,
};

use super::carry::{Hand, Known, is_unread, opened_by};
use super::draft::Draft;
use super::error::require_whole;
use super::{Intent, Loss, Plan, PlanError, Purpose};

impl Plan {
    /// Brings back what an earlier snapshot has: descriptions, then secrets, then the pointer to the
    /// default key. What was added since stays: keys, secrets, entries for other keys, fields.
    ///
    /// `only`, unless it is empty, names the events to bring back. Refused if something that is there
    /// now would be written over which no key at hand opens to the value that comes back, or if the
    /// default key that comes back would not open a secret; but for the secrets in `abandon`. A
    /// description is not written over by that of another key. Refused, if another key becomes the default,
    /// unless the snapshot is [whole](Snapshot::is_whole).
    pub fn restore(
        snapshot: &Snapshot,
        earlier: &Snapshot,
        only: &[String],
        keys: &[&VerifiedKey],
        abandon: &[SecretName],
    ) -> Result<Self, PlanError> {
        let hand = Hand {
            keys,
            abandon,
            newest: snapshot.default_key_id(),
        };
        let is_wanted = |event_type: &str| only.is_empty() || only.iter().any(|o| o == event_type);
        let mut draft = Draft::new(snapshot, Intent::Restore);
        for (id, state) in earlier.keys() {
            if let (EventState::Present(then), true) = (state, is_wanted(&id.event_type())) {
                restore_key(&mut draft, id, then)?;
            }
        }
        draft.next_stage();
        let mut lost = Vec::new();
        for then in earlier.present_secrets() {
            if is_wanted(then.name().as_str()) && !restore_secret(&mut draft, then, hand)? {
                lost.push(then.name().clone());
            }
        }
        draft.next_stage();
        if let (EventState::Present(then), true) =
            (earlier.default_key(), is_wanted(DefaultKey::EVENT_TYPE))
        {
            // What is not seen might be out of its reach.
            if snapshot.default_key_id() != Some(then.id()) {
                require_whole(snapshot)?;
            }
            lost.extend(restore_default(&mut draft, then, hand));
        }
        if lost.is_empty() {
            Ok(draft.finish())
        } else {
            Err(PlanError::WouldAbandon(lost))
        }
    }
}

/// Brings a description back, unless that would be another key's.
fn restore_key(draft: &mut Draft<'_>, id: &KeyId, then: &KeyDescription) -> Result<(), PlanError> {
    let now = draft.content(&id.event_type());
    let added = match draft.snapshot.key(id) {
        EventState::Present(now) if !is_same_key(now, then) => {
            return Err(PlanError::OtherKey(id.clone()));
        }
        // What cannot be read is of no use to anybody, and its check may be that of another key.
        EventState::Malformed(_) => {
            let unknown = now.map(|now| now.without(&["iv", "mac", "passphrase"]));
            added_fields(unknown.as_ref(), then.object())
        }
        EventState::Missing | EventState::Tombstone | EventState::Present(_) => {
            added_fields(now, then.object())
        }
    };
    draft.write(&id.event_type(), added, Purpose::DescribeKey(id.clone()));
    Ok(())
}

/// Whether two descriptions are plainly of one key: the same check; or fields were added to the one that
/// had no check, and be it a check.
fn is_same_key(now: &KeyDescription, then: &KeyDescription) -> bool {
    match (now.check_state(), then.check_state()) {
        (CheckState::Usable(now), CheckState::Usable(then)) => {
            (now.iv(), now.mac()) == (then.iv(), then.mac())
        }
        (_, CheckState::None) => {
            let both = then.object().with_missing_fields_of(now.object());
            both.is_same_json(now.object())
        }
        _ => now.object().is_same_json(then.object()),
    }
}

/// The object that was, with fields that have been added since.
fn added_fields(now: Option<&Object>, then: &Object) -> Object {
    match now {
        Some(now) => then.with_missing_fields_of(now),
        None => then.clone(),
    }
}

/// Brings a secret back. Says whether nothing is lost by it.
fn restore_secret(
    draft: &mut Draft<'_>,
    then: &EncryptedSecret,
    hand: Hand<'_>,
) -> Result<bool, PlanError> {
    let name = then.name();
    let after = match draft.snapshot.secret(name) {
        EventState::Missing | EventState::Tombstone => then.object().clone(),
        EventState::Malformed(_) if hand.may_lose(name) => {
            draft.lose(Loss::Secret(name.clone()));
            then.object().clone()
        }
        EventState::Malformed(why) => return Err(PlanError::NotASecret(name.clone(), *why)),
        EventState::Present(now) => {
            for id in then.differing(now) {
                if has_same_value(hand, now, then, id) {
                    continue;
                }
                if !hand.may_lose(name) {
                    return Ok(false);
                }
                draft.lose(Loss::Overwritten(name.clone(), id.clone()));
            }
            then.with_additions_of(now.object())
        }
    };
    let mut openers = Vec::new();
    match EncryptedSecret::parse(name, &after) {
        EventState::Present(after) => {
            let opening = hand.keys.iter().filter(|key| key.open(&after).is_ok());
            openers.extend(opening.map(|key| key.id().clone()));
        }
        // The entries of both may be more than are read, and then none of them would open.
        EventState::Malformed(why) => return Err(PlanError::NotASecret(name.clone(), why)),
        EventState::Missing | EventState::Tombstone => {}
    }
    let purpose = if openers.is_empty() {
        Purpose::Restore
    } else {
        Purpose::StoreSecret(name.clone(), openers)
    };
    draft.write(name.as_str(), after, purpose);
    Ok(true)
}

fn has_same_value(
    hand: Hand<'_>,
    now: &EncryptedSecret,
    then: &EncryptedSecret,
    id: &KeyId,
) -> bool {
    let Some(key) = hand.key(id) else {
        return false;
    };
    match (key.open(now), key.open(then)) {
        (Ok(now), Ok(then)) => now.has_value_of(&then),
        _ => false,
    }
}

/// Brings the pointer back. Names the secrets that the key does not open as the present default
/// key does.
fn restore_default(draft: &mut Draft<'_>, then: &DefaultKey, hand: Hand<'_>) -> Vec<SecretName> {
    let id = then.id();
    if draft.snapshot.default_key_id() == Some(id) {
        return Vec::new();
    }
    let key = hand.key(id);
    let mut lost = Vec::new();
    for name in draft.secrets() {
        let is_kept = match (draft.secret(&name), draft.snapshot.secret(&name)) {
            (EventState::Present(after), EventState::Present(now)) => {
                let opened = key.and_then(|key| key.open(&after).ok());
                match (hand.value(draft.snapshot, now), opened) {
                    (Known::Value(now), Some(opened)) => opened.has_value_of(&now),
                    _ => false,
                }
            }
            (after, _) => !is_unread(&after),
        };
        if is_kept {
            continue;
        }
        if hand.may_lose(&name) {
            draft.lose(Loss::LeftBehind(name));
        } else {
            lost.push(name);
        }
    }
    let opens = key.map_or_else(Vec::new, |key| opened_by(draft, key));
    let after = match draft.content(DefaultKey::EVENT_TYPE) {
        Some(now) => then.object().with_missing_fields_of(now),
        None => then.object().clone(),
    };
    let description = draft.content(&id.event_type());
    let is_described =
        description.is_some_and(|content| KeyDescription::parse(id, content).present().is_some());
    if is_described {
        draft.point_by(after, id, opens);
    } else {
        // It led nowhere then, too.
        draft.write(DefaultKey::EVENT_TYPE, after, Purpose::Restore);
    }
    lost
}

//! Every kind of change, made from an account, with what it may touch.

use std::collections::BTreeSet;

use ssss_client::ssss_model::{
    DefaultKey, EncryptedSecret, EventState, KeyId, NewKey, Object, Secret, SecretName, Snapshot,
    Value, VerifiedKey,
};
use ssss_client::{
    BACKUP_KEYS, OldKey, Overwrite, Plan, PlanError, Publication, Purpose, ResetBackup,
};

use super::account::{key, name, rng, secret, snapshot};
use super::draw::Draw;
use super::generated::{Generated, KEYS, value};
use super::promises::Promises;
use super::run::{events_of, run};

/// A change, and exactly what it may touch.
pub(crate) struct Change {
    pub(crate) plan: Plan,
    pub(crate) new_keys: Vec<NewKey>,
    /// Secrets that get another value, or go, or stay behind.
    pub(crate) loses: BTreeSet<SecretName>,
    /// Events that may become `{}`.
    pub(crate) may_blank: BTreeSet<String>,
    /// Entries that may become others, or go: for a secret, or for all.
    entries: Vec<(Option<SecretName>, KeyId)>,
    described: Option<KeyId>,
    /// Whether there is to be no default key, or none that anything is promised of.
    pub(crate) ends_the_default: bool,
    /// Whether no backup key may go, wherever it lies.
    pub(crate) keeps_backup_keys: bool,
    /// What comes back.
    earlier: Option<Snapshot>,
    /// The account that it is made in, if that is not the one that was generated.
    pub(crate) start: Option<Generated>,
}

impl Change {
    fn new(plan: Plan) -> Self {
        Self {
            plan,
            new_keys: Vec::new(),
            loses: BTreeSet::new(),
            may_blank: BTreeSet::new(),
            entries: Vec::new(),
            described: None,
            ends_the_default: false,
            keeps_backup_keys: false,
            earlier: None,
            start: None,
        }
    }

    fn with_key(mut self, key: NewKey) -> Self {
        self.new_keys.push(key);
        self
    }

    fn losing(mut self, names: &[SecretName]) -> Self {
        self.loses.extend(names.iter().cloned());
        self
    }

    fn touching(mut self, name: Option<&SecretName>, id: &KeyId) -> Self {
        self.entries.push((name.cloned(), id.clone()));
        self
    }

    fn blanking(mut self, event_type: String) -> Self {
        self.may_blank.insert(event_type);
        self
    }

    pub(crate) fn describes(&self, event_type: &str) -> bool {
        let described = self.described.as_ref();
        described.is_some_and(|id| id.event_type() == event_type)
    }

    pub(crate) fn may_touch(&self, event_type: &str, key: &str) -> bool {
        self.entries.iter().any(|(name, id)| {
            id.as_str() == key && name.as_ref().is_none_or(|name| name.as_str() == event_type)
        })
    }

    pub(crate) fn restores(&self, name: &SecretName, id: &KeyId, now: &EncryptedSecret) -> bool {
        let earlier = self.earlier.as_ref();
        let earlier = earlier.and_then(|earlier| earlier.secret(name).present());
        earlier.is_some_and(|earlier| earlier.is_same_for(now, id))
    }
}

type Intent = fn(&Generated, &mut Draw) -> Option<Change>;

/// Every intent. `None` says that the account has nothing for it, or that it was rightly refused.
pub(crate) const INTENTS: &[(&str, Intent)] = &[
    ("set up", set_up),
    ("set up, naming what may be lost", set_up_abandoning),
    ("set up and publish", |account, draw| {
        let publish = some_publication(draw);
        set_up_with(account, draw, &[], publish)
    }),
    ("complete", complete),
    ("complete and publish", complete_and_publish),
    ("publish what is there", publish_what_is_there),
    ("describe a key", describe_key),
    ("add a key", |account, draw| {
        rotate(account, draw, Old::Stays, false)
    }),
    ("rotate", |account, draw| {
        rotate(account, draw, Old::Kept, false)
    }),
    ("rotate and revoke", |account, draw| {
        rotate(account, draw, Old::Revoked, false)
    }),
    ("rotate, naming", |account, draw| {
        rotate(account, draw, Old::Kept, true)
    }),
    ("rotate and revoke, naming", |account, draw| {
        rotate(account, draw, Old::Revoked, true)
    }),
    ("remove a key", |account, draw| {
        remove_key(account, draw, false)
    }),
    ("remove a key, naming", |account, draw| {
        remove_key(account, draw, true)
    }),
    ("set the default", |account, draw| {
        set_default(account, draw, false)
    }),
    ("set the default, naming", |account, draw| {
        set_default(account, draw, true)
    }),
    ("unset the default", unset_default),
    ("put", put),
    ("put over anything", put_over),
    ("remove a secret", remove),
    ("reset the backup", |account, draw| {
        reset_backup(account, draw, false)
    }),
    ("reset the backup, naming", |account, draw| {
        reset_backup(account, draw, true)
    }),
    ("repair the backup key", repair_backup_key),
    ("undo a reset of the backup", undo_reset),
    ("reseal", reseal),
    ("respell", respell),
    ("back-fill a check", back_fill_check),
    ("drop an entry", drop_entry),
    ("gc", gc),
    ("disable", disable),
    ("restore after damage", restore),
    ("restore after a rotation", restore_rotated),
    ("undo a rotation", |account, draw| {
        undo(account, draw, "rotate and revoke, naming")
    }),
    ("undo a put", |account, draw| {
        undo(account, draw, "put over anything")
    }),
    ("undo a removed key", |account, draw| {
        undo(account, draw, "remove a key, naming")
    }),
];

/// A refusal must be right: what it names is really out of reach.
fn planned(account: &Generated, plan: Result<Plan, PlanError>) -> Option<Plan> {
    let snapshot = account.snapshot();
    match plan {
        Ok(plan) => (!plan.is_empty()).then_some(plan),
        Err(PlanError::WouldAbandon(names)) => {
            assert!(!names.is_empty());
            let default = snapshot.default_key_id();
            for name in names {
                let secret = snapshot.secret(&name).present().unwrap();
                let hand = account.hand();
                // Either nobody at hand opens it, or the default key is not at hand, or it may go
                // wrong otherwise: what is there for the key in question is another value.
                let opening: Vec<_> = hand
                    .iter()
                    .filter_map(|key| key.open(secret).ok())
                    .collect();
                let has_default = default.is_none_or(|id| {
                    !secret.is_sealed_for(id) || hand.iter().any(|key| key.id() == id)
                });
                let agree = opening
                    .windows(2)
                    .all(|pair| pair[0].has_value_of(&pair[1]));
                let all_open = hand
                    .iter()
                    .all(|key| !secret.has_data_for(key.id()) || key.open(secret).is_ok());
                let everybody = hand.iter().all(|key| secret.is_sealed_for(key.id()));
                assert!(
                    opening.len() < 2 || !has_default || !agree || !all_open || !everybody,
                    "{name} is said to be lost, and is not"
                );
            }
            None
        }
        Err(_) => None,
    }
}

fn new_key() -> NewKey {
    key("new")
}

fn names(snapshot: &Snapshot) -> Vec<SecretName> {
    let secrets = snapshot.present_secrets();
    secrets.map(|secret| secret.name().clone()).collect()
}

fn set_up(account: &Generated, draw: &mut Draw) -> Option<Change> {
    set_up_with(account, draw, &[], Publication::default())
}

fn set_up_abandoning(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let abandon = names(&account.snapshot());
    set_up_with(account, draw, &abandon, Publication::default())
}

fn set_up_with(
    account: &Generated,
    draw: &mut Draw,
    abandon: &[SecretName],
    publish: Publication,
) -> Option<Change> {
    let snapshot = account.snapshot();
    let new = new_key();
    let mut secrets = Vec::new();
    let mut stored = Vec::new();
    let mut wanted = vec![SecretName::MEGOLM_BACKUP, name("org.example.one")];
    if publish.identity {
        wanted.extend(SecretName::CROSS_SIGNING);
    }
    for of in wanted {
        let is_malformed = matches!(snapshot.secret(&of), EventState::Malformed(_));
        // What is published, and not stored anew, may be there.
        if draw.one_in(2) && !is_malformed {
            secrets.push(value(&of, 9, draw));
            stored.push(of);
        }
    }
    let plan = Plan::set_up(
        &snapshot,
        &new,
        &secrets,
        &account.hand(),
        abandon,
        publish,
        &mut rng(),
    );
    let plan = planned(account, plan)?;
    let left = left_behind(&plan, abandon);
    Some(
        Change::new(plan)
            .with_key(new)
            .losing(&stored)
            .losing(&left),
    )
}

/// The secrets that a plan says it leaves behind, or carries in doubt because they were named.
fn left_behind(plan: &Plan, abandon: &[SecretName]) -> Vec<SecretName> {
    for loss in plan.losses() {
        if let Some(name) = loss.secret() {
            let is_said_by_intent = matches!(loss.as_str(), "stripped");
            assert!(abandon.contains(name) || is_said_by_intent, "{loss}");
        }
    }
    abandon.to_vec()
}

fn some_publication(draw: &mut Draw) -> Publication {
    let identity = draw.one_in(2);
    Publication {
        identity,
        backup: !identity || draw.one_in(2),
    }
}

fn complete(account: &Generated, draw: &mut Draw) -> Option<Change> {
    complete_with(account, draw, Publication::default())
}

fn complete_and_publish(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let publish = some_publication(draw);
    complete_with(account, draw, publish)
}

/// Nothing is written at all.
fn publish_what_is_there(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let snapshot = account.snapshot();
    let key = default_at_hand(account)?;
    let publish = some_publication(draw);
    let plan = Plan::complete(&snapshot, key, &[], publish, &mut rng());
    let plan = planned(account, plan)?;
    assert_eq!(plan.publication(), Some((0, publish)));
    Some(Change::new(plan))
}

fn complete_with(account: &Generated, draw: &mut Draw, publish: Publication) -> Option<Change> {
    let snapshot = account.snapshot();
    let key = default_at_hand(account)?;
    let mut secrets = Vec::new();
    let mut wanted = vec![
        SecretName::CROSS_SIGNING_MASTER,
        SecretName::MEGOLM_BACKUP,
        name("org.example.two"),
    ];
    if publish.identity {
        wanted.extend(SecretName::CROSS_SIGNING.into_iter().skip(1));
    }
    for of in wanted {
        if !snapshot
            .secret(&of)
            .present()
            .is_some_and(|s| s.is_sealed_for(key.id()))
        {
            secrets.push(value(&of, 9, draw));
        }
    }
    let plan = Plan::complete(&snapshot, key, &secrets, publish, &mut rng());
    let plan = planned(account, plan)?;
    let stored: Vec<_> = secrets.iter().map(|secret| secret.name().clone()).collect();
    Some(Change::new(plan).losing(&stored))
}

/// The default key, if it is described and at hand.
fn default_at_hand(account: &Generated) -> Option<&VerifiedKey> {
    let snapshot = account.snapshot();
    let id = snapshot.default_key_id()?;
    snapshot.key(id).present()?;
    account.hand().into_iter().find(|key| key.id() == id)
}

fn describe_key(account: &Generated, _: &mut Draw) -> Option<Change> {
    let new = new_key();
    let plan = Plan::describe_key(&account.snapshot(), &new);
    Some(Change::new(planned(account, plan)?).with_key(new))
}

/// What becomes of the old key.
#[derive(Clone, Copy)]
enum Old {
    Stays,
    Kept,
    Revoked,
}

fn rotate(account: &Generated, _: &mut Draw, old: Old, naming: bool) -> Option<Change> {
    let snapshot = account.snapshot();
    let abandon = if naming { names(&snapshot) } else { Vec::new() };
    let new = new_key();
    let default = snapshot.default_key_id().cloned();
    let old_key = match old {
        Old::Stays => OldKey::StaysDefault,
        Old::Kept => OldKey::Kept,
        Old::Revoked => OldKey::Revoked(default.clone()?),
    };
    let plan = Plan::rotate(
        &snapshot,
        &new,
        &account.hand(),
        &old_key,
        &abandon,
        &mut rng(),
    );
    let plan = planned(account, plan)?;
    let left = left_behind(&plan, &abandon);
    let mut change = Change::new(plan).with_key(new).losing(&left);
    if let OldKey::Revoked(id) = &old_key {
        change = change.touching(None, id).blanking(id.event_type());
    }
    Some(change)
}

fn remove_key(account: &Generated, draw: &mut Draw, naming: bool) -> Option<Change> {
    let snapshot = account.snapshot();
    let ids: Vec<_> = account
        .keys
        .iter()
        .map(|key| key.key().id().clone())
        .collect();
    let id = draw.pick(&ids)?;
    let abandon = if naming { names(&snapshot) } else { Vec::new() };
    let plan = Plan::remove_key(&snapshot, id, &account.hand(), &abandon);
    let plan = planned(account, plan)?;
    let mut change = Change::new(plan)
        .touching(None, id)
        .blanking(id.event_type())
        .losing(&abandon);
    for name in &abandon {
        change = change.blanking(name.as_str().to_owned());
    }
    Some(change)
}

fn set_default(account: &Generated, draw: &mut Draw, naming: bool) -> Option<Change> {
    let snapshot = account.snapshot();
    let hand = account.hand();
    let described: Vec<_> = hand
        .iter()
        .copied()
        .filter(|key| snapshot.key(key.id()).present().is_some())
        .filter(|key| Some(key.id()) != snapshot.default_key_id())
        .collect();
    let key = draw.pick(&described)?;
    let abandon = if naming { names(&snapshot) } else { Vec::new() };
    let plan = Plan::set_default(&snapshot, key, &hand, &abandon);
    Some(Change::new(planned(account, plan)?).losing(&abandon))
}

fn unset_default(account: &Generated, _: &mut Draw) -> Option<Change> {
    let plan = Plan::unset_default(&account.snapshot());
    let mut change = Change::new(planned(account, Ok(plan))?);
    change.ends_the_default = true;
    Some(change.blanking(DefaultKey::EVENT_TYPE.to_owned()))
}

fn put(account: &Generated, draw: &mut Draw) -> Option<Change> {
    put_with(account, draw, Overwrite::Readable)
}

fn put_over(account: &Generated, draw: &mut Draw) -> Option<Change> {
    put_with(account, draw, Overwrite::Anything)
}

fn put_with(account: &Generated, draw: &mut Draw, overwrite: Overwrite) -> Option<Change> {
    let snapshot = account.snapshot();
    let of = name(draw.pick(&["m.megolm_backup.v1", "org.example.one", "org.example.new"])?);
    let hand = draw.shuffled(account.hand());
    let count = 1 + draw.below(2);
    let keys: Vec<&VerifiedKey> = hand.into_iter().take(count).collect();
    let secret = value(&of, 9, draw);
    let plan = Plan::put(&snapshot, &secret, &keys, overwrite, &mut rng());
    let mut change = Change::new(planned(account, plan)?).losing(std::slice::from_ref(&of));
    for key in keys {
        change = change.touching(Some(&of), key.id());
    }
    Some(change)
}

fn remove(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let snapshot = account.snapshot();
    let names = names(&snapshot);
    let of = draw.pick(&names)?;
    let plan = Plan::remove(&snapshot, of);
    let change = Change::new(planned(account, plan)?).losing(std::slice::from_ref(of));
    Some(change.blanking(of.as_str().to_owned()))
}

/// An account that may have backup keys of old, for its default key.
fn with_backup_keys(account: &Generated, of: &[&str], draw: &mut Draw) -> Option<Generated> {
    let mut start = account.copy();
    let default = default_at_hand(account)?;
    for (number, of) in (5..).zip(of) {
        let of = name(&format!("{BACKUP_KEYS}{of}"));
        if draw.one_in(2) {
            let old = archived(&of, number);
            let sealed = default.seal(&old, &mut rng()).unwrap();
            let content = EncryptedSecret::content(&of, None, &[sealed]).unwrap();
            start.events.insert(of.as_str().to_owned(), content);
        }
    }
    Some(start)
}

fn archived(of: &SecretName, number: u8) -> Secret {
    let key = Secret::from_key(SecretName::MEGOLM_BACKUP, &[number; 32]);
    secret(of.as_str(), key.expose())
}

fn reset_backup(account: &Generated, draw: &mut Draw, naming: bool) -> Option<Change> {
    let start = with_backup_keys(account, &["pending", "7", "unknown"], draw)?;
    let snapshot = start.snapshot();
    let backup = SecretName::MEGOLM_BACKUP;
    let pending = name(&format!("{BACKUP_KEYS}pending"));
    let target = default_at_hand(&start)?;
    let new = Secret::from_key(backup.clone(), &[9; 32]);
    let named = [backup.clone(), pending.clone()];
    let options = ResetBackup {
        key: &new,
        version: draw.one_in(2).then_some("7"),
        abandon: if naming { &named } else { &[] },
    };
    let plan = Plan::reset_backup(&snapshot, options, target, &start.hand(), &mut rng());
    let plan = planned(&start, plan)?;
    let id = target.id().clone();
    let mut change = Change::new(plan)
        .losing(&named)
        .touching(Some(&backup), &id)
        .touching(Some(&pending), &id)
        .blanking(pending.as_str().to_owned());
    change.keeps_backup_keys = true;
    change.start = Some(start);
    Some(change)
}

fn undo_reset(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let done = reset_backup(account, draw, false)?;
    let account = done.start.as_ref()?.copy();
    let archived = done
        .plan
        .writes()
        .filter_map(|write| match write.purpose() {
            Purpose::StoreSecret(name, _) => Some(name.clone()),
            _ => None,
        });
    let archived: Vec<SecretName> = archived.collect();
    // The new key goes, for it was named, and so do the archives, for the old one is back.
    let undone = undo_done(&account, done, &[SecretName::MEGOLM_BACKUP])?;
    Some(undone.losing(&archived))
}

fn repair_backup_key(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let start = with_backup_keys(account, &["7", "unknown"], draw)?;
    let backup = SecretName::MEGOLM_BACKUP;
    let target = default_at_hand(&start)?;
    let wanted = Secret::from_key(backup.clone(), &[5; 32]);
    let is_current = |secret: &Secret| secret.has_value_of(&wanted);
    let hand = start.hand();
    let snapshot = start.snapshot();
    let plan = Plan::repair_backup_key(&snapshot, is_current, target, &hand, &[], &mut rng());
    let plan = planned(&start, plan)?;
    let mut change = Change::new(plan)
        .losing(std::slice::from_ref(&backup))
        .touching(Some(&backup), target.id());
    change.keeps_backup_keys = true;
    change.start = Some(start);
    Some(change)
}

fn reseal(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let snapshot = account.snapshot();
    let hand = account.hand();
    let names = draw.shuffled(names(&snapshot));
    for of in &names {
        for target in &hand {
            let plan = Plan::reseal(&snapshot, of, target, &hand, &mut rng());
            if let Some(plan) = planned(account, plan) {
                return Some(Change::new(plan).touching(Some(of), target.id()));
            }
        }
    }
    None
}

fn respell(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let snapshot = account.snapshot();
    let hand = account.hand();
    for of in &draw.shuffled(names(&snapshot)) {
        let plan = Plan::respell(&snapshot, of, &hand, &mut rng());
        if let Some(plan) = planned(account, plan) {
            let change = Change::new(plan);
            return Some(
                hand.iter()
                    .fold(change, |change, key| change.touching(Some(of), key.id())),
            );
        }
    }
    None
}

fn back_fill_check(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let snapshot = account.snapshot();
    let hand = account.hand();
    let described: Vec<_> = hand
        .iter()
        .copied()
        .filter(|key| snapshot.key(key.id()).present().is_some())
        .collect();
    let key = draw.pick(&described)?;
    let plan = Plan::back_fill_check(&snapshot, key, &mut rng());
    let mut change = Change::new(planned(account, plan)?);
    change.described = Some(key.id().clone());
    Some(change)
}

fn drop_entry(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let snapshot = account.snapshot();
    let hand = account.hand();
    for of in &draw.shuffled(names(&snapshot)) {
        let secret = snapshot.secret(of).present()?;
        let ids: Vec<_> = secret.entries().map(|(id, _)| id.clone()).collect();
        for id in draw.shuffled(ids) {
            let plan = Plan::drop_entry(&snapshot, of, &id, &hand, &[]);
            if let Some(plan) = planned(account, plan) {
                return Some(Change::new(plan).touching(Some(of), &id));
            }
        }
    }
    None
}

fn gc(account: &Generated, _: &mut Draw) -> Option<Change> {
    let snapshot = account.snapshot();
    let plan = planned(account, Plan::gc(&snapshot))?;
    let mut change = Change::new(plan);
    for (id, _) in snapshot.keys() {
        let is_used = snapshot
            .present_secrets()
            .any(|secret| secret.entries().any(|(other, _)| other == id));
        if !is_used && snapshot.default_key_id() != Some(id) {
            change = change.blanking(id.event_type());
        }
    }
    Some(change)
}

fn disable(account: &Generated, _: &mut Draw) -> Option<Change> {
    let snapshot = account.snapshot();
    let abandon = names(&snapshot);
    let plan = planned(account, Plan::disable(&snapshot, &account.hand(), &abandon))?;
    let mut change = Change::new(plan).losing(&abandon);
    change.ends_the_default = true;
    for (event_type, _) in snapshot.secret_storage_events() {
        change = change.blanking(event_type.to_owned());
    }
    Some(change)
}

/// The account after a change.
fn after(account: &Generated, change: &Change) -> Generated {
    let promises = Promises::new(account, change);
    let server = promises.store();
    assert!(run(&server, &change.plan, &promises.keys(), None, 0).is_finished);
    let store = server.data;
    let now = snapshot(&store);
    let mut at_hand = account.at_hand.clone();
    at_hand.extend(change.new_keys.iter().map(|key| key.key().id().clone()));
    Generated {
        events: events_of(&store)
            .into_iter()
            .map(|(name, _)| (name.clone(), now.content(&name).unwrap().clone()))
            .collect(),
        keys: KEYS.iter().copied().chain(["new"]).map(key).collect(),
        at_hand,
    }
}

/// Brings back what the account has, in one that was damaged since.
fn restore(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let mut start = account.copy();
    for (event_type, content) in &mut start.events {
        let is_ours = event_type.starts_with("m.secret_storage.")
            || EncryptedSecret::parse(&name("x"), content)
                .present()
                .is_some();
        if !is_ours {
            continue;
        }
        match draw.below(6) {
            0 | 1 => *content = Object::empty(),
            2 => {
                let encrypted = content
                    .get("encrypted")
                    .map(|text| Object::parse(text).unwrap());
                if let Some(encrypted) = encrypted {
                    let without = encrypted.without(&["a", "b"]);
                    *content = content.with("encrypted", &Value::object(&without));
                }
            }
            _ => {}
        }
    }
    restoring(account.snapshot(), start, Vec::new())
}

/// Brings back what came of a rotation that was taken back.
fn restore_rotated(account: &Generated, draw: &mut Draw) -> Option<Change> {
    let rotated = rotate(account, draw, Old::Revoked, true)?;
    let earlier = after(account, &rotated).snapshot();
    restoring(earlier, account.copy(), rotated.new_keys)
}

fn restoring(earlier: Snapshot, start: Generated, new_keys: Vec<NewKey>) -> Option<Change> {
    let mut hand = start.hand();
    hand.extend(new_keys.iter().map(NewKey::key));
    let plan = Plan::restore(&start.snapshot(), &earlier, &[], &hand, &[]);
    let plan = planned(&start, plan)?;
    let has_default = start.snapshot().default_key_id().is_some();
    let mut change = Change::new(plan);
    change.ends_the_default = !has_default;
    change.new_keys = new_keys;
    change.earlier = Some(earlier);
    change.start = Some(start);
    Some(change)
}

/// Takes a change back, in the account that it led to.
fn undo(account: &Generated, draw: &mut Draw, of: &str) -> Option<Change> {
    let (_, intent) = INTENTS.iter().find(|(name, _)| *name == of)?;
    let done = intent(account, draw)?;
    undo_done(account, done, &[])
}

fn undo_done(account: &Generated, done: Change, abandon: &[SecretName]) -> Option<Change> {
    let start = after(account, &done);
    let plan = planned(&start, done.plan.undo(&start.snapshot(), abandon))?;
    let earlier = account.snapshot();
    let mut change = Change::new(plan);
    for write in done.plan.writes() {
        if write.before().is_none_or(Object::is_empty) {
            change.may_blank.insert(write.event_type().to_owned());
        }
    }
    change.entries = done.entries;
    let new = done
        .new_keys
        .iter()
        .map(|key| (None, key.key().id().clone()));
    change.entries.extend(new);
    change.loses = done.loses;
    change.new_keys = done.new_keys;
    change.ends_the_default = earlier.default_key_id().is_none();
    change.earlier = Some(earlier);
    change.start = Some(start);
    Some(change)
}

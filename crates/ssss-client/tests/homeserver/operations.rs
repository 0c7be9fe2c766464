//! Whole operations, with every fault at each of their requests, once and from then on: success or an
//! error of a known kind, in time; nothing half written; nothing lost; and it can be finished.

mod memory;
mod oracle;
mod subject;
mod work;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use ssss_client::{AccountDataErrorKind as Kind, ApplyErrorKind, Error, PlanError};

use self::oracle::Before;
use self::subject::Subject;
use self::work::{WORKS, Work};
use crate::faults::faults;
use crate::server::{Fault, State};

/// Most of the time of a case is waiting.
const THREADS: usize = 24;
/// Every call gives up after 400 ms and is tried a few times.
const DEADLINE: Duration = Duration::from_secs(20);

/// Where, and how, and whether it never ends.
struct Disturbance<'a> {
    work: &'a Work,
    at: usize,
    fault: Fault,
    kinds: &'static [Kind],
    for_ever: bool,
}

#[test]
fn every_fault_at_every_request_of_every_operation() {
    let mut disturbances = Vec::new();
    for work in WORKS {
        let requests = undisturbed(work);
        println!("{}: {requests} requests", work.name);
        for at in 1..=requests {
            for (index, (fault, kinds)) in faults().into_iter().enumerate() {
                // What never ends looks the same wherever it begins: each fault meets each operation
                // at every third of its requests, another third for each fault.
                for for_ever in [false, true] {
                    if for_ever && (at + index) % 3 != 0 {
                        continue;
                    }
                    disturbances.push(Disturbance {
                        work,
                        at,
                        fault: fault.clone(),
                        kinds,
                        for_ever,
                    });
                }
            }
        }
    }
    let next = AtomicUsize::new(0);
    let failed = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(disturbance) = disturbances.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    if disturbed(disturbance) {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    println!(
        "{} cases, of which {failed} ended in an error first",
        disturbances.len()
    );
    assert!(failed > disturbances.len() / 4, "faults are felt");
}

/// What is complained of, and what is done to have it.
type Spoiled = (&'static str, fn(&mut State));

#[test]
fn the_oracle_complains_of_what_is_wrong() {
    let wrong: [Spoiled; 7] = [
        ("names no key", |state| {
            state.account_data.remove("m.secret_storage.default_key");
        }),
        ("in nobody's hand", |state| {
            let pointer = json!({"key": "gone"});
            state
                .account_data
                .insert("m.secret_storage.default_key".to_owned(), pointer);
        }),
        ("is not described", |state| {
            state
                .account_data
                .retain(|name, _| !name.starts_with("m.secret_storage.key."));
        }),
        ("is lost", |state| {
            state
                .account_data
                .insert("m.cross_signing.master".to_owned(), json!({}));
        }),
        ("does not open", |state| {
            let other = state.account_data["m.cross_signing.master"].clone();
            state
                .account_data
                .insert("m.megolm_backup.v1".to_owned(), other);
        }),
        ("what nobody wrote", |state| {
            state
                .account_data
                .insert("m.direct".to_owned(), json!({"half": true}));
        }),
        ("published and not stored", |state| {
            let mut other = state.backups[0].clone();
            other["auth_data"]["public_key"] = "A".repeat(43).into();
            state.backups.push(other);
        }),
    ];
    for (complaint, spoil) in wrong {
        let subject = Subject::new(&WORKS[1]);
        let before = Before::of(&subject);
        assert_eq!(before.complaint(&subject), None);
        spoil(&mut subject.server.state());
        let found = before.complaint(&subject).unwrap_or_default();
        assert!(found.contains(complaint), "{complaint}: {found:?}");
    }
}

fn undisturbed(work: &Work) -> usize {
    let subject = Subject::new(work);
    let before = Before::of(&subject);
    subject.server.take_seen();
    let done = subject.run();
    let requests = subject.server.take_seen().len();
    done.unwrap_or_else(|error| panic!("{}: {error}", work.name));
    before.assert_end(&subject, work.name);
    requests
}

/// Whether it ended in an error, before it was finished.
fn disturbed(disturbance: &Disturbance<'_>) -> bool {
    let Disturbance {
        work,
        at,
        fault,
        kinds,
        for_ever,
    } = disturbance;
    let what = format!(
        "{}: {fault:?} at request {at}{}",
        work.name,
        if *for_ever { " and on" } else { "" }
    );
    let subject = Subject::new(work);
    let before = Before::of(&subject);
    let (mut count, failing, at, for_ever) = (0, fault.clone(), *at, *for_ever);
    subject.server.fail(move |_| {
        count += 1;
        (count == at || for_ever && count > at).then(|| failing.clone())
    });
    let begun = Instant::now();
    let done = subject.run();
    let took = begun.elapsed();
    assert!(took < DEADLINE, "{what}: it took {took:?}");
    if let Err(error) = &done {
        let text = format!("{error} {error:?}");
        assert!(!text.contains("canary"), "{what}: {text}");
        let kind = kind(error, kinds).unwrap_or_else(|| panic!("{what}: {text}"));
        // Which error each fault is, `faults` shows. Here much goes on at once, and time runs out; and
        // what was written, and answered for wrongly, may look like another's doing.
        let is_busy = kind == Kind::Unreachable;
        assert!(
            kinds.contains(&kind) || is_busy || !for_ever && kind == Kind::Conflict,
            "{what}: {kind:?}: {text}"
        );
    }
    subject.server.fail(|_| None);
    before.assert_between(&subject, &what);
    let failed = done.is_err();
    subject
        .finish(&done)
        .unwrap_or_else(|error| panic!("{what}: it is not finished: {error}"));
    before.assert_end(&subject, &what);
    failed
}

/// What the server did, according to the error, if it has this fault.
fn kind(error: &Error, kinds: &[Kind]) -> Option<Kind> {
    match error {
        Error::Plan(PlanError::NotListed) => unlisted(kinds),
        Error::Store(error) => Some(error.kind()),
        Error::Apply(error) => match &error.kind {
            ApplyErrorKind::Store(error) | ApplyErrorKind::Publish(error) => Some(error.kind()),
            ApplyErrorKind::Conflict(_) | ApplyErrorKind::NotStored(_) => Some(Kind::Conflict),
            ApplyErrorKind::NotListed => unlisted(kinds),
            _ => None,
        },
        _ => None,
    }
}

/// The fault, if it is one that leaves what is known by name.
fn unlisted(kinds: &[Kind]) -> Option<Kind> {
    let is_one = |kind: &&Kind| matches!(kind, Kind::Forbidden | Kind::TooLarge);
    kinds.iter().find(is_one).copied()
}

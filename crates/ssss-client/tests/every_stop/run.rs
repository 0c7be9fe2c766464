//! Carrying a plan out, and stopping it.

use std::fmt;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use pollster::block_on;
use ssss_client::ssss_model::VerifiedKey;
use ssss_client::{AccountData as _, Content, MemoryStore, Plan, apply};

use super::account::dump;
use super::draw::Draw;
use super::promises::Promises;
use super::server::Server;
use super::stopping::{Stopping, Way};

/// What was tried, and what was found.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) accounts: usize,
    pub(crate) cases: usize,
    pub(crate) violations: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.cases += other.cases;
        self.violations.extend(other.violations.iter().cloned());
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cases over {} plans, {} violations",
            self.cases,
            self.accounts,
            self.violations.len()
        )
    }
}

/// How a run ended: with the number of accesses, and whether it came to its end.
pub(crate) struct Run {
    pub(crate) accesses: usize,
    pub(crate) error: Option<String>,
    pub(crate) is_finished: bool,
}

/// Carries a plan out, stopped at an access.
pub(crate) fn run(
    store: &Server,
    plan: &Plan,
    keys: &[&VerifiedKey],
    at: Option<(usize, Way)>,
    order: u64,
) -> Run {
    let stopping = Stopping::new(store, at, Draw::new("order", order));
    let mut future = pin!(apply(&stopping, plan, keys, |_| ()));
    // A store in memory answers at once, so whoever waits now waits for ever, and is dropped.
    let polled = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    let error = match &polled {
        Poll::Ready(Err(error)) => Some(error.to_string()),
        _ => None,
    };
    Run {
        accesses: stopping.count(),
        error,
        is_finished: matches!(polled, Poll::Ready(Ok(()))),
    }
}

/// Stops a plan at every access and in every way, resumes it from its journal, stops that too, and
/// resumes it to its end; holds every state on the way against the promises, and the last one against
/// that of a run that nothing stopped.
pub(crate) fn every_stop(
    promises: &Promises<'_>,
    plan: &Plan,
    draw: &mut Draw,
    tally: &mut Tally,
    what: &str,
) {
    let keys = promises.keys();
    let finished = promises.store();
    let undisturbed = run(&finished, plan, &keys, None, 0);
    if let Some(error) = &undisturbed.error {
        tally
            .violations
            .push(format!("{what}: undisturbed: {error}"));
        return;
    }
    let end = dump(&finished.data);
    tally
        .violations
        .extend(promises.broken(&finished, &format!("{what}, at its end")));
    if finished.published().is_some() != plan.publication().is_some() {
        let violation = format!("{what}: what was to be published was not, or the other way round");
        tally.violations.push(violation);
    }
    // Doing it again writes nothing.
    run(&finished, plan, &keys, None, 0);
    if dump(&finished.data) != end {
        tally
            .violations
            .push(format!("{what}: P5: the second run changed something"));
    }
    tally.accounts += 1;
    let kept = Plan::from_json(&plan.to_json()).unwrap();
    for at in 0..undisturbed.accesses {
        for way in Way::ALL {
            let when = format!(
                "{what}, stopped {way:?} at {at} of {}",
                undisturbed.accesses
            );
            let stopped = promises.store();
            let order = u64::try_from(draw.below(1000)).unwrap();
            run(&stopped, plan, &keys, Some((at, way)), order);
            tally.violations.extend(promises.broken(&stopped, &when));
            let events = events_of(&stopped.data);
            let second = (
                draw.below(undisturbed.accesses),
                *draw.pick(&Way::ALL).unwrap(),
            );
            for second in [None, Some(second)] {
                tally.cases += 1;
                let data: MemoryStore = events.iter().cloned().collect();
                let store = stopped.with_data(data);
                let when = format!("{when}, then {second:?}");
                if second.is_some() {
                    run(&store, &kept, &keys, second, order);
                    tally.violations.extend(promises.broken(&store, &when));
                }
                let last = run(&store, &kept, &keys, None, order);
                if !last.is_finished {
                    let error = last.error.unwrap_or_default();
                    tally
                        .violations
                        .push(format!("{when}: not resumed: {error}"));
                } else if store.published().is_some() != plan.publication().is_some() {
                    tally.violations.push(format!("{when}: not published"));
                } else if dump(&store.data) != end {
                    tally
                        .violations
                        .push(format!("{when}: P5: the end differs"));
                }
            }
        }
    }
}

/// The events of a store.
pub(crate) fn events_of(store: &MemoryStore) -> Vec<(String, Content)> {
    block_on(store.enumerate()).unwrap().events
}

//! Plans, over a server that fails, a client that goes away, and another client that writes: with the
//! accounts, the changes and the promises of the tests that stop every change at every moment.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use ssss_client::ssss_model::Object;
use ssss_client::{ApplyErrorKind, Plan, Purpose, apply};

use self::account::{default_opens, dump, snapshot};
use self::draw::Draw;
use self::generated::Generated;
use self::intents::INTENTS;
use self::promises::Promises;
use self::rival::{Rival, Watched};
use self::server::Server;
use self::stopping::{Stopping, Way};
use crate::input::Input;

#[path = "../../../crates/ssss-client/tests/suite/account.rs"]
#[expect(dead_code, reason = "shared with tests")]
mod account;
mod draw;
#[path = "../../../crates/ssss-client/tests/every_stop/generated.rs"]
mod generated;
#[path = "../../../crates/ssss-client/tests/every_stop/intents.rs"]
mod intents;
#[path = "../../../crates/ssss-client/tests/every_stop/promises.rs"]
mod promises;
mod rival;
#[path = "../../../crates/ssss-client/tests/every_stop/run.rs"]
#[expect(dead_code, reason = "shared with tests")]
mod run;
#[path = "../../../crates/ssss-client/tests/every_stop/server.rs"]
mod server;
#[path = "../../../crates/ssss-client/tests/every_stop/stopping.rs"]
mod stopping;

/// Reads a kind of change, faults, another client's write, and an account: the promises hold in every state
/// that the change is left in, and it comes to its end, which is always the same, or says who was there.
pub fn carry_out(data: &[u8]) {
    let mut input = Input(data);
    let (name, intent) = INTENTS[input.below(INTENTS.len())];
    let attempts: [Attempt; 2] = [(); 2].map(|()| Attempt::read(&mut input));
    let count = input.below(attempts.len() + 1);
    let is_shared = input.below(2) == 1;
    let chosen: [u8; 4] = input.array();
    let mut draw = Draw::of(input.0);
    let account = Generated::new(&mut draw);
    let Some(change) = intent(&account, &mut draw) else {
        return;
    };
    let promises = Promises::new(&account, &change);
    let case = Case {
        name,
        promises: &promises,
        plan: Plan::from_json(&change.plan.to_json()).unwrap(),
        ends_the_default: change.ends_the_default,
    };
    let (accesses, end) = case.undisturbed();
    let rival = is_shared.then(|| Rival::new(chosen, &promises.store(), &change.plan));
    case.disturbed(&attempts[..count], accesses, &end, rival.as_ref());
}

/// Where, and how, a run is stopped.
#[derive(Debug)]
struct Attempt {
    at: u8,
    way: Way,
    order: u64,
}

impl Attempt {
    fn read(input: &mut Input<'_>) -> Self {
        Self {
            at: input.byte(),
            way: Way::ALL[input.below(Way::ALL.len())],
            order: u32::from_le_bytes(input.array()).into(),
        }
    }
}

struct Case<'a> {
    name: &'static str,
    promises: &'a Promises<'a>,
    /// As a journal keeps it.
    plan: Plan,
    ends_the_default: bool,
}

/// How a run ended.
struct Run {
    accesses: usize,
    /// `None` if whoever waited is gone.
    end: Option<Result<(), ApplyErrorKind>>,
}

impl Case<'_> {
    /// Carried out and carried out again, with nobody else there: how many accesses it takes, and what
    /// the account is then.
    fn undisturbed(&self) -> (usize, BTreeMap<String, String>) {
        let server = self.promises.store();
        let run = self.run(&server, None, 0, None, 0);
        assert_eq!(run.end, Some(Ok(())), "{}", self.name);
        self.promises_hold(&server, "at its end", None);
        let is_published = server.published().is_some();
        assert_eq!(
            is_published,
            self.plan.publication().is_some(),
            "{}",
            self.name
        );
        let end = dump(&server.data);
        let again = self.run(&server, None, 0, None, 0);
        assert_eq!(again.end, Some(Ok(())), "{}: P5", self.name);
        assert_eq!(dump(&server.data), end, "{}: P5: the second run", self.name);
        (run.accesses, end)
    }

    fn disturbed(
        &self,
        attempts: &[Attempt],
        accesses: usize,
        end: &BTreeMap<String, String>,
        rival: Option<&Rival>,
    ) {
        let server = self.promises.store();
        // The other client comes once, in the course of one of the runs.
        let mut came = 0;
        for attempt in attempts {
            let at = usize::from(attempt.at) % accesses.max(1);
            let stop = Some((at, attempt.way));
            let run = self.run(&server, stop, attempt.order, rival, came);
            came += run.accesses;
            self.promises_hold(&server, &format!("{attempt:?} at {at}"), rival);
        }
        let run = self.run(&server, None, 0, rival, came);
        let when = format!("after {attempts:?}, {rival:?}");
        self.promises_hold(&server, &when, rival);
        let is_there = rival.is_some_and(|rival| rival.at < came + run.accesses);
        let now = dump(&server.data);
        match run.end.unwrap() {
            Ok(()) => {
                for (event_type, content) in &now {
                    let is_theirs = rival
                        .filter(|_| is_there)
                        .is_some_and(|rival| rival.is_of(event_type, content));
                    assert!(
                        is_theirs || end.get(event_type) == Some(content),
                        "{}, {when}: P5: {event_type} ends as {content}",
                        self.name
                    );
                }
                assert!(end.keys().all(|event_type| now.contains_key(event_type)));
                if let Some(rival) = rival {
                    self.what_came_is_in_reach(&server, rival, &when);
                }
            }
            Err(
                ApplyErrorKind::Conflict(_)
                | ApplyErrorKind::NotStored(_)
                | ApplyErrorKind::DoesNotOpen(..),
            ) if is_there => {}
            Err(error) => panic!("{}, {when}: not resumed: {error}", self.name),
        }
    }

    /// Once a new key is the default, and all is said to be well, it opens what the other client has
    /// stored for the old one before.
    fn what_came_is_in_reach(&self, server: &Server, rival: &Rival, when: &str) {
        let sets_default = |purpose: &Purpose| matches!(purpose, Purpose::SetDefaultKey { .. });
        let is_new = self
            .plan
            .writes()
            .any(|write| sets_default(write.purpose()));
        let now = snapshot(&server.data);
        let is_stored = now.content(Rival::SECRET).is_some();
        if rival.is_new_secret() && is_stored && is_new && !self.ends_the_default {
            let opened = default_opens(&now, &self.promises.keys());
            let is_open = opened.contains_key(Rival::SECRET);
            assert!(is_open, "{}, {when}: P6: out of reach", self.name);
        }
    }

    /// P1 to P4, but for what the other client has written.
    fn promises_hold(&self, server: &Server, when: &str, rival: Option<&Rival>) {
        let mut broken = self
            .promises
            .broken(server, &format!("{}, {when}", self.name));
        broken.retain(|what| rival.is_none_or(|rival| rival.is_not_to_blame(what)));
        assert_eq!(broken, Vec::<String>::new());
    }

    fn run(
        &self,
        server: &Server,
        stop: Option<(usize, Way)>,
        order: u64,
        rival: Option<&Rival>,
        came: usize,
    ) -> Run {
        let keys = self.promises.keys();
        let stopping = Stopping::new(server, stop, Draw::new("order", order));
        let rival = rival.and_then(|rival| Some((rival.at.checked_sub(came)?, rival)));
        let watched = Watched::new(stopping, server, &self.plan, rival);
        let mut future = pin!(apply(&watched, &self.plan, &keys, |_| ()));
        // A server in memory answers at once, so whoever waits now waits for ever, and is dropped.
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        let end = match polled {
            Poll::Pending => None,
            Poll::Ready(end) => Some(end.map_err(|error| error.kind)),
        };
        watched.nothing_was_missed(end == Some(Ok(())), self.name);
        Run {
            accesses: watched.accesses(),
            end,
        }
    }
}

/// Whether two contents are the same JSON; an event that is not there is none.
fn same(one: Option<&Object>, other: Option<&Object>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.is_same_json(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

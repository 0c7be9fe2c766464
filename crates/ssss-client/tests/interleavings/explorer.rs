//! Every order in which two clients can reach an account.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::account::Account;
use crate::clients::{Client, Outcome};
use crate::verdict::{Kind, When, violations};
use crate::world::{Access, World};

/// What was found.
#[derive(Default)]
pub(crate) struct Found {
    /// Different states of account and clients.
    pub(crate) states: usize,
    /// Orders of accesses, from the beginning to an end.
    pub(crate) orders: f64,
    /// For each kind of violation: in how many states, and the shortest way to one.
    pub(crate) violations: BTreeMap<(When, Kind), (usize, Vec<String>)>,
    /// How the clients ended, and at how many ends.
    pub(crate) outcomes: BTreeMap<String, usize>,
}

/// A way from the beginning: which of those that waited went on, each time.
type Way = Vec<usize>;

/// Explores by breadth, so that the first way to a violation is a shortest one. Clients cannot be
/// copied, so each way is gone from the beginning; states that are equal are gone on from once.
pub(crate) fn explore(account: &Account, clients: &[Client; 2]) -> Found {
    let events: BTreeMap<String, String> = account
        .events()
        .into_iter()
        .map(|(name, content)| (name, content.json().get().to_owned()))
        .collect();
    let mut found = Found::default();
    // For each state, by how many orders it is reached. A state has one depth: every access counts.
    let mut orders: HashMap<(u64, u64, u64), f64> = HashMap::new();
    let start = run(&events, clients, &[]);
    orders.insert(start.state, 1.0);
    let mut queue: VecDeque<(Way, Run)> = VecDeque::from([(Vec::new(), start)]);
    while let Some((way, here)) = queue.pop_front() {
        found.states += 1;
        let reached = orders[&here.state];
        if here.choices == 0 {
            found.orders += reached;
            let [a, b] = &here.outcomes;
            let (a, b) = (a.as_ref().unwrap(), b.as_ref().unwrap());
            *found.outcomes.entry(format!("A {a}, B {b}")).or_default() += 1;
        }
        let outcomes = here.outcomes.each_ref().map(Option::as_ref);
        for kind in violations(&events, &here.events, outcomes) {
            let entry = found.violations.entry(kind);
            entry.or_insert((0, here.trace.clone())).0 += 1;
        }
        for choice in 0..here.choices {
            let mut way = way.clone();
            way.push(choice);
            let next = run(&events, clients, &way);
            let is_new = !orders.contains_key(&next.state);
            *orders.entry(next.state).or_default() += reached;
            if is_new {
                queue.push_back((way, next));
            }
        }
    }
    found
}

/// Where a way leads.
struct Run {
    state: (u64, u64, u64),
    choices: usize,
    events: BTreeMap<String, String>,
    outcomes: [Option<Outcome>; 2],
    trace: Vec<String>,
}

fn run(events: &BTreeMap<String, String>, clients: &[Client; 2], way: &[usize]) -> Run {
    let world = World::new(events.clone());
    let mut futures: Vec<Pin<Box<dyn Future<Output = Outcome>>>> = Vec::new();
    for (client, start) in clients.iter().enumerate() {
        let world = Rc::clone(&world);
        futures.push(start(Access { world, client }));
    }
    let mut outcomes = [None, None];
    let mut poll = |client: usize, outcomes: &mut [Option<Outcome>; 2]| {
        if outcomes[client].is_none() {
            let future = futures[client].as_mut();
            if let Poll::Ready(outcome) = future.poll(&mut Context::from_waker(Waker::noop())) {
                outcomes[client] = Some(outcome);
            }
        }
    };
    poll(0, &mut outcomes);
    poll(1, &mut outcomes);
    for choice in way {
        let ticket = world.waiting()[*choice];
        world.grant(ticket);
        poll(ticket.0, &mut outcomes);
    }
    Run {
        state: world.state(),
        choices: world.waiting().len(),
        events: world.events.borrow().clone(),
        outcomes,
        trace: world.trace.borrow().clone(),
    }
}

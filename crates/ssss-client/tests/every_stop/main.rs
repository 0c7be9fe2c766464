//! Whatever moment a change is stopped at: for every intent, over generated accounts, stopped at every
//! access to the store, in every way, and once more while it is resumed.

#[path = "../suite/account.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod account;
mod control;
mod draw;
mod generated;
mod intents;
mod promises;
mod run;
mod server;
mod stopping;

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::draw::Draw;
use crate::generated::Generated;
use crate::intents::INTENTS;
use crate::promises::Promises;
use crate::run::{Tally, every_stop};

/// How many accounts each intent is tried on, at least; and at most, where few have anything for it.
const ACCOUNTS: u64 = 40;
const MOST_ACCOUNTS: u64 = 4000;

/// How many cases each intent must have had.
const CASES: usize = 3700;

/// Runs every fourth intent, so that the tests share the work.
fn run_share(share: usize) {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (name, intent) in INTENTS.iter().skip(share).step_by(SHARES) {
        let tally = tallies.entry(name).or_default();
        for seed in 0..MOST_ACCOUNTS {
            if seed >= ACCOUNTS && tally.cases >= CASES {
                break;
            }
            let mut draw = Draw::new(name, seed);
            let account = Generated::new(&mut draw);
            let Some(change) = intent(&account, &mut draw) else {
                continue;
            };
            let promises = Promises::new(&account, &change);
            let what = format!("{name}, account {seed}");
            every_stop(&promises, &change.plan, &mut draw, tally, &what);
        }
    }
    let mut all = Tally::default();
    for (name, tally) in &tallies {
        report(&format!("{name}: {tally}"));
        assert_eq!(tally.violations, Vec::<String>::new(), "{name}");
        assert!(tally.cases >= CASES, "{name}: {tally}");
        all.add(tally);
    }
    report(&format!("stops, share {} of {SHARES}: {all}", share + 1));
    assert!(all.cases >= 100_000 / SHARES, "{all}");
}

const SHARES: usize = 4;

/// Says how much was tried, also where the test passes: what is printed is not shown then.
fn report(text: &str) {
    let line = format!("{text}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

#[test]
fn every_intent_stopped_at_every_moment_first_share() {
    run_share(0);
}

#[test]
fn every_intent_stopped_at_every_moment_second_share() {
    run_share(1);
}

#[test]
fn every_intent_stopped_at_every_moment_third_share() {
    run_share(2);
}

#[test]
fn every_intent_stopped_at_every_moment_fourth_share() {
    run_share(3);
}

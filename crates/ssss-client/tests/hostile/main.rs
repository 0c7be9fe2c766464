//! A hostile homeserver, as scripts: what it says, and when. Whatever is done meanwhile, an oracle
//! that knows what is true looks at everything that was asked, written, opened and shown.
//!
//! Each game is a file. A client that does as js-sdk does plays the same games, and is found guilty of
//! those that it falls for.

#[path = "../suite/account.rs"]
#[expect(dead_code, reason = "not all of what it can do is needed here")]
mod account;
mod answers;
mod client;
mod escapes;
mod http;
mod ivs;
mod json;
mod oracle;
mod pointer;
mod replays;
mod script;
#[path = "../homeserver/server.rs"]
#[expect(dead_code, reason = "not all of what it can do is needed here")]
mod server;
mod shapes;
mod stripped;
mod swaps;
mod tombstones;
mod truth;
mod weak;
mod work;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::script::Script;
use crate::work::Work;

/// Longer than any case takes, also where much else is going on.
const DEADLINE: Duration = Duration::from_secs(20);

/// Plays every script with every work, and returns what the oracle complains of.
fn play(client: Client, works: &[Work], scripts: &[Script]) -> Vec<String> {
    let mut complaints = Vec::new();
    for script in scripts {
        for work in works {
            let what = format!("{}: {work:?}", script.name);
            let begun = Instant::now();
            let played = catch_unwind(AssertUnwindSafe(|| oracle::verdict(client, script, *work)));
            let verdict = played.unwrap_or_else(|_| Err("a panic".to_owned()));
            if let Err(complaint) = verdict {
                complaints.push(format!("{what}: {complaint}"));
            }
            if begun.elapsed() > DEADLINE {
                complaints.push(format!("{what}: it took {:?}", begun.elapsed()));
            }
        }
    }
    complaints
}

/// The game is lost by no work on any script; says how many cases there were.
#[track_caller]
fn assert_innocent(game: &str, scripts: &[Script]) {
    let complaints = play(Client::Ours, work::ALL, scripts);
    println!("{game}: {} cases", scripts.len() * work::ALL.len());
    let shown: Vec<_> = complaints.iter().take(10).collect();
    assert!(
        complaints.is_empty(),
        "{} complaints: {shown:#?}",
        complaints.len()
    );
}

/// The control: a client as trusting as js-sdk loses this game, in this way.
#[track_caller]
fn assert_guilty(scripts: &[Script], of: &str) {
    let complaints = play(Client::Weak, work::WEAK, scripts);
    let count = complaints.iter().filter(|text| text.contains(of)).count();
    println!("the weak client: {count} times {of}");
    assert!(count > 0, "{of} is not in {complaints:#?}");
}

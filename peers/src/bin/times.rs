//! The time of each contender, round after round, in nanoseconds, as JSON:
//! `{row: {contender: [a time for each round]}}`. Whoever goes first changes from round to round.
//!
//! `times [--js-sdk SCRIPT] [TEXT]`: with matrix-js-sdk, whose part in it is this script; and only the rows
//! that have the text in their names.

use std::collections::BTreeMap;
use std::time::Instant;

use ssss_peers::{JsSdk, inputs, rows};

/// How long a contender works in one round, roughly.
const ROUND_NS: u64 = 20_000_000;
const ROUNDS: usize = 21;
/// Of what takes as long as a round by itself.
const LONG_ROUNDS: usize = 7;

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    let js_sdk = arguments.next_if(|argument| argument == "--js-sdk");
    let js_sdk = js_sdk.map(|_| {
        let script = arguments.next().expect("--js-sdk SCRIPT");
        JsSdk::start(script.as_ref(), &inputs())
    });
    let only = arguments.next().unwrap_or_default();
    let mut table = BTreeMap::new();
    let rows = rows(js_sdk.as_ref()).into_iter();
    for mut row in rows.filter(|row| row.name.contains(&only)) {
        let times: Vec<usize> = row
            .contenders
            .iter_mut()
            .map(|contender| {
                let mut times = 1;
                loop {
                    let took = contender.cost(time, times).max(1);
                    if took > ROUND_NS / 4 {
                        let each = took / times as u64;
                        break usize::try_from(ROUND_NS / each.max(1)).unwrap_or(1).max(1);
                    }
                    times *= 4;
                }
            })
            .collect();
        let is_long = times.iter().all(|times| *times < 3);
        let rounds = if is_long { LONG_ROUNDS } else { ROUNDS };
        let mut of_row: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let count = row.contenders.len();
        for round in 0..rounds {
            for place in 0..count {
                let index = (round + place) % count;
                let (contender, times) = (&mut row.contenders[index], times[index]);
                let took = contender.cost(time, times);
                #[expect(clippy::cast_precision_loss, reason = "nobody measures that exactly")]
                let each = took as f64 / times as f64;
                of_row.entry(contender.name).or_default().push(each);
            }
        }
        table.insert(row.name, of_row);
    }
    println!("{}", serde_json::json!(table));
}

fn time(work: &mut dyn FnMut()) -> u64 {
    let start = Instant::now();
    work();
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

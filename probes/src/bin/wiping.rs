//! Looks for secrets after each public call: in every block that was given back meanwhile, by an allocator
//! that looks at it, and in all of this process's memory, once all that the call was given and gave is
//! dropped. Prints a line for each call with what was found, and exits with 1 unless the calls leave
//! nothing and each control does.
//!
//! In a fresh process, so that nothing else has keys in memory.

#[path = "wiping/account.rs"]
mod account;
#[path = "wiping/controls.rs"]
mod controls;
#[path = "wiping/key.rs"]
mod key;
#[path = "wiping/model.rs"]
mod model;
#[path = "wiping/secrets.rs"]
mod secrets;

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::process::ExitCode;

use ssss_probes::memory;
use ssss_probes::needle::Needles;
use ssss_probes::spy::{self, Spy};

#[global_allocator]
static ALLOCATOR: Spy = Spy;

/// A call by name, with all that it needs, and all that it returns dropped.
type Call = (&'static str, fn());

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<bool> {
    // Past the buffer of the standard library, which a control fills.
    let mut out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let only = std::env::args().nth(1).unwrap_or_default();
    let needles = memory::deeper(secrets::needles);
    // What the needles were made of was not wiped everywhere.
    memory::overwrite();
    memory::scan(&needles)?;
    memory::overwrite();
    let needles = spy::look_for(needles);
    if memory::scan(needles)?.iter().any(|count| *count != 0) {
        return Err(io::Error::other("there are secrets before there are any"));
    }
    let mut wrong = 0;
    let calls = [key::CALLS, model::CALLS, account::CALLS].concat();
    for (name, call) in calls.iter().filter(|(name, _)| name.contains(&only)) {
        let (found, line) = watch(needles, *call)?;
        wrong += usize::from(found);
        writeln!(out, "{name:<52} {line}")?;
    }
    for (name, control) in controls::CALLS {
        let (found, line) = watch(needles, *control)?;
        wrong += usize::from(!found);
        writeln!(out, "{name:<52} {line}")?;
    }
    let (all, controls) = (calls.len(), controls::CALLS.len());
    let needles = needles.len();
    writeln!(
        out,
        "{all} calls, {controls} controls, {needles} needles, {wrong} wrong"
    )?;
    Ok(wrong == 0)
}

/// Whether a call leaves anything, and what.
fn watch(needles: &Needles, call: fn()) -> io::Result<(bool, String)> {
    spy::found();
    memory::deeper(call);
    let (freed, blocks) = spy::found();
    let counts = memory::scan(needles)?;
    // Nothing of what the scan found is left, or the next call would be blamed.
    spy::found();
    let mut found = Vec::new();
    for (number, count) in counts.iter().enumerate() {
        let what = needles.what(number);
        if freed & 1 << number != 0 {
            found.push(format!("{what} in a freed block"));
        }
        if *count != 0 {
            found.push(format!("{what} in memory, {count} times"));
        }
    }
    let line = if found.is_empty() {
        format!("nothing, {blocks} blocks freed")
    } else {
        found.join("; ")
    };
    Ok((!found.is_empty(), line))
}

//! A real homeserver, and real clients on the other side.

mod ground;
mod message;
mod ours;
mod peer;
mod python;
mod scenarios;
mod synapse;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use xshell::Shell;

use self::ground::{Ground, Site};
use self::scenarios::{SCENARIOS, Scenario};
use self::synapse::{PASSWORD, Synapse};
use crate::Result;

const THREADS: usize = 2;

/// Runs the scenarios whose names contain `only`; all, if that is none.
pub(crate) fn run(sh: &Shell, only: Option<&str>) -> Result {
    let site = Site::new(sh)?;
    let is_asked_for = |(name, _): &&Scenario| only.is_none_or(|only| name.contains(only));
    let scenarios: Vec<_> = SCENARIOS.iter().filter(is_asked_for).collect();
    let next = AtomicUsize::new(0);
    let work = || -> std::result::Result<usize, String> {
        let ground = Ground::new(&site).map_err(|error| error.to_string())?;
        let mut failed = 0;
        while let Some((name, scenario)) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
            let start = Instant::now();
            let result = scenario(&ground);
            let seconds = start.elapsed().as_secs_f32();
            match result {
                Ok(()) => println!("e2e: ok      {seconds:5.1} s  {name}"),
                Err(error) => {
                    failed += 1;
                    println!("e2e: FAILED  {seconds:5.1} s  {name}: {error}");
                }
            }
        }
        Ok(failed)
    };
    let failed = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let mut failed = 0;
        for thread in threads {
            failed += thread.join().map_err(|_| "a thread panicked")??;
        }
        Result::Ok(failed)
    })?;
    println!("e2e: {} scenarios, {failed} failed", scenarios.len());
    match failed {
        0 if scenarios.is_empty() => Err("no scenario is called so".into()),
        0 => Ok(()),
        _ => Err(format!("{failed} scenarios failed").into()),
    }
}

/// A homeserver with an account, until standard input ends.
pub(crate) fn serve(sh: &Shell) -> Result {
    let synapse = Synapse::start(&python::install(sh)?)?;
    let account = synapse.register()?;
    println!("SSSS_HOMESERVER={}", synapse.url());
    println!("SSSS_USER={}", account.user);
    println!("SSSS_ACCESS_TOKEN={}", account.token);
    println!("# device {}; the password is: {PASSWORD}", account.device);
    println!("# It stops when standard input ends.");
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

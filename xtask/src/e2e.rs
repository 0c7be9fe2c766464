//! A real homeserver, and real clients on the other side.

mod cuts;
mod ground;
mod message;
mod ours;
mod peer;
mod proxy;
mod python;
mod saved;
mod scenarios;
mod synapse;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use xshell::Shell;

use self::ground::{Ground, Site};
use self::proxy::Proxy;
use self::scenarios::SCENARIOS;
use self::synapse::{PASSWORD, Synapse};
use crate::Result;

/// One more than there are cores: a command that is cut off waits before it tries again.
const THREADS: usize = 3;
/// Of as many cuts it is told what is wrong.
const TOLD: usize = 20;

/// Of as many cuts CI tries one. Prime to the number of faults, or some would never come up.
pub(crate) const SHORT: usize = 3;

/// Runs what has `only` in its name; all, if that is none. Of the cuts every one is tried, or one of so many.
pub(crate) fn run(sh: &Shell, only: Option<&str>, one_of: usize) -> Result {
    let site = Site::new(sh)?;
    let is_asked_for = |name: &str| only.is_none_or(|only| name.contains(only));
    let scenarios: Vec<_> = SCENARIOS
        .iter()
        .filter(|(name, _)| is_asked_for(name))
        .collect();
    let failed = in_parallel(&site, &scenarios, |ground, _, (name, scenario)| {
        let start = Instant::now();
        let result = scenario(ground);
        let seconds = start.elapsed().as_secs_f32();
        match &result {
            Ok(()) => println!("e2e: ok      {seconds:5.1} s  {name}"),
            Err(error) => println!("e2e: FAILED  {seconds:5.1} s  {name}: {error}"),
        }
        result.is_ok()
    })?;
    println!("e2e: {} scenarios, {failed} failed", scenarios.len());

    let (cuts, wrong) = if is_asked_for(cuts::NAME) {
        cuts::list(&Ground::new(&site)?)?
    } else {
        Default::default()
    };
    for line in &wrong {
        println!("e2e: FAILED  {line}");
    }
    let cuts: Vec<_> = cuts.into_iter().step_by(one_of).collect();
    let start = Instant::now();
    let told = AtomicUsize::new(0);
    let cut_failed = in_parallel(&site, &cuts, |ground, proxy, cut| {
        let result = cut.run(ground, proxy);
        if let Err(error) = &result
            && told.fetch_add(1, Ordering::Relaxed) < TOLD
        {
            println!("e2e: FAILED  {}: {error}", cut.name());
        }
        result.is_ok()
    })?;
    println!(
        "e2e: {} cuts and kills, one of {one_of}, in {} s, {cut_failed} failed",
        cuts.len(),
        start.elapsed().as_secs()
    );
    match failed + wrong.len() + cut_failed {
        0 if scenarios.is_empty() && cuts.is_empty() => Err("nothing is called so".into()),
        0 => Ok(()),
        failed => Err(format!("{failed} failed").into()),
    }
}

/// Runs each, and counts those that fail.
fn in_parallel<T: Sync>(
    site: &Site,
    items: &[T],
    run: impl Fn(&Ground<'_>, &Proxy, &T) -> bool + Sync,
) -> Result<usize> {
    let next = AtomicUsize::new(0);
    let work = || -> std::result::Result<usize, String> {
        let ground = Ground::new(site).map_err(|error| error.to_string())?;
        let proxy = Proxy::start(site.synapse.address()).map_err(|error| error.to_string())?;
        let mut failed = 0;
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            failed += usize::from(!run(&ground, &proxy, item));
        }
        Ok(failed)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let mut failed = 0;
        for thread in threads {
            failed += thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok(failed)
    })
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

//! The command is killed, and lied to by the disk, at each system call of a write: the account file is
//! whole, and the next run ends as if nothing had happened.

mod case;
mod commands;
mod folder;
mod power_cut;
mod reference;
mod shape;
pub(crate) mod strace;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use xshell::Shell;

use self::case::{Case, Verdict};
use self::commands::{COMMANDS, CONTROL};
use self::reference::Reference;
use self::strace::FAULTS;
use crate::{Result, interop};

const THREADS: usize = 2;
/// Of as many cases it is told what is wrong.
const TOLD: usize = 20;

/// Of as many cases CI tries one. Prime to the number of faults, or some would never come up.
pub(crate) const SHORT: usize = 5;

/// Tries every case, or one of so many.
pub(crate) fn run(sh: &Shell, one_of: usize) -> Result {
    let version = strace::install(sh)?;
    let ssss = interop::build(sh)?;
    let folder = tempfile::tempdir()?;
    let folder = folder.path();

    let mut references = Vec::new();
    for (number, command) in COMMANDS.iter().enumerate() {
        let path = folder.join(format!("reference-{number}"));
        references.push(
            Reference::new(&ssss, command, false, &path)
                .map_err(|error| format!("{}: {error}", command.name))?,
        );
    }
    let all = references.iter().flat_map(cases_of);
    let cases: Vec<Case<'_>> = all.step_by(one_of).collect();
    let verdicts = run_all(&cases, folder)?;
    let wrong = wrong(&cases, &verdicts);
    for line in wrong.iter().take(TOLD) {
        eprintln!("kills: {line}");
    }
    let control = Reference::new(&ssss, &CONTROL, true, &folder.join("control"))
        .map_err(|error| format!("the control: {error}"))?;
    let control_cases = cases_of(&control);
    let control_verdicts = run_all(&control_cases, folder)?;
    println!(
        "kills, with strace {version}, one of {one_of}: {}; control: {}",
        summary(&cases, &verdicts),
        summary(&control_cases, &control_verdicts)
    );
    for fault in FAULTS {
        let is_found = |(case, verdict): (&Case<'_>, &Verdict)| {
            case.fault.name == fault.name && verdict.damage.is_some()
        };
        if !control_cases.iter().zip(&control_verdicts).any(is_found) {
            let name = fault.name;
            return Err(format!("{name} does no damage to a file that is written in place").into());
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("something is wrong in {} cases", wrong.len()).into())
}

/// What no program should do to a file that somebody needs: adds an event, in place.
pub(crate) fn control(file: &Path) -> Result {
    let text = fs::read_to_string(file)?;
    let added = text.replacen('{', r#"{"org.example.control":{},"#, 1);
    Ok(fs::write(file, added)?)
}

fn cases_of<'a>(reference: &'a Reference<'a>) -> Vec<Case<'a>> {
    let calls = reference.calls.iter();
    let case = |call| {
        FAULTS.iter().map(move |fault| Case {
            reference,
            call,
            fault,
        })
    };
    calls.flat_map(case).collect()
}

/// The verdict on each case, in order.
fn run_all(cases: &[Case<'_>], folder: &Path) -> Result<Vec<Verdict>> {
    let next = AtomicUsize::new(0);
    let work = |folder: &Path| -> std::result::Result<Vec<_>, String> {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let mut verdicts = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(number) else {
                return Ok(verdicts);
            };
            let verdict = case.run(folder);
            let verdict = verdict.map_err(|error| format!("{}: {error}", case.name()))?;
            verdicts.push((number, verdict));
        }
    };
    let mut verdicts = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let folder = folder.join(format!("thread-{number}"));
                scope.spawn(move || work(&folder))
            })
            .collect();
        let mut verdicts = Vec::new();
        for thread in threads {
            verdicts.extend(thread.join().map_err(|_| "a thread panicked")??);
        }
        Result::Ok(verdicts)
    })?;
    verdicts.sort_by_key(|(number, _)| *number);
    Ok(verdicts.into_iter().map(|(_, verdict)| verdict).collect())
}

/// A line for each case in which something is wrong.
fn wrong(cases: &[Case<'_>], verdicts: &[Verdict]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (case, verdict) in cases.iter().zip(verdicts) {
        if let Some(damage) = &verdict.damage {
            wrong.push(format!("{}: the account is damaged: {damage}", case.name()));
        } else if let Some(complaint) = &verdict.complaint {
            wrong.push(format!("{}: {complaint}", case.name()));
        }
    }
    wrong
}

fn summary(cases: &[Case<'_>], verdicts: &[Verdict]) -> String {
    let list = |name: fn(&Case<'_>) -> &'static str| {
        let mut counts = BTreeMap::<&str, usize>::new();
        for case in cases {
            *counts.entry(name(case)).or_default() += 1;
        }
        let counts: Vec<_> = counts
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        counts.join(", ")
    };
    let sum = |count: fn(&Verdict) -> usize| verdicts.iter().map(count).sum::<usize>();
    format!(
        "{} cases ({}; {}), {} damaged, {} files left over, {} swept",
        cases.len(),
        list(|case| case.reference.command.name),
        list(|case| case.fault.name),
        sum(|verdict| usize::from(verdict.damage.is_some())),
        sum(|verdict| verdict.left_over),
        sum(|verdict| verdict.swept),
    )
}

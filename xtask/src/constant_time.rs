//! The time that a call takes tells nothing of its secrets: memcheck watches each call, to which the secrets
//! are memory that was never given a value, and complains of every branch and address that depends on one.
//! It does not complain of divisions, which are looked for in the machine code.

mod disassembly;
mod memcheck;
mod verdicts;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use xshell::{Shell, cmd};

use self::disassembly::Code;
use self::memcheck::Complaint;
use self::verdicts::VERDICTS;
use crate::probes::{self, Backends};
use crate::{Result, debian};

const THREADS: usize = 2;
/// What the name of a case begins with of which memcheck must complain.
const CONTROL: &str = "control: ";

pub(crate) fn run(sh: &Shell) -> Result {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Err("valgrind is spoken to in its x86-64 way, and on Linux only".into());
    }
    debian::install(sh, &["binutils", "valgrind"])?;
    let version = cmd!(sh, "valgrind --version").read()?;
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for backends in Backends::ALL {
        let name = backends.name();
        let probe = probes::build(sh, "constant_time", backends)?;
        let processor = cmd!(sh, "valgrind --quiet {probe} processor").read()?;
        let code = Code::read(sh, &probe)?;
        println!("constant time, {name} backends, {version}, whose processor has: {processor}");
        wrong.extend(code.wrong_instructions(backends));
        // Without it, memcheck would watch the portable code in both.
        if backends == Backends::Hardware && !processor.split(' ').any(|word| word == "aes") {
            wrong.push("there is no AES instruction to watch".to_owned());
        }
        for (case, complaints) in watch(sh, &probe)? {
            let complaints = complaints?;
            let (told, line) = judge(&case, &complaints, &mut used);
            println!("  {case:<42} {line}");
            wrong.extend(
                told.into_iter()
                    .map(|told| format!("{name}: {case}: {told}")),
            );
        }
        let divisions = code.divisions(sh, &probe)?;
        println!("  {}", divisions.summary());
        wrong.extend(
            divisions
                .wrong()
                .into_iter()
                .map(|told| format!("{name}: {told}")),
        );
    }
    let unused = (0..VERDICTS.len()).filter(|number| !used.contains(number));
    wrong.extend(unused.map(|number| {
        let verdict = &VERDICTS[number];
        format!("nothing branches on `{}` in {}", verdict.line, verdict.file)
    }));
    for line in &wrong {
        eprintln!("constant time: {line}");
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} things are wrong", wrong.len()).into())
}

type Watched = (String, std::result::Result<Vec<Complaint>, String>);

/// What memcheck says of each case, in order.
fn watch(sh: &Shell, probe: &Path) -> Result<Vec<Watched>> {
    let cases: Vec<String> = cmd!(sh, "{probe}")
        .read()?
        .lines()
        .map(str::to_owned)
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut watched = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(number) else {
                return watched;
            };
            let complaints = memcheck::watch(probe, case);
            let complaints = complaints.map_err(|error| format!("{case}: {error}"));
            watched.push((number, complaints));
        }
    };
    let mut watched = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let mut watched = Vec::new();
        for thread in threads {
            watched.extend(thread.join().map_err(|_| "a thread panicked")?);
        }
        Result::Ok(watched)
    })?;
    watched.sort_by_key(|(number, _)| *number);
    Ok(cases
        .into_iter()
        .zip(watched)
        .map(|(case, (_, complaints))| (case, complaints))
        .collect())
}

/// What is wrong with a case, and a line to print.
fn judge(
    case: &str,
    complaints: &[Complaint],
    used: &mut BTreeSet<usize>,
) -> (Vec<String>, String) {
    if case.starts_with(CONTROL) {
        let wrong = complaints.is_empty();
        let told = wrong.then(|| "memcheck does not see the secret".to_owned());
        return (
            told.into_iter().collect(),
            format!("{} complaints, as there must be", complaints.len()),
        );
    }
    let mut told = Vec::new();
    let mut on_verdicts = BTreeSet::new();
    for complaint in complaints {
        if let Some(number) = verdicts::verdict_of(complaint) {
            on_verdicts.insert(number);
        } else {
            told.push(complaint.to_string());
        }
    }
    let words: BTreeSet<_> = on_verdicts
        .iter()
        .map(|number| VERDICTS[*number].what)
        .collect();
    let words: Vec<_> = words.into_iter().collect();
    let line = match (told.len(), words.is_empty()) {
        (0, true) => "clean".to_owned(),
        (0, false) => format!("clean but for {}", words.join(", ")),
        (leaks, _) => format!("{leaks} LEAKS"),
    };
    used.extend(on_verdicts);
    (told, line)
}

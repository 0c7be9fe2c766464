//! The instructions of pieces of work, counted by callgrind and held against those that were saved: what
//! becomes slower, or does less than it should, is seen without a clock.

mod baseline;

use std::fs;
use std::path::Path;

use xshell::{Shell, cmd};

use self::baseline::{Baseline, Margin};
use crate::probes::{self, Backends};
use crate::{Result, debian, root};

/// The function within which instructions count.
const MEASURED: &str = "instructions::measured*";

const PROCESSOR: [&str; 2] = ["aes", "avx2"];

pub(crate) fn run(sh: &Shell) -> Result {
    let saved = Baseline::read(&root().join(baseline::FILE))?;
    let counted = count(sh)?;
    let margin = Margin::between(&saved, &counted);
    let mut complaints = baseline::compare(&saved, &counted, margin);
    complaints.extend(baseline::faster_than_linear(&counted));
    print!("{}", baseline::table(&saved, &counted));
    for complaint in &complaints {
        eprintln!("instructions: {complaint}");
    }
    match complaints.len() {
        0 => {
            println!("instructions: all within {margin}");
            Ok(())
        }
        count => Err(format!("{count} complaints; what is meant to be so, `--save` saves").into()),
    }
}

pub(crate) fn save(sh: &Shell) -> Result {
    let counted = count(sh)?;
    Ok(fs::write(root().join(baseline::FILE), counted.to_toml())?)
}

/// Does every piece of work under callgrind.
fn count(sh: &Shell) -> Result<Baseline> {
    check_processor(&sh.read_file("/proc/cpuinfo")?)?;
    debian::install(sh, &["valgrind"])?;
    let program = probes::build(sh, "instructions", Backends::Hardware)?;
    let folder = tempfile::tempdir()?;
    let mut counted = Baseline {
        rustc: cmd!(sh, "rustc --version").read()?,
        valgrind: cmd!(sh, "valgrind --version").read()?,
        instructions: Vec::new(),
    };
    let list = cmd!(sh, "{program}").read()?;
    for line in list.lines() {
        let (name, times) = line.split_once(' ').ok_or("no name and number")?;
        let times: u64 = times.parse()?;
        let out = folder.path().join(name);
        cmd!(
            sh,
            "valgrind --quiet --tool=callgrind --callgrind-out-file={out} --collect-atstart=no --toggle-collect={MEASURED} {program} {name}"
        )
        .quiet()
        .run()?;
        let total = total(&out)?;
        if total == 0 {
            return Err(format!("{name}: nothing was counted").into());
        }
        counted.instructions.push((name.to_owned(), total / times));
    }
    Ok(counted)
}

/// The primitives choose code by what the processor has. valgrind shows them of it what it knows itself: AES-NI and
/// AVX2 where they are, SHA-NI never.
fn check_processor(cpuinfo: &str) -> Result {
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"));
    let flags: Vec<&str> = flags.unwrap_or_default().split_whitespace().collect();
    let missing: Vec<_> = PROCESSOR
        .iter()
        .filter(|flag| !flags.contains(flag))
        .collect();
    match missing.as_slice() {
        [] => Ok(()),
        _ => Err(format!(
            "what was saved is of a processor with {}; this one lacks {missing:?}",
            PROCESSOR.join(" and ")
        )
        .into()),
    }
}

fn total(out: &Path) -> Result<u64> {
    let text = fs::read_to_string(out)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(total.ok_or("callgrind gives no total")?.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_without_what_counts_is_refused() {
        for (cpuinfo, is_right) in [
            ("model name : X\nflags\t\t: fpu aes avx avx2\n", true),
            ("flags\t\t: fpu vaes avx2\n", false),
            ("Features : fp asimd aes\n", false),
            ("", false),
        ] {
            assert_eq!(check_processor(cpuinfo).is_ok(), is_right, "{cpuinfo}");
        }
    }
}

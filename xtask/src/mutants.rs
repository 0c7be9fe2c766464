//! Mutants: something in a library is changed on purpose, and its tests must notice.

mod excluded;
mod outcome;
mod pattern;
mod rung;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use xshell::{Shell, cmd};

use self::excluded::Excluded;
use self::outcome::Outcome;
use self::pattern::pattern;
use self::rung::{Quick, RUNGS, Rung, chosen};
use crate::source::Source;
use crate::{Result, root};

/// It waits for others most of the time.
const CARGO_MUTANTS: Source = Source {
    name: "cargo-mutants",
    version: "27.1.0",
    profile: "dev",
};

/// What it exits with when it got to the end: all are caught, some are missed, some tests did not end.
const JUDGED: [i32; 3] = [0, 2, 3];

/// As many commits back CI looks for changed lines.
const RECENT: u32 = 20;
/// As many of a library's mutants on changed lines CI tries.
const SAMPLE: usize = 2;

/// Which mutants are tried.
pub(crate) enum Which<'a> {
    /// All of these libraries, or the share of them that is named as `K/N`, from `0/N`.
    All {
        libraries: &'a [String],
        shard: Option<&'a str>,
    },
    /// A few of each library on the lines that changed lately: for CI.
    FewOfChanged,
}

pub(crate) fn run(sh: &Shell, which: &Which<'_>) -> Result {
    let bench = Bench::new(sh)?;
    let excluded = Excluded::read(&root().join("xtask/mutants.toml"))?;
    let (outcomes, is_whole) = match which {
        Which::All { libraries, shard } => {
            let rungs = chosen(libraries)?;
            let outcomes = rungs.iter().map(|rung| bench.all(rung, *shard));
            let is_whole = libraries.is_empty() && shard.is_none();
            (outcomes.collect::<Result<Vec<_>>>()?, is_whole)
        }
        Which::FewOfChanged => (bench.few_of_changed()?, false),
    };
    let mut wrong = Vec::new();
    for (rung, mut outcome) in outcomes {
        outcome.exclude(&excluded);
        println!("{:<20} {outcome}", rung.name);
        for mutant in &outcome.missed {
            println!("  missed: {mutant}");
        }
        wrong.extend(
            outcome
                .complaint(rung.floor)
                .map(|told| format!("{}: {told}", rung.name)),
        );
    }
    // What is caught by now, or gone, needs no excuse.
    if is_whole {
        wrong.extend(
            excluded
                .unused()
                .map(|mutant| format!("no such mutant is missed: {mutant}")),
        );
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(wrong.join("; ").into())
}

/// Where mutants are made: a clone, since they are made in place, and whoever stops that is left with one.
struct Bench<'a> {
    sh: &'a Shell,
    program: PathBuf,
    tree: PathBuf,
    folder: PathBuf,
}

impl<'a> Bench<'a> {
    /// With what is committed.
    fn new(sh: &'a Shell) -> Result<Self> {
        let program = CARGO_MUTANTS.install(sh)?;
        let root = root();
        let folder = root.join("target/mutants");
        let tree = folder.join("tree");
        if !tree.exists() {
            cmd!(sh, "git clone --quiet --no-checkout {root} {tree}").run()?;
        }
        let head = cmd!(sh, "git rev-parse HEAD").read()?;
        cmd!(sh, "git -C {tree} fetch --quiet origin {head}").run()?;
        cmd!(sh, "git -C {tree} checkout --quiet --force --detach {head}").run()?;
        Ok(Self {
            sh,
            program,
            tree,
            folder,
        })
    }

    fn all(&self, rung: &'static Rung, shard: Option<&str>) -> Result<(&'static Rung, Outcome)> {
        let shard = shard
            .iter()
            .flat_map(|shard| ["--shard", shard, "--sharding", "round-robin"]);
        let shard: Vec<_> = shard.map(str::to_owned).collect();
        // Long enough also on a machine that is busy: whoever does not end is told from who is slow.
        let outcome = self.tried(rung, &shard, &["--minimum-test-timeout=60"])?;
        Ok((rung, outcome))
    }

    fn few_of_changed(&self) -> Result<Vec<(&'static Rung, Outcome)>> {
        let (sh, program, tree) = (self.sh, &self.program, &self.tree);
        let changed = &self.changed()?;
        let mut outcomes = Vec::new();
        for rung in RUNGS {
            let name = rung.name;
            let _dir = sh.push_dir(tree);
            let list = cmd!(sh, "{program} mutants --list --package {name} {changed...}").read()?;
            let count = list.lines().count();
            println!("{name}: {count} mutants on lines that changed lately");
            if count == 0 {
                continue;
            }
            // All tests of the unchanged crate have just passed. They take minutes.
            let unchanged = ["--baseline=skip", "--timeout=900"];
            outcomes.push((rung, self.tried(rung, &only(sample(&list)), &unchanged)?));
        }
        // Who changes no library, or only what does not compile when it is mutated, is told so.
        if !outcomes.is_empty() && outcomes.iter().all(|(_, outcome)| outcome.viable() == 0) {
            return Err("no mutant compiles, and nothing shows that the rest does".into());
        }
        Ok(outcomes)
    }

    /// The option for the lines that the last commits changed. Where there is no history to look into, as in a
    /// shallow clone, none, so that the sample is of all lines.
    fn changed(&self) -> Result<Vec<String>> {
        let (sh, tree) = (self.sh, &self.tree);
        let count = cmd!(sh, "git rev-list --first-parent --count HEAD").read()?;
        let back = RECENT.min(count.trim().parse::<u32>()?.saturating_sub(1));
        if back == 0 {
            println!("there is no earlier commit: mutants of all lines");
            return Ok(Vec::new());
        }
        let base = format!("HEAD~{back}");
        let diff = self.folder.join("changed.diff");
        sh.write_file(
            &diff,
            cmd!(sh, "git -C {tree} diff {base} HEAD -- crates").read()? + "\n",
        )?;
        Ok(vec!["--in-diff".to_owned(), diff.display().to_string()])
    }

    /// Tries mutants of a library on its quick tests, and those of them that are missed on all.
    fn tried(&self, rung: &Rung, which: &[String], how: &[&str]) -> Result<Outcome> {
        let outcome = self.mutants(rung, which, how, rung.quick.as_ref())?;
        if rung.quick.is_none() || outcome.missed.is_empty() {
            return Ok(outcome);
        }
        let missed = only(outcome.missed.iter().map(String::as_str));
        let again = self.mutants(rung, &missed, how, None)?;
        outcome.retried(&again)
    }

    /// Tries mutants of a library, each on its quick tests, or on all.
    fn mutants(
        &self,
        rung: &Rung,
        which: &[String],
        how: &[&str],
        quick: Option<&Quick>,
    ) -> Result<Outcome> {
        let (sh, program, name) = (self.sh, &self.program, rung.name);
        let tests = quick.map_or("all", |_| "quick");
        let output = self.folder.join(name).join(tests);
        sh.create_dir(&output)?;
        let found = output.join("mutants.out");
        // What an earlier run found is not this one's.
        sh.remove_path(&found)?;
        let mut command = Command::new(program);
        command
            .args(["mutants", "--in-place", "--no-shuffle", "--all-features"])
            .args(["--package", name, "--output"])
            .arg(&output)
            .args(which)
            .args(how);
        if let Some(quick) = quick {
            // Said to every cargo, and not only to the one that runs tests: others are not even built. Nearly
            // all of the time goes into building, so nothing is optimised.
            let unoptimised = format!("--config=profile.dev.package.{name}.opt-level=0");
            let said = quick.targets.iter().copied().chain([&*unoptimised]);
            command.args(said.map(|argument| format!("--cargo-arg={argument}")));
            command.args(["--", "--"]);
            command.args(quick.skipped.iter().flat_map(|test| ["--skip", test]));
        }
        let status = command
            .current_dir(&self.tree)
            // Dependencies need not be built again.
            .env("CARGO_TARGET_DIR", root().join("target"))
            // The next mutant is not tried on what this one failed at, in a file that nobody committed.
            .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
            .status()?;
        if !status.code().is_some_and(|code| JUDGED.contains(&code)) {
            return Err(format!("cargo-mutants: {status}").into());
        }
        Outcome::read(&found)
    }
}

/// A few mutants of those that are listed, from all over them. What changes within a function nearly always
/// compiles, and so shows something; another value for all of it, as in `replace f -> T with …`, often not.
fn sample(list: &str) -> impl Iterator<Item = &str> {
    let (all, within): (Vec<_>, Vec<_>) = list.lines().partition(|mutant| mutant.contains(" -> "));
    let step = within.len().div_ceil(SAMPLE).max(1);
    let within = within.into_iter().step_by(step);
    within.chain(all).take(SAMPLE)
}

/// The options that name these mutants. The files are named, too, since cargo-mutants heeds no pattern where it
/// leaves a field of a struct out; so a few more of these files may be tried.
fn only<'a>(mutants: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut options = BTreeSet::new();
    for mutant in mutants {
        let file = mutant.split(':').next().unwrap_or_default();
        options.insert(format!("--file={file}"));
        options.insert(format!("--re={}", pattern(mutant)));
    }
    options.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_of_what_compiles_if_there_is_enough_of_it() {
        let all = "a.rs:1:1: replace f -> T with Default::default()";
        let within = ["a.rs:2:1: delete ! in f", "a.rs:3:1: replace < with > in g"];
        let list = format!("{all}\n{}\n{all}", within.join("\n"));
        assert_eq!(sample(&list).collect::<Vec<_>>(), within);
        let list = format!("{all}\n{}", within[1]);
        assert_eq!(sample(&list).collect::<Vec<_>>(), [within[1], all]);
        let list = format!("{}\n", within[0]).repeat(1000);
        assert_eq!(sample(&list).count(), SAMPLE);
    }
}

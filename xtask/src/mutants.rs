//! Mutants: something in a library is changed on purpose, and its tests must notice.

mod excluded;
mod outcome;

use std::path::PathBuf;
use std::process::Command;

use xshell::{Shell, cmd};

use self::excluded::Excluded;
use self::outcome::Outcome;
use crate::source::Source;
use crate::tidy::LIBRARIES;
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

/// What holds of a library.
struct Rung {
    name: &'static str,
    /// The fewest mutants that are caught, in percent of those that compile.
    floor: f64,
    /// The tests that catch most of them soon; what these miss, all tests are tried on. `None` if all are quick.
    quick: Option<&'static [&'static str]>,
}

const RUNGS: &[Rung] = &[
    Rung {
        name: "ssss-crypto",
        floor: 100.0,
        quick: None,
    },
    Rung {
        name: "ssss-recovery-key",
        floor: 100.0,
        quick: None,
    },
    Rung {
        name: "ssss-model",
        floor: 95.0,
        quick: None,
    },
    Rung {
        name: "ssss-client",
        floor: 90.0,
        quick: Some(&["--lib", "--test", "suite"]),
    },
];

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

fn chosen(libraries: &[String]) -> Result<Vec<&'static Rung>> {
    if let Some(name) = libraries
        .iter()
        .find(|name| !LIBRARIES.contains(&name.as_str()))
    {
        return Err(format!("{name} is none of {}", LIBRARIES.join(", ")).into());
    }
    let is_chosen =
        |rung: &&Rung| libraries.is_empty() || libraries.iter().any(|name| name == rung.name);
    Ok(RUNGS.iter().filter(is_chosen).collect())
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
        let outcome = self.tried(rung, &shard.collect::<Vec<_>>())?;
        Ok((rung, outcome))
    }

    /// Tries mutants of a library on its quick tests, and those that are missed on all.
    fn tried(&self, rung: &Rung, options: &[&str]) -> Result<Outcome> {
        let Some(quick) = rung.quick else {
            return self.mutants(rung, options, &[]);
        };
        let outcome = self.mutants(rung, options, quick)?;
        if outcome.missed.is_empty() {
            return Ok(outcome);
        }
        if !options.is_empty() {
            // A share of what is left would be another share.
            return self.mutants(rung, options, &[]);
        }
        let again = self.mutants(rung, &["--iterate"], &[])?;
        Ok(outcome.retried(again))
    }

    fn few_of_changed(&self) -> Result<Vec<(&'static Rung, Outcome)>> {
        let (sh, tree) = (self.sh, &self.tree);
        let count = cmd!(sh, "git rev-list --first-parent --count HEAD").read()?;
        let back = RECENT.min(count.trim().parse::<u32>()?.saturating_sub(1));
        let base = format!("HEAD~{back}");
        let diff = self.folder.join("changed.diff");
        sh.write_file(
            &diff,
            cmd!(sh, "git -C {tree} diff {base} HEAD -- crates").read()? + "\n",
        )?;
        let mut outcomes = Vec::new();
        for rung in RUNGS {
            let name = rung.name;
            let changed = ["--in-diff".as_ref(), diff.as_os_str()];
            let (program, _dir) = (&self.program, sh.push_dir(tree));
            let list = cmd!(sh, "{program} mutants --list --package {name} {changed...}").read()?;
            let count = list.lines().count();
            println!("{name}: {count} mutants on lines that changed in the last {back} commits");
            if count == 0 {
                continue;
            }
            let shard = format!("0/{}", count.div_ceil(SAMPLE));
            let diff = diff.display().to_string();
            let few = [
                "--in-diff",
                &diff,
                "--shard",
                &shard,
                "--sharding",
                "round-robin",
            ];
            // All tests of the unchanged crate have just passed.
            let few = [&few[..], &["--baseline", "skip", "--timeout", "120"]].concat();
            outcomes.push((rung, self.tried(rung, &few)?));
        }
        Ok(outcomes)
    }

    /// Tries mutants of a library, each on these tests, or all if there are none.
    fn mutants(&self, rung: &Rung, options: &[&str], tests: &[&str]) -> Result<Outcome> {
        let (sh, program, name) = (self.sh, &self.program, rung.name);
        let output = self.folder.join(name);
        sh.create_dir(&output)?;
        let found = output.join("mutants.out");
        // What an earlier run found is not this one's, but for those that need not be tried again.
        if !options.contains(&"--iterate") {
            sh.remove_path(&found)?;
        }
        let status = Command::new(program)
            .args(["mutants", "--in-place", "--no-shuffle", "--all-features"])
            .args(["--package", name, "--output"])
            .arg(&output)
            .args(options)
            .args((!tests.is_empty()).then_some("--"))
            .args(tests)
            .current_dir(&self.tree)
            // Dependencies need not be built again.
            .env("CARGO_TARGET_DIR", root().join("target"))
            .status()?;
        if !status.code().is_some_and(|code| JUDGED.contains(&code)) {
            return Err(format!("cargo-mutants: {status}").into());
        }
        Outcome::read(&found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_has_a_rung() {
        let names: Vec<_> = RUNGS.iter().map(|rung| rung.name).collect();
        assert_eq!(names, LIBRARIES);
        assert_eq!(chosen(&[]).unwrap().len(), LIBRARIES.len());
        assert_eq!(chosen(&["ssss-model".to_owned()]).unwrap().len(), 1);
        assert!(chosen(&["ssss-cli".to_owned()]).is_err());
    }
}

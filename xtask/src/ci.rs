//! What CI runs. A person runs the same.

use std::time::{Duration, Instant};

use xshell::{Shell, cmd};

use crate::mutants::Which;
use crate::tidy::{LIBRARIES, NO_STD};
use crate::{
    Result, constant_time, debian_rust, deny, e2e, fuzz, instructions, interop, kills, mutants,
    readme, root, tidy, wiping,
};

/// A step of CI, by name.
type Step = (&'static str, fn(&Shell) -> Result);

/// The quick ones first.
const STEPS: &[Step] = &[
    ("format", format),
    ("tidy", tidy::run),
    ("deny", deny::run),
    ("clippy", clippy),
    ("README: Test it", test_it),
    ("doc-tests", doc_tests),
    ("documentation", documentation),
    ("README: Try it", try_it),
    ("interop with js-sdk", interop::run),
    ("instructions", instructions::run),
    ("killed at system calls", |sh| kills::run(sh, kills::SHORT)),
    ("constant time", constant_time::run),
    ("wiping", |sh| wiping::run(sh, false)),
    ("probes", probes),
    ("mutants of what changed", |sh| {
        mutants::run(sh, &Which::FewOfChanged)
    }),
    ("a real homeserver and real clients", homeserver),
    ("fuzz targets", fuzz_targets),
    ("no_std and wasm", debian_rust::build_targets),
];

pub(crate) fn run(sh: &Shell) -> Result {
    let mut took: Vec<(&str, Duration)> = Vec::new();
    for (name, step) in STEPS {
        println!("==> {name}");
        let start = Instant::now();
        if let Err(error) = step(sh) {
            println!("steps: {} passed, 1 failed", took.len());
            return Err(format!("step `{name}` failed: {error}").into());
        }
        took.push((name, start.elapsed()));
        println!("<== {name}: {} s", start.elapsed().as_secs());
    }
    println!();
    for (name, took) in &took {
        println!("{:>5} s  {name}", took.as_secs());
    }
    println!("steps: {} passed, 0 failed", took.len());
    Ok(())
}

fn format(sh: &Shell) -> Result {
    cmd!(sh, "cargo fmt --all --check").run()?;
    for folder in ["fuzz", "peers", "probes"] {
        cmd!(
            sh,
            "cargo fmt --manifest-path {folder}/Cargo.toml --all --check"
        )
        .run()?;
    }
    Ok(())
}

/// The whole, and libraries alone: they must not lean on features that another crate turns on. Those that need no
/// operating system are built alone for one without.
fn clippy(sh: &Shell) -> Result {
    cmd!(
        sh,
        "cargo clippy --locked --workspace --all-targets -- -D warnings"
    )
    .run()?;
    for name in LIBRARIES.iter().filter(|name| !NO_STD.contains(name)) {
        cmd!(sh, "cargo clippy --locked --package {name} -- -D warnings").run()?;
    }
    Ok(())
}

fn test_it(sh: &Shell) -> Result {
    let command = readme::command(&root().join("README.md"), "Test it")?;
    cmd!(sh, "bash -euc {command}").run()?;
    Ok(())
}

/// The examples, whatever the README's command runs.
fn doc_tests(sh: &Shell) -> Result {
    cmd!(sh, "cargo test --locked --workspace --doc").run()?;
    Ok(())
}

fn documentation(sh: &Shell) -> Result {
    let _flags = sh.push_env("RUSTDOCFLAGS", "-D warnings");
    cmd!(sh, "cargo doc --locked --workspace --no-deps").run()?;
    Ok(())
}

/// In a fresh clone, as a newcomer would; only what was compiled is shared.
fn try_it(sh: &Shell) -> Result {
    let folder = tempfile::tempdir()?;
    let clone = folder.path().join("clone");
    let root = root();
    cmd!(sh, "git clone --quiet {root} {clone}").run()?;
    let command = readme::command(&clone.join("README.md"), "Try it")?;
    let _dir = sh.push_dir(&clone);
    let _target = sh.push_env("CARGO_TARGET_DIR", root.join("target"));
    let output = cmd!(sh, "bash -euc {command}").read()?;
    println!("{output}");
    for expected in ["recovery key: Es", "is as it was stored", "Status: ready"] {
        if !output.contains(expected) {
            return Err(format!("it does not print {expected:?}").into());
        }
    }
    Ok(())
}

fn homeserver(sh: &Shell) -> Result {
    e2e::run(sh, None, e2e::SHORT)
}

fn probes(sh: &Shell) -> Result {
    let _dir = sh.push_dir("probes");
    // As they were just built, so that nothing is compiled for it but what is checked.
    cmd!(sh, "cargo clippy --locked --release --bins -- -D warnings").run()?;
    Ok(())
}

fn fuzz_targets(sh: &Shell) -> Result {
    let _dir = sh.push_dir("fuzz");
    {
        // Most of it was built for the main workspace.
        let _target = sh.push_env("CARGO_TARGET_DIR", root().join("target"));
        cmd!(sh, "cargo clippy --locked --all-targets -- -D warnings").run()?;
        cmd!(sh, "cargo test --locked").run()?;
    }
    fuzz::run(sh, fuzz::SHORT, &[])
}

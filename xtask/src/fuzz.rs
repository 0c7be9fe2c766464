//! The fuzz targets: built once, run for a while, and counted.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};
use xshell::{Shell, cmd};

use self::report::Report;
use crate::wheel::Wheel;
use crate::{Result, root};

mod report;

/// Seconds for each target in CI.
pub(crate) const SHORT: u64 = 5;

/// The fewest executions in a second: a twentieth of what a machine under load does. Who does fewer executes
/// nothing that counts.
const FLOORS: &[(&str, u64)] = &[
    ("crypto_open", 200),
    ("crypto_key_check", 300),
    ("crypto_passphrase", 800),
    ("recovery_key_parse", 900),
    ("model_base64", 300),
    ("model_key_spelling", 900),
    ("model_object", 100),
    ("model_key_description", 100),
    ("model_secret", 30),
    ("model_default_key", 100),
    ("model_snapshot", 10),
    ("client_url_path", 100),
    ("client_error_body", 800),
    ("client_file", 100),
    ("client_plans", 3),
];

const CARGO_FUZZ: Wheel = Wheel {
    name: "cargo-fuzz",
    version: "0.13.2",
    hashes: &[
        "612108f626b6ee0e5d63b1a0e257c89c13abffbd8fff539ccbffb7205b33093f",
        "25b65340d3f18c4b18b8f7e54855b64c53e6526864b192d32a189b59ded41198",
        "802ad95a41270a09fb6285889bedd132590a21512547b89f3a1c82a6918797e1",
        "ae22e17a288f4b815e509095cc15f3bacd42b3342f50106f85bbdff87f651cd4",
    ],
};

/// What each input may take. The memory is what the address sanitizer adds, and 200 MB.
const LIMITS: [&str; 3] = ["-timeout=10", "-rss_limit_mb=512", "-malloc_limit_mb=200"];

/// Runs targets, all if none is named, each for so many seconds.
pub(crate) fn run(sh: &Shell, seconds: u64, named: &[String]) -> Result {
    let _dir = sh.push_dir(root());
    let targets = chosen(&binaries()?, named)?;
    let programs = build(sh)?;
    let scratch = tempfile::tempdir()?;
    let mut reports = Vec::new();
    for (target, floor) in targets {
        // A long run goes on where an earlier one ended.
        let corpus = if seconds > SHORT {
            root().join("fuzz/corpus").join(target)
        } else {
            scratch.path().join(target)
        };
        fs::create_dir_all(&corpus)?;
        let report = execute(&programs.join(target), target, seconds, &corpus)?;
        println!("{target}: {} executions", report.executions);
        reports.push((target, floor * seconds, report));
    }
    println!("\n{}", report::table(&reports));
    for (target, floor, report) in &reports {
        let executions = report.executions;
        if executions < *floor {
            return Err(format!("{target}: {executions} executions, not even {floor}").into());
        }
        let seeds = fs::read_dir(root().join("fuzz/seeds").join(target))?.count();
        if executions <= seeds as u64 {
            return Err(format!("{target}: nothing is executed but its {seeds} seeds").into());
        }
    }
    Ok(())
}

/// The names of the binaries.
fn binaries() -> Result<Vec<String>> {
    let manifest: Table = fs::read_to_string(root().join("fuzz/Cargo.toml"))?.parse()?;
    let binaries = manifest.get("bin").and_then(Value::as_array);
    let names = binaries.into_iter().flatten();
    Ok(names
        .filter_map(|binary| Some(binary.get("name")?.as_str()?.to_owned()))
        .collect())
}

/// Those that are named, with their floors. Every target has one.
fn chosen(binaries: &[String], named: &[String]) -> Result<Vec<(&'static str, u64)>> {
    let is_floor_of = |name: &&String| FLOORS.iter().any(|(target, _)| target == name);
    if let Some(name) = binaries.iter().find(|name| !is_floor_of(name)) {
        return Err(format!("{name} has no floor of executions").into());
    }
    if let Some((name, _)) = FLOORS
        .iter()
        .find(|(name, _)| !binaries.iter().any(|b| b == name))
    {
        return Err(format!("{name} has a floor of executions, and is no target").into());
    }
    if let Some(name) = named.iter().find(|name| !is_floor_of(name)) {
        return Err(format!("there is no target {name}").into());
    }
    let is_chosen = |target: &str| named.is_empty() || named.iter().any(|name| name == target);
    let targets = FLOORS.iter().filter(|(target, _)| is_chosen(target));
    Ok(targets.copied().collect())
}

/// Builds all of them, with the address sanitizer, which stable Rust has too if it is told that it may.
fn build(sh: &Shell) -> Result<PathBuf> {
    let cargo_fuzz = CARGO_FUZZ.install(sh)?;
    let folder = root().join("fuzz/target");
    let _bootstrap = sh.push_env("RUSTC_BOOTSTRAP", "1");
    cmd!(sh, "{cargo_fuzz} fuzz build --target-dir {folder}").run()?;
    let about = cmd!(sh, "rustc -vV").read()?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(folder
        .join(host.ok_or("rustc does not say what it builds for")?)
        .join("release"))
}

/// Runs a target on its seeds, which it does not write to. What it finds is in `fuzz/artifacts`.
fn execute(program: &Path, target: &str, seconds: u64, corpus: &Path) -> Result<Report> {
    let fuzz = root().join("fuzz");
    let artifacts = fuzz.join("artifacts").join(target);
    fs::create_dir_all(&artifacts)?;
    let log = corpus.with_extension("log");
    let status = Command::new(program)
        .args(LIMITS)
        .arg("-print_final_stats=1")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!(
            "-dict={}",
            fuzz.join("dictionaries/matrix").display()
        ))
        .args([corpus, &fuzz.join("seeds").join(target)])
        .stderr(File::create(&log)?)
        .status()?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if !status.success() {
        let lines: Vec<_> = text.lines().collect();
        let end = lines.len().saturating_sub(60);
        let end = lines.get(end..).unwrap_or_default().join("\n");
        return Err(format!("{end}\n{target}: {status}").into());
    }
    Report::read(&text).ok_or_else(|| format!("{target} does not say what it did").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_floor() {
        let binaries = binaries().unwrap();
        assert_eq!(chosen(&binaries, &[]).unwrap().len(), binaries.len());
        let one = "model_secret".to_owned();
        assert_eq!(chosen(&binaries, &[one]).unwrap().len(), 1);
        assert!(chosen(&binaries, &["model_nothing".to_owned()]).is_err());
        let more = [&binaries[..], &["client_new".to_owned()]].concat();
        assert!(chosen(&more, &[]).is_err());
        assert!(chosen(&binaries[1..], &[]).is_err());
    }
}

//! How much of the libraries and of the command the tests execute, in lines.

use serde_json::Value;
use xshell::{Shell, cmd};

use crate::wheel::Wheel;
use crate::{Result, debian, root};

const LLVM_COV: Wheel = Wheel {
    name: "cargo-llvm-cov",
    version: "0.9.1",
    hashes: &[
        "0fa6a9ea6a58b2af6541d1d9267dc651b8c0b5d90839938a51a47224e169598a",
        "718e2f635448355e48479808f8c39c7ff7993b7bd0f4ed2e3f86023193ece11b",
        "251f0f6ca779a452c43f0041f859928d89af7538a35f204c2d828fe6bce599f4",
        "fa7601ef1a70ade53ba5eb122f13e01fd267b8ea833d8d4c9f49ee0dd274ba5f",
    ],
};

/// The fewest lines that are executed, in percent: just below what they were when this was written.
const FLOORS: &[(&str, f64)] = &[
    ("ssss-crypto", 98.0),
    ("ssss-recovery-key", 97.0),
    ("ssss-model", 97.0),
    ("ssss-client", 95.0),
    ("ssss-cli", 89.0),
];

/// What reads the compiler's counts: rustc's LLVM, in Debian's version.
const LLVM: &str = "22";

pub(crate) fn run(sh: &Shell) -> Result {
    let llvm = cmd!(sh, "rustc -vV").read()?;
    if !llvm.contains(&format!("LLVM version: {LLVM}.")) {
        return Err(format!("rustc is not of LLVM {LLVM}, whose tools read what it counts").into());
    }
    debian::install(sh, &[&format!("llvm-{LLVM}")])?;
    let tools = format!("/usr/lib/llvm-{LLVM}/bin");
    let _cov = sh.push_env("LLVM_COV", format!("{tools}/llvm-cov"));
    let _profdata = sh.push_env("LLVM_PROFDATA", format!("{tools}/llvm-profdata"));
    // Else it installs a component of the toolchain by itself.
    let _setup = sh.push_env("CARGO_LLVM_COV_SETUP", "no");
    let cov = LLVM_COV.install(sh)?;
    let report = root().join("target/coverage.json");
    cmd!(
        sh,
        "{cov} llvm-cov --locked --workspace --exclude xtask --json --summary-only --output-path {report}"
    )
    .run()?;
    let report: Value = serde_json::from_str(&sh.read_file(&report)?)?;
    let mut below = Vec::new();
    for (name, floor) in FLOORS {
        let lines = lines(&report, name)?;
        println!("{name:<20} {lines}");
        if lines.percent() < *floor {
            below.push(format!("{name} {:.1} %, not {floor} %", lines.percent()));
        }
    }
    if below.is_empty() {
        return Ok(());
    }
    Err(format!("less is executed than should be: {}", below.join(", ")).into())
}

/// Lines of code.
#[derive(Debug, Default, PartialEq)]
struct Lines {
    all: u64,
    executed: u64,
}

impl Lines {
    #[expect(clippy::cast_precision_loss, reason = "there are not that many")]
    fn percent(&self) -> f64 {
        self.executed as f64 * 100.0 / self.all as f64
    }
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { all, executed } = self;
        write!(f, "{executed} of {all} lines, {:.1} %", self.percent())
    }
}

/// Those of a crate's sources.
fn lines(report: &Value, name: &str) -> Result<Lines> {
    let mut lines = Lines::default();
    let files = report["data"][0]["files"].as_array();
    for file in files.into_iter().flatten() {
        let path = file["filename"].as_str().unwrap_or_default();
        if path.contains(&format!("/crates/{name}/src/")) {
            let count = |of: &str| file["summary"]["lines"][of].as_u64().unwrap_or_default();
            lines.all += count("count");
            lines.executed += count("covered");
        }
    }
    if lines.all == 0 {
        return Err(format!("the report has no lines of {name}").into());
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tidy::CRATES;

    #[test]
    fn lines_are_those_of_the_crate() {
        let file = |path: &str, count: u64, covered: u64| json!({"filename": path, "summary": {"lines": {"count": count, "covered": covered}}});
        let report = json!({"data": [{"files": [
            file("/x/crates/ssss-model/src/a.rs", 10, 9),
            file("/x/crates/ssss-model/src/a/b.rs", 30, 30),
            file("/x/crates/ssss-model/tests/c.rs", 5, 0),
            file("/x/crates/ssss-client/src/a.rs", 100, 1),
        ]}]});
        let model = lines(&report, "ssss-model").unwrap();
        assert_eq!(
            model,
            Lines {
                all: 40,
                executed: 39
            }
        );
        assert_eq!(model.to_string(), "39 of 40 lines, 97.5 %");
        assert!(lines(&report, "ssss-cli").is_err());
    }

    #[test]
    fn every_crate_has_a_floor() {
        let names: Vec<_> = FLOORS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, CRATES);
    }
}

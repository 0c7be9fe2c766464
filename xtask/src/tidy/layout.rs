//! Which files there are, and which must be.

use std::collections::BTreeSet;
use std::path::Path;

use super::{CRATES, Complaint, LIBRARIES};

/// All that may stand at the top.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitignore",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "crates",
    "deny.toml",
    "docs",
    "fuzz",
    "rustfmt.toml",
    "xtask",
];

/// Names that say nothing about what is in a file.
const EMPTY_NAMES: &[&str] = &[
    "common", "helper", "helpers", "misc", "mod", "types", "util", "utils",
];

pub(super) fn check(root: &Path, files: &[String]) -> Vec<Complaint> {
    let mut complaints = names(files);
    for name in LIBRARIES {
        let path = root.join("crates").join(name).join("src/lib.rs");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        if !text.contains(r#"#![doc = include_str!("../README.md")]"#) {
            complaints.push(format!(
                "{name}: the README is not the crate's documentation"
            ));
        }
    }
    complaints
}

fn names(files: &[String]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let top: BTreeSet<_> = files
        .iter()
        .filter_map(|file| file.split('/').next())
        .collect();
    for name in TOP.iter().filter(|name| !top.contains(*name)) {
        complaints.push(format!("{name} is missing at the top"));
    }
    for name in top.iter().filter(|name| !TOP.contains(name)) {
        complaints.push(format!("{name} does not belong at the top"));
    }
    let has = |path: String| files.contains(&path);
    for name in CRATES {
        for file in ["README.md", "CHANGELOG.md", "Cargo.toml"] {
            if !has(format!("crates/{name}/{file}")) {
                complaints.push(format!("crates/{name} has no {file}"));
            }
        }
    }
    for file in files.iter().filter(|file| file.starts_with("crates/")) {
        let name = file.split('/').nth(1).unwrap_or_default();
        if !CRATES.contains(&name) {
            complaints.push(format!("{file}: {name} is no rung of the ladder"));
        }
    }
    for file in files
        .iter()
        .filter(|file| Path::new(file).extension().is_some_and(|e| e == "rs"))
    {
        let stem = Path::new(file)
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        if EMPTY_NAMES.contains(&stem) {
            complaints.push(format!("{file}: the name says nothing"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Vec<String> {
        let mut files: Vec<_> = TOP.iter().map(|name| (*name).to_owned()).collect();
        for name in CRATES {
            for file in ["README.md", "CHANGELOG.md", "Cargo.toml", "src/noun.rs"] {
                files.push(format!("crates/{name}/{file}"));
            }
        }
        files
    }

    #[test]
    fn a_good_layout() {
        assert_eq!(names(&good()), Vec::<Complaint>::new());
    }

    #[test]
    fn bad_layouts() {
        for extra in [
            "notes.txt",
            "src/lib.rs",
            "crates/ssss-extra/Cargo.toml",
            "crates/ssss-model/src/utils.rs",
            "xtask/src/a/mod.rs",
        ] {
            let mut files = good();
            files.push(extra.to_owned());
            assert_eq!(names(&files).len(), 1, "{extra}");
        }
        for missing in [
            "deny.toml",
            "crates/ssss-model/README.md",
            "crates/ssss-cli/CHANGELOG.md",
        ] {
            let files: Vec<_> = good().into_iter().filter(|file| file != missing).collect();
            assert_eq!(names(&files).len(), 1, "{missing}");
        }
    }
}

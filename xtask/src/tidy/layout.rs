//! Which files there are, and which must be.

use std::collections::BTreeSet;
use std::path::Path;

use super::{CRATES, Complaint};

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
    "peers",
    "probes",
    "rustfmt.toml",
    "xtask",
];

/// All that may be in the folders whose names are hidden.
const HIDDEN: &[&str] = &[".cargo/config.toml", ".ci/run"];

/// Names that say nothing about what is in a file or a folder.
const EMPTY_NAMES: &[&str] = &[
    "common", "helper", "helpers", "misc", "mod", "types", "util", "utils",
];

pub(super) fn check(root: &Path, files: &[String]) -> Vec<Complaint> {
    let mut complaints = names(files);
    for name in CRATES {
        let sources = root.join("crates").join(name).join("src");
        let text = std::fs::read_to_string(sources.join("lib.rs"))
            .or_else(|_| std::fs::read_to_string(sources.join("main.rs")))
            .unwrap_or_default();
        complaints.extend(documentation(name, &text));
    }
    complaints
}

/// What a reader of docs.rs sees is what a reader of the repository sees.
fn documentation(name: &str, text: &str) -> Option<Complaint> {
    let includes = text
        .lines()
        .any(|line| line == r#"#![doc = include_str!("../README.md")]"#);
    (!includes).then(|| format!("{name}: the README is not the crate's documentation"))
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
    for file in files.iter().filter(|file| {
        let folder = file.split_once('/').map(|(folder, _)| folder);
        folder.is_some_and(|folder| folder.starts_with('.')) && !HIDDEN.contains(&file.as_str())
    }) {
        complaints.push(format!("{file} does not belong in a hidden folder"));
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
    for file in files.iter().filter(|file| {
        let path = Path::new(file);
        path.extension().is_some_and(|extension| extension == "rs")
            && path
                .with_extension("")
                .iter()
                .any(|part| EMPTY_NAMES.iter().any(|name| part == *name))
    }) {
        complaints.push(format!("{file}: the name says nothing"));
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
    fn the_readme_is_the_documentation() {
        let good = "#![doc = include_str!(\"../README.md\")]\n#![no_std]\n";
        assert_eq!(documentation("x", good), None);
        for bad in [
            "",
            "//! Docs.\n",
            "// #![doc = include_str!(\"../README.md\")]\n",
        ] {
            assert!(documentation("x", bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn bad_layouts() {
        for extra in [
            "notes.txt",
            "src/lib.rs",
            "crates/ssss-extra/Cargo.toml",
            "crates/ssss-model/src/utils.rs",
            "xtask/src/a/mod.rs",
            "crates/ssss-model/tests/common/account.rs",
            ".ci/more",
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

//! What the manifests say: arrows that point down only, and why each dependency is there.

use std::path::Path;

use toml::{Table, Value};

use super::{CRATES, Complaint, LIBRARIES};
use crate::Result;

/// Exactly what the two lowest rungs depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "ssss-crypto",
        &[
            "aes",
            "ctr",
            "hkdf",
            "hmac",
            "rand_core",
            "sha2",
            "subtle",
            "zeroize",
        ],
    ),
    ("ssss-recovery-key", &["zeroize"]),
];

pub(super) fn check(root: &Path) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for file in ["Cargo.toml", "fuzz/Cargo.toml", "xtask/Cargo.toml"] {
        let text = std::fs::read_to_string(root.join(file))?;
        complaints.extend(annotations(file, &text));
    }
    for (rung, name) in CRATES.iter().enumerate() {
        let file = format!("crates/{name}/Cargo.toml");
        let text = std::fs::read_to_string(root.join(&file))?;
        complaints.extend(annotations(&file, &text));
        let manifest: Table = text.parse()?;
        complaints.extend(package(name, &manifest));
        complaints.extend(arrows(rung, &manifest));
        complaints.extend(features(name, &manifest));
    }
    Ok(complaints)
}

/// What a crate that is published on its own must say of itself.
fn package(name: &str, manifest: &Table) -> Vec<Complaint> {
    let package = manifest.get("package").and_then(Value::as_table);
    [
        "name",
        "description",
        "version",
        "edition",
        "rust-version",
        "license",
        "repository",
        "readme",
    ]
    .iter()
    .filter(|field| package.is_none_or(|package| !package.contains_key(**field)))
    .map(|field| format!("{name}: the manifest has no {field}"))
    .collect()
}

/// Every library is one thing, not as many as there are sets of features. Only what speaks to a
/// homeserver is left out by those who bring their own.
fn features(name: &str, manifest: &Table) -> Option<Complaint> {
    let features = manifest.get("features").and_then(Value::as_table);
    let is_allowed = |feature: &str| name == "ssss-client" && feature == "homeserver";
    let mut names = features.into_iter().flat_map(Table::keys);
    let odd = names.find(|feature| !is_allowed(feature))?;
    LIBRARIES
        .contains(&name)
        .then(|| format!("{name} has a feature {odd}"))
}

/// A crate depends on lower rungs only, in tests too.
fn arrows(rung: usize, manifest: &Table) -> Vec<Complaint> {
    let name = CRATES.get(rung).copied().unwrap_or_default();
    let mut complaints = Vec::new();
    let found = dependencies(manifest);
    let allowed = ALLOWED
        .iter()
        .find(|(of, _)| *of == name)
        .map(|(_, allowed)| *allowed);
    for unused in allowed.into_iter().flatten() {
        if !found.iter().any(|(_, dependency)| dependency == unused) {
            complaints.push(format!("{name} does not depend on {unused} any more"));
        }
    }
    for (kind, dependency) in found {
        if let Some(other) = CRATES.iter().position(|other| *other == dependency) {
            // The two lowest know nothing of each other.
            if other >= rung || rung == 1 {
                complaints.push(format!("{name} must not depend on {dependency}"));
            }
        }
        if kind != "dev-dependencies"
            && allowed.is_some_and(|allowed| !allowed.contains(&dependency.as_str()))
        {
            complaints.push(format!("{name} has no business with {dependency}"));
        }
    }
    complaints
}

fn dependencies(manifest: &Table) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(|targets| targets.values());
    for table in std::iter::once(manifest).chain(targets.filter_map(Value::as_table)) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let section = table.get(kind).and_then(Value::as_table);
            found.extend(section.into_iter().flat_map(|section| {
                section.iter().map(move |(name, details)| {
                    // A dependency may go by another name here.
                    let package = details.get("package").and_then(Value::as_str);
                    (kind, package.unwrap_or(name).to_owned())
                })
            }));
        }
    }
    found
}

/// Each dependency has a comment: behind it, or above it or the block that it stands in.
fn annotations(file: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut in_dependencies = false;
    let mut is_annotated = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            // A comment right above the heading is for all of its first block.
            in_dependencies = line.contains("dependencies");
        } else if line.starts_with('#') {
            is_annotated = true;
        } else if line.is_empty() {
            is_annotated = false;
        } else if in_dependencies && !is_annotated && !line.contains('#') {
            complaints.push(format!(
                "{file}:{}: nothing says what this is for",
                index + 1
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows_of(name: &str, manifest: &str) -> usize {
        let rung = CRATES.iter().position(|other| *other == name).unwrap();
        arrows(rung, &manifest.parse().unwrap()).len()
    }

    #[test]
    fn arrows_point_down() {
        assert_eq!(
            arrows_of(
                "ssss-model",
                "[dependencies]\nssss-crypto = \"1\"\nserde = \"1\""
            ),
            0
        );
        for (name, manifest) in [
            (
                "ssss-model",
                "[dependencies]\nx = { package = \"ssss-client\", version = \"1\" }",
            ),
            ("ssss-model", "[dev-dependencies]\nssss-client = \"1\""),
            (
                "ssss-client",
                "[target.'cfg(unix)'.dependencies]\nssss-cli = \"1\"",
            ),
        ] {
            assert!(arrows_of(name, manifest) > 0, "{name}: {manifest}");
        }
    }

    #[test]
    fn the_lowest_rungs_depend_on_exactly_what_is_listed() {
        let complaints = |manifest: &str| arrows_of("ssss-recovery-key", manifest);
        let zeroize = "[dependencies]\nzeroize = \"1\"\n";
        assert_eq!(complaints(zeroize), 0);
        assert_eq!(complaints(""), 1, "the list names more than there is");
        for (extra, count) in [
            ("serde = \"1\"", 1),
            ("zeroise = { package = \"serde\", version = \"1\" }", 1),
            ("[build-dependencies]\ncc = \"1\"", 1),
            ("[dev-dependencies]\nproptest = \"1\"", 0),
            ("[dev-dependencies]\nssss-crypto = \"1\"", 1),
            ("ssss-model = \"1\"", 2),
        ] {
            assert_eq!(complaints(&format!("{zeroize}{extra}")), count, "{extra}");
        }
    }

    #[test]
    fn every_dependency_says_what_it_is_for() {
        assert_eq!(
            annotations(
                "f",
                "[dependencies]\n# Why.\na = 1\nb = 1\n\nc = 1 # Why.\n"
            ),
            [""; 0]
        );
        assert_eq!(annotations("f", "[dependencies]\na = 1\n").len(), 1);
        assert_eq!(
            annotations("f", "[dependencies]\n# Why.\na = 1\n\nb = 1\n").len(),
            1
        );
        assert_eq!(annotations("f", "[package]\nname = 1\n"), [""; 0]);
    }

    #[test]
    fn libraries_have_no_features_but_one() {
        let with: Table = "[features]\nx = []".parse().unwrap();
        assert!(features("ssss-crypto", &with).is_some());
        assert!(features("ssss-crypto", &Table::new()).is_none());
        let homeserver: Table = "[features]\nhomeserver = []".parse().unwrap();
        assert!(features("ssss-client", &homeserver).is_none());
        assert!(features("ssss-model", &homeserver).is_some());
        let both: Table = "[features]\nhomeserver = []\nx = []".parse().unwrap();
        assert!(features("ssss-client", &both).is_some());
    }

    #[test]
    fn manifests_are_complete() {
        let manifest = "[package]\nname = \"x\"\nversion = \"1\"".parse().unwrap();
        assert_eq!(package("x", &manifest).len(), 6);
    }
}

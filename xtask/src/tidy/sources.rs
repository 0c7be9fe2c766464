//! What sources and documents must not hold.

use std::path::Path;

use super::{Complaint, threats};
use crate::Result;

/// A file that is longer holds more than one noun.
const MAX_LINES: usize = 500;

/// What is unfinished, switched off, or other under a fuzzer than in use. Spelled in parts, so that
/// this file does not hold it.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("to", "do!("), "is unfinished"),
    (concat!("unimpl", "emented!("), "is unfinished"),
    (concat!("#[ig", "nore"), "is switched off"),
    (concat!("allow(dead", "_code"), "keeps what nothing uses"),
    (
        concat!("cfg(fuz", "zing)"),
        "behaves otherwise under a fuzzer",
    ),
];

pub(super) fn check(root: &Path, files: &[String]) -> Result<Vec<Complaint>> {
    let home = std::env::var("HOME").unwrap_or_default();
    let checkout = root.to_string_lossy();
    let mut complaints = Vec::new();
    let mut tests = Vec::new();
    let mut documents = Vec::new();
    let commands = threats::commands(&std::fs::read_to_string(root.join("xtask/src/main.rs"))?);
    for file in files {
        let bytes = std::fs::read(root.join(file))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        complaints.extend(places(file, &text, &[&home, &checkout]));
        complaints.extend(examples(file, &text));
        complaints.extend(addresses(file, &text));
        if has_extension(file, "md") {
            complaints.extend(threats::dangling_commands(file, &text, &commands));
        }
        if has_extension(file, "rs") {
            complaints.extend(rust(file, &text));
            tests.extend(test_names(file, &text));
        }
        if file.starts_with("docs/") && has_extension(file, "md") {
            documents.push((file, text));
        }
    }
    for (file, text) in documents {
        complaints.extend(dangling_tests(file, &text, &tests));
        if file == threats::DOCUMENT {
            complaints.extend(threats::unshown(&text, &tests, &commands));
        }
    }
    Ok(complaints)
}

fn has_extension(file: &str, extension: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|found| found == extension)
}

/// Folders of this machine that a file names.
fn places(file: &str, text: &str, places: &[&str]) -> Vec<Complaint> {
    places
        .iter()
        // A home such as `/` names nothing.
        .filter(|place| place.len() > 4 && text.contains(&format!("{place}/")))
        .map(|place| format!("{file}: names a folder of this machine, {place}"))
        .collect()
}

/// An example that no doc-test compiles is not an example.
fn examples(file: &str, text: &str) -> Option<Complaint> {
    let is_switched_off = |line: &str| {
        let line = line.trim_start_matches(['/', '!', ' ']);
        let attributes = line.strip_prefix("```").unwrap_or_default();
        attributes.split(',').any(|one| one.trim() == "ignore")
    };
    ((has_extension(file, "rs") || has_extension(file, "md")) && text.lines().any(is_switched_off))
        .then(|| format!("{file}: an example is not compiled"))
}

/// Packages come from the registry that npm is set up for, whichever that is; hashes tell what they are.
fn addresses(file: &str, text: &str) -> Option<Complaint> {
    (file.ends_with("package-lock.json") && text.contains(r#""resolved""#))
        .then(|| format!("{file}: names where packages are downloaded from"))
}

fn rust(file: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (what, why) in FORBIDDEN {
        if text.contains(what) {
            complaints.push(format!("{file}: {what} {why}"));
        }
    }
    let lines = text.lines().count();
    if file.contains("/src/") && lines > MAX_LINES {
        complaints.push(format!("{file}: {lines} lines, more than {MAX_LINES}"));
    }
    for start in ["#[", "#!["] {
        for (at, _) in text.match_indices(start) {
            let rest = text.get(at..).unwrap_or_default();
            let attribute = rest.split(")]").next().unwrap_or_default();
            if switches_off(attribute, start) && !attribute.contains("reason = \"") {
                complaints.push(format!("{file}: {attribute})] has no reason"));
            }
        }
    }
    complaints
}

/// Whether an attribute switches a lint off: as it stands, or on a condition.
fn switches_off(attribute: &str, start: &str) -> bool {
    let name = attribute.trim_start_matches(start).trim_start();
    let conditional = name.starts_with("cfg_attr(");
    ["allow(", "expect("].iter().any(|kind| {
        name.starts_with(kind)
            || conditional
                && attribute
                    .match_indices(kind)
                    .any(|(at, _)| attribute[..at].ends_with([' ', ',', '(', '\n']))
    })
}

/// `file::function` for each test of a file. One that is called `main` has its folder's name.
fn test_names(file: &str, text: &str) -> Vec<String> {
    let path = Path::new(file);
    let named = if path.ends_with("main.rs") {
        path.parent()
    } else {
        path.file_stem().map(Path::new)
    };
    let stem = named
        .and_then(Path::file_name)
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        is_test |= line == "#[test]";
        if let Some(function) = line.strip_prefix("fn ")
            && std::mem::take(&mut is_test)
        {
            let function = function.split(['(', '<']).next().unwrap_or_default();
            tests.push(format!("{stem}::{function}"));
        }
    }
    tests
}

/// Tests that a document names, and that are not there.
fn dangling_tests(file: &str, text: &str, tests: &[String]) -> Vec<Complaint> {
    let quoted = text.split('`').skip(1).step_by(2);
    let cited = quoted.filter(|quoted| threats::is_citation(quoted));
    let is_there = |cited: &&str| tests.iter().any(|test| threats::cites(cited, test));
    cited
        .filter(|cited| !is_there(cited))
        .map(|cited| format!("{file}: there is no test {cited}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forbidden() {
        assert_eq!(rust("crates/a/src/a.rs", "fn a() {}\n"), [""; 0]);
        for (what, _) in FORBIDDEN {
            assert!(
                !rust("crates/a/src/a.rs", &format!("{what}x)")).is_empty(),
                "{what}"
            );
        }
        assert_eq!(
            rust("crates/a/src/a.rs", &"\n".repeat(MAX_LINES + 1)).len(),
            1
        );
        assert_eq!(
            rust("crates/a/tests/a.rs", &"\n".repeat(MAX_LINES + 1)),
            [""; 0]
        );
    }

    #[test]
    fn lints_are_switched_off_with_a_reason() {
        for kind in ["allow", "expect"] {
            let good = format!("#[{kind}(clippy::x, reason = \"y\")]\n");
            assert_eq!(rust("a.rs", &good), [""; 0]);
            let bad = format!("#[{kind}(clippy::x)]\n#[{kind}(clippy::y, reason = \"y\")]\n");
            assert_eq!(rust("a.rs", &bad).len(), 1);
            assert_eq!(rust("a.rs", &format!("#![{kind}(clippy::x)]")).len(), 1);
            let conditional = format!("#![cfg_attr(test, {kind}(clippy::x))]");
            assert_eq!(rust("a.rs", &conditional).len(), 1);
        }
        let denied = "#![cfg_attr(not(test), deny(clippy::expect_used))]";
        assert_eq!(rust("a.rs", denied), [""; 0]);
    }

    #[test]
    fn examples_are_compiled() {
        for good in ["```rust\n```", "/// ```\n/// ignore\n", "```compile_fail"] {
            assert_eq!(examples("a.md", good), None, "{good}");
        }
        for bad in [
            "```ignore",
            "//! ```rust,ignore\n",
            "    /// ``` no_run, ignore",
        ] {
            assert!(examples("a.rs", bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn no_address_of_a_registry() {
        let bad = r#"{"resolved": "https://example.org/x.tgz"}"#;
        assert!(addresses("xtask/interop/package-lock.json", bad).is_some());
        assert_eq!(addresses("package-lock.json", "{}"), None);
    }

    #[test]
    fn no_folder_of_this_machine() {
        let bad = "see /home/somebody/x and /checkout/y";
        assert_eq!(places("a", bad, &["/home/somebody", "/checkout"]).len(), 2);
        assert_eq!(places("a", "/home/", &["/home/somebody", "/"]), [""; 0]);
    }

    #[test]
    fn documents_name_tests_that_are_there() {
        let text =
            "#[test]\n    #[cfg(unix)]\n    fn at_every_moment() {\n    }\nfn account() {}\n";
        let names = test_names("tests/suite/stops.rs", text);
        assert_eq!(names, ["stops::at_every_moment"]);
        let good = "`stops::at_every_moment` `stops::*` `Type::method` `not a::test`";
        assert_eq!(dangling_tests("d.md", good, &names), [""; 0]);
        assert_eq!(test_names("tests/stops/main.rs", text), names);
        // A file without a test shows nothing.
        assert_eq!(
            test_names("tests/suite/account.rs", "fn account() {}\n"),
            [""; 0]
        );
        for bad in [
            "`stops::renamed`",
            "`stops::account`",
            "`gone::*`",
            "`gone::at_every_moment`",
        ] {
            assert_eq!(dangling_tests("d.md", bad, &names).len(), 1, "{bad}");
        }
    }
}

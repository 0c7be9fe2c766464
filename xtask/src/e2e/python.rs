//! Python, with Synapse and mautrix in it.

use std::fs;
use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::{Result, debian, root};

/// Puts them into a folder of their own, once; gives the interpreter.
pub(super) fn install(sh: &Shell) -> Result<PathBuf> {
    let requirements = root().join("xtask/e2e/requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let folder = root().join("target/e2e/python");
    let python = folder.join("bin/python");
    let mark = folder.join("installed");
    if fs::read_to_string(&mark).is_ok_and(|done| done == wanted) {
        return Ok(python);
    }
    if !has_venv(sh) {
        debian::install(sh, &["python3-venv"])?;
    }
    cmd!(sh, "python3 -m venv --clear {folder}").run()?;
    // Nothing is built, and nothing comes that is not listed: what lacks a hash is refused.
    cmd!(
        sh,
        "{python} -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all:
         --require-hashes --requirement {requirements}"
    )
    .run()?;
    cmd!(sh, "{python} -m pip check").ignore_stdout().run()?;
    sh.write_file(mark, wanted)?;
    Ok(python)
}

fn has_venv(sh: &Shell) -> bool {
    cmd!(sh, "python3 -c 'import venv, ensurepip'")
        .quiet()
        .ignore_stderr()
        .run()
        .is_ok()
}

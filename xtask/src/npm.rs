//! Packages of npm.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::Result;

/// Puts what a folder's `package-lock.json` names beside copies of it and of a script of that folder, once;
/// gives the script's.
pub(crate) fn install(sh: &Shell, from: &Path, to: &Path, script: &str) -> Result<PathBuf> {
    sh.create_dir(to)?;
    let lock = sh.read_file(from.join("package-lock.json"))?;
    let mark = to.join("installed");
    let is_installed = sh.read_file(&mark).is_ok_and(|done| done == lock);
    for file in ["package.json", "package-lock.json", script] {
        sh.copy_file(from.join(file), to.join(file))?;
    }
    if !is_installed {
        let _dir = sh.push_dir(to);
        cmd!(
            sh,
            "npm ci --ignore-scripts --no-audit --no-fund --loglevel error"
        )
        .run()?;
        sh.write_file(mark, lock)?;
    }
    Ok(to.join(script))
}

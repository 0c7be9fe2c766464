//! Packages of Debian.

use xshell::{Shell, cmd};

use crate::Result;

/// Installs those that are not there, for which it must be root.
pub(crate) fn install(sh: &Shell, packages: &[&str]) -> Result {
    let format = "${db:Status-Status}/";
    let installed = cmd!(sh, "dpkg-query --show --showformat={format} {packages...}")
        .ignore_status()
        .ignore_stderr()
        .read()?;
    if installed == "installed/".repeat(packages.len()) {
        return Ok(());
    }
    cmd!(sh, "apt-get update --quiet").run()?;
    cmd!(
        sh,
        "apt-get install --quiet --yes --no-install-recommends {packages...}"
    )
    .run()?;
    Ok(())
}

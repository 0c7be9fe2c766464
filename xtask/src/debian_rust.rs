//! Builds for targets that the installed toolchain lacks, with Debian's Rust, which brings the
//! source of the standard library.

use std::path::Path;

use xshell::{Shell, cmd};

use crate::Result;
use crate::tidy::{LIBRARIES, NO_STD};

const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
/// Debian's version, as far as it is pinned: its security updates go on.
const VERSION: &str = "1.96.";

pub(crate) fn build_targets(sh: &Shell) -> Result {
    install(sh)?;
    let version = cmd!(sh, "/usr/bin/rustc --version").read()?;
    if !version.contains(VERSION) {
        return Err(format!("Debian's rustc is {version}, and {VERSION}x is expected").into());
    }
    build(sh, "thumbv7em-none-eabi", "core,alloc", NO_STD)?;
    build(sh, "wasm32-unknown-unknown", "std,panic_abort", LIBRARIES)
}

fn install(sh: &Shell) -> Result {
    if ["/usr/bin/rustc", "/usr/bin/cargo"]
        .iter()
        .all(|tool| Path::new(tool).exists())
    {
        return Ok(());
    }
    cmd!(sh, "apt-get update --quiet").run()?;
    let packages = PACKAGES;
    cmd!(
        sh,
        "apt-get install --quiet --yes --no-install-recommends {packages...}"
    )
    .run()?;
    Ok(())
}

fn build(sh: &Shell, target: &str, std: &str, crates: &[&str]) -> Result {
    // What rustup and the cargo that runs this have set is for another toolchain.
    let packages = crates.iter().flat_map(|name| ["--package", name]);
    cmd!(
        sh,
        "/usr/bin/cargo build --locked -Z build-std={std} --target {target} {packages...}"
    )
    .env_remove("RUSTUP_TOOLCHAIN")
    .env_remove("CARGO")
    .env("RUSTC", "/usr/bin/rustc")
    .env("RUSTC_BOOTSTRAP", "1")
    .env("CARGO_TARGET_DIR", "target/debian-rust")
    .run()?;
    Ok(())
}

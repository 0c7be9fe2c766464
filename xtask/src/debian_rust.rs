//! Builds for targets that the installed toolchain lacks, with Debian's Rust, which brings the
//! source of the standard library.

use xshell::{Shell, cmd};

use crate::tidy::{LIBRARIES, NO_STD};
use crate::{Result, debian};

const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// Nothing that is built here is run: it takes half the time without the workspace's optimisation.
const QUICK: [&str; 4] = [
    "--config",
    r#"profile.dev.package."*".opt-level=0"#,
    "--config",
    "profile.dev.debug=false",
];

pub(crate) fn build_targets(sh: &Shell) -> Result {
    debian::install(sh, &PACKAGES)?;
    // Not pinned: Debian keeps only the newest. The crates' `rust-version` refuses one that is too old.
    cmd!(sh, "/usr/bin/rustc --version").run()?;
    build(sh, "thumbv7em-none-eabi", "core,alloc", NO_STD)?;
    build(sh, "wasm32-unknown-unknown", "std,panic_abort", LIBRARIES)
}

fn build(sh: &Shell, target: &str, std: &str, crates: &[&str]) -> Result {
    let packages = crates.iter().flat_map(|name| ["--package", name]);
    let quick = QUICK;
    // What rustup and the cargo that runs this have set is for another toolchain.
    cmd!(
        sh,
        "/usr/bin/cargo build --locked {quick...} -Z build-std={std} --target {target} {packages...}"
    )
    .env_remove("RUSTUP_TOOLCHAIN")
    .env_remove("CARGO")
    .env_remove("RUSTFLAGS")
    .env("RUSTC", "/usr/bin/rustc")
    .env("RUSTC_BOOTSTRAP", "1")
    .env("CARGO_TARGET_DIR", "target/debian-rust")
    .run()?;
    Ok(())
}

//! The same work done by ours, matrix-sdk-crypto, `RustCrypto`'s primitives alone and js-sdk, side by side.

mod row;
mod table;

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use xshell::{Shell, cmd};

use self::row::Row;
use crate::{Result, npm, root};

pub(crate) fn run(sh: &Shell, only: Option<&str>) -> Result {
    let (from, to) = (root().join("peers/js-sdk"), root().join("target/peers"));
    let script = npm::install(sh, &from, &to, "work.mjs")?;
    let _dir = sh.push_dir(root().join("peers"));
    cmd!(sh, "cargo build --quiet --locked --release --bins").run()?;
    let cargo = ["run", "--quiet", "--locked", "--release", "--bin"];
    let times = cmd!(sh, "cargo {cargo...} times -- --js-sdk {script} {only...}").read()?;
    let allocations = cmd!(sh, "cargo {cargo...} allocations").read()?;
    let times: BTreeMap<String, BTreeMap<String, Vec<f64>>> = serde_json::from_str(&times)?;
    let allocations: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&allocations)?;

    let rows = times
        .into_iter()
        .map(|(name, times)| Row::new(&name, &times, allocations.get(&name)))
        .collect::<Result<Vec<Row>>>()?;
    if rows.is_empty() {
        return Err("no row has that in its name".into());
    }
    let file = root().join("target/peers.json");
    let json: serde_json::Map<String, Value> = rows
        .iter()
        .map(|row| (row.name.clone(), row.to_json()))
        .collect();
    fs::write(&file, format!("{:#}\n", Value::from(json)))?;
    println!("{}\n", conditions(sh)?);
    println!("{}", table::markdown(&rows));
    Ok(())
}

/// When, with what, and on what.
fn conditions(sh: &Shell) -> Result<String> {
    let date = cmd!(sh, "date --utc +%F").read()?;
    let rustc = cmd!(sh, "rustc --version").read()?;
    let node = cmd!(sh, "node --version").read()?;
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("an unknown processor", |model| {
        model.trim_start_matches(['\t', ' ', ':'])
    });
    let theirs = version("matrix-sdk-crypto", &sh.read_file("Cargo.lock")?)?;
    let lock: Value = serde_json::from_str(&sh.read_file("js-sdk/package-lock.json")?)?;
    let js_sdk = lock["packages"]["node_modules/matrix-js-sdk"]["version"]
        .as_str()
        .ok_or("no version of matrix-js-sdk")?;
    Ok(format!(
        "{date}, {rustc}; matrix-sdk-crypto {theirs}; matrix-js-sdk {js_sdk} under Node {node}; {model}."
    ))
}

fn version(package: &str, lock: &str) -> Result<String> {
    let lock: toml::Table = lock.parse()?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let found = packages
        .into_iter()
        .flatten()
        .find(|found| found.get("name").and_then(toml::Value::as_str) == Some(package));
    let version = found.and_then(|found| found.get("version")?.as_str());
    Ok(version.ok_or("no such package")?.to_owned())
}

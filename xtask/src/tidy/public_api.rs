//! Which foreign types the public interfaces name.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use xshell::{Shell, cmd};

use super::{Complaint, LIBRARIES};
use crate::{Result, root};

/// Crates whose types a library may name, beside those of the language.
const ALLOWED: &[(&str, &[&str])] = &[
    ("ssss-crypto", &["rand_core", "zeroize"]),
    ("ssss-recovery-key", &["zeroize"]),
    (
        "ssss-model",
        &[
            "rand_core",
            "ruma_common",
            "ruma_events",
            "ssss_crypto",
            "ssss_recovery_key",
            "zeroize",
        ],
    ),
    (
        "ssss-client",
        &[
            "rand_core",
            "ruma_common",
            "ruma_events",
            "ssss_crypto",
            "ssss_model",
            "ssss_recovery_key",
            "zeroize",
        ],
    ),
];
const LANGUAGE: &[&str] = &["alloc", "core", "std"];

pub(super) fn check(sh: &Shell) -> Result<Vec<Complaint>> {
    rustdoc(sh)?;
    let mut complaints = Vec::new();
    for name in LIBRARIES {
        let file = root().join(format!("target/doc/{}.json", name.replace('-', "_")));
        let json = serde_json::from_str(&sh.read_file(file)?)?;
        let allowed = ALLOWED
            .iter()
            .find(|(of, _)| of == name)
            .map_or(&[][..], |(_, allowed)| allowed);
        let named = named_types(&json);
        if named.is_empty() {
            return Err(format!("rustdoc shows no types of {name}").into());
        }
        complaints.extend(complain(name, allowed, &named));
    }
    Ok(complaints)
}

/// The public interfaces as rustdoc sees them, with every feature. Its JSON is unstable, so this is the one place
/// that asks for unstable features: of rustdoc alone, for if cargo asked the compiler for them too, it would build
/// everything anew.
fn rustdoc(sh: &Shell) -> Result {
    let rustdoc = cmd!(sh, "rustc --print sysroot").read()? + "/bin/rustdoc";
    let wrapper = root().join("target/rustdoc-json");
    sh.write_file(
        &wrapper,
        format!("#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec '{rustdoc}' \"$@\"\n"),
    )?;
    std::fs::set_permissions(&wrapper, PermissionsExt::from_mode(0o755))?;
    cmd!(
        sh,
        "cargo doc --quiet --locked --workspace --no-deps --lib --all-features"
    )
    .env("RUSTDOC", &wrapper)
    .env(
        "RUSTDOCFLAGS",
        "-Z unstable-options --output-format json --document-hidden-items",
    )
    .run()?;
    Ok(())
}

/// Crate and path of every type and trait that a public item names; `?` for the crate of what rustdoc
/// does not resolve, which no list allows.
fn named_types(json: &Value) -> BTreeSet<(String, String)> {
    let mut ids = BTreeSet::new();
    let items = json["index"]
        .as_object()
        .into_iter()
        .flat_map(|index| index.values());
    for item in items.filter(|item| item["crate_id"] == 0) {
        let inner = &item["inner"];
        let is_generated =
            !inner["impl"]["blanket_impl"].is_null() || inner["impl"]["is_synthetic"] == true;
        let is_hidden = item["visibility"] != "public" && item["visibility"] != "default";
        if !is_generated && !is_hidden {
            collect(inner, &mut ids);
            // What is exported again has no `path`, but is named as much.
            ids.extend(inner["use"]["id"].as_u64());
        }
    }
    ids.iter()
        .map(|id| resolve(json, *id).unwrap_or_else(|| ("?".to_owned(), format!("item {id}"))))
        .collect()
}

fn resolve(json: &Value, id: u64) -> Option<(String, String)> {
    let path = &json["paths"][id.to_string()];
    let crate_name = match path["crate_id"].as_u64()? {
        0 => "crate",
        foreign => json["external_crates"][foreign.to_string()]["name"].as_str()?,
    };
    let parts = path["path"].as_array()?.iter().filter_map(Value::as_str);
    Some((crate_name.to_owned(), parts.collect::<Vec<_>>().join("::")))
}

/// Everything in rustdoc's JSON that names a type or a trait is an object with a `path` and an `id`.
fn collect(value: &Value, ids: &mut BTreeSet<u64>) {
    match value {
        Value::Object(map) => {
            if let (Some(Value::String(_)), Some(Value::Number(id))) =
                (map.get("path"), map.get("id"))
            {
                ids.extend(id.as_u64());
            }
            map.values().for_each(|value| collect(value, ids));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        _ => {}
    }
}

fn complain(name: &str, allowed: &[&str], named: &BTreeSet<(String, String)>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (crate_name, path) in named {
        let crate_name = crate_name.as_str();
        if crate_name == "crate" || LANGUAGE.contains(&crate_name) {
            continue;
        }
        let is_foreign_error = path.ends_with("Error") && !crate_name.starts_with("ssss_");
        if !allowed.contains(&crate_name) || is_foreign_error {
            complaints.push(format!("{name}: the public interface names {path}"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A crate with a public function that takes a type of another crate.
    fn crate_with(visibility: &str, extern_path: &[&str]) -> Value {
        json!({
            "index": {"1": {
                "crate_id": 0,
                "visibility": visibility,
                "inner": {"function": {"sig": {"inputs": [["a", {"resolved_path": {
                    "path": "A", "id": 7, "args": null,
                }}]]}}},
            }},
            "paths": {"7": {"crate_id": 3, "path": extern_path}},
            "external_crates": {"3": {"name": extern_path[0]}},
        })
    }

    fn complaints(visibility: &str, extern_path: &[&str]) -> usize {
        complain(
            "x",
            &["ruma_common"],
            &named_types(&crate_with(visibility, extern_path)),
        )
        .len()
    }

    #[test]
    fn what_is_exported_again() {
        let export = |id: u64| {
            let json = json!({
                "index": {"1": {
                    "crate_id": 0,
                    "visibility": "public",
                    "inner": {"use": {"source": "serde_json", "name": "serde_json", "id": id}},
                }},
                "paths": {
                    "7": {"crate_id": 3, "path": ["serde_json"]},
                    "8": {"crate_id": 0, "path": ["x", "Own"]},
                },
                "external_crates": {"3": {"name": "serde_json"}},
            });
            complain("x", &["ruma_common"], &named_types(&json)).len()
        };
        assert_eq!(export(7), 1);
        assert_eq!(export(8), 0);
        assert_eq!(export(9), 1, "not resolved");
    }

    #[test]
    fn foreign_types() {
        assert_eq!(complaints("public", &["serde_json", "Value"]), 1);
        assert_eq!(complaints("public", &["ruma_common", "Raw"]), 0);
        assert_eq!(complaints("public", &["ruma_common", "IdParseError"]), 1);
        assert_eq!(complaints("public", &["std", "io", "Error"]), 0);
        assert_eq!(complaints("crate", &["serde_json", "Value"]), 0);
    }
}

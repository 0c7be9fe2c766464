//! Mutants that no test can tell from what they are made of, or that none should: each with its reason.

use std::cell::Cell;
use std::path::Path;

use toml::{Table, Value};

use crate::Result;

pub(super) struct Excluded(Vec<Mutant>);

struct Mutant {
    file: String,
    /// What cargo-mutants calls it, after file, line and column.
    name: String,
    is_used: Cell<bool>,
}

impl Excluded {
    pub(super) fn read(path: &Path) -> Result<Self> {
        Self::of(&std::fs::read_to_string(path)?)
    }

    fn of(text: &str) -> Result<Self> {
        let table: Table = text.parse()?;
        let listed = table.get("excluded").and_then(Value::as_array);
        let listed = listed.into_iter().flatten().map(|mutant| {
            let field = |name: &str| mutant.get(name)?.as_str().filter(|text| !text.is_empty());
            let name = field("mutant").ok_or("an excluded mutant has no name")?;
            let file = field("file").ok_or_else(|| format!("no file is given for {name}"))?;
            field("reason").ok_or_else(|| format!("no reason is given for {name}"))?;
            Ok(Mutant {
                file: file.to_owned(),
                name: name.to_owned(),
                is_used: Cell::new(false),
            })
        });
        listed.collect::<Result<_>>().map(Self)
    }

    /// Whether a mutant, as cargo-mutants tells of it, is one of them.
    pub(super) fn has(&self, told: &str) -> bool {
        let is_told = |mutant: &&Mutant| {
            let place = told.strip_suffix(&mutant.name);
            place.is_some_and(|place| place.starts_with(&mutant.file))
        };
        let known = self.0.iter().find(is_told);
        known.inspect(|mutant| mutant.is_used.set(true)).is_some()
    }

    /// The names of those that were not asked for.
    pub(super) fn unused(&self) -> impl Iterator<Item = &str> {
        let unused = self.0.iter().filter(|mutant| !mutant.is_used.get());
        unused.map(|mutant| mutant.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_reason_and_a_use() {
        let text = "[[excluded]]\nfile = \"src/a.rs\"\nmutant = \"replace + with - in f\"\nreason = \"it is 0\"\n";
        let excluded = Excluded::of(text).unwrap();
        assert_eq!(
            excluded.unused().collect::<Vec<_>>(),
            ["replace + with - in f"]
        );
        for other in [
            "src/a.rs:1:2: replace + with * in f",
            "src/b.rs:1:2: replace + with - in f",
        ] {
            assert!(!excluded.has(other), "{other}");
        }
        assert!(excluded.has("src/a.rs:1:2: replace + with - in f"));
        assert_eq!(excluded.unused().count(), 0);
        for line in ["file", "mutant", "reason"] {
            let others = text.lines().filter(|other| !other.starts_with(line));
            let without = others.collect::<Vec<_>>().join("\n");
            assert!(Excluded::of(&without).is_err(), "{line}");
        }
    }
}

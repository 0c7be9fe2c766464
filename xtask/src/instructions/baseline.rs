//! Instructions that were counted, saved, and compared.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::Result;

pub(super) const FILE: &str = "probes/instructions.toml";

/// Of the same compiler and valgrind, in thousandths. Counts are the same from run to run, and from one
/// processor with AVX2 to another; what the C library or an address costs comes to less than this.
const MARGIN: u64 = 20;
/// Another compiler makes other code of the same source.
const MARGIN_OF_ANOTHER: u64 = 150;

/// Work on more takes as much more: the smaller, the larger, and how many times as large that is.
const LINEAR: &[(&str, &str, u64)] = &[
    ("report-400", "report-2000", 5),
    ("rotate-400", "rotate-2000", 5),
    ("unlock-400", "unlock-2000", 5),
    ("restore-200", "restore-1000", 5),
];
/// Trees become deeper: an eighth, when this was written. In thousandths.
const LINEAR_MARGIN: u64 = 250;

pub(super) struct Baseline {
    pub(super) rustc: String,
    pub(super) valgrind: String,
    /// Instructions of each piece of work.
    pub(super) instructions: Vec<(String, u64)>,
}

/// How far a count may be from what was saved, in thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Margin(u64);

impl Baseline {
    pub(super) fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)
            .map_err(|error| format!("{FILE}: {error}; `cargo xtask instructions --save`"))?;
        let table: Table = text.parse()?;
        let text = |name: &str| {
            let text = table.get(name).and_then(Value::as_str);
            text.map(ToOwned::to_owned)
                .ok_or_else(|| format!("{FILE}: no {name}"))
        };
        let counts = table.get("instructions").and_then(Value::as_table);
        let counts = counts.into_iter().flatten().map(|(name, count)| {
            let count = count.as_integer().and_then(|count| count.try_into().ok());
            let count = count.ok_or_else(|| format!("{FILE}: {name} is no number"))?;
            Ok((name.clone(), count))
        });
        Ok(Self {
            rustc: text("rustc")?,
            valgrind: text("valgrind")?,
            instructions: counts.collect::<Result<_>>()?,
        })
    }

    pub(super) fn to_toml(&self) -> String {
        let mut text = format!(
            "# Instructions of each piece of work, on x86_64. `cargo xtask instructions --save` writes this.\n\
             rustc = \"{}\"\nvalgrind = \"{}\"\n\n[instructions]\n",
            self.rustc, self.valgrind
        );
        for (name, count) in &self.instructions {
            let _ = writeln!(text, "{name} = {count}");
        }
        text
    }

    fn count(&self, name: &str) -> Option<u64> {
        let mut counts = self.instructions.iter();
        counts
            .find(|(known, _)| known == name)
            .map(|(_, count)| *count)
    }
}

impl Margin {
    pub(super) fn between(saved: &Baseline, counted: &Baseline) -> Self {
        if saved.rustc == counted.rustc && saved.valgrind == counted.valgrind {
            Self(MARGIN)
        } else {
            Self(MARGIN_OF_ANOTHER)
        }
    }
}

/// More instructions are a loss. Far fewer are a gain that the next loss would be allowed to eat up, or work
/// that is not done any more.
pub(super) fn compare(saved: &Baseline, counted: &Baseline, margin: Margin) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, now) in &counted.instructions {
        let Some(before) = saved.count(name) else {
            complaints.push(format!("{name} was never saved"));
            continue;
        };
        let room = before * margin.0 / 1000;
        if *now > before + room {
            complaints.push(format!(
                "{name}: {now} instructions, and {before} were saved"
            ));
        } else if *now + room < before {
            complaints.push(format!(
                "{name}: {now} instructions, fewer than the {before} that were saved: lower those"
            ));
        }
    }
    for (name, _) in &saved.instructions {
        if counted.count(name).is_none() {
            complaints.push(format!("{name} was saved, and is not counted any more"));
        }
    }
    complaints
}

/// What takes more than its size says.
pub(super) fn faster_than_linear(counted: &Baseline) -> Vec<String> {
    let mut complaints = Vec::new();
    for (small, large, times) in LINEAR {
        let (Some(few), Some(many)) = (counted.count(small), counted.count(large)) else {
            complaints.push(format!("{small} or {large} is not counted"));
            continue;
        };
        if many > few * times * (1000 + LINEAR_MARGIN) / 1000 {
            complaints.push(format!(
                "{large}: {many} instructions, more than {times} times the {few} of {small}"
            ));
        }
    }
    complaints
}

pub(super) fn table(saved: &Baseline, counted: &Baseline) -> String {
    let mut text = String::new();
    for (name, now) in &counted.instructions {
        let before = saved.count(name).unwrap_or_default();
        let _ = writeln!(text, "{name:<24} {now:>12} of {before:>12}");
    }
    text
}

impl fmt::Display for Margin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0 / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(rustc: &str, counts: &[(&str, u64)]) -> Baseline {
        let counts = counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count));
        Baseline {
            rustc: rustc.to_owned(),
            valgrind: "valgrind-1".to_owned(),
            instructions: counts.collect(),
        }
    }

    #[test]
    fn more_and_far_fewer_are_told() {
        let saved = baseline("1", &[("open", 1_000), ("parse", 500)]);
        for (open, complaints) in [(1_000, 0), (1_020, 0), (1_021, 1), (980, 0), (979, 1)] {
            let counted = baseline("1", &[("open", open), ("parse", 500)]);
            let margin = Margin::between(&saved, &counted);
            assert_eq!(
                compare(&saved, &counted, margin).len(),
                complaints,
                "{open}"
            );
        }
    }

    #[test]
    fn what_is_new_or_gone_is_told() {
        let saved = baseline("1", &[("open", 1_000)]);
        let counted = baseline("1", &[("seal", 1_000)]);
        assert_eq!(compare(&saved, &counted, Margin(MARGIN)).len(), 2);
    }

    #[test]
    fn another_compiler_has_more_room() {
        let saved = baseline("1", &[("open", 1_000)]);
        let counted = baseline("2", &[("open", 1_150)]);
        let margin = Margin::between(&saved, &counted);
        assert_eq!(compare(&saved, &counted, margin), [""; 0]);
        assert_eq!(compare(&saved, &counted, Margin(MARGIN)).len(), 1);
    }

    #[test]
    fn what_grows_faster_than_its_size_is_told() {
        for (of, _, _) in LINEAR {
            for (large, complaints) in [(500, 0), (625, 0), (626, 1), (2_500, 1)] {
                let counts = LINEAR.iter().flat_map(|(small_name, large_name, _)| {
                    let large = if small_name == of { large } else { 500 };
                    [(*small_name, 100), (*large_name, large)]
                });
                let counted = baseline("1", &counts.collect::<Vec<_>>());
                assert_eq!(
                    faster_than_linear(&counted).len(),
                    complaints,
                    "{of}: {large}"
                );
            }
        }
        assert_eq!(faster_than_linear(&baseline("1", &[])).len(), LINEAR.len());
    }

    #[test]
    fn what_is_saved_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("instructions.toml");
        let counted = baseline("rustc 1.2.3 (abc)", &[("open", 1), ("a-b", 2)]);
        fs::write(&file, counted.to_toml()).unwrap();
        let read = Baseline::read(&file).unwrap();
        assert_eq!(
            (read.rustc, read.valgrind),
            (counted.rustc, counted.valgrind)
        );
        assert_eq!(read.instructions.len(), 2);
        assert_eq!(read.instructions[0].1 + read.instructions[1].1, 3);
    }
}

//! What the machine code of a probe consists of.

use std::collections::BTreeSet;
use std::path::Path;

use xshell::{Shell, cmd};

use super::verdicts::ALLOWED_DIVISIONS;
use crate::Result;
use crate::probes::Backends;

/// The folders of the crates in which no division may depend on a secret, without their versions.
const WATCHED: &[&str] = &[
    "ssss-crypto/",
    "ssss-recovery-key/",
    "aes-",
    "base64ct-",
    "block-buffer-",
    "cipher-",
    "cmov-",
    "ctr-",
    "ctutils-",
    "digest-",
    "hkdf-",
    "hmac-",
    "hybrid-array-",
    "inout-",
    "sha2-",
    "subtle-",
    "zeroize-",
];
/// Where the division is that must be found.
const CONTROL: &str = "constant_time/controls.rs";
/// Fewer functions than this are not these crates.
const FLOOR: usize = 40;

/// Instructions that only the backends with instructions of the processor have.
const HARDWARE: [&str; 2] = ["aesenc", "sha256rnds2"];

/// The disassembly of a program.
pub(super) struct Code {
    /// Address and name of each instruction.
    instructions: Vec<(String, String)>,
    /// Functions of the watched crates, that are not inlined.
    functions: usize,
}

/// The divisions of a program that are in the watched crates, or inlined from there.
pub(super) struct Divisions {
    /// The file and the line of each.
    places: BTreeSet<String>,
    functions: usize,
    instructions: usize,
}

impl Code {
    pub(super) fn read(sh: &Shell, program: &Path) -> Result<Self> {
        let text = cmd!(
            sh,
            "objdump --disassemble --demangle=rust --no-show-raw-insn {program}"
        )
        .read()?;
        Ok(Self {
            instructions: text.lines().filter_map(instruction).collect(),
            functions: text.lines().filter(|line| is_function(line)).count(),
        })
    }

    /// Whether the backends are those that were asked for.
    pub(super) fn wrong_instructions(&self, backends: Backends) -> Vec<String> {
        let has = |name: &str| {
            let mut names = self.instructions.iter().map(|(_, name)| name);
            names.any(|found| found.starts_with(name))
        };
        let is_expected = backends == Backends::Hardware;
        let wrong = HARDWARE.iter().filter(|name| has(name) != is_expected);
        let verb = if is_expected { "lack" } else { "have" };
        wrong
            .map(|name| format!("the {} backends {verb} {name}", backends.name()))
            .collect()
    }

    pub(super) fn divisions(&self, sh: &Shell, program: &Path) -> Result<Divisions> {
        let is_division = |name: &str| {
            matches!(
                name.trim_start_matches('i'),
                "div" | "divb" | "divw" | "divl" | "divq"
            )
        };
        let divisions = self
            .instructions
            .iter()
            .filter(|(_, name)| is_division(name));
        let addresses = divisions.map(|(address, _)| address);
        // The line of each, and the lines into which it was inlined.
        let lines = cmd!(sh, "addr2line --inlines --exe {program} {addresses...}").read()?;
        let places = lines.lines().filter(|line| is_watched(line));
        Ok(Divisions {
            places: places.map(str::to_owned).collect(),
            functions: self.functions,
            instructions: self.instructions.len(),
        })
    }
}

impl Divisions {
    pub(super) fn summary(&self) -> String {
        format!(
            "divisions: {} in the watched crates, 1 of them the control's; {} of their functions, {} instructions in all",
            self.places.len(),
            self.functions,
            self.instructions
        )
    }

    /// What is wrong with them.
    pub(super) fn wrong(&self) -> Vec<String> {
        let is_control = |place: &&String| place.contains(CONTROL);
        let is_allowed = |place: &&String| {
            ALLOWED_DIVISIONS
                .iter()
                .any(|(file, _)| place.contains(file))
        };
        let mut wrong: Vec<_> = self
            .places
            .iter()
            .filter(|place| !is_control(place) && !is_allowed(place))
            .map(|place| format!("a division at {place}"))
            .collect();
        if !self.places.iter().any(|place| is_control(&place)) {
            wrong.push("the division of the control is not found".to_owned());
        }
        if self.functions < FLOOR {
            wrong.push(format!("{} functions are too few", self.functions));
        }
        wrong
    }
}

/// Of a line such as `  1a2b3: div    rcx`, the address and the instruction.
fn instruction(line: &str) -> Option<(String, String)> {
    let (address, rest) = line.trim_start().split_once(":\t")?;
    let name = rest.split_whitespace().next()?;
    let is_address = !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_address.then(|| (address.to_owned(), name.to_owned()))
}

/// Whether at a line such as `000000000001a2b0 <ssss_crypto::stack::below>:` begins a function of a watched crate.
fn is_function(line: &str) -> bool {
    let name = line
        .strip_suffix(">:")
        .and_then(|line| line.split_once(" <"));
    name.is_some_and(|(_, name)| {
        WATCHED.iter().any(|folder| {
            let name_of_crate = folder.trim_end_matches(['-', '/']).replace('-', "_");
            let at = name.find(&format!("{name_of_crate}::"));
            at.is_some_and(|at| {
                !name[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            })
        })
    })
}

fn is_watched(place: &str) -> bool {
    place.contains(CONTROL)
        || WATCHED
            .iter()
            .any(|folder| place.contains(&format!("/{folder}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_disassembly() {
        let expected = ("1a2b3".to_owned(), "div".to_owned());
        assert_eq!(instruction("   1a2b3:\tdiv    %rcx"), Some(expected));
        assert_eq!(instruction("Disassembly of section .text:"), None);
        for (line, expected) in [
            ("00000000000123 <ssss_crypto::stack::below>:", true),
            ("00000000000123 <<ctr::x::Y as cipher::Z>::w>:", true),
            ("00000000000123 <my_ctr::x>:", false),
            ("00000000000123 <core::fmt::write>:", false),
            ("   123:\tcall 123 <ctr::x>", false),
        ] {
            assert_eq!(is_function(line), expected, "{line}");
        }
        assert!(is_watched("/x/registry/ctr-0.10.1/src/lib.rs:7"));
        assert!(is_watched("/x/crates/ssss-crypto/src/stack.rs:7"));
        assert!(!is_watched("/rustc/1/library/core/src/num/mod.rs:7"));
        assert!(!is_watched("/x/my-ctr-0.10.1/src/lib.rs:7"));
    }
}

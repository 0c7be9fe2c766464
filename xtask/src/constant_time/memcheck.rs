//! Runs a case under memcheck, and reads what it complains of.

use std::fmt;
use std::path::Path;
use std::process::Command;

use crate::Result;

/// What valgrind exits with if memcheck complained.
const COMPLAINED: i32 = 99;

/// Something that depends on a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) kind: Kind,
    /// The innermost line that is not the standard library's.
    pub(super) file: String,
    pub(super) line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Where the program goes on.
    Branch,
    /// Where in memory it looks.
    Address,
    /// Anything else, such as what is handed to the system.
    Other,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Branch => "a branch",
            Kind::Address => "an address",
            Kind::Other => "something",
        };
        write!(
            f,
            "{kind} depends on a secret at {}:{}",
            self.file, self.line
        )
    }
}

/// Runs a case. It fails if it ends otherwise than it should, whatever memcheck says.
pub(super) fn watch(probe: &Path, case: &str) -> Result<Vec<Complaint>> {
    let output = Command::new("valgrind")
        .args(["--quiet", "--fullpath-after=", "--num-callers=24"])
        .arg(format!("--error-exitcode={COMPLAINED}"))
        .args([probe.as_os_str(), case.as_ref()])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let complaints = read(&text);
    // What is not valgrind's is a panic's message.
    let is_valgrinds = |line: &str| line.starts_with("==");
    if let Some(line) = text.lines().find(|line| !is_valgrinds(line)) {
        return Err(line.into());
    }
    match output.status.code() {
        Some(0) if complaints.is_empty() => Ok(complaints),
        Some(COMPLAINED) if !complaints.is_empty() => Ok(complaints),
        _ => Err(format!("{}, with {} complaints", output.status, complaints.len()).into()),
    }
}

fn read(text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    // Of the complaint of which no line was found yet.
    let mut pending = None;
    for line in text.lines() {
        let line = line
            .trim_start_matches(|c: char| c == '=' || c.is_ascii_digit())
            .trim();
        if let Some(place) = place(line) {
            if let Some((file, line)) = place
                && let Some(kind) = pending.take()
            {
                complaints.push(Complaint { kind, file, line });
            }
        } else if let Some(kind) = kind(line) {
            complaints.extend(pending.replace(kind).map(nowhere));
        }
    }
    complaints.extend(pending.map(nowhere));
    complaints
}

fn kind(line: &str) -> Option<Kind> {
    if line.is_empty() {
        None
    } else if line.starts_with("Conditional jump") {
        Some(Kind::Branch)
    } else if line.starts_with("Use of uninitialised value") {
        Some(Kind::Address)
    } else {
        Some(Kind::Other)
    }
}

/// Of a line of a stack, the file and the line of the source, if it is not the standard library's.
#[expect(
    clippy::option_option,
    reason = "no frame, and a frame without a place, are told apart"
)]
fn place(line: &str) -> Option<Option<(String, usize)>> {
    if !line.starts_with("at 0x") && !line.starts_with("by 0x") {
        return None;
    }
    let place = || {
        let (_, place) = line.strip_suffix(')')?.rsplit_once(" (")?;
        let (file, line) = place.rsplit_once(':')?;
        let is_standard = file.starts_with("/rustc/");
        (!is_standard).then_some((file.to_owned(), line.parse().ok()?))
    };
    Some(place())
}

fn nowhere(kind: Kind) -> Complaint {
    Complaint {
        kind,
        file: "an unknown place".to_owned(),
        line: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_of_the_innermost_line_that_is_ours() {
        let text = "\
==9== Conditional jump or move depends on uninitialised value(s)
==9==    at 0x1234: get_mut<u8, usize> (/rustc/abc/library/core/src/slice/mod.rs:603)
==9==    by 0x1234: read_digits (/a b/ssss-recovery-key/src/key.rs:120)
==9==    by 0x1235: parse (/a b/ssss-recovery-key/src/key.rs:55)
==9==
==9== Use of uninitialised value of size 8
==9==    at 0x1236: {closure#0} (/x/table.rs:7)
==9==    by 0x1237: main (in /x/probe)
==9==
==9== Syscall param write(buf) points to uninitialised byte(s)
==9==    at 0x1238: write (write.c:26)
==9==
==9== Conditional jump or move depends on uninitialised value(s)
==9==    at 0x1239: main (in /x/probe)
==9==
";
        let complaint = |kind, file: &str, line| Complaint {
            kind,
            file: file.to_owned(),
            line,
        };
        let expected = [
            complaint(Kind::Branch, "/a b/ssss-recovery-key/src/key.rs", 120),
            complaint(Kind::Address, "/x/table.rs", 7),
            complaint(Kind::Other, "write.c", 26),
            complaint(Kind::Branch, "an unknown place", 0),
        ];
        assert_eq!(read(text), expected);
        assert_eq!(read(""), []);
    }
}

//! What a program asks of the file system, and answers that it does not expect.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Output;

use xshell::{Shell, cmd};

use crate::{Result, debian};

/// System calls that take a path or a file descriptor.
const CALLS: &str = "trace=%file,%desc";
/// What takes longer than this hangs, in seconds: a run takes a hundredth of one.
const TIMEOUT: &str = "20";
/// What `timeout` exits with when it had to end something.
const TIMED_OUT: i32 = 124;

/// What befalls a program at a system call, which then does not take place.
pub(super) struct Fault {
    pub(super) name: &'static str,
    injection: &'static str,
    /// Whether it befalls every later call of that name too, and no file can be removed.
    is_for_good: bool,
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "SIGKILL",
        injection: "signal=SIGKILL",
        is_for_good: false,
    },
    Fault {
        name: "EIO",
        injection: "error=EIO",
        is_for_good: false,
    },
    Fault {
        name: "ENOSPC",
        injection: "error=ENOSPC",
        is_for_good: false,
    },
    Fault {
        name: "EIO for good",
        injection: "error=EIO",
        is_for_good: true,
    },
];

/// What kills.
pub(super) const KILL: &Fault = &FAULTS[0];

/// A system call of a run: the how many-th of its name, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) count: usize,
}

/// Installs strace if there is none; gives its version.
pub(crate) fn install(sh: &Shell) -> Result<String> {
    let version = || cmd!(sh, "strace --version").ignore_stderr().read();
    if version().is_err() {
        debian::install(sh, &["strace"])?;
    }
    let text = version()?;
    let first = text.lines().next().unwrap_or_default();
    Ok(first.rsplit(' ').next().unwrap_or_default().to_owned())
}

/// What stands before a program to have it traced, and disturbed.
pub(super) fn words(log: &Path, disturbed: Option<(&Call, &Fault)>) -> Vec<OsString> {
    let mut words = ["timeout", TIMEOUT, "strace", "-f", "-e", CALLS, "-o"]
        .map(OsString::from)
        .to_vec();
    words.push(log.into());
    if let Some((call, fault)) = disturbed {
        let (name, count, injection) = (&call.name, call.count, fault.injection);
        let mut when = count.to_string();
        if fault.is_for_good {
            words.extend(["-e", "inject=unlink,unlinkat:error=EIO"].map(OsString::from));
            when.push('+');
        }
        words.push("-e".into());
        words.push(format!("inject={name}:{injection}:when={when}").into());
    }
    words.push("--".into());
    words
}

/// Whether a program with these words before it had to be ended.
pub(super) fn is_timed_out(output: &Output) -> bool {
    output.status.code() == Some(TIMED_OUT)
}

/// Whether the fault happened.
pub(super) fn is_disturbed(log: &Path) -> Result<bool> {
    let text = fs::read_to_string(log)?;
    Ok(text.contains("(INJECTED)") || text.contains("+++ killed by SIGKILL +++"))
}

/// Every call of a run, in order.
pub(super) fn calls(log: &Path) -> Result<Vec<Call>> {
    Ok(read(&fs::read_to_string(log)?))
}

fn read(log: &str) -> Vec<Call> {
    let mut counts = BTreeMap::<&str, usize>::new();
    // How strace starts the program is not the program's.
    let names = log
        .lines()
        .filter_map(name)
        .filter(|name| *name != "execve");
    names
        .map(|name| {
            let count = counts.entry(name).or_default();
            *count += 1;
            Call {
                name: name.to_owned(),
                count: *count,
            }
        })
        .collect()
}

/// The call that a line begins with: `1234  openat(AT_FDCWD, …`. Others say how one ended that another
/// thread's came into, or the process.
fn name(line: &str) -> Option<&str> {
    let (process, rest) = line.split_once(' ')?;
    let (name, _) = rest.trim_start().split_once('(')?;
    let is_name = |name: &str| {
        name.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    (process.bytes().all(|b| b.is_ascii_digit()) && is_name(name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_name() {
        let log = "12  execve(\"ssss\", [\"ssss\"], 0x7ffc /* 3 vars */) = 0\n\
                   12  openat(AT_FDCWD, \"a (b)\", O_RDONLY) = 3\n\
                   12  read(3, \"{\", 32) = 1\n\
                   12  openat(AT_FDCWD, \"c\", O_RDONLY <unfinished ...>\n\
                   13  pread64(3, \"\", 1, 0) = 0\n\
                   12  <... openat resumed>) = 4\n\
                   12  --- SIGCHLD {si_signo=SIGCHLD} ---\n\
                   12  +++ exited with 0 +++\n";
        let calls = read(log);
        let found: Vec<_> = calls
            .iter()
            .map(|call| (call.name.as_str(), call.count))
            .collect();
        let expected = [("openat", 1), ("read", 1), ("openat", 2), ("pread64", 1)];
        assert_eq!(found, expected);
    }
}

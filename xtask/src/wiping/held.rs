//! A program that is held at its end, and its memory.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Result;

/// The number of `exit_group` on x86-64, and elsewhere.
const EXIT_GROUP: &str = if cfg!(target_arch = "x86_64") {
    "231"
} else {
    "94"
};
/// What takes longer hangs: passphrases take seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a program left, and how it would have ended.
pub(super) struct Held {
    /// All that it could write to.
    pub(super) memory: Vec<Vec<u8>>,
    pub(super) code: i32,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Runs a program in a folder, until it ends.
pub(super) fn run(
    words: &[OsString],
    folder: &Path,
    environment: &[(&str, OsString)],
    stdin: Option<&Path>,
) -> Result<Held> {
    let mut command = Command::new("strace");
    command
        // It is held for as long as nobody ends it.
        .args([
            "--quiet=all",
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "trace=exit_group",
        ])
        .args(["-e", "inject=exit_group:delay_enter=60s", "--"])
        .args(words)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(stdin.map_or_else(
            || Ok(Stdio::null()),
            |path| File::open(path).map(Stdio::from),
        )?)
        // Files, which never fill up.
        .stdout(File::create(folder.join("stdout"))?)
        .stderr(File::create(folder.join("stderr"))?)
        .process_group(0);
    let mut strace = command.spawn()?;
    let held = hold(strace.id());
    if let Ok((process, ..)) = &held {
        _ = Command::new("kill").args(["-KILL", process]).status();
    }
    _ = strace.kill();
    strace.wait()?;
    let (_, code, memory) = held?;
    let read = |name: &str| -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(folder.join(name))?.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    Ok(Held {
        memory,
        code,
        stdout: read("stdout")?,
        stderr: read("stderr")?,
    })
}

/// Waits until the child of strace is held; gives its number, its exit code, and its memory.
fn hold(strace: u32) -> Result<(String, i32, Vec<Vec<u8>>)> {
    let since = Instant::now();
    let children = format!("/proc/{strace}/task/{strace}/children");
    loop {
        let process = fs::read_to_string(&children)?.trim().to_owned();
        if !process.is_empty()
            && let Ok(call) = fs::read_to_string(format!("/proc/{process}/syscall"))
        {
            let mut words = call.split_whitespace();
            if words.next() == Some(EXIT_GROUP) {
                let code = words.next().and_then(|word| word.strip_prefix("0x"));
                let code = i32::from_str_radix(code.unwrap_or_default(), 16)?;
                let memory = memory(&process)
                    .map_err(|error| format!("its memory, which only root may read: {error}"))?;
                return Ok((process, code, memory));
            }
        }
        if since.elapsed() > PATIENCE {
            return Err("it does not end".into());
        }
        sleep(Duration::from_millis(1));
    }
}

fn memory(process: &str) -> Result<Vec<Vec<u8>>> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let mut regions = Vec::new();
    for (start, end) in maps.lines().filter_map(writable) {
        let mut region = vec![0; usize::try_from(end - start)?];
        // What cannot be read, such as the kernel's own pages, holds nothing of a program's.
        if memory.read_exact_at(&mut region, start).is_ok() {
            regions.push(region);
        }
    }
    Ok(regions)
}

/// The range of addresses of a line of `/proc/…/maps`, if it is writable.
fn writable(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let address = |hex| u64::from_str_radix(hex, 16).ok();
    rest.starts_with("rw")
        .then_some((address(start)?, address(end)?))
}

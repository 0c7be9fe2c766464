//! No key, passphrase, seed or plaintext stays in memory: after each public call of the libraries, which
//! `probes/src/bin/wiping.rs` looks at, and after each command, which is held at its end while all of its
//! memory is searched.

mod commands;
mod ground;
mod held;
mod needles;

use std::fs;

use xshell::{Shell, cmd};

use self::commands::COMMANDS;
use self::ground::Ground;
use crate::kills::strace;
use crate::probes::{self, Backends};
use crate::{Result, interop};

pub(crate) fn run(sh: &Shell) -> Result {
    if !cfg!(target_os = "linux") {
        return Err("memory is read as Linux shows it".into());
    }
    for backends in Backends::ALL {
        println!("wiping, in each public call, {} backends:", backends.name());
        let probe = probes::build(sh, "wiping", backends)?;
        cmd!(sh, "{probe}").run()?;
    }
    commands(sh)
}

fn commands(sh: &Shell) -> Result {
    let version = strace::install(sh)?;
    let ssss = interop::build(sh)?;
    let folder = tempfile::tempdir()?;
    let mut wrong = 0;
    println!("wiping, at the end of each command, held by strace {version}:");
    let ground = Ground::new(&ssss, &folder.path().join("before"))?;
    for (number, command) in COMMANDS.iter().enumerate() {
        let name = command.name;
        let copy = folder.path().join(number.to_string());
        let found = ground
            .run(command, &copy)
            .map_err(|error| format!("{name}: {error}"))?;
        fs::remove_dir_all(&copy)?;
        wrong += usize::from(found.is_empty() == command.is_control);
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        let line = if found.is_empty() {
            "nothing".to_owned()
        } else {
            found.join(", ")
        };
        println!("{name:<52} {line}");
    }
    if wrong == 0 {
        return Ok(());
    }
    Err(format!("{wrong} commands leave something behind, or a control does not").into())
}

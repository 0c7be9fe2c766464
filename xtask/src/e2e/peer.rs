//! Another client, as a process that does what it is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use xshell::Shell;

use crate::{Result, npm, root};

/// An action has a shorter one of its own.
const DEADLINE: Duration = Duration::from_secs(60);

pub(super) struct Peer {
    name: &'static str,
    child: Child,
    answers: Receiver<String>,
}

/// Puts js-sdk beside a copy of our script, once; gives that.
pub(super) fn install_js_sdk(sh: &Shell) -> Result<std::path::PathBuf> {
    let from = root().join("xtask/e2e");
    let to = root().join("target/e2e/js-sdk");
    npm::install(sh, &from, &to, "client.mjs")
}

impl Peer {
    pub(super) fn js_sdk(script: &Path) -> Result<Self> {
        Self::start("js-sdk", Command::new("node").arg(script))
    }

    pub(super) fn mautrix(python: &Path) -> Result<Self> {
        let script = root().join("xtask/e2e/client.py");
        Self::start("mautrix", Command::new(python).arg(script))
    }

    fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let (sender, answers) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines();
            for line in lines.map_while(std::io::Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            name,
            child,
            answers,
        })
    }

    /// What comes of an action; `Err` within is what it says of a failure.
    pub(super) fn ask(&mut self, action: &Value) -> Result<std::result::Result<Value, String>> {
        let name = self.name;
        let input = self.child.stdin.as_mut().ok_or("no input")?;
        writeln!(input, "{action}").map_err(|error| format!("{name} is gone: {error}"))?;
        let answer = self.answers.recv_timeout(DEADLINE);
        let answer = answer.map_err(|error| format!("{name} does not answer: {error}"))?;
        let mut answer: Value = serde_json::from_str(&answer)?;
        if let Some(error) = answer["error"].as_str() {
            return Ok(Err(error.to_owned()));
        }
        match answer["ok"].take() {
            Value::Null => Err(format!("{name} says nothing").into()),
            ok => Ok(Ok(ok)),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

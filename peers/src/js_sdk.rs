//! matrix-js-sdk under Node: a process that works as often as it is told, and stays, so that it is warm.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use serde_json::Value;

use crate::contender::Contender;

/// matrix-js-sdk at work.
#[derive(Clone)]
pub struct JsSdk(Rc<RefCell<Process>>);

struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl JsSdk {
    /// Starts it, and hands over what it works on.
    ///
    /// # Panics
    ///
    /// If there is no Node, or matrix-js-sdk makes something else of the inputs than it should.
    #[must_use]
    pub fn start(script: &Path, inputs: &Value) -> Self {
        let mut child = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let mut process = Process {
            input: child.stdin.take().expect("it is piped"),
            output: BufReader::new(child.stdout.take().expect("it is piped")),
            child,
        };
        assert_eq!(process.ask(&inputs.to_string()), "ready");
        Self(Rc::new(RefCell::new(process)))
    }

    /// A contender who does a piece of work of the script.
    pub(crate) fn contender(&self, work: &'static str) -> Contender {
        let process = Rc::clone(&self.0);
        Contender::elsewhere(crate::rows::JS_SDK, move |times| {
            let answer = process.borrow_mut().ask(&format!("{work} {times}"));
            answer.parse().expect("nanoseconds")
        })
    }
}

impl Process {
    fn ask(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").expect("js-sdk listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("js-sdk answers");
        answer.trim_end().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It waits for lines, of which there will be no more; if it is gone, so much the better.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

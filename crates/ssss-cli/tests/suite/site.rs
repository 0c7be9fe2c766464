//! An account on a homeserver that is in this process.

use std::process::Command;

use crate::fixture::Fixture;
use crate::sandbox::{Run, Sandbox, run};
use crate::server::{FakeServer, TOKEN, USER};

const PASSWORD: &str = "canary-password";

/// An account on a homeserver, and a folder with its token, password and key.
pub(crate) struct Site {
    pub(crate) sandbox: Sandbox,
    pub(crate) server: FakeServer,
}

impl Site {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::with("clients/js-sdk-random");
        sandbox.write_private("token", format!("{TOKEN}\n"));
        sandbox.write_private("password", format!("{PASSWORD}\n"));
        let server = FakeServer::start();
        let account_data = Fixture::read("clients/js-sdk-random")
            .account_data()
            .clone();
        let events = account_data.as_object().unwrap().clone();
        server.state().account_data = events.into_iter().collect();
        Self { sandbox, server }
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = self.sandbox.command();
        command.args(["-u", USER, "--homeserver", &self.server.url]);
        command.args(arguments.split(' '));
        command
    }

    /// Runs the command; what it prints holds no token and no password.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        without_canaries(run(self.command(&format!("--timeout 2 {arguments}")), ""))
    }

    /// Runs the command with the token.
    pub(crate) fn token_run(&self, arguments: &str) -> Run {
        self.run(&format!("--access-token-file token {arguments}"))
    }

    pub(crate) fn logouts(&self) -> usize {
        let seen = self.server.take_seen();
        seen.iter()
            .filter(|seen| seen.target.ends_with("/logout"))
            .count()
    }
}

pub(crate) fn session_file() -> String {
    format!("state/ssss/{USER}/session.json")
}

#[track_caller]
pub(crate) fn without_canaries(run: Run) -> Run {
    let printed = format!("{}{}", String::from_utf8_lossy(&run.stdout), run.stderr);
    assert!(!printed.contains("canary"), "{printed}");
    run
}

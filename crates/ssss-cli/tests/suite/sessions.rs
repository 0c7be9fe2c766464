//! Sessions: saved ones, and those for one command.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::sandbox::{mode, run};
use crate::server::{DEVICE, FakeServer, Fault, REFRESH, Seen, TOKEN, USER};
use crate::site::{Site, session_file, without_canaries};

#[test]
fn a_login_is_saved_for_its_owner_alone_and_ended_by_logout() {
    let site = Site::new();
    let done = site
        .run("--password-file password --json login")
        .expect(0)
        .json();
    assert_eq!(done["device_id"], DEVICE);
    let file = site.sandbox.path(&session_file());
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    let saved: Value = serde_json::from_slice(&site.sandbox.read(&session_file())).unwrap();
    assert_eq!(saved["refresh_token"], REFRESH);
    site.run("status").expect(23);
    site.run("--password-file password login").expect(2);
    assert_eq!(site.logouts(), 0, "it lasts");
    site.run("logout").expect(0);
    assert_eq!(site.logouts(), 1);
    assert!(!file.exists());
    site.run("status").expect(30);
    site.run("logout").expect(30);
}

#[test]
fn a_wrong_password_is_told_from_what_a_server_forbids() {
    let site = Site::new();
    site.sandbox.write_private("password", "wrong");
    for command in ["login", "status"] {
        let run = site.run(&format!("--password-file password --json {command}"));
        assert_eq!(run.expect(30).error()["kind"], "wrong-password");
    }
    assert!(!site.sandbox.path(&session_file()).exists());
}

#[test]
fn a_saved_session_renews_its_tokens_and_keeps_them() {
    let site = Site::new();
    site.run("--password-file password login").expect(0);
    site.server.state().tokens.clear();
    site.run("status").expect(23);
    let saved: Value = serde_json::from_slice(&site.sandbox.read(&session_file())).unwrap();
    assert_eq!(
        saved["access_token"],
        site.server.state().tokens[0].as_str()
    );
    assert_eq!(
        saved["refresh_token"],
        site.server.state().refresh_token.as_str()
    );
    site.run("status").expect(23);
    let seen = site.server.take_seen();
    let refreshes = seen.iter().filter(|seen| seen.target.ends_with("/refresh"));
    assert_eq!(refreshes.count(), 1);
}

#[test]
fn a_session_for_one_command_is_ended_however_the_command_ends() {
    let site = Site::new();
    for (arguments, code) in [
        ("--password-file password status", 23),
        (
            "--password-file password --key-file key get --raw org.example.none",
            21,
        ),
        ("--password-file password --key-file password unlock", 11),
    ] {
        site.server.state().tokens = vec![TOKEN.to_owned()];
        site.run(arguments).expect(code);
        assert_eq!(site.logouts(), 1, "{arguments}");
        assert!(site.server.state().tokens.is_empty());
        assert!(!site.sandbox.path(&session_file()).exists());
    }
}

/// A command that waits for its server, in a session for this command only, run by another program.
fn waiting(site: &Site, program: &[&str]) -> Child {
    site.server
        .fail(|seen| seen.target.contains("/sync").then_some(Fault::Silence));
    let ssss = site.command("--timeout 15 --password-file password status");
    let [program, arguments @ ..] = program else {
        panic!("a program that runs the command");
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(ssss.get_program());
    command.args(ssss.get_args());
    for (name, value) in ssss.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.current_dir(site.sandbox.path(""));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    let has_asked = |seen: &Seen| seen.target.contains("/sync");
    while !site.server.state().seen.iter().any(has_asked) {
        assert!(Instant::now() < deadline, "it does not get as far");
        thread::sleep(Duration::from_millis(10));
    }
    child
}

#[test]
fn a_signal_ends_the_session_too() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let site = Site::new();
        // Whoever runs the tests may have been started by `nohup`.
        let mut child = waiting(&site, &["env", "--default-signal=HUP"]);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(code));
        assert_eq!(site.logouts(), 1);
    }
}

/// Its terminal may go away.
#[test]
fn nohup_is_heeded() {
    let site = Site::new();
    let mut child = waiting(&site, &["nohup"]);
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(site.logouts(), 1);
}

/// Neither by an option nor by a variable that was meant for another account.
#[test]
fn tokens_go_to_the_server_that_gave_them() {
    let site = Site::new();
    site.run("--password-file password login").expect(0);
    let other = FakeServer::start();
    for command in ["status", "logout"] {
        let mut elsewhere = site.sandbox.command();
        elsewhere
            .env("SSSS_HOMESERVER", &other.url)
            .args(["-u", USER, "--json", command]);
        let run = without_canaries(run(elsewhere, "")).expect(2);
        assert_eq!(run.error()["kind"], "other-homeserver");
    }
    let seen = other.take_seen();
    assert!(!seen.is_empty());
    for seen in seen {
        assert_eq!(seen.authorization, None, "{}", seen.target);
        assert!(seen.body.is_empty(), "{}", seen.target);
    }
    // As it is spelled does not matter.
    let mut same = site.sandbox.command();
    let url = format!("{}/", site.server.url);
    same.args(["-u", USER, "--homeserver", &url, "status"]);
    without_canaries(run(same, "")).expect(23);
}

/// A refresh token works once, and each of them wants to use it.
#[test]
fn processes_that_renew_one_session_do_not_end_it() {
    let site = Site::new();
    site.run("--password-file password login").expect(0);
    for _ in 0..5 {
        site.server.state().tokens.clear();
        let children: Vec<_> = (0..4)
            .map(|_| {
                let mut command = site.command("whoami");
                command.stdin(Stdio::null()).stdout(Stdio::null());
                command.stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{stderr}");
        }
    }
}

#[test]
fn a_login_that_cannot_be_saved_is_ended() {
    let site = Site::new();
    let mut command = site.command("--password-file password login");
    command.env("XDG_STATE_HOME", "/proc");
    without_canaries(run(command, "")).expect(1);
    assert_eq!(site.logouts(), 1);
}

#[test]
fn a_device_id_does_nothing_to_a_terminal() {
    let site = Site::new();
    site.server.state().device = "D\u{1b}]0;title\u{7}";
    for (arguments, code) in [
        ("--password-file password login", 0),
        ("--password-file password login", 2),
        ("logout", 0),
    ] {
        let run = site.run(arguments).expect(code);
        let printed = format!("{}{}", run.stdout(), run.stderr);
        assert!(printed.contains("D\\u{1b}"), "{printed}");
        assert!(!printed.contains('\u{1b}'), "{printed:?}");
    }
}

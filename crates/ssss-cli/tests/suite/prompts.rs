//! What a person at a terminal sees.

use rexpect::session::{PtySession, spawn_command};
use serde_json::Value;

use crate::fixture::Fixture;
use crate::sandbox::{Sandbox, ssss};

/// Starts the command at a terminal of its own.
fn start(sandbox: &Sandbox, arguments: &str) -> PtySession {
    let mut command = ssss();
    command
        .current_dir(sandbox.path(""))
        .env("XDG_STATE_HOME", sandbox.path("state"))
        .args(["--offline", "account.json"])
        .args(arguments.split(' '));
    spawn_command(command, Some(20_000)).unwrap()
}

/// Waits for the end, and returns what was shown since.
#[track_caller]
fn end(mut session: PtySession, code: i32) -> String {
    let rest = session.exp_eof().unwrap();
    // The type of this status is private.
    let status = format!("{:?}", session.process().wait().unwrap());
    let expected = format!(", {code})");
    assert!(
        status.starts_with("Exited") && status.ends_with(&expected),
        "{status}: {rest}"
    );
    rest
}

const ASK: &str = "Recovery key or passphrase";

const STRANGER: &str = "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X";

#[test]
fn a_wrong_key_is_asked_for_again_and_never_shown() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let key = Fixture::read("clients/js-sdk-random")
        .recovery_key()
        .unwrap()
        .to_owned();
    let mut session = start(&sandbox, "unlock");
    session.exp_string(ASK).unwrap();
    session.send_line(STRANGER).unwrap();
    let first = session.exp_string("Try again.").unwrap();
    assert!(first.contains("does not open the one key here"), "{first}");
    session.exp_string(ASK).unwrap();
    session.send_line(&key).unwrap();
    let rest = end(session, 0);
    assert!(rest.contains("the default key"), "{rest}");
    for text in [STRANGER, &key] {
        assert!(!first.contains(text) && !rest.contains(text));
    }
}

#[test]
fn three_wrong_keys_are_enough() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let mut session = start(&sandbox, "unlock");
    for _ in 0..3 {
        session.exp_string(ASK).unwrap();
        session.send_line(STRANGER).unwrap();
    }
    let rest = end(session, 12);
    assert!(
        rest.contains("this is a well-formed recovery key"),
        "{rest}"
    );
}

#[test]
fn nothing_typed_is_no_key() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let mut session = start(&sandbox, "unlock");
    session.exp_string(ASK).unwrap();
    session.send_line("").unwrap();
    end(session, 10);
    let session = start(&sandbox, "--no-input unlock");
    end(session, 10);
}

#[test]
fn the_prompt_says_what_the_key_is_for() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let mut session = start(&sandbox, "get m.megolm_backup.v1 --raw");
    session
        .exp_string("(to open m.megolm_backup.v1): ")
        .unwrap();
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
}

#[test]
fn a_secret_is_shown_only_after_a_yes() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let fixture = Fixture::read("clients/js-sdk-random");
    let (name, value) = fixture.secrets().next().unwrap();
    let get = format!("--key-file key get {name}");
    for (answer, code) in [("n", 40), ("", 40), ("yes", 0), ("Y", 0)] {
        let mut session = start(&sandbox, &get);
        session.exp_string("on this screen? [y/N] ").unwrap();
        session.send_line(answer).unwrap();
        let rest = end(session, code);
        assert_eq!(rest.contains(value), code == 0, "{rest}");
    }
    for option in ["--raw", "--yes"] {
        let rest = end(start(&sandbox, &format!("{get} {option}")), 0);
        assert!(rest.contains(value), "{rest}");
    }
    let rest = end(start(&sandbox, &format!("--no-input {get}")), 40);
    assert!(!rest.contains(value), "{rest}");
}

/// What stays on the screen, and in what somebody copies from it, after a whole life of an account: a new
/// key, once, for it must be written down; and nothing that was typed.
#[test]
fn the_screen_has_a_new_key_once_and_never_what_was_typed() {
    let sandbox = Sandbox::new();
    let mut session = start(&sandbox, "bootstrap");
    let key = shown_key(&mut session);
    session.send_line(&key[55..]).unwrap();
    let rest = end(session, 0);
    // Its last group was typed, to show that it was written down.
    for group in key.split(' ').take(11) {
        assert!(!rest.contains(group), "{rest}");
    }
    for command in [
        "unlock",
        "doctor",
        "which-key",
        "status",
        "list",
        "get m.megolm_backup.v1",
    ] {
        let mut session = start(&sandbox, command);
        let mut seen = String::new();
        if command.starts_with("get") {
            // Before the key, which is not asked for in vain.
            seen += &session.exp_string("[y/N] ").unwrap();
            session.send_line("n").unwrap();
        } else if !["status", "list"].contains(&command) {
            seen += &session.exp_string(ASK).unwrap();
            session.send_line(&key).unwrap();
        }
        let code = if command.starts_with("get") { 40 } else { 0 };
        seen += &end(session, code);
        for group in key.split(' ') {
            assert!(!seen.contains(group), "{command}: {seen}");
        }
    }
}

#[test]
fn rm_asks() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let before = sandbox.read("account.json");
    let mut session = start(&sandbox, "rm m.megolm_backup.v1");
    session.exp_string("Remove m.megolm_backup.v1?").unwrap();
    session.send_line("no").unwrap();
    end(session, 40);
    assert_eq!(sandbox.read("account.json"), before);
    let mut session = start(&sandbox, "rm m.megolm_backup.v1");
    session.exp_string("[y/N] ").unwrap();
    session.send_line("y").unwrap();
    end(session, 0);
    sandbox.key_run("get m.megolm_backup.v1").expect(21);
}

/// Reads the recovery key from the screen.
fn shown_key(session: &mut PtySession) -> String {
    session.exp_string("Your recovery key:   ").unwrap();
    let key = session.read_line().unwrap();
    session
        .exp_string("Type the LAST group to go on: ")
        .unwrap();
    assert_eq!(key.len(), 59, "{key}");
    key
}

#[test]
fn bootstrap_wants_the_last_group_before_it_writes() {
    let sandbox = Sandbox::new();
    let mut session = start(&sandbox, "bootstrap");
    let key = shown_key(&mut session);
    assert!(!sandbox.path("account.json").exists());
    session.send_line("1234").unwrap();
    session.exp_string("That is not the last group.").unwrap();
    session.exp_string("Type the LAST group").unwrap();
    assert!(!sandbox.path("account.json").exists());
    session.send_line(&key[55..]).unwrap();
    end(session, 0);
    sandbox.write_private("key", &key);
    sandbox.key_run("unlock").expect(0);
}

#[test]
fn bootstrap_without_the_last_group_writes_nothing() {
    let sandbox = Sandbox::new();
    let mut session = start(&sandbox, "bootstrap");
    shown_key(&mut session);
    session.send_line("").unwrap();
    end(session, 40);
    let mut session = start(&sandbox, "bootstrap");
    shown_key(&mut session);
    for _ in 0..3 {
        session.send_line("1234").unwrap();
    }
    end(session, 40);
    assert!(!sandbox.path("account.json").exists());
}

#[test]
fn bootstrap_asks_for_a_passphrase_twice() {
    let sandbox = Sandbox::new();
    let mut session = start(&sandbox, "--yes --json bootstrap --passphrase");
    session.exp_string("New passphrase: ").unwrap();
    session.send_line("one").unwrap();
    session.exp_string("The same again: ").unwrap();
    session.send_line("two").unwrap();
    session.exp_string("not the same").unwrap();
    for question in ["New passphrase: ", "The same again: "] {
        session.exp_string(question).unwrap();
        session.send_line("three").unwrap();
    }
    let rest = end(session, 0);
    let done: Value = serde_json::from_str(rest.trim()).unwrap();
    assert_eq!(done["ready"], true);
    sandbox.write_private("key", "three\n");
    sandbox.key_run("unlock").expect(0);
}

/// Puts another value in the place of the backup key, as another client would.
fn interfere(sandbox: &Sandbox) {
    let mut account = sandbox.account();
    account["m.megolm_backup.v1"]["org.example.note"] = Value::from("another client was here");
    sandbox.write("account.json", account.to_string());
}

#[test]
fn a_change_while_a_person_types_is_a_conflict() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let key = Fixture::read("clients/js-sdk-random")
        .recovery_key()
        .unwrap()
        .to_owned();
    sandbox.write("value", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE");
    let put = "put m.megolm_backup.v1 value";
    let mut session = start(&sandbox, put);
    session.exp_string(ASK).unwrap();
    interfere(&sandbox);
    let before = sandbox.read("account.json");
    session.send_line(&key).unwrap();
    end(session, 33);
    assert_eq!(sandbox.read("account.json"), before);
    sandbox.key_run(put).expect(0);
}

#[test]
fn a_change_while_a_person_writes_the_key_down_is_planned_around() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let fixture = Fixture::read("clients/js-sdk-random");
    let mut session = start(&sandbox, "--key-file key bootstrap --set-up-new");
    let key = shown_key(&mut session);
    interfere(&sandbox);
    session.send_line(&key[55..]).unwrap();
    end(session, 0);
    // The other client's field is there, and both keys open everything.
    let account = sandbox.account();
    let backup = &account["m.megolm_backup.v1"];
    assert_eq!(backup["org.example.note"], "another client was here");
    sandbox.write_private("new", &key);
    for (name, value) in fixture.secrets() {
        for file in ["key", "new"] {
            let get = format!("--key-file {file} get {name} --raw");
            assert_eq!(sandbox.account_run(&get).expect(0).stdout(), value);
        }
    }
}

#[test]
fn a_change_that_takes_something_away_is_shown_and_confirmed() {
    let sandbox = Sandbox::with("clients/js-sdk-rotated");
    let before = sandbox.read("account.json");
    for (answer, code) in [("n", 40), ("", 40), ("y", 0)] {
        assert_eq!(sandbox.read("account.json"), before);
        let mut session = start(&sandbox, "gc");
        let shown = session.exp_string("Go on? [y/N] ").unwrap();
        assert!(shown.contains("1 blank the description of key"), "{shown}");
        assert!(shown.contains("is not described any more"), "{shown}");
        session.send_line(answer).unwrap();
        end(session, code);
    }
    assert_ne!(sandbox.read("account.json"), before);
}

#[test]
fn what_is_taken_back_is_what_was_shown() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    sandbox.write("value", "value");
    sandbox.key_run("put org.example.x value").expect(0);
    let mut session = start(&sandbox, "undo");
    session.exp_string("Go on? [y/N] ").unwrap();
    sandbox.key_run("put org.example.y value").expect(0);
    let before = sandbox.read("account.json");
    session.send_line("y").unwrap();
    let shown = end(session, 33);
    assert!(shown.contains("another change meanwhile"), "{shown}");
    assert_eq!(sandbox.read("account.json"), before);
    for name in ["org.example.y", "org.example.x"] {
        let undone = sandbox.account_run("--yes undo").expect(0);
        assert!(undone.stdout().contains("(put)"), "{undone:?}");
        assert_eq!(sandbox.account()[name], serde_json::json!({}));
    }
    sandbox.account_run("--yes undo").expect(21);
}

#[test]
fn a_second_key_is_asked_for_where_it_is_needed_and_may_be_left_out() {
    let fixture = Fixture::read("clients/js-sdk-random");
    let key = fixture.recovery_key().unwrap();
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let added = sandbox.key_run("--yes --json add-key").expect(0).json();
    let second = added["recovery_key"].as_str().unwrap();
    let id = added["key_id"].as_str().unwrap();
    let before = sandbox.read("account.json");

    let set = format!("set-default {id}");
    for (typed, code) in [("", 24), (key, 0)] {
        assert_eq!(sandbox.read("account.json"), before);
        let mut session = start(&sandbox, &set);
        session.exp_string("(of the new default, and of").unwrap();
        session.send_line(second).unwrap();
        session.exp_string("Another key is needed").unwrap();
        session.exp_string("or nothing: ").unwrap();
        session.send_line(typed).unwrap();
        if code == 0 {
            session.exp_string("Go on? [y/N] ").unwrap();
            session.send_line("y").unwrap();
        }
        let rest = end(session, code);
        assert!(!rest.contains(second) && !rest.contains(key), "{rest}");
    }
    assert_eq!(sandbox.account()["m.secret_storage.default_key"]["key"], id);
}

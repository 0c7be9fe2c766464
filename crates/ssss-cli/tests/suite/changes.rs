//! Changing an account, going on after a stop, and going back.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::sandbox::{Sandbox, mode};

const FIXTURE: &str = "clients/js-sdk-random";

/// Puts a new key in place, and writes its recovery key to a file of this name.
fn new_key(sandbox: &Sandbox, command: &str, file: &str) -> Value {
    let run = sandbox
        .key_run(&format!("--yes --json {command}"))
        .expect(0);
    let done = run.json();
    sandbox.write_private(file, done["recovery_key"].as_str().unwrap());
    done
}

/// Whether each key, in files of these names, opens every secret of the fixture.
#[track_caller]
fn assert_opens(sandbox: &Sandbox, files: &[&str]) {
    let fixture = Fixture::read(FIXTURE);
    for file in files {
        for (name, value) in fixture.secrets() {
            let run = sandbox.account_run(&format!("--key-file {file} get {name} --raw"));
            assert_eq!(run.expect(0).stdout(), value, "{name} with {file}");
        }
    }
}

/// The files of the account's journal.
fn remembered(sandbox: &Sandbox) -> Vec<PathBuf> {
    let account = sandbox.path("account.json").canonicalize().unwrap();
    let folder = sandbox
        .path("state/ssss/offline")
        .join(account.strip_prefix("/").unwrap());
    let mut files: Vec<_> = match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    files.sort();
    files
}

fn default_key(sandbox: &Sandbox) -> String {
    let pointer = &sandbox.account()["m.secret_storage.default_key"]["key"];
    pointer.as_str().unwrap().to_owned()
}

#[test]
fn rotate_carries_everything_and_undo_takes_it_back() {
    let sandbox = Sandbox::with(FIXTURE);
    let before = sandbox.account();
    sandbox.write("value", "custom");
    sandbox.key_run("put org.example.x value").expect(0);
    let done = new_key(&sandbox, "rotate --name second", "new");
    assert_eq!(done["carried"].as_array().unwrap().len(), 5);
    assert_eq!(done["key_id"], default_key(&sandbox));
    assert_opens(&sandbox, &["key", "new"]);
    sandbox.account_run("--key-file new doctor").expect(0);
    sandbox.account_run("--yes undo").expect(0);
    sandbox.account_run("--yes undo").expect(0);
    // What was not there is blanked now, and everything else as it was.
    let mut after = sandbox.account();
    let events = after.as_object_mut().unwrap();
    events.retain(|_, content| *content != json!({}));
    assert_eq!(after, before);
    let error = sandbox.account_run("--json --yes undo").expect(21).error();
    assert_eq!(error["kind"], "no-change");
}

#[test]
fn revoking_takes_the_old_key_away() {
    let sandbox = Sandbox::with(FIXTURE);
    let old = default_key(&sandbox);
    let done = new_key(&sandbox, "rotate --revoke", "new");
    let losses = done["losses"].as_array().unwrap();
    assert_eq!(losses.len(), 5, "{losses:?}");
    assert!(losses.iter().all(|loss| loss["key"] == old.as_str()));
    let warnings = done["warnings"].to_string();
    assert!(warnings.contains("may have been copied"), "{warnings}");
    assert_opens(&sandbox, &["new"]);
    sandbox
        .account_run("--key-file key get m.megolm_backup.v1")
        .expect(12);
    let account = sandbox.account();
    assert_eq!(account[format!("m.secret_storage.key.{old}")], json!({}));
    sandbox.account_run("--yes undo").expect(0);
    assert_opens(&sandbox, &["key"]);
}

#[test]
fn a_key_is_added_made_the_default_and_removed() {
    let sandbox = Sandbox::with(FIXTURE);
    let old = default_key(&sandbox);
    let added = new_key(&sandbox, "add-key", "new");
    let added = added["key_id"].as_str().unwrap();
    assert_eq!(default_key(&sandbox), old);
    assert_opens(&sandbox, &["key", "new"]);

    // The default key is not removed; another one must take its place first.
    let refused = sandbox.account_run(&format!("--json --yes --key-file new remove-key {old}"));
    assert_eq!(refused.expect(24).error()["kind"], "is-default");
    // Without the present default key nobody knows whether its values are newer.
    let set = format!("--json --yes --key-file new set-default {added}");
    let refused = sandbox.account_run(&set).expect(24).error();
    assert_eq!(refused["kind"], "would-abandon");
    assert!(
        refused["hint"]
            .as_str()
            .unwrap()
            .contains("--abandon m.megolm_backup.v1")
    );
    let set = format!("--yes --key-file new --key-file key set-default {added}");
    sandbox.account_run(&set).expect(0);
    assert_eq!(default_key(&sandbox), added);

    let dry = format!("--json --dry-run --key-file new remove-key {old}");
    let before = sandbox.read("account.json");
    let plan = sandbox.account_run(&dry).expect(0).json();
    assert_eq!(plan["writes"].as_array().unwrap().len(), 5);
    assert_eq!(plan["losses"].as_array().unwrap().len(), 5);
    let removal = format!("--key-file new remove-key {old}");
    sandbox.account_run(&removal).expect(40);
    assert_eq!(sandbox.read("account.json"), before);
    let run = sandbox.account_run(&format!("--yes {removal}")).expect(0);
    assert!(
        run.stderr.contains("may have been copied"),
        "{}",
        run.stderr
    );
    assert_opens(&sandbox, &["new"]);
    sandbox.account_run(&format!("--yes {removal}")).expect(21);
}

#[test]
fn a_secret_that_no_given_key_opens_is_named_and_never_left_behind_unasked() {
    let sandbox = Sandbox::with(FIXTURE);
    // A secret that only another key opens, as another client made it.
    let other = Sandbox::new();
    other
        .run("--offline account.json --yes --json bootstrap")
        .expect(0);
    let mut account = sandbox.account();
    account["org.example.locked"] = other.account()["m.megolm_backup.v1"].clone();
    sandbox.write("account.json", account.to_string());
    let before = sandbox.read("account.json");
    for command in ["rotate", "add-key", "rotate --revoke", "disable"] {
        let run = sandbox
            .key_run(&format!("--json --yes {command}"))
            .expect(24);
        let error = run.error();
        assert_eq!(error["kind"], "would-abandon", "{command}");
        assert!(
            error["because"]
                .as_str()
                .unwrap()
                .contains("org.example.locked")
        );
        assert!(!error["because"].as_str().unwrap().contains("m.megolm"));
        assert_eq!(sandbox.read("account.json"), before, "{command}");
    }
    new_key(
        &sandbox,
        "rotate --revoke --abandon org.example.locked",
        "new",
    );
    assert_opens(&sandbox, &["new"]);
    let after = sandbox.account();
    assert_eq!(after["org.example.locked"], account["org.example.locked"]);
}

#[test]
fn keys_are_given_until_every_secret_opens() {
    let sandbox = Sandbox::with(FIXTURE);
    new_key(&sandbox, "add-key", "second");
    // The second key alone has one of the secrets.
    let mut account = sandbox.account();
    let old = default_key(&sandbox);
    let entries = &mut account["m.megolm_backup.v1"]["encrypted"];
    entries.as_object_mut().unwrap().remove(&old);
    sandbox.write("account.json", account.to_string());
    sandbox.key_run("--yes rotate").expect(24);
    sandbox
        .account_run("--key-file key --key-file second --yes rotate")
        .expect(0);
    // One that opens nothing which is asked about is a mistake, and told.
    let error = sandbox.account_run("--json --key-file second --key-file second --yes rotate");
    assert!([12, 13, 24].contains(&error.code), "{error:?}");
}

#[test]
fn disable_blanks_everything_and_restore_brings_it_back() {
    let sandbox = Sandbox::with(FIXTURE);
    sandbox.account_run("--json --yes disable").expect(24);
    let done = sandbox.key_run("--json --yes disable").expect(0).json();
    sandbox.account_run("status").expect(20);
    assert!(
        sandbox
            .account()
            .as_object()
            .unwrap()
            .values()
            .all(|v| *v == json!({}))
    );
    let snapshot = done["snapshot"].as_str().unwrap();
    let restore = format!("restore {snapshot}");
    sandbox.account_run(&restore).expect(40);
    sandbox.account_run(&format!("--yes {restore}")).expect(0);
    assert_opens(&sandbox, &["key"]);
    assert_eq!(sandbox.account(), *Fixture::read(FIXTURE).account_data());
    let again = sandbox.account_run(&format!("--yes {restore}")).expect(0);
    assert_eq!(again.stdout(), "There is nothing to do.\n");
}

#[test]
fn restore_writes_over_nothing_that_is_newer_unless_it_is_named() {
    let sandbox = Sandbox::with(FIXTURE);
    sandbox.write("value", "old value");
    sandbox.key_run("put org.example.x value").expect(0);
    sandbox.account_run("snapshot -o saved.json").expect(0);
    assert_eq!(mode(&sandbox.path("saved.json")), 0o600);
    sandbox.account_run("snapshot -o saved.json").expect(1);
    sandbox.write("value", "new value");
    sandbox.key_run("put org.example.x value").expect(0);
    let get = "get org.example.x --raw";
    let error = sandbox
        .key_run("--json --yes restore saved.json")
        .expect(24)
        .error();
    assert!(error["because"].as_str().unwrap().contains("org.example.x"));
    assert_eq!(sandbox.key_run(get).expect(0).stdout(), "new value");
    let only = "--yes restore saved.json --only m.megolm_backup.v1";
    sandbox.key_run(only).expect(0);
    assert_eq!(sandbox.key_run(get).expect(0).stdout(), "new value");
    let named = "--yes restore saved.json --abandon org.example.x";
    sandbox.key_run(named).expect(0);
    assert_eq!(sandbox.key_run(get).expect(0).stdout(), "old value");
    let absent = "--json --yes restore saved.json --only org.example.absent";
    assert_eq!(
        sandbox.key_run(absent).expect(21).error()["kind"],
        "no-such-event"
    );
}

#[test]
fn a_snapshot_is_an_account_like_any_other() {
    let sandbox = Sandbox::with(FIXTURE);
    let done = sandbox.account_run("--json snapshot").expect(0).json();
    let path = done["path"].as_str().unwrap();
    sandbox
        .run(&format!("--offline {path} --key-file key doctor"))
        .expect(0);
    assert_eq!(mode(&remembered(&sandbox)[0]), 0o600);
    let folder = remembered(&sandbox)[0].parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);
}

/// A change that stopped after its first stage, as a closed lid leaves it.
fn stopped_rotation(sandbox: &Sandbox) -> Value {
    let before = sandbox.account();
    new_key(sandbox, "rotate", "new");
    let finished = remembered(sandbox)
        .into_iter()
        .find(|path| path.to_str().unwrap().ends_with(".finished.json"))
        .unwrap();
    let unfinished = finished
        .to_str()
        .unwrap()
        .replace(".finished.", ".unfinished.");
    fs::rename(finished, unfinished).unwrap();
    let after = sandbox.account();
    let mut half_way = before.clone();
    for (event, content) in after.as_object().unwrap() {
        if event.starts_with("m.secret_storage.key.") || event == "m.megolm_backup.v1" {
            half_way[event] = content.clone();
        }
    }
    sandbox.write("account.json", half_way.to_string());
    after
}

#[test]
fn a_stopped_change_is_told_and_finished() {
    let sandbox = Sandbox::with(FIXTURE);
    let finished = stopped_rotation(&sandbox);
    let doctor = sandbox.key_run("--json doctor").expect(23).json();
    assert!(doctor["unfinished"].is_string());
    let codes: Vec<_> = doctor["findings"].as_array().unwrap().iter().collect();
    assert!(
        codes
            .iter()
            .any(|finding| finding["code"] == "change-unfinished")
    );
    // Another key before that would be one too many; other changes only hear of it.
    let error = sandbox.key_run("--json --yes rotate").expect(41).error();
    assert!(
        error["hint"]
            .as_str()
            .unwrap()
            .contains("ssss --offline account.json resume")
    );
    sandbox.write("value", "custom");
    let put = sandbox.key_run("put org.example.x value").expect(0);
    assert!(put.stderr.contains("stopped half-way"), "{}", put.stderr);
    sandbox.account_run("--yes undo").expect(0);

    // The new key is the one to give.
    sandbox.key_run("resume").expect(13);
    let run = sandbox.account_run("--key-file new resume").expect(0);
    assert!(run.stdout().contains("(rotate)"), "{}", run.stdout());
    let mut account = sandbox.account();
    account.as_object_mut().unwrap().remove("org.example.x");
    assert_eq!(account, finished);
    assert_opens(&sandbox, &["key", "new"]);
    let again = sandbox.account_run("--key-file new resume").expect(0);
    assert_eq!(again.stdout(), "There is nothing to resume.\n");
}

/// A change that was killed after so many of its stages.
fn killed_after(stages: usize, sandbox: &Sandbox, command: &str) {
    let mut account = sandbox.account();
    new_key(sandbox, command, "new");
    let [finished] = &remembered_as(sandbox, ".finished.json")[..] else {
        panic!("there is one change");
    };
    let plan: Value = serde_json::from_slice(&fs::read(finished).unwrap()).unwrap();
    let all = plan["stages"].as_array().unwrap();
    assert!(stages < all.len());
    for write in all[..stages]
        .iter()
        .flat_map(|stage| stage.as_array().unwrap())
    {
        account[write["event_type"].as_str().unwrap()] = write["after"].clone();
    }
    sandbox.write("account.json", account.to_string());
    let unfinished = finished
        .to_str()
        .unwrap()
        .replace(".finished.", ".unfinished.");
    fs::rename(finished, unfinished).unwrap();
}

/// The files of the account's journal whose names end so.
fn remembered_as(sandbox: &Sandbox, end: &str) -> Vec<PathBuf> {
    let mut files = remembered(sandbox);
    files.retain(|path| path.to_str().unwrap().ends_with(end));
    files
}

#[test]
fn a_stopped_change_is_not_hidden_by_the_next_one() {
    let sandbox = Sandbox::with(FIXTURE);
    let old = default_key(&sandbox);
    killed_after(2, &sandbox, "rotate --revoke");
    sandbox.write("value", "stored since");
    sandbox.write("other", "removed since");
    let with_new = |arguments: &str| sandbox.account_run(&format!("--key-file new {arguments}"));
    let put = with_new("put org.example.x value").expect(0);
    assert!(put.stderr.contains("stopped half-way"), "{}", put.stderr);
    with_new("put org.example.gone other").expect(0);
    with_new("--yes rm org.example.gone").expect(0);

    // All who look for it still see it.
    let doctor = with_new("doctor").expect(23);
    assert!(
        doctor.stdout().contains("✗ a change that began"),
        "{doctor:?}"
    );
    assert!(doctor.stdout().contains(" 1 problem. "), "{doctor:?}");
    let doctor = with_new("--json doctor").expect(23).json();
    assert!(doctor["unfinished"].is_string(), "{doctor}");
    let status = sandbox.account_run("status");
    assert!(status.stderr.contains("resume"), "{}", status.stderr);
    let error = with_new("--json --yes rotate").expect(41).error();
    assert_eq!(error["kind"], "unfinished");

    // It is finished, and what came after it stays.
    let resumed = with_new("resume").expect(0);
    assert!(resumed.stdout().contains("(rotate)"), "{resumed:?}");
    let account = sandbox.account();
    assert_eq!(account[format!("m.secret_storage.key.{old}")], json!({}));
    assert_eq!(account["org.example.gone"], json!({}));
    let value = with_new("get org.example.x --raw").expect(0);
    assert_eq!(value.stdout(), "stored since");
    assert_opens(&sandbox, &["new"]);
    with_new("doctor").expect(0);
    assert_eq!(
        remembered_as(&sandbox, ".unfinished.json"),
        [""; 0].map(PathBuf::from)
    );
    let again = with_new("resume").expect(0);
    assert_eq!(again.stdout(), "There is nothing to resume.\n");
}

#[test]
fn what_came_after_a_stopped_change_is_taken_back_before_it() {
    let sandbox = Sandbox::with(FIXTURE);
    let old = default_key(&sandbox);
    killed_after(2, &sandbox, "rotate --revoke");
    sandbox.write("value", "stored since");
    let put = "--key-file new put org.example.x value";
    sandbox.account_run(put).expect(0);
    let undone = sandbox.account_run("--yes undo").expect(0);
    assert!(undone.stdout().contains("(put)"), "{undone:?}");
    assert_eq!(sandbox.account()["org.example.x"], json!({}));
    assert_ne!(default_key(&sandbox), old);
    let undone = sandbox.account_run("--yes undo").expect(0);
    assert!(undone.stdout().contains("(rotate)"), "{undone:?}");
    assert_eq!(default_key(&sandbox), old);
    assert_opens(&sandbox, &["key"]);
    sandbox.key_run("doctor").expect(0);
    sandbox.account_run("--yes undo").expect(21);
}

#[test]
fn a_stopped_change_does_not_put_out_of_reach_what_was_stored_since() {
    for replaced in ["org.example.x", "m.megolm_backup.v1"] {
        let sandbox = Sandbox::with(FIXTURE);
        killed_after(1, &sandbox, "rotate --revoke");
        // Only the old key has it: it is the default still.
        let value = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
        sandbox.write("value", value);
        sandbox.key_run(&format!("put {replaced} value")).expect(0);
        let before = sandbox.account();
        let resume = sandbox.account_run("--json --key-file new resume");
        let error = resume.expect(33).error();
        assert!(
            error["because"].as_str().unwrap().contains(replaced),
            "{error}"
        );
        assert_eq!(sandbox.account(), before, "{replaced}");
        let kept = sandbox.key_run(&format!("get {replaced} --raw")).expect(0);
        assert_eq!(kept.stdout(), value);
        // Taking the later change back opens the way.
        sandbox.account_run("--yes undo").expect(0);
        sandbox.account_run("--key-file new resume").expect(0);
        assert_opens(&sandbox, &["new"]);
    }
}

#[test]
fn taking_back_what_made_secrets_says_that_they_go() {
    let sandbox = Sandbox::new();
    let bootstrap = "--offline account.json --yes --json bootstrap";
    sandbox.run(bootstrap).expect(0);
    let before = sandbox.read("account.json");
    let plan = sandbox
        .account_run("--json --dry-run undo")
        .expect(0)
        .json();
    let losses = plan["losses"].as_array().unwrap();
    let of = |kind: &str| losses.iter().filter(|loss| loss["loss"] == kind).count();
    assert_eq!((of("secret"), of("key")), (4, 1), "{losses:?}");
    sandbox.account_run("undo").expect(40);
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn a_stopped_change_is_taken_back() {
    let sandbox = Sandbox::with(FIXTURE);
    stopped_rotation(&sandbox);
    sandbox.account_run("--yes undo").expect(0);
    assert_opens(&sandbox, &["key"]);
    sandbox.key_run("doctor").expect(0);
    let mut after = sandbox.account();
    after
        .as_object_mut()
        .unwrap()
        .retain(|_, content| *content != json!({}));
    assert_eq!(after, *Fixture::read(FIXTURE).account_data());
}

#[test]
fn a_stopped_change_that_another_client_has_gone_on_from_can_be_left_at_that() {
    let sandbox = Sandbox::with(FIXTURE);
    stopped_rotation(&sandbox);
    let mut account = sandbox.account();
    account["m.megolm_backup.v1"]["org.example.note"] = json!(1);
    sandbox.write("account.json", account.to_string());
    let resume = sandbox.account_run("--json --key-file new resume");
    let error = resume.expect(33).error();
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("ssss --offline account.json resume --forget"),
        "{hint}"
    );
    sandbox.account_run("--yes undo").expect(24);
    let would = sandbox.account_run("resume --forget --dry-run").expect(0);
    assert!(
        would
            .stdout()
            .starts_with("It would:\n forget the change of ")
    );
    let would = sandbox
        .account_run("resume --forget --dry-run --json")
        .expect(0);
    assert_eq!(would.json()["dry_run"], true);
    assert_eq!(remembered_as(&sandbox, ".unfinished.json").len(), 1);
    let forgotten = sandbox.account_run("resume --forget").expect(0);
    assert!(
        forgotten.stdout().contains(".snapshot.json"),
        "{forgotten:?}"
    );
    assert_eq!(sandbox.account(), account);
    assert_opens(&sandbox, &["key"]);
    new_key(&sandbox, "rotate", "third");
    assert_opens(&sandbox, &["key", "third"]);
}

#[test]
fn what_another_client_changed_since_is_not_taken_back() {
    let sandbox = Sandbox::with(FIXTURE);
    new_key(&sandbox, "rotate", "new");
    let mut account = sandbox.account();
    account["m.megolm_backup.v1"]["org.example.note"] = json!(1);
    sandbox.write("account.json", account.to_string());
    let error = sandbox.account_run("--json --yes undo").expect(24).error();
    assert_eq!(error["kind"], "changed-since");
    assert_eq!(sandbox.account(), account);
}

#[test]
fn gc_blanks_what_nothing_needs() {
    let sandbox = Sandbox::with("clients/js-sdk-rotated");
    sandbox.account_run("gc").expect(40);
    let plan = sandbox.account_run("--json --dry-run gc").expect(0).json();
    assert_eq!(plan["writes"][0]["purpose"], "blank-key");
    sandbox.account_run("--yes gc").expect(0);
    let doctor = sandbox.key_run("--json doctor").expect(0).json();
    assert_eq!(doctor["findings"], json!([]));
    let again = sandbox.account_run("--yes gc").expect(0);
    assert_eq!(again.stdout(), "There is nothing to do.\n");
}

#[test]
fn nothing_is_written_where_nothing_can_be_remembered() {
    let sandbox = Sandbox::with(FIXTURE);
    let before = sandbox.read("account.json");
    sandbox.write("state", "no folder");
    sandbox.write("value", "custom");
    let error = sandbox
        .key_run("--json put org.example.x value")
        .expect(1)
        .error();
    assert_eq!(error["kind"], "journal-io");
    assert!(error["hint"].as_str().unwrap().contains("XDG_STATE_HOME"));
    sandbox.key_run("--yes rotate").expect(1);
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn a_damaged_journal_is_told() {
    let sandbox = Sandbox::with(FIXTURE);
    stopped_rotation(&sandbox);
    let unfinished = remembered(&sandbox)
        .into_iter()
        .find(|path| path.to_str().unwrap().ends_with(".unfinished.json"))
        .unwrap();
    let text = fs::read_to_string(&unfinished).unwrap();
    fs::write(&unfinished, &text[..text.len() / 2]).unwrap();
    let before = sandbox.read("account.json");
    for command in ["resume", "--yes undo"] {
        let run = sandbox.account_run(&format!("--json --key-file new {command}"));
        assert_eq!(
            run.expect(1).error()["kind"],
            "journal-damaged",
            "{command}"
        );
    }
    assert_eq!(sandbox.read("account.json"), before);
}

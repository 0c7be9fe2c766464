//! The command on a homeserver, which is in this process and fails as it is told to.

use serde_json::Value;

use crate::sandbox::{Run, Sandbox, run};
use crate::server::{DEVICE, Fault, TOKEN, USER};
use crate::site::{Site, without_canaries};

#[test]
fn a_token_comes_from_a_file_a_descriptor_or_the_environment() {
    let site = Site::new();
    let who = site.token_run("--json whoami").expect(0).json();
    assert_eq!(who["user_id"], USER);
    assert_eq!(who["device_id"], DEVICE);
    assert_eq!(who["homeserver"], site.server.url);

    let mut environment = site.command("whoami");
    environment.env("SSSS_ACCESS_TOKEN", TOKEN);
    without_canaries(run(environment, "")).expect(0);

    without_canaries(run(site.command("--access-token-fd 0 whoami"), TOKEN)).expect(0);

    let mut all = site.sandbox.command();
    all.env("SSSS_ACCESS_TOKEN", TOKEN)
        .env("SSSS_USER", USER)
        .env("SSSS_HOMESERVER", &site.server.url)
        .arg("whoami");
    without_canaries(run(all, "")).expect(0);
    let mut without_user = site.sandbox.command();
    without_user.args([
        "--homeserver",
        &site.server.url,
        "--access-token-file",
        "token",
        "status",
    ]);
    run(without_user, "").expect(23);
}

#[test]
fn what_works_on_a_file_works_on_a_homeserver() {
    let site = Site::new();
    let status = site.token_run("--json status").expect(23).json();
    assert_eq!(status["ready"], true);
    assert_eq!(status["published"]["identity"], "missing");
    let doctor = site
        .token_run("--key-file key --json doctor")
        .expect(23)
        .json();
    assert_eq!(
        doctor["problems"],
        serde_json::json!(["identity-not-published"])
    );
    site.token_run("--key-file key unlock").expect(0);
    let name = "m.cross_signing.master";
    let online = site
        .token_run(&format!("--key-file key get --raw {name}"))
        .expect(0);
    let offline = site.sandbox.key_run(&format!("get --raw {name}")).expect(0);
    assert_eq!(online.stdout, offline.stdout);

    site.sandbox.write("value", "a value");
    site.token_run("--key-file key put org.example.x value")
        .expect(0);
    let stored = site
        .server
        .state()
        .account_data
        .contains_key("org.example.x");
    assert!(stored);
    let before = site.server.state().account_data.clone();
    let rotated = site
        .token_run("--key-file key --json --yes rotate")
        .expect(0)
        .json();
    site.sandbox
        .write_private("new", rotated["recovery_key"].as_str().unwrap());
    let got = site
        .token_run("--key-file new get --raw org.example.x")
        .expect(0);
    assert_eq!(got.stdout(), "a value");
    site.token_run("--yes undo").expect(0);
    let pointer = "m.secret_storage.default_key";
    assert_eq!(site.server.state().account_data[pointer], before[pointer]);
    let folder = site.sandbox.path(&format!("state/ssss/{USER}/changes"));
    assert!(folder.is_dir(), "changes are remembered by user");
}

/// A server that hides all account data, and forgets to hide what other people see.
#[test]
fn what_is_published_is_not_made_anew_where_the_rest_is_hidden() {
    let site = Site::new();
    site.token_run("--key-file key --yes bootstrap").expect(0);
    let written = |site: &Site| {
        let seen = site.server.take_seen().into_iter();
        seen.filter(|seen| seen.method == "PUT" || seen.target.contains("upload"))
            .count()
    };
    assert!(written(&site) > 0, "an identity was published");
    assert!(!site.server.state().identity.is_empty() && site.server.state().backups.len() == 1);

    site.server.state().account_data.clear();
    let refused = site.token_run("--yes --json bootstrap").expect(24);
    assert_eq!(refused.error()["kind"], "identity-elsewhere");
    assert_eq!(written(&site), 0);
    // With the identity hidden, too, there is still the backup, whose key somebody else has.
    site.server.state().identity.clear();
    site.token_run("--yes --json bootstrap");
    let state = site.server.state();
    assert_eq!(state.backups.len(), 1);
    assert!(!state.account_data.contains_key("m.megolm_backup.v1"));
    assert!(state.account_data.contains_key("m.cross_signing.master"));
}

/// A server that keeps back the list alone, and gives whatever is asked for by name.
#[test]
fn what_is_not_listed_is_not_left_behind() {
    for fault in [
        Fault::Answer(403, &[], "{}"),
        Fault::Answer(404, &[], r#"{"errcode":"M_UNRECOGNIZED"}"#),
        Fault::Answer(413, &[], ""),
    ] {
        let site = Site::new();
        site.sandbox.write("value", "a value");
        for name in ["org.example.x", "org.matrix.msc3814"] {
            site.token_run(&format!("--key-file key put {name} value"))
                .expect(0);
        }
        let before = site.server.state().account_data.clone();
        let key = before["m.secret_storage.default_key"]["key"].clone();
        let key = key.as_str().unwrap();
        let failing = fault.clone();
        site.server
            .fail(move |seen| seen.target.contains("/sync").then(|| failing.clone()));
        for command in [
            "rotate",
            "rotate --revoke",
            "add-key",
            "--dry-run rotate --revoke",
            "bootstrap --set-up-new",
            &format!("set-default {key}"),
            &format!("remove-key {key}"),
            "gc",
            "disable",
            "--dry-run disable",
            "repair backup-key --new",
            "snapshot",
        ] {
            let refused = site.token_run(&format!("--key-file key --yes --json {command}"));
            let error = refused.expect(24).error();
            assert_eq!(error["kind"], "not-listed", "{fault:?}: {command}");
            assert!(error["hint"].as_str().unwrap().contains("/sync"), "{error}");
        }
        assert_eq!(site.server.state().account_data, before, "{fault:?}");

        // Looking says that not everything was looked at.
        for command in ["status", "--key-file key doctor"] {
            let report = site.token_run(&format!("--json {command}")).expect(23);
            let report = report.json();
            assert_eq!(report["findings"][0]["code"], "not-listed", "{report}");
            assert_eq!(report["findings"][0]["severity"], "problem", "{report}");
        }
        let shown = site.token_run("status").expect(23);
        assert!(
            shown.stdout().contains("may be other secrets"),
            "{}",
            shown.stdout()
        );
        let list = site.token_run("--json list").expect(23).json();
        assert_eq!(list["warnings"].as_array().unwrap().len(), 1, "{list}");

        // What takes a name goes on.
        let got = site.token_run("--key-file key get --raw org.example.x");
        assert_eq!(got.expect(0).stdout(), "a value");
        site.token_run("--key-file key put org.example.y value")
            .expect(0);
        site.token_run("--yes rm org.example.y").expect(0);
        site.token_run("--key-file key repair entry org.example.x")
            .expect(0);
        site.token_run("--key-file key unlock").expect(0);
        // That there is no such key nobody knows.
        let refused = site.token_run("--key-file key --json remove-key unheard-of");
        assert_eq!(refused.expect(24).error()["kind"], "not-listed");
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let site = Site::new();
    site.server.take_seen();
    site.token_run("--key-file key --dry-run rotate").expect(0);
    let seen = site.server.take_seen();
    assert!(seen.iter().all(|seen| seen.method != "PUT"), "{seen:?}");
}

/// The names of what the journal has.
fn changes(site: &Site) -> Vec<String> {
    let folder = site.sandbox.path(&format!("state/ssss/{USER}/changes"));
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// Fails if somebody is told to finish or take back a change that is not there.
#[track_caller]
fn assert_no_other_change_is_meant(error: &Value) {
    let hint = error["hint"].as_str().unwrap();
    assert!(!hint.contains("undo") && !hint.contains("resume"), "{hint}");
}

#[test]
fn a_first_write_that_is_refused_is_no_change_half_way() {
    for (status, answer, kind) in [
        (403, r#"{"errcode":"M_FORBIDDEN"}"#, "forbidden"),
        (413, r#"{"errcode":"M_TOO_LARGE"}"#, "refused"),
    ] {
        let site = Site::new();
        site.sandbox.write("value", "a value");
        site.token_run("--key-file key put org.example.x value")
            .expect(0);
        let (before, earlier) = (site.server.state().account_data.clone(), changes(&site));
        site.server
            .fail(move |seen| (seen.method == "PUT").then_some(Fault::Answer(status, &[], answer)));
        for command in ["put org.example.y value", "--yes rotate"] {
            let refused = site.token_run(&format!("--key-file key --json {command}"));
            let refused = Run {
                stdout: Vec::new(),
                ..refused
            };
            let error = refused.expect(31).error();
            assert_eq!(error["kind"], kind, "{command}");
            assert_no_other_change_is_meant(&error);
        }
        assert_eq!(site.server.state().account_data, before);
        assert_eq!(changes(&site), earlier);
    }
}

#[test]
fn a_write_that_another_client_overtakes_is_taken_back_and_said_to_be() {
    let site = Site::new();
    site.sandbox.write("value", "a value");
    site.token_run("--key-file key put org.example.x value")
        .expect(0);
    let earlier = changes(&site);
    let pointer = "m.secret_storage.default_key".to_owned();
    let elsewhere = serde_json::json!({"key": "elsewhere"});
    site.server.state().rival = Some(("org.example.y".to_owned(), (pointer, elsewhere)));
    let put = site.token_run("--key-file key --json put org.example.y value");
    let error = put.expect(33).error();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("taken back"), "{message}");
    assert_no_other_change_is_meant(&error);
    let account = site.server.state().account_data.clone();
    assert_eq!(account["org.example.y"], serde_json::json!({}));
    assert_ne!(account["org.example.x"], serde_json::json!({}));
    assert_eq!(changes(&site), earlier);
}

/// It was shown, and something was sealed for it.
#[test]
fn a_new_key_that_can_open_no_longer_everything_is_taken_back() {
    let site = Site::new();
    let before = site.server.state().account_data.clone();
    let backup = "m.megolm_backup.v1".to_owned();
    let theirs =
        serde_json::json!({"encrypted": {"zzz": {"iv": "a", "ciphertext": "a", "mac": "a"}}});
    site.server.state().rival = Some((backup.clone(), (backup.clone(), theirs.clone())));
    let refused = site.token_run("--key-file key --yes --json rotate");
    let refused = Run {
        stdout: Vec::new(),
        ..refused
    };
    let error = refused.expect(33).error();
    assert!(
        error["hint"].as_str().unwrap().contains("opens nothing"),
        "{error}"
    );
    assert_no_other_change_is_meant(&error);
    assert_eq!(changes(&site), [""; 0]);
    let mut now = site.server.state().account_data.clone();
    assert_eq!(now.remove(&backup), Some(theirs));
    now.retain(|_, content| *content != serde_json::json!({}));
    let mut expected = before;
    expected.remove(&backup);
    expected.retain(|_, content| *content != serde_json::json!({}));
    assert_eq!(now, expected);
    // Now it is known beforehand.
    let error = site
        .token_run("--key-file key --yes --json rotate")
        .expect(24);
    assert_eq!(error.error()["kind"], "would-abandon");
}

#[test]
fn a_new_key_that_nobody_can_plan_anew_is_half_way_and_can_be_left_at_that() {
    let site = Site::new();
    let backup = "m.megolm_backup.v1".to_owned();
    let theirs = serde_json::json!({"encrypted": {}});
    site.server.state().rival = Some((backup.clone(), (backup, theirs)));
    // What was written is read back, and looked at; then nothing more is read.
    let (mut has_written, mut readings) = (false, 0);
    site.server.fail(move |seen| {
        has_written |= seen.method == "PUT";
        readings += usize::from(has_written && seen.target.contains("/sync"));
        (readings > 2).then_some(Fault::Answer(400, &[], "{}"))
    });
    let stopped = site.token_run("--key-file key --yes --json rotate");
    let stopped = Run {
        stdout: Vec::new(),
        ..stopped
    };
    let error = stopped.expect(41).error();
    let hint = error["hint"].as_str().unwrap();
    for advice in ["resume finishes it", "undo takes it back", "--forget"] {
        assert!(hint.contains(advice), "{hint}");
    }
    let is_unfinished = |site: &Site| {
        let mut names = changes(site).into_iter();
        names.any(|name| name.ends_with(".unfinished.json"))
    };
    assert!(is_unfinished(&site));
    site.server.fail(|_| None);
    site.token_run("resume --forget").expect(0);
    assert!(!is_unfinished(&site));
}

#[test]
fn each_trouble_has_its_exit_code() {
    for (fault, code, kind) in [
        (
            Fault::Answer(401, &[], r#"{"errcode":"M_UNKNOWN_TOKEN"}"#),
            30,
            "login-needed",
        ),
        (
            Fault::Answer(403, &[], r#"{"errcode":"M_FORBIDDEN"}"#),
            31,
            "forbidden",
        ),
        (
            Fault::Answer(400, &[], r#"{"errcode":"M_UNKNOWN"}"#),
            31,
            "refused",
        ),
        (
            Fault::Answer(429, &[("retry-after", "3600")], "{}"),
            32,
            "rate-limited",
        ),
        (Fault::Answer(502, &[], "<html>"), 32, "unreachable"),
        (
            Fault::Answer(200, &[], "<html>Log in"),
            32,
            "not-a-homeserver",
        ),
        (Fault::CutLength, 32, "truncated"),
    ] {
        let site = Site::new();
        let failing = fault.clone();
        site.server
            .fail(move |seen| (!seen.target.ends_with("/versions")).then(|| failing.clone()));
        let error = site.token_run("--json status").expect(code).error();
        assert_eq!(error["kind"], kind, "{fault:?}");
        assert!(
            error["because"]
                .as_str()
                .unwrap()
                .contains(&site.server.url),
            "{error}"
        );
    }
    let site = Site::new();
    let error = run(
        {
            let mut nobody = site.sandbox.command();
            nobody.args(["-u", USER, "--homeserver", "http://127.0.0.1:1"]);
            nobody.args(["--access-token-file", "token", "--json", "status"]);
            nobody
        },
        "",
    );
    assert_eq!(error.expect(32).error()["kind"], "unreachable");
    let error = site.run("--json status").expect(30).error();
    assert_eq!(error["kind"], "login-needed");
    let error = site
        .run("--homeserver http://example.org --json whoami")
        .expect(2);
    drop(error);
}

#[test]
fn what_is_no_address_is_a_mistake_of_the_command_line() {
    let sandbox = Sandbox::new();
    for url in [
        "ftp://example.org",
        "http://example.org",
        "example.org",
        "https://alice:canary@example.org",
        "https://example.org/?token=x",
    ] {
        for command in ["status", "login", "whoami", "logout"] {
            let arguments = format!("--json -u {USER} --homeserver {url} {command}");
            let error = sandbox.run(&arguments).expect(2).error();
            assert_eq!(error["kind"], "usage", "{url}");
            assert!(
                error["hint"]
                    .as_str()
                    .unwrap()
                    .contains("--homeserver https://")
            );
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }
}

#[test]
fn what_is_suggested_is_about_the_same_account() {
    let site = Site::new();
    let account = format!("ssss -u {USER} --homeserver {}", site.server.url);
    let hint = |run: Run| run.error()["hint"].as_str().unwrap().to_owned();
    let login = hint(site.run("--json status").expect(30));
    assert!(login.starts_with(&format!("{account} login")), "{login}");
    site.server.fail(|seen| {
        let answer = Fault::Answer(401, &[], r#"{"errcode":"M_UNKNOWN_TOKEN"}"#);
        (!seen.target.ends_with("/versions")).then_some(answer)
    });
    let login = hint(site.token_run("--json status").expect(30));
    let account = format!("{account} --access-token-file token");
    assert!(login.ends_with(&format!("{account} login")), "{login}");
}

#[test]
fn a_token_in_the_place_of_its_file_is_in_no_suggestion() {
    let site = Site::new();
    site.run("--password-file password login").expect(0);
    let again = "--json --password-file password --access-token-file syt_canary login";
    let error = site.run(again).expect(2).error();
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.ends_with("--access-token-file FILE logout"), "{hint}");
}

#[test]
fn a_token_of_another_account_is_refused_before_anything_is_read() {
    let site = Site::new();
    let mut other = site.sandbox.command();
    other.args(["-u", "@bob:example.org", "--homeserver", &site.server.url]);
    other.args(["--access-token-file", "token", "--json", "status"]);
    let error = run(other, "").expect(2).error();
    assert_eq!(error["kind"], "other-user");
    let seen = site.server.take_seen();
    assert!(
        seen.iter().all(|seen| !seen.target.contains("sync")),
        "{seen:?}"
    );
}

#[test]
fn a_device_is_signed_only_where_somebody_says_which_key_it_has() {
    let site = Site::new();
    let error = site
        .token_run("--key-file key --json sign-device")
        .expect(20)
        .error();
    assert_eq!(error["kind"], "no-identity");
    site.token_run("--json sign-device NOSUCH").expect(20);
}

#[test]
fn sessions_make_no_sense_for_files() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    for command in ["login", "logout", "whoami", "sign-device"] {
        sandbox.account_run(command).expect(2);
    }
    let both = sandbox.run("--offline account.json -u @a:example.org status");
    both.expect(2);
}

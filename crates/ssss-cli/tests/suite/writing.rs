//! When nothing is written, or only after something shows that it is meant.

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::sandbox::{Sandbox, run};

#[test]
fn a_dry_run_writes_nothing_and_says_what_would_be() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let before = sandbox.read("account.json");
    let writes = |run: crate::sandbox::Run| -> Value { run.expect(0).json()["writes"].clone() };
    let fixture = Fixture::read("clients/js-sdk-random");
    let id = fixture.default_key().unwrap();
    let put = sandbox.key_run("--json --dry-run put org.example.x key");
    assert_eq!(
        writes(put),
        json!([{
            "stage": 1, "event_type": "org.example.x", "purpose": "store-secret", "keys": [id],
        }])
    );
    let rm = sandbox.account_run("--json --dry-run rm m.megolm_backup.v1");
    let rm = rm.expect(0).json();
    assert_eq!(
        rm["writes"],
        json!([{
            "stage": 1, "event_type": "m.megolm_backup.v1", "purpose": "remove-secret", "keys": [],
        }])
    );
    assert_eq!(rm["losses"][0]["loss"], "secret");
    assert_eq!(rm["losses"][0]["secret"], "m.megolm_backup.v1");
    let text = sandbox.key_run("--dry-run put org.example.x key").expect(0);
    let short = format!("{}…{}", &id[..8], &id[id.len() - 4..]);
    assert_eq!(
        text.stdout(),
        format!("It would:\n 1 seal org.example.x for key {short}\nNothing was written.\n")
    );
    // What would be refused is refused.
    sandbox.write_private(
        "wrong",
        "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X",
    );
    sandbox
        .account_run("--dry-run --key-file wrong put org.example.x key")
        .expect(12);
    assert_eq!(sandbox.read("account.json"), before);
    let list = sandbox.run("--offline absent.json --yes --dry-run bootstrap");
    assert!(list.expect(0).stdout().contains("the default\n"));
    assert!(!sandbox.path("absent.json").exists());
}

#[test]
fn a_dry_run_saves_no_snapshot() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let text = sandbox.account_run("snapshot -o saved.json --dry-run");
    let text = text.expect(0).stdout().to_owned();
    assert!(text.starts_with("It would:\n save "), "{text}");
    assert!(
        text.ends_with(" in saved.json\nNothing was written.\n"),
        "{text}"
    );
    assert!(!sandbox.path("saved.json").exists());
    let json = sandbox.account_run("--json --dry-run snapshot").expect(0);
    assert_eq!(json.json()["dry_run"], true);
    assert!(!sandbox.path("state").exists());
    // What would be refused is refused.
    sandbox.write("saved.json", "something else");
    for dry in ["--dry-run", "--json"] {
        sandbox
            .account_run(&format!("{dry} snapshot -o saved.json"))
            .expect(1);
    }
    assert_eq!(sandbox.read("saved.json"), b"something else");
}

#[test]
fn pipes_can_be_read_but_not_written() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let account = sandbox.read("account.json");
    let run_piped = |arguments: &str| {
        sandbox.run_with(&format!("--offline - --key-file key {arguments}"), &account)
    };
    run_piped("get m.megolm_backup.v1 --raw").expect(0);
    run_piped("which-key").expect(0);
    run_piped("list").expect(0);
    for writer in [
        "put org.example.x key",
        "--yes rm m.megolm_backup.v1",
        "--yes bootstrap",
    ] {
        run_piped(writer).expect(2);
    }
    let mut shell = std::process::Command::new("bash");
    shell.current_dir(sandbox.path("")).env("CI", "true").args([
        "-c",
        r#""$0" --offline <(cat account.json) --key-file key get m.megolm_backup.v1 --raw"#,
    ]);
    shell.arg(assert_cmd::cargo::cargo_bin!("ssss"));
    let value = run(shell, "").expect(0);
    assert_eq!(value.stdout.len(), 43);
}

#[test]
fn accounts_without_secret_storage() {
    let sandbox = Sandbox::with("clients/rust-sdk-disabled");
    let before = sandbox.read("account.json");
    sandbox.write_private(
        "key",
        "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X",
    );
    for command in [
        "unlock",
        "which-key",
        "get org.example.x",
        "put org.example.x key",
    ] {
        let run = sandbox.key_run(&format!("--json {command}")).expect(20);
        assert_eq!(run.error()["kind"], "not-set-up");
    }
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn other_data_is_never_taken_for_a_secret() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let mut account = sandbox.account();
    account["org.example.settings"] = json!({"theme": "dark"});
    sandbox.write("account.json", account.to_string());
    let before = sandbox.read("account.json");
    sandbox.key_run("get org.example.settings").expect(22);
    sandbox.key_run("put org.example.settings key").expect(24);
    sandbox
        .key_run("put org.example.settings key --replace-damaged")
        .expect(24);
    sandbox.key_run("--yes rm org.example.settings").expect(24);
    assert_eq!(sandbox.read("account.json"), before);
}

#[test]
fn rm_needs_a_yes_or_the_key() {
    let sandbox = Sandbox::with("clients/js-sdk-random");
    let before = sandbox.read("account.json");
    let name = "m.megolm_backup.v1";
    let run = sandbox.account_run(&format!("--json rm {name}")).expect(40);
    assert!(run.error()["hint"].as_str().unwrap().contains("--yes"));
    sandbox.write_private(
        "wrong",
        "EsT1 H3Wm yHnZ VYce KwM9 c6Gk nX71 3FkR Yz9x vary hjQh 5m7X",
    );
    sandbox
        .account_run(&format!("--key-file wrong rm {name}"))
        .expect(12);
    assert_eq!(sandbox.read("account.json"), before);

    let removed = sandbox
        .key_run(&format!("--json rm {name}"))
        .expect(0)
        .json();
    assert_eq!(removed["name"], name);
    assert_eq!(removed["removed"], true);
    assert_eq!(sandbox.account()[name], json!({}));
    for again in [
        format!("--yes rm {name}"),
        "--yes rm org.example.never".to_owned(),
    ] {
        let run = sandbox.account_run(&format!("--json {again}")).expect(21);
        assert_eq!(run.error()["kind"], "no-such-secret");
    }
    sandbox.key_run(&format!("get {name} --raw")).expect(21);
    sandbox
        .account_run("--yes rm m.cross_signing.master")
        .expect(0);
    let status = sandbox.account_run("--json status").expect(23).json();
    assert_eq!(status["ready"], false);
}

//! A whole life of an account, and everything that it left: nothing secret is in what was printed or
//! kept, in any spelling.

use std::fs;
use std::path::Path;

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use serde_json::Value;
use ssss_client::ssss_model::ssss_recovery_key::RecoveryKey;

use crate::sandbox::{Run, Sandbox};

const VALUE: &str = "canary value of a secret, with \u{fc}ml\u{e4}uts";
const PASSPHRASE: &str = "canary passphrase";

/// What was printed and kept, each with where.
#[derive(Default)]
struct Left(Vec<(String, Vec<u8>)>);

impl Left {
    fn printed(&mut self, command: &str, run: &Run) {
        self.0
            .push((format!("{command}: stdout"), run.stdout.clone()));
        self.err(command, run);
    }

    fn err(&mut self, command: &str, run: &Run) {
        self.0.push((
            format!("{command}: stderr"),
            run.stderr.clone().into_bytes(),
        ));
    }

    fn kept(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.kept(&path);
            } else {
                self.0
                    .push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }

    fn finds(&self, canary: &str) -> Vec<&str> {
        let canary = canary.as_bytes();
        let has = |bytes: &[u8]| bytes.windows(canary.len()).any(|window| window == canary);
        let found = self.0.iter().filter(|(_, bytes)| has(bytes));
        found.map(|(place, _)| place.as_str()).collect()
    }
}

/// How bytes may stand in a text.
fn spellings(bytes: &[u8]) -> Vec<String> {
    let each = |write: fn(u8) -> String| bytes.iter().copied().map(write).collect::<String>();
    let list: Vec<_> = bytes.iter().map(ToString::to_string).collect();
    let mut spellings = vec![
        Base64Unpadded::encode_string(bytes),
        Base64UrlUnpadded::encode_string(bytes),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("%{byte:02X}")),
        list.join(", "),
        list.join(","),
    ];
    spellings.extend(
        String::from_utf8(bytes.to_vec())
            .ok()
            .map(|text| format!("{text:?}").trim_matches('"').to_owned()),
    );
    spellings.extend(String::from_utf8(bytes.to_vec()).ok());
    spellings
}

/// A recovery key is base58 of the key.
fn spellings_of_key(text: &str) -> Vec<String> {
    let mut spellings = spellings(RecoveryKey::parse(text).unwrap().expose());
    spellings.extend([
        text.to_owned(),
        text.replace(' ', ""),
        text.replace(' ', "-"),
    ]);
    spellings
}

/// What is run with each key, each with and without `--json`.
fn commands(key: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for json in ["", "--json "] {
        for command in [
            "status",
            "list",
            "doctor",
            "unlock",
            "which-key",
            "snapshot",
            "key check",
            "gc --yes",
            "put org.example.x value",
            "--dry-run rotate --yes",
            "get org.example.absent",
            "put m.megolm_backup.v1 value",
            "get m.secret_storage.x",
            "repair entry org.example.x",
            "--dry-run undo --yes",
            "resume",
        ] {
            commands.push(format!("{json}--key-file {key} {command}"));
        }
    }
    commands
}

#[test]
fn nothing_secret_is_left_by_a_whole_life_of_an_account() {
    let sandbox = Sandbox::new();
    sandbox.write("value", VALUE);
    sandbox.write_private("phrase", PASSPHRASE);
    let mut left = Left::default();
    let mut canaries = Vec::new();
    let mut key_of = |run: &Run, file: &str| {
        let key = run.json()["recovery_key"].as_str().unwrap().to_owned();
        sandbox.write_private(file, &key);
        canaries.extend(spellings_of_key(&key));
    };
    // A new key is shown on standard output, and only there.
    let made = sandbox.account_run("--yes --json bootstrap").expect(0);
    key_of(&made, "key");
    left.err("bootstrap", &made);
    let put = sandbox.key_run("put org.example.x value").expect(0);
    left.printed("put", &put);
    let added = sandbox
        .key_run("--yes --json add-key --passphrase-file phrase")
        .expect(0);
    key_of(&added, "second");
    left.err("add-key", &added);
    let added: Value = added.json();

    for key in ["key", "second", "phrase", "value"] {
        for command in commands(key) {
            let run = sandbox.account_run(&command);
            left.printed(&command, &run);
        }
    }
    let second = added["key_id"].as_str().unwrap();
    sandbox.key_run("put org.example.x value").expect(0);
    let rotated = sandbox.key_run("--yes --json rotate").expect(0);
    key_of(&rotated, "third");
    left.err("rotate", &rotated);
    for command in [
        format!("--yes remove-key {second}"),
        "--yes disable".to_owned(),
        "--yes undo".to_owned(),
    ] {
        let run = sandbox.account_run(&format!("--key-file third --key-file key {command}"));
        left.printed(&command, &run);
    }

    // What is secret of the account itself.
    for name in [
        "m.cross_signing.master",
        "m.cross_signing.self_signing",
        "m.cross_signing.user_signing",
        "m.megolm_backup.v1",
    ] {
        let value = sandbox
            .account_run(&format!("--key-file third get {name} --raw"))
            .expect(0);
        let text = value.stdout().to_owned();
        let seed = Base64Unpadded::decode_vec(&text).unwrap();
        canaries.extend(spellings(text.as_bytes()));
        canaries.extend(spellings(&seed));
    }
    canaries.extend(spellings(VALUE.as_bytes()));
    canaries.extend(spellings(PASSPHRASE.as_bytes()));
    left.kept(&sandbox.path("state"));
    left.0
        .push(("account.json".to_owned(), sandbox.read("account.json")));

    let journals = left
        .0
        .iter()
        .filter(|(place, _)| place.ends_with("finished.json"));
    assert!(journals.count() >= 3, "there is a journal to look into");
    println!("{} canaries in {} texts", canaries.len(), left.0.len());
    for canary in &canaries {
        assert_eq!(left.finds(canary), [""; 0], "{canary}");
    }
    // The control: each of them would be found.
    for canary in &canaries {
        let control = Left(vec![(
            "here".to_owned(),
            format!("x{canary}y").into_bytes(),
        )]);
        assert_eq!(control.finds(canary), ["here"], "{canary}");
    }
}

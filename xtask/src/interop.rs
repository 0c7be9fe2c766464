//! js-sdk's own secret storage reads what we write, and we read what it writes. Offline: account data
//! goes by way of files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use xshell::{Cmd, Shell, cmd};

use crate::{Result, npm, root};

/// A well-formed recovery key of 32 zero bytes, which is nobody's.
const WRONG_KEY: &str = "EsSz ygLv VP1b xF1C v7kE eBQx MxDP buG5 w25T L3b6 hfyG Kkrd";
/// What `ssss get` exits with.
const NO_SUCH_SECRET: i32 = 21;
const TEXT: &str = "Zażółć gęślą jaźń — 秘密 🔐";

pub(crate) fn run(sh: &Shell) -> Result {
    let ssss = build(sh)?;
    let (from, to) = (root().join("xtask/interop"), root().join("target/interop"));
    let peer = npm::install(sh, &from, &to, "peer.mjs")?;
    let folder = tempfile::tempdir()?;
    let interop = Interop {
        sh,
        ssss,
        peer,
        folder: folder.path().to_owned(),
    };
    interop.ours_to_theirs()?;
    interop.theirs_to_ours()
}

/// The command, from wherever cargo puts what it builds.
pub(crate) fn build(sh: &Shell) -> Result<PathBuf> {
    let built = cmd!(
        sh,
        "cargo build --quiet --locked --package ssss-cli --bin ssss --message-format json"
    )
    .read()?;
    for message in built.lines() {
        let message: Value = serde_json::from_str(message)?;
        if let Some(executable) = message["executable"].as_str() {
            return Ok(executable.into());
        }
    }
    Err("cargo built no command".into())
}

struct Interop<'a> {
    sh: &'a Shell,
    ssss: PathBuf,
    peer: PathBuf,
    folder: PathBuf,
}

impl Interop<'_> {
    fn ours_to_theirs(&self) -> Result {
        let passphrase = "corręct horse battery ✓";
        let passphrase_file = self.file("passphrase", passphrase)?;
        let random = self.bootstrap("ours-random.json", &[])?;
        let phrase = ["--passphrase-file".to_owned(), path(&passphrase_file)];
        let phrase = self.bootstrap("ours-passphrase.json", &phrase)?;

        let mut accounts = Vec::new();
        for (account, key, passphrase) in [
            (random.0, random.1, None),
            (phrase.0, phrase.1, Some(passphrase)),
        ] {
            let key_file = self.file("key", &key)?;
            let text = self.file("text", TEXT)?;
            self.ssss(
                &account,
                Some(&key_file),
                &["put", "org.example.text", &path(&text)],
            )?;
            self.ssss(
                &account,
                Some(&key_file),
                &["put", "org.example.gone", &path(&text)],
            )?;
            self.ssss(
                &account,
                Some(&key_file),
                &["--yes", "rm", "org.example.gone"],
            )?;
            let mut secrets = serde_json::Map::new();
            for name in names(&self.ssss(&account, None, &["--json", "status"])?)? {
                let value = self.ssss(&account, Some(&key_file), &["get", &name, "--raw"])?;
                secrets.insert(name, value.into());
            }
            if secrets.len() != 5 {
                return Err(format!("{} secrets, not 5", secrets.len()).into());
            }
            accounts.push(json!({
                "account": account, "key": key, "wrong_key": WRONG_KEY,
                "passphrase": passphrase, "secrets": secrets, "removed": ["org.example.gone"],
            }));
        }
        self.read(&accounts)?;

        // A check that cannot fail shows nothing: damage one secret, and expect to be told.
        let account = self.folder.join("ours-random.json");
        let mut damaged: Value = serde_json::from_str(&fs::read_to_string(&account)?)?;
        let entries = damaged["m.megolm_backup.v1"]["encrypted"].as_object_mut();
        for entry in entries.into_iter().flat_map(|entries| entries.values_mut()) {
            entry["mac"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
        }
        fs::write(&account, damaged.to_string())?;
        match self.reader(&accounts)?.ignore_stderr().run() {
            Ok(()) => Err("js-sdk reads a damaged secret".into()),
            Err(_) => Ok(()),
        }
    }

    fn theirs_to_ours(&self) -> Result {
        let (peer, folder) = (&self.peer, &self.folder);
        cmd!(self.sh, "node {peer} write {folder}").quiet().run()?;
        let list = fs::read_to_string(folder.join("js-accounts.json"))?;
        let mut accounts: Vec<Value> = serde_json::from_str(&list)?;
        for made in &mut accounts {
            let account = PathBuf::from(text(&made["account"])?);
            let key_file = self.file("key", text(&made["key"])?)?;
            let unlocked = self.json(&account, Some(&key_file), &["unlock"])?;
            expect(&account, "unlock", &unlocked["key_id"], &made["key_id"])?;
            expect(
                &account,
                "unlock",
                &unlocked["matched"],
                &"as-stored".into(),
            )?;
            let status = self.json(&account, None, &["status"])?;
            expect(&account, "status", &status["ready"], &true.into())?;
            if let Some(passphrase) = made["passphrase"].as_str() {
                let file = self.file("passphrase", passphrase)?;
                let unlocked = self.json(&account, Some(&file), &["unlock"])?;
                expect(&account, "passphrase", &unlocked["key_id"], &made["key_id"])?;
            }
            let secrets = made["secrets"].as_object().ok_or("no secrets")?.clone();
            for (name, value) in &secrets {
                let found = self.ssss(&account, Some(&key_file), &["get", name, "--raw"])?;
                expect(&account, name, &found.into(), value)?;
            }
            for name in made["removed"]
                .as_array()
                .ok_or("nothing said of removed")?
            {
                let name = text(name)?;
                self.is_absent(&account, &key_file, name)?;
            }
            if let Some(other) = made["other_key"].as_str() {
                let file = self.file("other-key", other)?;
                let unlocked = self.json(&account, Some(&file), &["unlock"])?;
                expect(
                    &account,
                    "other key",
                    &unlocked["is_default"],
                    &false.into(),
                )?;
                let name = "m.megolm_backup.v1";
                let found = self.ssss(&account, Some(&file), &["get", name, "--raw"])?;
                expect(&account, "other key", &found.into(), &made["secrets"][name])?;
            }
            // And back again: js-sdk reads what we add to its accounts, and what it had itself.
            let file = self.file("text", TEXT)?;
            self.ssss(
                &account,
                Some(&key_file),
                &["put", "org.example.ours", &path(&file)],
            )?;
            made["secrets"]["org.example.ours"] = TEXT.into();
            made["wrong_key"] = WRONG_KEY.into();
        }
        self.read(&accounts)?;
        println!(
            "interop: {} accounts of js-sdk read, and written to",
            accounts.len()
        );
        Ok(())
    }

    /// Sets secret storage up in a new file; gives its path and the recovery key.
    fn bootstrap(&self, name: &str, options: &[String]) -> Result<(PathBuf, String)> {
        let account = self.folder.join(name);
        let mut arguments = vec!["bootstrap", "--yes"];
        arguments.extend(options.iter().map(String::as_str));
        let done = self.json(&account, None, &arguments)?;
        Ok((account, text(&done["recovery_key"])?.to_owned()))
    }

    fn read(&self, accounts: &[Value]) -> Result {
        Ok(self.reader(accounts)?.run()?)
    }

    fn reader(&self, accounts: &[Value]) -> Result<Cmd<'_>> {
        let list = self.file("accounts.json", &Value::from(accounts).to_string())?;
        let peer = &self.peer;
        Ok(cmd!(self.sh, "node {peer} read {list}").quiet())
    }

    fn json(&self, account: &Path, key: Option<&Path>, arguments: &[&str]) -> Result<Value> {
        let arguments = [&["--json"], arguments].concat();
        Ok(serde_json::from_str(&self.ssss(account, key, &arguments)?)?)
    }

    fn ssss(&self, account: &Path, key: Option<&Path>, arguments: &[&str]) -> Result<String> {
        let ssss = &self.ssss;
        let key = key
            .into_iter()
            .flat_map(|file| ["--key-file".into(), file.as_os_str().to_owned()]);
        let command = cmd!(
            self.sh,
            "{ssss} --no-input --offline {account} {key...} {arguments...}"
        );
        // Not `read`, which would drop a line break at the end.
        Ok(String::from_utf8(command.quiet().output()?.stdout)?)
    }

    /// Expects `ssss get` to say that there is no such secret.
    fn is_absent(&self, account: &Path, key: &Path, name: &str) -> Result {
        let ssss = &self.ssss;
        let output = cmd!(
            self.sh,
            "{ssss} --no-input --offline {account} --key-file {key} get {name} --raw"
        )
        .quiet()
        .ignore_status()
        .ignore_stderr()
        .output()?;
        let code = output.status.code();
        if code == Some(NO_SUCH_SECRET) && output.stdout.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{}: {name} was removed, and `get` exits {code:?}",
            account.display()
        )
        .into())
    }

    /// A file for its owner only.
    fn file(&self, name: &str, text: &str) -> Result<PathBuf> {
        use std::os::unix::fs::PermissionsExt as _;
        let file = self.folder.join(name);
        fs::write(&file, text)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
}

fn names(status: &str) -> Result<Vec<String>> {
    let status: Value = serde_json::from_str(status)?;
    let secrets = status["secrets"].as_array().ok_or("no secrets")?;
    secrets
        .iter()
        .map(|secret| Ok(text(&secret["name"])?.to_owned()))
        .collect()
}

fn expect(account: &Path, what: &str, found: &Value, expected: &Value) -> Result {
    if found == expected {
        return Ok(());
    }
    Err(format!("{}: {what}: {found}, not {expected}", account.display()).into())
}

fn text(value: &Value) -> Result<&str> {
    value
        .as_str()
        .ok_or_else(|| format!("{value} is no text").into())
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

//! Accounts in a folder, and the secrets in them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output, Stdio};

use serde_json::Value;

use super::commands::{Account, Command, Given};
use super::held::{self, Held};
use super::needles::Needles;
use crate::Result;

const PASSPHRASE: &str = "correct horse battery staple, and a long one";
/// What somebody keeps under a name of their own.
const TOKEN: &str = "hunter2 and what else somebody keeps secret";
/// A key of a key backup.
const SEED: &str = "ehy4TeJTlg9xyjvUhS75YBanSOky22QNvlf4IZxF5j8";
/// Nobody's: 32 zero bytes.
const WRONG_KEY: &str = "EsSz ygLv VP1b xF1C v7kE eBQx MxDP buG5 w25T L3b6 hfyG Kkrd";
/// What must be found: it stands in the environment, and so in memory.
const MARKER: &str = "a marker that is in the memory of every process";

const TOKEN_NAME: &str = "org.example.token";
const BACKUP: &str = "m.megolm_backup.v1";
const IDENTITY: [&str; 3] = [
    "m.cross_signing.master",
    "m.cross_signing.self_signing",
    "m.cross_signing.user_signing",
];
/// The names for which keys are derived.
const NAMES: [&str; 6] = [
    TOKEN_NAME,
    "org.example.other",
    BACKUP,
    IDENTITY[0],
    IDENTITY[1],
    IDENTITY[2],
];
/// The words of commands that make a key, which they must show.
const MAKERS: [&str; 4] = ["bootstrap --yes --", "rotate", "add-key", "key new"];

/// Accounts, in a folder that is as it was before each command. Always the same folder, because what `ssss`
/// remembers of an account goes by where it is.
pub(super) struct Ground<'a> {
    ssss: &'a Path,
    folder: PathBuf,
    saved: PathBuf,
    /// The secrets of each account, and of those the commands make.
    keys: [String; 2],
    other: String,
    needles: [Needles; 2],
}

impl<'a> Ground<'a> {
    pub(super) fn new(ssss: &'a Path, folder: &Path) -> Result<Self> {
        let mut ground = Self {
            ssss,
            folder: folder.join("accounts"),
            saved: folder.join("saved"),
            keys: Default::default(),
            other: String::new(),
            needles: Default::default(),
        };
        fs::create_dir(&ground.folder)?;
        for (name, text) in [
            ("passphrase", PASSPHRASE),
            ("token", TOKEN),
            ("seed", SEED),
            ("wrong", WRONG_KEY),
        ] {
            ground.write(name, text)?;
        }
        let accounts = [
            (Account::Key, "bootstrap --yes --json"),
            (
                Account::Passphrase,
                "bootstrap --yes --json --passphrase-file passphrase",
            ),
        ];
        for (number, (account, bootstrap)) in accounts.into_iter().enumerate() {
            let made: Value =
                serde_json::from_slice(&ground.plain(account, None, bootstrap)?.stdout)?;
            let text = made["recovery_key"].as_str().ok_or("it shows no key")?;
            made["key_id"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut ground.keys[number]);
            let key = file_of_key(account);
            ground.write(key, text)?;
            for put in ["put org.example.token token", "put m.megolm_backup.v1 seed"] {
                ground.plain(account, Some(key), put)?;
            }
            ground.needles[number] = ground.secrets(account, key, text)?;
        }
        let mut mistyped = fs::read_to_string(ground.folder.join("key"))?;
        let last = mistyped.pop();
        mistyped.push(if last == Some('x') { 'y' } else { 'x' });
        ground.write("mistyped", &mistyped)?;
        ground.plain(Account::Key, Some("key"), "snapshot --output saved.json")?;
        let copy = |account| {
            let [from, to] =
                [Account::Key, account].map(|account| ground.folder.join(file_of(account)));
            fs::copy(from, to)
        };
        copy(Account::TwoKeys)?;
        copy(Account::Stopped)?;
        ground.stop()?;
        let added = ground.plain(Account::TwoKeys, Some("key"), "add-key --yes --json")?;
        let added: Value = serde_json::from_slice(&added.stdout)?;
        added["key_id"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut ground.other);
        let text = added["recovery_key"].as_str().unwrap_or_default();
        ground.write("other-key", text)?;
        copy_folder(&ground.folder, &ground.saved)?;
        Ok(ground)
    }

    /// Stops a change before the account is written, when it is remembered.
    fn stop(&self) -> Result {
        let words = [
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "inject=renameat:signal=SIGKILL:when=1",
        ];
        let options = [
            "--no-input",
            "--key-file",
            "key",
            "--offline",
            file_of(Account::Stopped),
        ];
        let output = Process::new("strace")
            .args(words)
            .arg(self.ssss)
            .args(options)
            .args(["put", "org.example.other", "token"])
            .current_dir(&self.folder)
            .env_clear()
            .envs(environment(&self.folder))
            .output()?;
        if output.status.success() {
            return Err("a change cannot be stopped".into());
        }
        Ok(())
    }

    /// What of the account's secrets, and of those that the command prints, is in its memory at its end.
    pub(super) fn run(&self, command: &Command) -> Result<Vec<String>> {
        fs::remove_dir_all(&self.folder)?;
        copy_folder(&self.saved, &self.folder)?;
        let is_by_passphrase = command.account == Account::Passphrase;
        let number = usize::from(is_by_passphrase);
        let (words, stdin) = self.words(command, &self.keys[number]);
        let stdin = stdin.map(|name| self.folder.join(name));
        let environment = environment(&self.folder);
        let held = held::run(&words, &self.folder, &environment, stdin.as_deref())?;
        if held.code != command.code {
            let said = String::from_utf8_lossy(&held.stderr);
            return Err(format!(
                "it exits with {} and not {}: {said}",
                held.code, command.code
            )
            .into());
        }
        if held
            .stdout
            .windows(14)
            .any(|bytes| bytes == br#""resumed":null"#)
        {
            return Err("there is nothing to resume".into());
        }
        if held.has_no_core == command.is_control {
            return Err("it lets the system make core dumps, or a shell does not".into());
        }
        let mut marker = Needles::default();
        marker.add("marker", MARKER.as_bytes());
        if marker.found(&held.memory).is_empty() {
            return Err("not even the environment is found in its memory".into());
        }
        let mut found = self.needles[number].found(&held.memory);
        found.extend(self.printed(command, &held)?.found(&held.memory));
        Ok(found)
    }

    /// The words to be run, and the file that is standard input.
    fn words(&self, command: &Command, key_id: &str) -> (Vec<OsString>, Option<&'static str>) {
        let file = file_of_key(command.account);
        if command.given == Given::Shell {
            let script = "read -r key < key; exit 0";
            return (["bash", "-c", script].map(OsString::from).to_vec(), None);
        }
        let mut options: Vec<OsString> = ["--no-input", "--offline"].map(OsString::from).to_vec();
        options.push(file_of(command.account).into());
        let mut stdin = None;
        let mut key_file = |name: &str| options.extend(["--key-file", name].map(OsString::from));
        match command.given {
            Given::Nothing | Given::Shell => {}
            Given::File => key_file(file),
            Given::Passphrase => key_file("passphrase"),
            Given::Wrong => key_file("wrong"),
            Given::Mistyped => key_file("mistyped"),
            Given::Descriptor => options.extend(["--key-fd", "3"].map(OsString::from)),
            Given::Stdin => {
                options.push("--key-stdin".into());
                stdin = Some(file);
            }
        }
        if command.account == Account::TwoKeys {
            options.extend(["--key-file", "other-key"].map(OsString::from));
        }
        let mut words: Vec<OsString> = Vec::new();
        if command.given == Given::Descriptor {
            let script = format!("exec \"$@\" 3< {file}");
            words.extend(["bash", "-c", &script, "bash"].map(OsString::from));
        }
        words.push(self.ssss.into());
        words.extend(options);
        let arguments = command.arguments.split(' ').map(|word| match word {
            "KEY" => key_id,
            "OTHER" => &self.other,
            other => other,
        });
        words.extend(arguments.map(OsString::from));
        (words, stdin)
    }

    /// What a command has just made: a new recovery key, what is derived from it, and the keys that it opens.
    fn printed(&self, command: &Command, held: &Held) -> Result<Needles> {
        let mut needles = Needles::default();
        let text = String::from_utf8_lossy(&held.stdout);
        let key = text.find("Es").and_then(|at| text.get(at..at + 59));
        if key.is_none() && MAKERS.iter().any(|words| command.arguments.contains(words)) {
            return Err("it shows no new key".into());
        }
        if let Some(key) = key {
            needles.add("new recovery key", key.as_bytes());
            needles.add_key("new key", &self.converted(key)?, &NAMES);
            if command.account == Account::New && command.arguments.starts_with("bootstrap") {
                self.write("new-key", key)?;
                self.add_seeds(&mut needles, Account::New, "new-key", &IDENTITY)?;
            }
        } else if command.arguments.contains("convert") {
            needles.add("converted key", text.trim().as_bytes());
        }
        Ok(needles)
    }

    /// What must not be found of an account.
    fn secrets(&self, account: Account, key: &str, text: &str) -> Result<Needles> {
        let mut needles = Needles::default();
        needles.add("recovery key", text.as_bytes());
        needles.add("unspaced recovery key", text.replace(' ', "").as_bytes());
        needles.add_key("key", &self.converted(text)?, &NAMES);
        needles.add("passphrase", PASSPHRASE.as_bytes());
        needles.add("token", TOKEN.as_bytes());
        self.add_seeds(&mut needles, account, key, &IDENTITY)?;
        self.add_seeds(&mut needles, account, key, &[BACKUP])?;
        Ok(needles)
    }

    /// The keys under these names, and what ed25519 makes of them.
    fn add_seeds(
        &self,
        needles: &mut Needles,
        account: Account,
        key: &str,
        names: &[&str],
    ) -> Result {
        for name in names {
            let got = self.plain(account, Some(key), &format!("get --raw {name}"))?;
            let value = String::from_utf8(got.stdout)?;
            needles.add(&format!("{name} in base64"), value.as_bytes());
            needles.add_seed(name, &self.converted(&value)?);
        }
        Ok(())
    }

    /// The 32 bytes of a key, in whatever form.
    fn converted(&self, text: &str) -> Result<Vec<u8>> {
        self.write("converted", text)?;
        let output = self.plain(Account::New, Some("converted"), "key convert --to hex")?;
        let hex = String::from_utf8(output.stdout)?;
        let digits: Vec<_> = hex.trim().bytes().collect();
        let byte = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            u8::from_str_radix(pair, 16).map_err(|error| format!("{hex:?}: {error}"))
        };
        Ok(digits
            .chunks(2)
            .map(byte)
            .collect::<std::result::Result<_, _>>()?)
    }

    /// Runs a command that nobody looks at.
    fn plain(&self, account: Account, key: Option<&str>, arguments: &str) -> Result<Output> {
        let mut command = Process::new(self.ssss);
        command.args(["--no-input", "--offline", file_of(account)]);
        if let Some(key) = key {
            command.args(["--key-file", key]);
        }
        let output = command
            .args(arguments.split(' '))
            .current_dir(&self.folder)
            .env_clear()
            .envs(environment(&self.folder))
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{arguments}: {}: {said}", output.status).into())
    }

    fn write(&self, name: &str, text: &str) -> Result {
        let path = self.folder.join(name);
        _ = fs::remove_file(&path);
        let mut options = fs::OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        std::io::Write::write_all(&mut &file, text.as_bytes())?;
        Ok(())
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result {
    let copied = Process::new("cp")
        .arg("--archive")
        .args([from, to])
        .status()?;
    if copied.success() {
        return Ok(());
    }
    Err(format!("{} cannot be copied", from.display()).into())
}

fn file_of(account: Account) -> &'static str {
    match account {
        Account::New => "new.json",
        Account::Key => "account.json",
        Account::TwoKeys => "two-keys.json",
        Account::Passphrase => "passphrase.json",
        Account::Stopped => "stopped.json",
    }
}

fn file_of_key(account: Account) -> &'static str {
    match account {
        Account::Passphrase => "passphrase-key",
        _ => "key",
    }
}

fn environment(home: &Path) -> Vec<(&'static str, OsString)> {
    vec![
        ("PATH", std::env::var_os("PATH").unwrap_or_default()),
        ("HOME", home.into()),
        ("XDG_STATE_HOME", home.join("state").into()),
        ("MARKER", MARKER.into()),
    ]
}

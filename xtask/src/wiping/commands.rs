//! The commands that are looked at.

/// A command of `ssss` on one of the accounts of the ground.
pub(super) struct Command {
    pub(super) name: &'static str,
    pub(super) account: Account,
    pub(super) given: Given,
    /// Words in which `KEY` stands for the id of the account's key, and `OTHER` for that of its other one.
    pub(super) arguments: &'static str,
    /// What it exits with.
    pub(super) code: i32,
    /// Whether it must leave something behind.
    pub(super) is_control: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// No file yet.
    New,
    /// With a recovery key, an identity, a custom secret and a backup key.
    Key,
    /// The same, and one key more.
    TwoKeys,
    /// With a passphrase.
    Passphrase,
    /// With a key, and a change that was stopped half-way.
    Stopped,
}

/// How the key comes to the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Nothing,
    File,
    /// By its number.
    Descriptor,
    Stdin,
    /// The passphrase, in a file.
    Passphrase,
    /// Not to `ssss` but to a shell, which reads it into a variable.
    Shell,
    /// Another account's key, in a file.
    Wrong,
    /// The key with its last character changed, in a file.
    Mistyped,
}

const fn command(
    name: &'static str,
    account: Account,
    given: Given,
    arguments: &'static str,
    code: i32,
) -> Command {
    Command {
        name,
        account,
        given,
        arguments,
        code,
        is_control: false,
    }
}

use Account::{Key, New, Passphrase as ByPassphrase, Stopped, TwoKeys};
use Given::{Descriptor, File, Mistyped, Nothing, Passphrase, Stdin, Wrong};

pub(super) const COMMANDS: &[Command] = &[
    command("bootstrap", New, Nothing, "bootstrap --yes --json", 0),
    command(
        "bootstrap, passphrase",
        New,
        Nothing,
        "bootstrap --yes --passphrase-file passphrase",
        0,
    ),
    command("bootstrap, again", Key, File, "bootstrap --yes", 0),
    command("unlock, --key-file", Key, File, "unlock", 0),
    command("unlock, --key-fd", Key, Descriptor, "unlock", 0),
    command("unlock, --key-stdin", Key, Stdin, "unlock", 0),
    command("unlock, passphrase", ByPassphrase, Passphrase, "unlock", 0),
    command(
        "unlock, passphrase's recovery key",
        ByPassphrase,
        File,
        "unlock",
        0,
    ),
    command("unlock, wrong key", Key, Wrong, "unlock", 12),
    command("unlock, mistyped key", Key, Mistyped, "unlock", 11),
    command("which-key", Key, File, "which-key", 0),
    command(
        "which-key, passphrase",
        ByPassphrase,
        Passphrase,
        "which-key",
        0,
    ),
    command("get", Key, File, "get org.example.token", 0),
    command(
        "get --raw, --key-fd",
        Key,
        Descriptor,
        "get m.megolm_backup.v1 --raw",
        0,
    ),
    command(
        "get --json, --key-stdin",
        Key,
        Stdin,
        "get m.cross_signing.master --json",
        0,
    ),
    command(
        "get, passphrase",
        ByPassphrase,
        Passphrase,
        "get org.example.token",
        0,
    ),
    command("get, wrong key", Key, Wrong, "get org.example.token", 12),
    command("put, a text", Key, File, "put org.example.other token", 0),
    command("put, a key", Key, File, "put m.megolm_backup.v1 seed", 0),
    command(
        "put, passphrase",
        ByPassphrase,
        Passphrase,
        "put org.example.other token",
        0,
    ),
    command("put, refused", Key, File, "put m.megolm_backup.v1 token", 2),
    command("rm", Key, File, "rm --yes org.example.token", 0),
    command("doctor", Key, File, "doctor", 0),
    command(
        "doctor --json, passphrase",
        ByPassphrase,
        Passphrase,
        "doctor --json",
        0,
    ),
    command("rotate", Key, File, "rotate --yes --json", 0),
    command("rotate --revoke", Key, File, "rotate --yes --revoke", 0),
    command(
        "rotate, passphrase",
        ByPassphrase,
        Passphrase,
        "rotate --yes --passphrase-file passphrase",
        0,
    ),
    command("add-key", Key, File, "add-key --yes --json", 0),
    command("remove-key", TwoKeys, File, "remove-key --yes OTHER", 0),
    command("set-default", TwoKeys, File, "set-default --yes OTHER", 0),
    command(
        "repair default-key",
        TwoKeys,
        File,
        "repair --yes default-key",
        0,
    ),
    command(
        "repair entry",
        TwoKeys,
        File,
        "repair --yes entry org.example.token",
        0,
    ),
    command(
        "repair key-check",
        Key,
        File,
        "repair --yes key-check KEY",
        0,
    ),
    command(
        "repair passphrase",
        ByPassphrase,
        Passphrase,
        "repair --yes passphrase KEY",
        0,
    ),
    command("undo", Key, File, "undo --yes", 0),
    command("resume", Stopped, File, "resume --json", 0),
    command(
        "snapshot, restore",
        Key,
        File,
        "restore --yes saved.json",
        0,
    ),
    command("disable", Key, File, "disable --yes", 0),
    command("key new", New, Nothing, "key new", 0),
    command("key new --json", New, Nothing, "--json key new", 0),
    command("key check", New, Stdin, "key check", 0),
    command("key check, mistyped", New, Mistyped, "key check", 11),
    command("key convert --to hex", New, File, "key convert --to hex", 0),
    command(
        "key convert --to base64",
        New,
        Descriptor,
        "key convert --to base64",
        0,
    ),
    Command {
        is_control: true,
        ..command(
            "control: a shell that reads the key",
            Key,
            Given::Shell,
            "",
            0,
        )
    },
];

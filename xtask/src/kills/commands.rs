//! What is disturbed.

/// A command of `ssss`, and what comes before it. Each runs with `--no-input`, on the account file of
/// its folder, with the key at hand.
pub(super) struct Command {
    pub(super) name: &'static str,
    /// Commands that are not disturbed. The recovery keys that they show are at hand from then on, for
    /// which they need `--json`.
    pub(super) before: &'static [&'static [&'static str]],
    pub(super) arguments: &'static [&'static str],
}

/// Texts to store, by the names of their files.
pub(super) const FILES: &[(&str, &str)] = &[
    ("kept.txt", "What nobody asks to change."),
    ("old.txt", "What is there before."),
    ("new.txt", "What is there afterwards: Zażółć gęślą jaźń."),
];

/// The secret that stays as it is, whatever the command.
pub(super) const KEPT: &str = "org.example.kept";

/// An account with a key, an identity, and two secrets more.
const SET_UP: &[&[&str]] = &[
    &["bootstrap", "--yes", "--json"],
    &["put", KEPT, "kept.txt"],
    &["put", "org.example.changed", "old.txt"],
];

/// The same, with a snapshot of how it was before.
const CHANGED: &[&[&str]] = &[
    &["bootstrap", "--yes", "--json"],
    &["put", KEPT, "kept.txt"],
    &["put", "org.example.changed", "old.txt"],
    &["snapshot", "--output", "saved.json"],
    &["put", "org.example.changed", "new.txt"],
];

pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "put over another value",
        before: SET_UP,
        arguments: &["put", "org.example.changed", "new.txt"],
    },
    Command {
        name: "rm",
        before: SET_UP,
        arguments: &["rm", "--yes", "org.example.changed"],
    },
    Command {
        name: "bootstrap",
        before: &[],
        arguments: &["bootstrap", "--yes", "--json"],
    },
    Command {
        name: "rotate --revoke",
        before: SET_UP,
        arguments: &["rotate", "--yes", "--revoke", "--json"],
    },
    Command {
        name: "restore",
        before: CHANGED,
        arguments: &[
            "restore",
            "--yes",
            "saved.json",
            "--abandon",
            "org.example.changed",
        ],
    },
];

/// Writes the file in place, and is run by xtask itself.
pub(super) const CONTROL: Command = Command {
    name: "control",
    before: SET_UP,
    arguments: &["kills", "--control", super::folder::ACCOUNT],
};

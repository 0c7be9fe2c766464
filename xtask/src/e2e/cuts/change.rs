//! What is disturbed.

/// A command of `ssss` that changes an account.
#[derive(Debug)]
pub(in super::super) struct Change {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [&'static str],
    pub(super) kind: Kind,
}

/// What becomes of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It gets everything, and has nothing before.
    SetsUp,
    /// Every secret stays.
    Keeps,
    /// Every secret stays but the backup key, which is another one afterwards.
    ReplacesBackup,
    /// No secret stays.
    Disables,
}

pub(super) const CHANGES: &[Change] = &[
    Change {
        name: "bootstrap",
        arguments: &["--json", "bootstrap"],
        kind: Kind::SetsUp,
    },
    Change {
        name: "rotate --revoke",
        arguments: &["--json", "rotate", "--revoke"],
        kind: Kind::Keeps,
    },
    Change {
        name: "repair backup-key --new",
        arguments: &["--json", "repair", "backup-key", "--new"],
        kind: Kind::ReplacesBackup,
    },
    Change {
        name: "disable",
        arguments: &["--json", "disable"],
        kind: Kind::Disables,
    },
];

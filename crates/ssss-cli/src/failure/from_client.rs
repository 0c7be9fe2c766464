//! Failures of the library, in terms of the command.

use ssss_client::ssss_model::SecretNameError;
use ssss_client::{
    AccountDataError, AccountDataErrorKind, ApplyError, ApplyErrorKind, Error, JournalError,
    JournalErrorKind, PlanError, UnlockError, quoted,
};

use super::{Failure, SSSS};
use crate::code::Code;
use crate::repair_words::option;

impl From<AccountDataError> for Failure {
    fn from(error: AccountDataError) -> Self {
        if error.kind() == AccountDataErrorKind::Conflict {
            return conflict(error.to_string());
        }
        if let Some(failure) = from_server(&error) {
            return failure;
        }
        let (code, kind) = match error.kind() {
            AccountDataErrorKind::Damaged => (Code::Damaged, "file-damaged"),
            AccountDataErrorKind::TooLarge => (Code::Damaged, "file-too-large"),
            AccountDataErrorKind::Absent => (Code::Local, "file-absent"),
            AccountDataErrorKind::ReadOnly => (Code::Local, "file-read-only"),
            _ => (Code::Local, "file-io"),
        };
        Self::new(code, kind, "the account's data cannot be used")
            .because(error.to_string())
            .try_this("look at the file; nothing was changed")
    }
}

/// What only a homeserver does.
fn from_server(error: &AccountDataError) -> Option<Failure> {
    use AccountDataErrorKind as Kind;
    let (code, kind, message, hint) = match error.kind() {
        Kind::LoginNeeded => (
            Code::LoginNeeded,
            "login-needed",
            "the homeserver does not know this session",
            // With `SSSS` in it.
            "get a new access token, or run: \u{1}ssss login",
        ),
        Kind::Forbidden => (
            Code::ServerRefused,
            "forbidden",
            "the homeserver does not allow this",
            "look whether it is the right account; the server's administrator may know why",
        ),
        Kind::ApprovalNeeded => (
            Code::ServerRefused,
            "approval-needed",
            "the homeserver wants you to approve this, and it was not approved",
            "run it again at a terminal, or with --password-file FILE",
        ),
        Kind::Refused => (
            Code::ServerRefused,
            "refused",
            "the homeserver refuses this",
            "look at what it says; trying again will not help",
        ),
        Kind::RateLimited => (
            Code::Unreachable,
            "rate-limited",
            "the homeserver has had too many requests",
            "wait, and run the same command again",
        ),
        Kind::Unreachable => (
            Code::Unreachable,
            "unreachable",
            "the homeserver cannot be reached, or fails",
            "look at the address and the network, and run the same command again",
        ),
        Kind::NotAHomeserver => (
            Code::Unreachable,
            "not-a-homeserver",
            "there is no homeserver here",
            "look at the address; a network may want you to log in first; --homeserver URL says where it is",
        ),
        Kind::Truncated => (
            Code::Unreachable,
            "truncated",
            "the homeserver's answer was cut off",
            "run the same command again",
        ),
        _ => return None,
    };
    Some(
        Failure::new(code, kind, message)
            .because(error.to_string())
            .try_this(hint),
    )
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let kind = match error.kind() {
            JournalErrorKind::Damaged => "journal-damaged",
            _ => "journal-io",
        };
        Self::new(Code::Local, kind, "changes cannot be remembered here")
            .because(error.to_string())
            .try_this("make room there, or set XDG_STATE_HOME to another folder")
    }
}

fn conflict(because: String) -> Failure {
    conflict_that("nothing was written", because)
}

/// Something else wrote meanwhile; says what came of what was written.
fn conflict_that(left: &str, because: String) -> Failure {
    Failure::new(
        Code::Conflict,
        "conflict",
        format!("{left}, because something else wrote meanwhile"),
    )
    .because(because)
    .try_this("run the same command again")
}

impl From<SecretNameError> for Failure {
    fn from(error: SecretNameError) -> Self {
        Self::new(
            Code::Usage,
            "secret-name",
            "this cannot be the name of a secret",
        )
        .because(error.to_string())
        .try_this("ssss help glossary")
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Store(error) => error.into(),
            Error::Apply(error) => error.into(),
            Error::Plan(error) => error.into(),
            Error::Journal(error) => error.into(),
            Error::NoDefaultKey | Error::NoSuchKey(_) => Self::new(
                Code::Damaged,
                "no-default-key",
                "there is no key to do it with",
            )
            .because(text),
            Error::KeyUnproven(_) => Self::new(
                Code::Refused,
                "key-unproven",
                "nothing is written under a key that may be the wrong one",
            )
            .because(text),
            Error::MalformedSecret(..) => {
                Self::new(Code::Damaged, "secret-malformed", "the secret is damaged").because(text)
            }
            Error::NoUsableKey(_, ids) => {
                let ids: Vec<_> = ids.iter().map(|id| quoted(id.as_str())).collect();
                Self::new(
                    Code::Damaged,
                    "no-usable-key",
                    "no key can open this secret",
                )
                .because(format!("{text}; it is sealed for: {}", ids.join(", ")))
            }
            Error::Open(..) => {
                Self::new(Code::Damaged, "secret-damaged", "the secret is damaged").because(text)
            }
            Error::NoKeySupplied => Self::new(Code::NoKey, "no-key", text),
            Error::NoKeyCreated => Self::not_confirmed(text),
            Error::Unlock(UnlockError::NoKeys) => {
                Self::new(Code::NotSetUp, "not-set-up", "there is no key here").because(text)
            }
            Error::Unlock(_) => Self::new(
                Code::KeyFitsNothing,
                "key-fits-nothing",
                "the key fits nothing here",
            )
            .because(text),
            _ => Self::new(Code::Local, "bug", text),
        }
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        let because = error.to_string();
        if error.leaves_something() {
            return Self::new(
                Code::HalfWay,
                "half-way",
                "it was begun and not finished; what was there before is still there",
            )
            .because(because)
            .try_this("run the same command again");
        }
        match error.kind {
            ApplyErrorKind::Conflict(_)
            | ApplyErrorKind::NotStored(_)
            | ApplyErrorKind::Store(_)
                if error.taken_back =>
            {
                conflict_that("what was written is taken back", because)
            }
            ApplyErrorKind::Conflict(_) => conflict(because),
            ApplyErrorKind::NotStored(_) => {
                conflict_that("nothing of what was written is there", because)
            }
            ApplyErrorKind::Store(error) | ApplyErrorKind::Publish(error) => error.into(),
            _ => Self::new(
                Code::Damaged,
                "not-verified",
                "nothing was written, because what is there does not stand up to a check",
            )
            .because(because),
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let because = error.to_string();
        match error {
            PlanError::WouldAbandon(names) => {
                let options: Vec<_> = names
                    .iter()
                    .map(|name| {
                        option("--abandon", name.as_str())
                    })
                    .collect();
                Self::new(
                    Code::Refused,
                    "would-abandon",
                    "refused: secrets would be lost or left behind",
                )
                .because(because)
                .try_this(format!(
                    "give the key that opens them (--key-file may be given again); or, if they may be lost: {}",
                    options.join(" ")
                ))
            }
            PlanError::WouldOverwrite(..) => Self::new(
                Code::Refused,
                "would-overwrite",
                "refused: what is stored would be lost",
            )
            .because(because)
            .try_this("--replace-damaged, if it may be lost"),
            PlanError::NoSecret(_) | PlanError::NoEntry(..) => {
                Self::new(Code::NoSuch, "no-such-secret", because)
            }
            PlanError::NoSuchKey(_) => Self::new(Code::NoSuch, "no-such-key", because)
                .try_this(format!("{SSSS} status shows which keys there are")),
            PlanError::IsDefault(_) => Self::new(
                Code::Refused,
                "is-default",
                "refused: clients would be left without a default key",
            )
            .because(because)
            .try_this(format!(
                "{SSSS} rotate --revoke replaces it; {SSSS} set-default ID makes another one the default"
            )),
            PlanError::NotListed => Self::new(
                Code::Refused,
                "not-listed",
                "refused: nobody knows all that the account has",
            )
            .because(because)
            .try_this(
                "run it again later; if that does not help, ask the server's administrator why /sync fails. \
                 What takes a name (get, put, rm) works meanwhile",
            ),
            PlanError::Locked(_) => Self::new(
                Code::Refused,
                "locked",
                "refused: there is no value to write",
            )
            .because(because)
            .try_this("give every key that you have: --key-file may be given again"),
            PlanError::Changed(_) => Self::new(
                Code::Refused,
                "changed-since",
                "refused: something else has written since",
            )
            .because(because)
            .try_this(format!("{SSSS} restore with the change's snapshot brings single events back")),
            PlanError::NotASecret(..) => Self::new(
                Code::Refused,
                "not-a-secret",
                "refused: other data would be lost",
            )
            .because(because),
            _ => Self::new(
                Code::Refused,
                "refused",
                "refused: it cannot be done safely",
            )
            .because(because),
        }
    }
}

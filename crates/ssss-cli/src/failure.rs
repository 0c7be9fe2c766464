//! A failure, told so that a person knows what to do next.

mod from_client;
mod key;

pub(crate) use self::key::{malformed_key, typing_error};

use ssss_client::ssss_model::ruma_common::UserId;

use crate::code::Code;

/// Why the command ends without having done what it was asked.
///
/// No text here holds secret bytes, and whatever a file or a server chose is escaped.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    /// The kind of failure, for programs. It stays the same.
    pub(crate) kind: &'static str,
    /// What happened.
    pub(crate) message: String,
    /// Why.
    pub(crate) because: Option<String>,
    /// What to try: a command where there is one.
    pub(crate) hint: Option<String>,
}

/// What stands in a hint for `ssss` and the options that say which account it is about, until
/// [`Failure::for_account`] puts them there. Nothing that a file or a server chose has it: that is
/// escaped.
pub(crate) const SSSS: &str = "\u{1}ssss";

impl Failure {
    pub(crate) fn new(code: Code, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            kind,
            message: message.into(),
            because: None,
            hint: None,
        }
    }

    pub(crate) fn because(self, because: impl Into<String>) -> Self {
        Self {
            because: Some(because.into()),
            ..self
        }
    }

    pub(crate) fn try_this(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// With the command as it is to be typed for the same account.
    pub(crate) fn for_account(self, command: &str) -> Self {
        let hint = self.hint.map(|hint| hint.replace(SSSS, command));
        Self { hint, ..self }
    }

    /// A file, or another part of this machine, does not do what it should.
    pub(crate) fn local(message: impl Into<String>, error: &std::io::Error) -> Self {
        Self::new(Code::Local, "local", message).because(error.to_string())
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, "usage", message)
    }

    pub(crate) fn login_needed(user: &UserId) -> Self {
        Self::new(
            Code::LoginNeeded,
            "login-needed",
            format!("there is no session of {user}"),
        )
        .because(
            "no access token was given, none is saved, and there is nobody to ask for a password",
        )
        .try_this(format!("{SSSS} login, or --access-token-file FILE"))
    }

    pub(crate) fn not_confirmed(message: impl Into<String>) -> Self {
        Self::new(Code::NotConfirmed, "not-confirmed", message)
    }
}

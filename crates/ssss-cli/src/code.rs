//! Exit codes.

use std::process::ExitCode;

/// How the command ended. The numbers stay the same; [`EXIT_CODES`] explains them to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    Done = 0,
    Local = 1,
    Usage = 2,
    NoKey = 10,
    KeyMalformed = 11,
    KeyFitsNothing = 12,
    OtherKey = 13,
    Cost = 14,
    NotSetUp = 20,
    NoSuch = 21,
    Damaged = 22,
    Problems = 23,
    Refused = 24,
    LoginNeeded = 30,
    ServerRefused = 31,
    Unreachable = 32,
    Conflict = 33,
    NotConfirmed = 40,
    HalfWay = 41,
}

impl Code {
    pub(crate) fn number(self) -> u8 {
        self as u8
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.number())
    }
}

/// What `ssss help exit-codes` shows.
pub(crate) const EXIT_CODES: &str = "\
EXIT CODES
   0  done, or healthy
   1  local input/output error, or a bug
   2  usage: the command line or the value to store is wrong
  10  no key given, and no way to ask for one
  11  the key is malformed: a typing error
  12  the key fits nothing here
  13  the key is right, but for another key id
  14  the passphrase costs more, or less, than is allowed
  20  secret storage is not set up
  21  no such secret, key or change
  22  stored data is damaged
  23  `status`, `doctor`, `list` or `bootstrap` found problems
  24  refused: something would or might be lost
  30  login needed, expired or rejected
  31  the server refused: forbidden, or an approval is missing
  32  the server is unreachable or failing; try again
  33  changed by another program meanwhile; run it again
  40  not confirmed: declined, or `--yes` is missing
  41  stopped half-way; `ssss resume` finishes it, `ssss undo` takes it back
 130  interrupted (SIGINT); nothing is half-written
 143  terminated (SIGTERM); nothing is half-written

From 30 to 39, trying again may help. A code that is not in this list is a failure.
An error is three lines on standard error: what happened, why, and what to try.
With --json it is one document there: {\"error\":{\"code\",\"kind\",\"message\",\"because\",\"hint\"}}.
";

//! Asking the account's owner, where the server wants that (user-interactive authentication).

use std::fmt;
use std::future::ready;
use std::pin::Pin;

use ssss_model::ruma_common::UserId;
use ssss_model::zeroize::Zeroizing;

/// What comes of asking, in time.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Whom to ask where a server wants the account's owner to approve something.
pub trait Approval: fmt::Debug + Send + Sync {
    /// Asks for the account's password; `None` if nobody gives it.
    fn password<'a>(&'a self, user: &'a UserId) -> Asked<'a, Option<Zeroizing<String>>>;

    /// Shows a page to be visited (`m.oauth`), and waits until that was done; `false` if nobody does.
    fn visit<'a>(&'a self, url: &'a str) -> Asked<'a, bool>;
}

/// Nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoApproval;

impl Approval for NoApproval {
    fn password<'a>(&'a self, _: &'a UserId) -> Asked<'a, Option<Zeroizing<String>>> {
        Box::pin(ready(None))
    }

    fn visit<'a>(&'a self, _: &'a str) -> Asked<'a, bool> {
        Box::pin(ready(false))
    }
}

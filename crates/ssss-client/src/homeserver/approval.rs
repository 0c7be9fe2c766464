//! Asking the account's owner, where the server wants that (user-interactive authentication).

use std::fmt;

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use ssss_model::ruma_common::UserId;
use ssss_model::zeroize::Zeroizing;

/// Whom to ask where a server wants the account's owner to approve something.
pub trait Approval: fmt::Debug + Send + Sync {
    /// Asks for the account's password; `None` if nobody gives it.
    fn password<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Option<Zeroizing<String>>>;

    /// Shows a page to be visited (`m.oauth`), and waits until that was done; `false` if nobody does.
    fn visit<'a>(&'a self, url: &'a str) -> BoxFuture<'a, bool>;
}

/// Nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoApproval;

impl Approval for NoApproval {
    fn password<'a>(&'a self, _: &'a UserId) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        ready(None).boxed()
    }

    fn visit<'a>(&'a self, _: &'a str) -> BoxFuture<'a, bool> {
        ready(false).boxed()
    }
}

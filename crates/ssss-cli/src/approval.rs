//! Asking the account's owner, where the homeserver wants that.

use std::future::ready;

use ssss_client::ssss_model::ruma_common::UserId;
use ssss_client::ssss_model::zeroize::Zeroizing;
use ssss_client::{Approval, Asked, quoted};

use crate::password::Password;
use crate::prompt::Prompt;

/// Asks at the terminal.
#[derive(Debug)]
pub(crate) struct AskOwner {
    password: Password,
    can_confirm: bool,
}

impl AskOwner {
    pub(crate) fn new(password: Password, prompt: &Prompt) -> Self {
        Self {
            password,
            can_confirm: prompt.can_confirm(),
        }
    }
}

impl Approval for AskOwner {
    fn password<'a>(&'a self, user: &'a UserId) -> Asked<'a, Option<Zeroizing<String>>> {
        Box::pin(ready(self.password.get(user).ok().flatten()))
    }

    fn visit<'a>(&'a self, url: &'a str) -> Asked<'a, bool> {
        let question = format!(
            "The homeserver wants you to approve new cross-signing keys. Open\n  {}\nand come back. Approved?",
            quoted(url)
        );
        let visited = self.can_confirm && Prompt::confirm(&question).unwrap_or(false);
        Box::pin(ready(visited))
    }
}

//! Access tokens, and getting new ones.

use std::fmt;

use ssss_model::zeroize::Zeroizing;

/// What a homeserver knows a session by. Wiped when dropped; `Debug` shows nothing.
#[derive(Clone)]
pub struct Tokens {
    /// Sent with each request, in its `Authorization` header only.
    pub access_token: Zeroizing<String>,
    /// Buys new tokens when the access token has expired. Works once, where the server says so.
    pub refresh_token: Option<Zeroizing<String>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// Keeps the tokens of a session that lasts longer than this process.
///
/// A refresh token works once: a server forgets the old one when the new one is used. So new ones are
/// kept before they are used.
pub trait KeepTokens: fmt::Debug + Send + Sync {
    /// Keeps new tokens, so that they outlast this process; says in words why it cannot.
    fn keep(&self, tokens: &Tokens) -> Result<(), String>;

    /// The tokens that are kept now, which another process may have renewed.
    fn kept(&self) -> Option<Tokens>;
}

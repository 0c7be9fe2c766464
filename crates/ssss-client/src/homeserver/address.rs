//! Where a homeserver is.

use std::net::IpAddr;

use reqwest::Url;

use crate::account_data::{AccountDataError, AccountDataErrorKind};
use crate::quoted::quoted;

/// Where a homeserver is: `https`, or `http` on this machine only, since whoever listens on the way
/// gets the access token.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// Without a slash at its end.
    base: String,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, AccountDataError> {
        let refused = |why: &str| {
            let message = format!("{} is no homeserver's address: {why}", quoted(text));
            Err(AccountDataError::new(
                AccountDataErrorKind::NotAHomeserver,
                message,
            ))
        };
        let Ok(url) = Url::parse(text) else {
            return refused("it is not a URL such as https://matrix.example.org");
        };
        if !url.username().is_empty() || url.password().is_some() {
            // The text is not repeated.
            let message = "a homeserver's address has no user name and no password in it";
            return Err(AccountDataError::new(
                AccountDataErrorKind::NotAHomeserver,
                message,
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refused("it has a query or a fragment");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            "http" => return refused("http without s shows the access token to everybody"),
            _ => return refused("it does not begin with https://"),
        }
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.base
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_or_on_this_machine() {
        for (text, expected) in [
            (
                "https://matrix.example.org",
                Some("https://matrix.example.org"),
            ),
            (
                "https://example.org:8448/base/",
                Some("https://example.org:8448/base"),
            ),
            ("http://localhost:8008", Some("http://localhost:8008")),
            ("http://127.1.2.3", Some("http://127.1.2.3")),
            ("http://[::1]:8008/", Some("http://[::1]:8008")),
            ("http://example.org", None),
            ("http://localhost.example.org", None),
            ("http://127.0.0.1.example.org", None),
            ("http://10.0.0.1", None),
            ("https://token@example.org", None),
            ("https://example.org/?access_token=x", None),
            ("https://example.org/#x", None),
            ("ftp://example.org", None),
            ("matrix.example.org", None),
            ("@alice:example.org", None),
            ("", None),
        ] {
            let address = Address::parse(text);
            assert_eq!(
                address.as_ref().ok().map(Address::as_str),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn an_address_that_is_refused_says_why() {
        for (text, why) in [
            ("http://example.org", "shows the access token"),
            ("ftp://example.org", "does not begin with https://"),
            ("matrix.example.org", "not a URL"),
            ("https://example.org/#x", "a query or a fragment"),
            ("https://canary@example.org", "no user name"),
        ] {
            let message = Address::parse(text).unwrap_err().to_string();
            assert!(message.contains(why), "{message}");
            assert!(!message.contains("canary"), "{message}");
        }
    }
}

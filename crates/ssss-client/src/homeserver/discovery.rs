//! Finding the homeserver of a user id: `/.well-known/matrix/client`.

use http::Request;
use serde::Deserialize;
use ssss_model::ruma_common::UserId;

use super::address::Address;
use super::failure::Failure;
use super::options::HomeserverOptions;
use super::wire::{Repeat, Wire};
use super::{Homeserver, answer};
use crate::account_data::{AccountDataError, AccountDataErrorKind};
use crate::quoted::quoted;

#[derive(Deserialize)]
struct WellKnown {
    #[serde(rename = "m.homeserver")]
    homeserver: HomeserverInfo,
}

#[derive(Deserialize)]
struct HomeserverInfo {
    base_url: String,
}

impl Homeserver {
    /// Finds the homeserver of a user, and connects to it (Matrix client-server specification,
    /// "Server discovery"). Where the user's domain does not say where it is, it is the domain itself.
    ///
    /// What says where the homeserver is can send the access token anywhere, so it is believed only
    /// over `https`, and only if it can be read.
    pub async fn discover(
        user: &UserId,
        options: &HomeserverOptions,
    ) -> Result<Self, AccountDataError> {
        let domain = format!("https://{}", user.server_name());
        let address = Address::parse(&domain)?;
        let wire = Wire::new(address.clone(), options)?;
        let request = Request::get(format!("{domain}/.well-known/matrix/client"))
            .body(Vec::new())
            .map_err(|_| answer::spelled())?;
        match base_url(user, wire.send(request, Repeat::Harmless).await)? {
            Some(url) => Self::connect(&url, options).await,
            None => Self::at(address, options).await,
        }
    }
}

/// Where the domain says that the homeserver is; `None` if it says nothing.
fn base_url(
    user: &UserId,
    answer: Result<Vec<u8>, Failure>,
) -> Result<Option<String>, AccountDataError> {
    let well_known = match answer {
        Ok(body) => body,
        // Nothing there, in whatever words.
        Err(failure) if failure.status == Some(404) => return Ok(None),
        Err(failure) => {
            let why = format!("where it is cannot be found out: {}", failure.error);
            return Err(nowhere(user, failure.error.kind(), &why));
        }
    };
    let Ok(WellKnown { homeserver }) = serde_json::from_slice(&well_known) else {
        let why = "what its domain says of it cannot be read";
        return Err(nowhere(user, AccountDataErrorKind::NotAHomeserver, why));
    };
    Ok(Some(homeserver.base_url))
}

fn nowhere(user: &UserId, kind: AccountDataErrorKind, why: &str) -> AccountDataError {
    let server = quoted(user.server_name().as_str());
    AccountDataError::new(kind, format!("the homeserver of {server}: {why}"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use ssss_model::ruma_common::user_id;

    use super::super::failure::refusal;
    use super::*;

    /// Only what certainly says nothing sends to the domain itself: the password would go there.
    #[test]
    fn a_domain_that_cannot_be_asked_or_understood_is_not_taken_for_the_homeserver() {
        use AccountDataErrorKind as Kind;
        let elsewhere = r#"{"m.homeserver":{"base_url":"https://m.example.org"}}"#;
        for (status, body, expected) in [
            (200, elsewhere, Ok(Some("https://m.example.org".to_owned()))),
            (404, "<html>", Ok(None)),
            (404, r#"{"errcode":"M_UNRECOGNIZED"}"#, Ok(None)),
            (404, "", Ok(None)),
            (200, r#"{"m.homeserver":{}}"#, Err(Kind::NotAHomeserver)),
            (200, "{}", Err(Kind::NotAHomeserver)),
            (403, "<html>", Err(Kind::Forbidden)),
            (410, "<html>", Err(Kind::NotAHomeserver)),
            (502, elsewhere, Err(Kind::Unreachable)),
        ] {
            let code = StatusCode::from_u16(status).unwrap();
            let answer = if code.is_success() {
                Ok(body.into())
            } else {
                let headers = HeaderMap::new();
                Err(refusal("https://example.org", code, &headers, body.into()))
            };
            let told = base_url(user_id!("@a:example.org"), answer);
            let told = told.map_err(|error| {
                let message = error.to_string();
                let start = "the homeserver of example.org: ";
                assert!(message.starts_with(start), "{message}");
                error.kind()
            });
            assert_eq!(told, expected, "{status} {body}");
        }
    }
}

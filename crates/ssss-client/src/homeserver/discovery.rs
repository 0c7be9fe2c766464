//! Finding the homeserver of a user id: `/.well-known/matrix/client`.

use http::Request;
use serde::Deserialize;
use ssss_model::ruma_common::UserId;

use super::address::Address;
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
        let well_known = match wire.send(request, Repeat::Harmless).await {
            Ok(body) => body,
            // Nothing there, in whatever words.
            Err(failure) if failure.status == Some(404) => return Self::at(address, options).await,
            Err(failure) => {
                let why = format!("where it is cannot be found out: {}", failure.error);
                return Err(nowhere(user, failure.error.kind(), &why));
            }
        };
        let Ok(WellKnown { homeserver }) = serde_json::from_slice(&well_known) else {
            let why = "what its domain says of it cannot be read";
            return Err(nowhere(user, AccountDataErrorKind::NotAHomeserver, why));
        };
        Self::connect(&homeserver.base_url, options).await
    }
}

fn nowhere(user: &UserId, kind: AccountDataErrorKind, why: &str) -> AccountDataError {
    let server = quoted(user.server_name().as_str());
    AccountDataError::new(kind, format!("the homeserver of {server}: {why}"))
}

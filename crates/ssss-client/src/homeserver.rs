//! A homeserver: finding it, logging in, and an account's data on it.

mod account;
mod address;
mod answer;
mod approval;
mod discovery;
mod failure;
mod listing;
mod login;
mod options;
mod publish;
mod published;
mod tokens;
mod url;
mod wire;

use std::borrow::Cow;
use std::collections::BTreeMap;

use ruma_client_api::discovery::get_supported_versions;
use serde::Deserialize;
use ssss_model::ruma_common::api::auth_scheme::{AuthScheme, SendAccessToken};
use ssss_model::ruma_common::api::path_builder::{PathBuilder, SinglePath, VersionHistory};
use ssss_model::ruma_common::api::{OutgoingRequest, OutgoingRequestExt as _, SupportedVersions};

pub use self::account::HomeserverAccount;
use self::address::Address;
use self::answer::{read, spelled};
pub use self::approval::{Approval, Asked, NoApproval};
use self::failure::Failure;
pub use self::login::LoggedIn;
pub use self::options::HomeserverOptions;
pub use self::tokens::{KeepTokens, Tokens};
use self::wire::{Repeat, Wire};
use crate::account_data::{AccountDataError, AccountDataErrorKind};

/// A homeserver that has answered.
#[derive(Debug)]
pub struct Homeserver {
    wire: Wire,
    versions: SupportedVersions,
}

/// What `/versions` says. Features are whatever is true.
#[derive(Deserialize)]
struct Versions {
    versions: Vec<String>,
    #[serde(default)]
    unstable_features: BTreeMap<String, serde_json::Value>,
}

impl Homeserver {
    /// Whether a text can be the address of a homeserver, without asking anybody.
    pub fn check_address(url: &str) -> Result<(), AccountDataError> {
        Address::parse(url).map(|_| ())
    }

    /// Connects to a homeserver, and asks which versions of Matrix it speaks (`GET
    /// /_matrix/client/versions`). `url` is `https`; `http` only for this machine itself.
    ///
    /// If it cannot be reached, that is said after one try.
    pub async fn connect(url: &str, options: &HomeserverOptions) -> Result<Self, AccountDataError> {
        Self::at(Address::parse(url)?, options).await
    }

    async fn at(address: Address, options: &HomeserverOptions) -> Result<Self, AccountDataError> {
        let wire = Wire::new(address, options)?;
        let request = get_supported_versions::Request::new();
        let request = request
            .try_into_http_request::<Vec<u8>>(wire.address().as_str(), SendAccessToken::None, ())
            .map_err(|_| spelled())?;
        let body = wire.send(request, Repeat::Harmless).await?;
        let Ok(versions) = serde_json::from_slice::<Versions>(&body) else {
            let message = format!(
                "what answers at {} is not a homeserver: it does not say which versions of Matrix it speaks",
                wire.address().as_str()
            );
            return Err(AccountDataError::new(
                AccountDataErrorKind::NotAHomeserver,
                message,
            ));
        };
        let features = versions.unstable_features.into_iter();
        let features = features.map(|(name, on)| (name, on == true)).collect();
        let versions = SupportedVersions::from_parts(&versions.versions, &features);
        Ok(Self { wire, versions })
    }

    /// Where it is, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.wire.address().as_str()
    }

    /// Makes a call, and gives the answer, which is JSON.
    async fn call<R>(
        &self,
        request: R,
        token: Option<&str>,
        repeat: Repeat,
    ) -> Result<Vec<u8>, Failure>
    where
        R: OutgoingRequest,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
        R::PathBuilder: PathInput,
    {
        let token = token.map_or(SendAccessToken::None, SendAccessToken::IfRequired);
        let input = R::PathBuilder::input(&self.versions);
        let request = request
            .try_into_http_request::<Vec<u8>>(self.url(), token, input)
            .map_err(|_| spelled())?;
        self.wire.send(request, repeat).await
    }

    /// The same, with an answer of a known shape.
    async fn ask<R, A>(&self, request: R, token: Option<&str>, repeat: Repeat) -> Result<A, Failure>
    where
        R: OutgoingRequest,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
        R::PathBuilder: PathInput,
        A: serde::de::DeserializeOwned,
    {
        let body = self.call(request, token, repeat).await?;
        read(self.url(), &body)
    }
}

/// What the two kinds of path need to know.
trait PathInput: PathBuilder {
    fn input(versions: &SupportedVersions) -> Self::Input<'_>;
}

impl PathInput for VersionHistory {
    fn input(versions: &SupportedVersions) -> Cow<'_, SupportedVersions> {
        Cow::Borrowed(versions)
    }
}

impl PathInput for SinglePath {
    fn input(_: &SupportedVersions) {}
}

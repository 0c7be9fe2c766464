//! An account on a homeserver.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::try_join_all;
use ruma_client_api::account::whoami;
use ruma_client_api::config::{get_global_account_data, set_global_account_data};
use ruma_client_api::session::refresh_token;
use serde::Deserialize;
use ssss_model::Secret;
use ssss_model::ruma_common::api::OutgoingRequest;
use ssss_model::ruma_common::api::auth_scheme::{AuthScheme, SendAccessToken};
use ssss_model::ruma_common::serde::Raw;
use ssss_model::ruma_common::{DeviceId, OwnedDeviceId, OwnedUserId, UserId};
use ssss_model::zeroize::Zeroizing;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::sleep;

use super::answer::{read, unexpected};
use super::approval::{Approval, NoApproval};
use super::failure::Failure;
use super::url::segment;
use super::wire::Repeat;
use super::{Homeserver, KeepTokens, PathInput, Tokens};
use crate::account_data::{AccountData, AccountDataError, AccountDataErrorKind, Content};
use crate::listing::Listing;
use crate::publication::Publication;

/// An account on a homeserver: its data, and what it publishes.
///
/// Each call is one request, except [`enumerate`](AccountData::enumerate) where the server lists
/// nothing. An access token is used as it is; only where [tokens are kept](Self::keep_tokens) is it
/// renewed when the server no longer knows it.
#[derive(Debug)]
pub struct HomeserverAccount {
    server: Homeserver,
    user: OwnedUserId,
    device: Option<OwnedDeviceId>,
    tokens: Mutex<Tokens>,
    keeper: Option<Box<dyn KeepTokens>>,
    /// Only one renews the tokens at a time.
    renewing: AsyncMutex<()>,
    approval: Arc<dyn Approval>,
    /// The types of the events that were read or written, for servers that cannot list.
    seen: Mutex<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct WhoAmI {
    user_id: OwnedUserId,
    #[serde(default)]
    device_id: Option<OwnedDeviceId>,
}

impl HomeserverAccount {
    /// The account that an access token belongs to (`GET /account/whoami`).
    pub async fn of_token(
        server: Homeserver,
        access_token: Zeroizing<String>,
    ) -> Result<Self, AccountDataError> {
        let request = whoami::v3::Request::new();
        let asked = server.ask(request, Some(&access_token), Repeat::Harmless);
        let WhoAmI { user_id, device_id } = asked.await?;
        let tokens = Tokens {
            access_token,
            refresh_token: None,
        };
        Ok(Self::new(server, user_id, device_id, tokens))
    }

    /// Asks the server whose session this is (`GET /account/whoami`).
    pub async fn who_am_i(&self) -> Result<(OwnedUserId, Option<OwnedDeviceId>), AccountDataError> {
        let request = whoami::v3::Request::new();
        let WhoAmI { user_id, device_id } = self.ask(request, Repeat::Harmless).await?;
        Ok((user_id, device_id))
    }

    /// An account whose user and device are known already. Nothing is asked.
    #[must_use]
    pub fn new(
        server: Homeserver,
        user: OwnedUserId,
        device: Option<OwnedDeviceId>,
        tokens: Tokens,
    ) -> Self {
        Self {
            server,
            user,
            device,
            tokens: Mutex::new(tokens),
            keeper: None,
            renewing: AsyncMutex::new(()),
            approval: Arc::new(NoApproval),
            seen: Mutex::default(),
        }
    }

    /// Renews the tokens with the refresh token when the server wants that, and keeps the new ones.
    #[must_use]
    pub fn keep_tokens(self, keeper: Box<dyn KeepTokens>) -> Self {
        let keeper = Some(keeper);
        Self { keeper, ..self }
    }

    /// Whom to ask where the server wants the account's owner to approve something.
    #[must_use]
    pub fn with_approval(self, approval: Arc<dyn Approval>) -> Self {
        Self { approval, ..self }
    }

    /// The homeserver.
    #[must_use]
    pub fn homeserver(&self) -> &Homeserver {
        &self.server
    }

    /// Whose account it is.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user
    }

    /// The device that the access token belongs to, if it belongs to one.
    #[must_use]
    pub fn device_id(&self) -> Option<&DeviceId> {
        self.device.as_deref()
    }

    pub(super) fn approval(&self) -> &dyn Approval {
        &*self.approval
    }

    pub(super) fn seen(&self) -> MutexGuard<'_, BTreeSet<String>> {
        // Nothing panics while it holds the lock, and a set is whole after each change.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call as this account.
    pub(super) async fn call<R>(&self, request: R, repeat: Repeat) -> Result<Vec<u8>, Failure>
    where
        R: OutgoingRequest,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
        R::PathBuilder: PathInput,
    {
        let token = self.tokens().access_token.clone();
        let called = self
            .server
            .call(request.clone(), Some(&token), repeat)
            .await;
        match called {
            // It was turned away unread, so it is made again even where it must not be repeated.
            Err(failure) if failure.errcode.as_deref() == Some("M_UNKNOWN_TOKEN") => {
                let Some(token) = self.renew(&token).await? else {
                    return Err(failure);
                };
                self.server.call(request, Some(&token), repeat).await
            }
            called => called,
        }
    }

    /// The same, with an answer of a known shape.
    pub(super) async fn ask<R, A>(&self, request: R, repeat: Repeat) -> Result<A, Failure>
    where
        R: OutgoingRequest,
        for<'a> R::Authentication: AuthScheme<Input<'a> = SendAccessToken<'a>>,
        R::PathBuilder: PathInput,
        A: serde::de::DeserializeOwned,
    {
        read(self.server.url(), &self.call(request, repeat).await?)
    }

    /// Gets a new access token in place of one that the server does not know; `None` if this session
    /// cannot.
    async fn renew(&self, expired: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let Some(keeper) = &self.keeper else {
            return Ok(None);
        };
        let _renewing = self.renewing.lock().await;
        // Somebody else may have renewed them meanwhile: another call, or another process.
        let mut tokens = self.tokens().clone();
        if tokens.access_token.as_str() == expired
            && let Some(kept) = keeper.kept()
        {
            tokens = kept;
        }
        if tokens.access_token.as_str() == expired {
            let Some(refresh) = &tokens.refresh_token else {
                return Ok(None);
            };
            let request = refresh_token::v3::Request::new(refresh.to_string());
            let asked = self.server.ask(request, None, Repeat::Never).await;
            tokens = match asked {
                Ok(Refreshed {
                    access_token,
                    refresh_token,
                }) => {
                    let renewed = Tokens {
                        access_token: Zeroizing::new(access_token),
                        refresh_token: refresh_token
                            .map(Zeroizing::new)
                            .or(tokens.refresh_token.take()),
                    };
                    keeper.keep(&renewed).map_err(|why| {
                        let message = format!("the session's new tokens cannot be kept: {why}");
                        AccountDataError::new(AccountDataErrorKind::Io, message)
                    })?;
                    renewed
                }
                // The refresh token is what it does not know. Another process may just have used it.
                Err(failure)
                    if matches!(
                        failure.error.kind(),
                        AccountDataErrorKind::Refused | AccountDataErrorKind::Forbidden
                    ) =>
                {
                    renewed_by_another(&**keeper, expired)
                        .await
                        .ok_or_else(|| {
                            let message = format!(
                                "the session on {} has ended, and cannot be renewed",
                                self.server.url()
                            );
                            AccountDataError::new(AccountDataErrorKind::LoginNeeded, message)
                        })?
                }
                Err(failure) => return Err(failure),
            };
        }
        let token = tokens.access_token.clone();
        *self.tokens() = tokens;
        Ok(Some(token))
    }
}

/// Tokens that another process gets in place of an expired one, if it keeps some soon.
async fn renewed_by_another(keeper: &dyn KeepTokens, expired: &str) -> Option<Tokens> {
    for pause in [0, 100, 400, 1_000] {
        sleep(Duration::from_millis(pause)).await;
        let kept = keeper.kept();
        if let Some(kept) = kept.filter(|kept| kept.access_token.as_str() != expired) {
            return Some(kept);
        }
    }
    None
}

#[derive(Deserialize)]
struct Refreshed {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
}

impl AccountData for HomeserverAccount {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        self.seen().insert(event_type.to_owned());
        let user = self.user.clone();
        let request = get_global_account_data::v3::Request::new(user, segment(event_type).into());
        match self.call(request, Repeat::Harmless).await {
            Ok(body) => {
                let text = String::from_utf8(body).map_err(|_| unexpected(self.server.url()))?;
                let content = Raw::from_json_string(text);
                Ok(Some(content.map_err(|_| unexpected(self.server.url()))?))
            }
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure.error),
        }
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        self.seen().insert(event_type.to_owned());
        let (user, content) = (self.user.clone(), content.clone());
        let event_type = segment(event_type).into();
        let request = set_global_account_data::v3::Request::new_raw(user, event_type, content);
        self.call(request, Repeat::Harmless).await?;
        Ok(())
    }

    /// Together. All are waited for, so that nothing is still on its way afterwards.
    async fn put_all(&self, events: &[(String, Content)]) -> Result<(), AccountDataError> {
        let puts = events
            .iter()
            .map(|(event_type, content)| self.put(event_type, content));
        let done = futures_util::future::join_all(puts).await;
        done.into_iter().collect()
    }

    fn mention(&self, event_types: &[&str]) {
        let event_types = event_types
            .iter()
            .map(|event_type| (*event_type).to_owned());
        self.seen().extend(event_types);
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        self.list().await
    }

    async fn publish(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        self.publish_keys(publication, secrets).await
    }
}

impl HomeserverAccount {
    /// Reads events, all at once; those that there are.
    pub(super) async fn get_all(
        &self,
        event_types: impl IntoIterator<Item = String>,
    ) -> Result<Vec<(String, Content)>, AccountDataError> {
        let gets = event_types.into_iter().map(async |event_type| {
            let content = self.get(&event_type).await?;
            Ok::<_, AccountDataError>(content.map(|content| (event_type, content)))
        });
        Ok(try_join_all(gets).await?.into_iter().flatten().collect())
    }
}

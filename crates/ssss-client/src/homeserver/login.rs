//! Logging in and out.

use ruma_client_api::session::{login, logout};
use ruma_client_api::uiaa::{MatrixUserIdentifier, UserIdentifier};
use serde::Deserialize;
use ssss_model::ruma_common::{OwnedDeviceId, OwnedUserId, UserId};
use ssss_model::zeroize::Zeroizing;

use super::wire::Repeat;
use super::{Homeserver, HomeserverAccount, Tokens};
use crate::account_data::AccountDataError;

/// A session that has just begun.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LoggedIn {
    /// Whose it is.
    pub user_id: OwnedUserId,
    /// Its device.
    pub device_id: OwnedDeviceId,
    /// What the server knows it by.
    pub tokens: Tokens,
}

#[derive(Deserialize)]
struct Answer {
    user_id: OwnedUserId,
    device_id: OwnedDeviceId,
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
}

impl Homeserver {
    /// Logs in with a password, on a new device of this name (`POST /login`, `m.login.password`).
    /// `lasting` asks for a refresh token, for a session that is kept.
    ///
    /// The server's answer may name another homeserver; this stays where it is.
    pub async fn log_in_by_password(
        &self,
        user: &UserId,
        password: &str,
        device_name: &str,
        lasting: bool,
    ) -> Result<LoggedIn, AccountDataError> {
        let identifier = UserIdentifier::Matrix(MatrixUserIdentifier::new(user.to_string()));
        let password = login::v3::Password::new(identifier, password.to_owned());
        let mut request = login::v3::Request::new(login::v3::LoginInfo::Password(password));
        request.initial_device_display_name = Some(device_name.to_owned());
        request.refresh_token = lasting;
        let Answer {
            user_id,
            device_id,
            access_token,
            refresh_token,
        } = self.ask(request, None, Repeat::Never).await?;
        Ok(LoggedIn {
            user_id,
            device_id,
            tokens: Tokens {
                access_token: Zeroizing::new(access_token),
                refresh_token: refresh_token.map(Zeroizing::new),
            },
        })
    }
}

impl HomeserverAccount {
    /// Ends the session: the server forgets the device and its tokens (`POST /logout`).
    pub async fn log_out(&self) -> Result<(), AccountDataError> {
        self.call(logout::v3::Request::new(), Repeat::Harmless)
            .await?;
        Ok(())
    }
}

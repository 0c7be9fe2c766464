//! What the homeserver publishes of an account.

use std::collections::BTreeMap;

use futures_util::future::join;
use ruma_client_api::backup::get_latest_backup_info;
use ruma_client_api::keys::get_keys;

use super::HomeserverAccount;
use super::answer::unexpected;
use super::wire::Repeat;
use crate::account_data::AccountDataError;
use crate::published::Published;

impl HomeserverAccount {
    /// Reads the public halves of the cross-signing keys, the devices, and the key backup (`POST
    /// /keys/query` and `GET /room_keys/version`, at once).
    pub async fn published(&self) -> Result<Published, AccountDataError> {
        let mut request = get_keys::v3::Request::new();
        request.device_keys = BTreeMap::from([(self.user_id().to_owned(), Vec::new())]);
        let keys = self.call(request, Repeat::Harmless);
        let request = get_latest_backup_info::v3::Request::new();
        let backup = self.call(request, Repeat::Harmless);
        let (keys, backup) = join(keys, backup).await;
        let backup = match backup {
            Ok(body) => Some(self.text(body)?),
            Err(failure) if failure.is_not_found() => None,
            Err(failure) => return Err(failure.error),
        };
        let keys = self.text(keys?)?;
        Published::parse(self.user_id(), &keys, backup.as_deref())
            .map_err(|_| unexpected(self.homeserver().url()))
    }

    fn text(&self, body: Vec<u8>) -> Result<String, AccountDataError> {
        String::from_utf8(body).map_err(|_| unexpected(self.homeserver().url()))
    }
}

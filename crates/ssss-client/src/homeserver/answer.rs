//! Reading answers.

use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::account_data::{AccountDataError, AccountDataErrorKind};

/// Reads an answer of a known shape.
pub(super) fn read<A: DeserializeOwned>(server: &str, body: &[u8]) -> Result<A, Failure> {
    serde_json::from_slice(body).map_err(|_| unexpected(server).into())
}

/// An answer that is JSON, and not what it should be.
pub(super) fn unexpected(server: &str) -> AccountDataError {
    let message = format!("{server} answers in a form that no homeserver does");
    AccountDataError::new(AccountDataErrorKind::NotAHomeserver, message)
}

/// A request that cannot be spelled.
pub(super) fn spelled() -> AccountDataError {
    let message = "an access token, an event type or a user id cannot be spelled in a request";
    AccountDataError::new(AccountDataErrorKind::Refused, message)
}

//! The port to an account's data.

use std::fmt;

use futures_util::future::try_join_all;
use ssss_model::Secret;
use ssss_model::ruma_common::serde::Raw;
use ssss_model::ruma_events::AnyGlobalAccountDataEventContent;

use crate::listing::Listing;
use crate::publication::Publication;

/// The content of an account-data event, as JSON that nothing has checked.
pub type Content = Raw<AnyGlobalAccountDataEventContent>;

/// Where an account's data lies: a homeserver, a file, or memory.
///
/// Everything above this trait works on any of them. A store does what it is told and decides
/// nothing. There is no compare-and-swap in Matrix, so none is asked for.
#[expect(
    async_fn_in_trait,
    reason = "futures are as `Send` as the store makes them, also in wasm"
)]
pub trait AccountData {
    /// Reads the content of an event.
    ///
    /// `None` says that there certainly is no such event. Whoever cannot be sure (a timeout, a
    /// proxy's error page, a server that forbids) returns an error.
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError>;

    /// Writes the content of an event.
    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError>;

    /// Writes events that do not depend on each other, as much at once as the store can.
    ///
    /// An error says that some may have been written and some not.
    fn put_all(
        &self,
        events: &[(String, Content)],
    ) -> impl Future<Output = Result<(), AccountDataError>> {
        async move {
            let puts = events
                .iter()
                .map(|(event_type, content)| self.put(event_type, content));
            try_join_all(puts).await.map(|_| ())
        }
    }

    /// Hears of events that matter before they are read with all the others. Only of use to a store
    /// that cannot list what it holds: it looks for these by name, too.
    fn mention(&self, event_types: &[&str]) {
        let _ = event_types;
    }

    /// Reads every event. A store that always knows all of them gives `Ok(events.into())`; one that may
    /// not know all says so in the [`Listing`], and must not take what it does not see for absent.
    async fn enumerate(&self) -> Result<Listing, AccountDataError>;

    /// Publishes the public halves of secrets that lie in the account. Looks first: what is published
    /// already is not published again, and what somebody else has published is not replaced.
    ///
    /// Only a homeserver can; a file is read-only in this respect.
    fn publish(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> impl Future<Output = Result<(), AccountDataError>> {
        let _ = (publication, secrets);
        async {
            Err(AccountDataError::new(
                AccountDataErrorKind::ReadOnly,
                "public keys are published on a homeserver only",
            ))
        }
    }
}

impl<S: AccountData + ?Sized> AccountData for &S {
    async fn get(&self, event_type: &str) -> Result<Option<Content>, AccountDataError> {
        (**self).get(event_type).await
    }

    async fn put(&self, event_type: &str, content: &Content) -> Result<(), AccountDataError> {
        (**self).put(event_type, content).await
    }

    async fn put_all(&self, events: &[(String, Content)]) -> Result<(), AccountDataError> {
        (**self).put_all(events).await
    }

    fn mention(&self, event_types: &[&str]) {
        (**self).mention(event_types);
    }

    async fn enumerate(&self) -> Result<Listing, AccountDataError> {
        (**self).enumerate().await
    }

    async fn publish(
        &self,
        publication: Publication,
        secrets: &[Secret],
    ) -> Result<(), AccountDataError> {
        (**self).publish(publication, secrets).await
    }
}

/// A store could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDataError {
    kind: AccountDataErrorKind,
    message: String,
}

/// What kept a store from doing what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountDataErrorKind {
    /// There is no account data here at all, such as a file that does not exist.
    Absent,
    /// The operating system refused to read or write.
    Io,
    /// What is there is not account data, or is damaged.
    Damaged,
    /// What is there, or would be, is larger than this store handles.
    TooLarge,
    /// The store can be read only.
    ReadOnly,
    /// Somebody else has changed what was to be written. Nothing was written.
    Conflict,
    /// The server does not know the access token, or does not know it any more.
    LoginNeeded,
    /// The server does not allow it.
    Forbidden,
    /// The server wants the account's owner to approve it, and nobody has.
    ApprovalNeeded,
    /// The server has had too many requests, and wants none for longer than there is time.
    RateLimited,
    /// There is no server to reach, or it fails. Trying again later may help.
    Unreachable,
    /// What answers is not a homeserver: a log-in page, a proxy, another address.
    NotAHomeserver,
    /// An answer was cut off.
    Truncated,
    /// The server refuses it for another reason.
    Refused,
}

impl AccountDataError {
    /// Makes an error. The message completes a sentence about the store and holds no secrets.
    #[must_use]
    pub fn new(kind: AccountDataErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// What kept the store from doing what it was asked.
    #[must_use]
    pub fn kind(&self) -> AccountDataErrorKind {
        self.kind
    }
}

impl fmt::Display for AccountDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for AccountDataError {}

//! Every account-data event of an account.
//!
//! Matrix has no call for this. Simplified sliding sync (MSC4186) gives it and nothing else; `/sync`
//! gives it with a filter that keeps everything else out. Both are first syncs, without a token of
//! where an earlier one ended: such a token would acknowledge messages to the device whose access
//! token this is, and lose them. A server that allows neither is asked for what is known by name, and what
//! else there is stays unknown.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use ruma_client_api::filter::{FilterDefinition, RoomFilter};
use ruma_client_api::sync::sync_events;
use serde::Deserialize;
use ssss_model::ruma_common::presence::PresenceState;
use ssss_model::ruma_common::serde::Raw;
use ssss_model::{DefaultKey, EncryptedSecret, KeyId, SecretName, Snapshot};

use super::HomeserverAccount;
use super::answer::unexpected;
use super::failure::Failure;
use super::wire::Repeat;
use crate::account_data::{AccountDataError, AccountDataErrorKind, Content};
use crate::listing::Listing;

/// What servers call MSC4186 in `/versions`.
const SLIDING_SYNC: &str = "org.matrix.simplified_msc3575";
/// Our connection, so that nobody else's is begun anew.
const CONNECTION: &str = "ssss";

#[derive(Deserialize)]
struct Event {
    r#type: String,
    content: Content,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SlidingSync {
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Extensions {
    account_data: Option<Global>,
}

#[derive(Deserialize)]
struct Global {
    #[serde(default)]
    global: Vec<Raw<Event>>,
}

#[derive(Deserialize)]
struct Sync {
    /// Every first sync has one; what has none is no first sync.
    #[serde(rename = "next_batch")]
    _next_batch: serde::de::IgnoredAny,
    #[serde(default)]
    account_data: Events,
}

#[derive(Default, Deserialize)]
struct Events {
    #[serde(default)]
    events: Vec<Raw<Event>>,
}

impl HomeserverAccount {
    /// Every event; on a server that lists nothing, those whose names are known, which are not all.
    pub(super) async fn list(&self) -> Result<Listing, AccountDataError> {
        if self.has_sliding_sync() {
            match self.sliding_sync().await {
                Ok(events) => return Ok(events.into()),
                Err(failure) if !may_list_otherwise(&failure) => return Err(failure.error),
                Err(_) => {}
            }
        }
        match self.filtered_sync().await {
            Ok(events) => Ok(events.into()),
            Err(failure) if may_list_otherwise(&failure) => Ok(Listing {
                events: self.known_names().await?,
                is_whole: false,
            }),
            Err(failure) => Err(failure.error),
        }
    }

    fn has_sliding_sync(&self) -> bool {
        let features = &self.homeserver().versions.features;
        features
            .iter()
            .any(|feature| feature.as_str() == SLIDING_SYNC)
    }

    async fn sliding_sync(&self) -> Result<Vec<(String, Content)>, Failure> {
        let mut request = sync_events::v5::Request::new();
        request.conn_id = Some(CONNECTION.to_owned());
        request.set_presence = PresenceState::Offline;
        request.timeout = Some(Duration::ZERO);
        request.extensions.account_data.enabled = Some(true);
        let answer: SlidingSync = self.ask(request, Repeat::Harmless).await?;
        match answer.extensions.account_data {
            Some(account_data) => Ok(self.events(&account_data.global)?),
            // A server without the extension says nothing of it, which is not that there is nothing.
            None => self.filtered_sync().await,
        }
    }

    async fn filtered_sync(&self) -> Result<Vec<(String, Content)>, Failure> {
        // Servers answer the same first sync from a cache, for minutes. None has events of this type.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let unheard_of = format!("ssss.{}", now.unwrap_or_default().as_nanos());
        let mut filter = FilterDefinition::ignore_all();
        filter.room = RoomFilter::ignore_all();
        filter.account_data.types = None;
        filter.account_data.limit = None;
        filter.account_data.not_types = vec![unheard_of];
        let mut request = sync_events::v3::Request::new();
        request.filter = Some(sync_events::v3::Filter::FilterDefinition(filter));
        request.set_presence = PresenceState::Offline;
        request.timeout = Some(Duration::ZERO);
        let answer: Sync = self.ask(request, Repeat::Harmless).await?;
        Ok(self.events(&answer.account_data.events)?)
    }

    fn events(&self, events: &[Raw<Event>]) -> Result<Vec<(String, Content)>, AccountDataError> {
        let url = self.homeserver().url();
        let events = events.iter().map(|event| {
            // A type that is no text is nobody's event, but what has no content is damaged.
            let event = event.deserialize().map_err(|_| unexpected(url))?;
            Ok((event.r#type, event.content))
        });
        events.collect()
    }

    /// What every account may have, what this process has seen, and what those name.
    async fn known_names(&self) -> Result<Vec<(String, Content)>, AccountDataError> {
        let mut names: BTreeSet<String> = self.seen().clone();
        names.insert(DefaultKey::EVENT_TYPE.to_owned());
        let known = SecretName::KNOWN;
        names.extend(known.iter().map(|name| name.as_str().to_owned()));
        let mut events = self.get_all(names.clone()).await?;
        let snapshot = Snapshot::partial(events.clone());
        let sealed_for = snapshot
            .present_secrets()
            .flat_map(EncryptedSecret::entries)
            .map(|(id, _)| id);
        let keys = snapshot.default_key_id().into_iter().chain(sealed_for);
        let keys: BTreeSet<String> = keys.map(KeyId::event_type).collect();
        events.extend(self.get_all(keys.difference(&names).cloned()).await?);
        Ok(events)
    }
}

/// Whether another way to list may still do: this one is not known, not allowed, or gives too much.
fn may_list_otherwise(failure: &Failure) -> bool {
    failure.is_unsupported() || failure.error.kind() == AccountDataErrorKind::TooLarge
}

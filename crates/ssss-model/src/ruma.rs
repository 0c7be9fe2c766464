//! To ruma's event contents and back.
//!
//! Ruma's types keep known fields only and are stricter than what clients write, so these
//! conversions are for handing a well-formed event to other code, not for storing one.

use std::fmt;

use ruma_common::serde::Raw;
use ruma_events::EventContentFromType as _;
use ruma_events::secret_storage::default_key::SecretStorageDefaultKeyEventContent;
use ruma_events::secret_storage::key::SecretStorageKeyEventContent;
use ruma_events::secret_storage::secret::SecretEventContent;

use crate::default_key::DefaultKey;
use crate::encrypted_secret::EncryptedSecret;
use crate::event_state::EventState;
use crate::key_description::KeyDescription;
use crate::key_id::KeyId;
use crate::object::Object;
use crate::secret_name::SecretName;

/// A content has no counterpart: ruma is stricter than clients are, and this event shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RumaConversionError;

impl KeyDescription {
    /// Ruma's content of this event.
    pub fn to_ruma(&self) -> Result<SecretStorageKeyEventContent, RumaConversionError> {
        let raw: Raw<SecretStorageKeyEventContent> = self.object().to_raw();
        SecretStorageKeyEventContent::from_parts(&self.id().event_type(), raw.json())
            .map_err(|_| RumaConversionError)
    }

    /// Reads ruma's content.
    pub fn from_ruma(content: &SecretStorageKeyEventContent) -> Result<Self, RumaConversionError> {
        let id = KeyId::new(&content.key_id).map_err(|_| RumaConversionError)?;
        present(Self::parse(&id, &object(Raw::new(content))?))
    }
}

impl DefaultKey {
    /// Ruma's content of this event.
    #[must_use]
    pub fn to_ruma(&self) -> SecretStorageDefaultKeyEventContent {
        SecretStorageDefaultKeyEventContent::new(self.id().as_str().to_owned())
    }

    /// Reads ruma's content.
    pub fn from_ruma(
        content: &SecretStorageDefaultKeyEventContent,
    ) -> Result<Self, RumaConversionError> {
        present(Self::parse(&object(Raw::new(content))?))
    }
}

impl EncryptedSecret {
    /// Ruma's content of this event.
    pub fn to_ruma(&self) -> Result<SecretEventContent, RumaConversionError> {
        self.object()
            .to_raw::<SecretEventContent>()
            .deserialize()
            .map_err(|_| RumaConversionError)
    }

    /// Reads ruma's content of the event of a secret.
    pub fn from_ruma(
        name: &SecretName,
        content: &SecretEventContent,
    ) -> Result<Self, RumaConversionError> {
        present(Self::parse(name, &object(Raw::new(content))?))
    }
}

fn object<T, E>(raw: Result<Raw<T>, E>) -> Result<Object, RumaConversionError> {
    raw.ok()
        .and_then(|raw| Object::from_raw(&raw).ok())
        .ok_or(RumaConversionError)
}

fn present<T>(state: EventState<T>) -> Result<T, RumaConversionError> {
    match state {
        EventState::Present(content) => Ok(content),
        _ => Err(RumaConversionError),
    }
}

impl fmt::Display for RumaConversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ruma's types cannot express this content")
    }
}

impl core::error::Error for RumaConversionError {}

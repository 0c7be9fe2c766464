//! The pointer to the default key.

use crate::event_state::{EventState, Malformed};
use crate::key_id::KeyId;
use crate::object::{self, Object, Value};

/// The content of `m.secret_storage.default_key`: which key opens and receives secrets where no
/// other is named ("Key storage").
#[derive(Debug, Clone)]
pub struct DefaultKey {
    id: KeyId,
    object: Object,
}

impl DefaultKey {
    /// The type of the event.
    pub const EVENT_TYPE: &str = "m.secret_storage.default_key";

    /// Reads the content of the event. `{}` is a [tombstone](EventState::Tombstone).
    #[must_use]
    pub fn parse(object: &Object) -> EventState<Self> {
        if object.is_empty() {
            return EventState::Tombstone;
        }
        let Some(value) = object.get("key").filter(|value| !object::is_null(value)) else {
            return EventState::Malformed(Malformed::Absent("key"));
        };
        let Some(id) = object::string(value) else {
            return EventState::Malformed(Malformed::WrongType("key"));
        };
        match KeyId::new(&id) {
            Ok(id) => EventState::Present(Self {
                id,
                object: object.clone(),
            }),
            Err(_) => EventState::Malformed(Malformed::KeyId),
        }
    }

    /// The id of the default key.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The content of the event.
    #[must_use]
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// The content that names another key: that of the event as it stands, with `key` replaced.
    #[must_use]
    pub fn content(existing: Option<&Object>, id: &KeyId) -> Object {
        existing
            .unwrap_or(&Object::empty())
            .with("key", &Value::string(id.as_str()))
    }
}

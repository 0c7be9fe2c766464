//! What stands in events, read without anything of what is tested.

use serde_json::Value;
use ssss_client::ssss_model::ruma_common::serde::Base64;
use ssss_client::ssss_model::ruma_common::serde::base64::Standard;
use ssss_client::ssss_model::ssss_crypto::Sealed;

/// What is sealed in an event of a secret, with the JSON of each entry.
pub(crate) fn entries(content: &str) -> Vec<(Value, Option<Sealed>)> {
    let Ok(content) = serde_json::from_str::<Value>(content) else {
        return Vec::new();
    };
    let entries = content["encrypted"].as_object().into_iter().flatten();
    entries
        .map(|(_, entry)| (entry.clone(), sealed(entry)))
        .collect()
}

/// Whether an event says something: a secret, a key, or which key is the default.
pub(crate) fn has_value(event_type: &str, content: &str) -> bool {
    let field = |name| serde_json::from_str::<Value>(content).is_ok_and(|c| c[name].is_string());
    match event_type {
        "m.secret_storage.default_key" => field("key"),
        _ if event_type.starts_with("m.secret_storage.key.") => field("algorithm"),
        _ => entries(content).iter().any(|(_, sealed)| sealed.is_some()),
    }
}

pub(crate) fn bytes(value: &Value) -> Option<Vec<u8>> {
    let bytes = Base64::<Standard>::parse(value.as_str()?);
    bytes.ok().map(Base64::into_inner)
}

fn sealed(entry: &Value) -> Option<Sealed> {
    Some(Sealed {
        iv: bytes(&entry["iv"])?.try_into().ok()?,
        ciphertext: bytes(&entry["ciphertext"])?,
        mac: bytes(&entry["mac"])?.try_into().ok()?,
    })
}

/// The content with a field, at the end of a path, that is something else.
pub(crate) fn with(content: &str, path: &[&str], value: Value) -> String {
    let mut content: Value = serde_json::from_str(content).unwrap();
    let mut place = &mut content;
    for name in path {
        place = &mut place[*name];
    }
    *place = value;
    content.to_string()
}

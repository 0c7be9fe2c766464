//! JSON values.

use std::borrow::Cow;

use ruma_common::serde::Raw;

use super::Object;

/// A JSON value to put into an [`Object`].
#[derive(Debug, Clone)]
pub struct Value(String);

impl Value {
    /// A string.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not")]
    pub fn string(text: &str) -> Self {
        #[expect(clippy::expect_used, reason = "every text is a JSON string")]
        let json = serde_json::to_string(text).expect("a text is a JSON string");
        Self(json)
    }

    /// A number.
    #[must_use]
    pub fn number(number: u64) -> Self {
        Self(number.to_string())
    }

    /// Any JSON.
    #[must_use]
    pub fn raw<T>(raw: &Raw<T>) -> Self {
        Self(raw.json().get().to_owned())
    }

    /// The JSON text.
    pub(super) fn as_json(&self) -> &str {
        &self.0
    }

    /// An object.
    #[must_use]
    pub fn object(object: &Object) -> Self {
        Self(object.as_json().to_owned())
    }
}

/// The text of a JSON string; `None` if the value, which was read as JSON before, is something else, or no
/// Unicode text.
pub(crate) fn string(value: &str) -> Option<Cow<'_, str>> {
    if !value.starts_with('"') {
        return None;
    }
    if value.contains('\\') {
        return serde_json::from_str::<String>(value).ok().map(Cow::Owned);
    }
    value
        .strip_prefix('"')?
        .strip_suffix('"')
        .map(Cow::Borrowed)
}

/// Whether a JSON value is `null`, which counts as absent for optional fields.
pub(crate) fn is_null(value: &str) -> bool {
    value == "null"
}

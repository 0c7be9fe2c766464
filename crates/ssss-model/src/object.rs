//! A JSON object that keeps every byte it was not asked to change.

use std::fmt;
use std::sync::Arc;

use ruma_common::serde::Raw;
use serde_json::value::RawValue;

mod field;
mod part;
mod splice;
mod value;
mod view;

pub(crate) use part::Part;
pub use value::Value;
pub(crate) use value::{is_null, string};
pub(crate) use view::View;

/// The text of one JSON object, with the place of each of its fields.
///
/// Reading looks at one level only, so a field is never interpreted unless it is asked for. Writing
/// splices: everything but the changed field, white space included, stays byte for byte as it was.
/// Cloning is cheap (the text is shared).
///
/// Where a name stands twice the last one counts, as it does for every Matrix client and server.
#[derive(Clone)]
pub struct Object(Arc<View<'static>>);

/// Why a text is not an [`Object`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectError {
    /// It is not JSON, or it is cut off; the place is given in bytes from the start of the line.
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Byte within the line, from 1.
        column: usize,
    },
    /// It is JSON, but not an object.
    NotAnObject,
}

impl Object {
    /// Finds the fields of a JSON object.
    pub fn parse(text: &str) -> Result<Self, ObjectError> {
        View::parse(text).map(Self::from)
    }

    /// The object of an event's content as it came from the server.
    pub fn from_raw<T>(raw: &Raw<T>) -> Result<Self, ObjectError> {
        Self::parse(raw.json().get())
    }

    /// The object without fields, `{}`.
    #[must_use]
    pub fn empty() -> Self {
        View::empty().into()
    }

    pub(crate) fn view(&self) -> &View<'static> {
        &self.0
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.as_json()
    }

    /// The object as ruma's raw JSON of a type, which nothing checks.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not: the text is JSON")]
    pub fn to_raw<T>(&self) -> Raw<T> {
        #[expect(
            clippy::expect_used,
            reason = "the text was read as JSON when it came in"
        )]
        let json = RawValue::from_string(self.as_json().to_owned()).expect("an object is JSON");
        Raw::from_json(json)
    }

    /// Whether there are no fields at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The JSON text of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// The names and JSON texts of the fields, in order; of fields of one name only the last.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }

    /// The first name that stands more than once.
    #[must_use]
    pub fn duplicate(&self) -> Option<&str> {
        self.0.duplicate()
    }

    /// This object with a field set to a JSON value; other fields keep their bytes and order.
    ///
    /// A new field comes last, laid out like the one before it.
    #[must_use]
    pub fn with(&self, name: &str, value: &Value) -> Self {
        self.with_all([(name, value)])
    }

    /// [`with`](Self::with) for several fields at once.
    #[must_use]
    pub fn with_all<'a>(&self, changes: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Self {
        let changes: Vec<_> = changes
            .into_iter()
            .map(|(name, value)| (name, Part::Json(value.as_json())))
            .collect();
        self.0.with_all(&changes).into()
    }

    /// This object with the fields of another one that it does not have.
    #[must_use]
    pub fn with_missing_fields_of(&self, other: &Self) -> Self {
        self.0.with_missing_fields_of(&other.0).into()
    }

    /// Whether two objects are the same JSON, however it is spelled: servers reformat it.
    #[must_use]
    pub fn is_same_json(&self, other: &Self) -> bool {
        let value =
            |object: &Self| serde_json::from_str::<serde_json::Value>(object.as_json()).ok();
        self.as_json() == other.as_json()
            || value(self).is_some_and(|one| Some(one) == value(other))
    }

    /// This object without the fields of these names; other fields keep their bytes and order.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        self.0.without(names).into()
    }
}

impl From<View<'_>> for Object {
    fn from(view: View<'_>) -> Self {
        Self(Arc::new(view.into_owned()))
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl fmt::Display for ObjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column } => {
                write!(
                    f,
                    "this is not JSON, or it is cut off (line {line}, column {column})"
                )
            }
            Self::NotAnObject => f.write_str("this is JSON, but not an object"),
        }
    }
}

impl core::error::Error for ObjectError {}

#[cfg(test)]
mod tests;

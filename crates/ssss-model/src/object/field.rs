//! The fields of an object.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::value;

/// Where a field stands in the text of its object.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) name: Name,
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

/// How the name of a field is spelled.
#[derive(Clone)]
pub(super) enum Name {
    /// As it is, between the quotes.
    Plain,
    /// With something escaped; this is the name.
    Escaped(Box<str>),
    /// With a lone surrogate, so that it is no Unicode text. Such a field is kept and cannot be asked
    /// for.
    NotText,
}

impl Name {
    /// Of a JSON string.
    pub(super) fn of(key: &str) -> Self {
        match value::string(key) {
            Some(Cow::Borrowed(_)) => Self::Plain,
            Some(Cow::Owned(name)) => Self::Escaped(name.into()),
            None => Self::NotText,
        }
    }
}

impl Field {
    /// The name, in the text of the object.
    pub(super) fn name<'a>(&'a self, text: &'a str) -> Option<&'a str> {
        match &self.name {
            Name::Plain => text
                .get(self.key.clone())?
                .strip_prefix('"')?
                .strip_suffix('"'),
            Name::Escaped(name) => Some(name),
            Name::NotText => None,
        }
    }
}

/// Collects the places of an object's fields, without reading their values.
pub(super) struct FieldVisitor {
    /// Address of the text's first byte.
    pub(super) base: usize,
}

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Vec<Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Field>, A::Error> {
        let place = |raw: &RawValue| {
            let start = (raw.get().as_ptr() as usize).saturating_sub(self.base);
            start..start + raw.get().len()
        };
        let mut fields = Vec::new();
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            fields.push(Field {
                name: Name::of(key.get()),
                key: place(key),
                value: place(value),
            });
        }
        Ok(fields)
    }
}

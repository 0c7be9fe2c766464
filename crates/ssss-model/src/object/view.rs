//! A JSON object's text with the places of its fields.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserializer as _;
use serde_json::value::RawValue;

use super::ObjectError;
use super::field::{Field, FieldVisitor};
use super::splice::Splice;
use super::value::Value;

/// The text of one JSON object, its own or another's, with the place of each of its fields.
#[derive(Clone)]
pub(crate) struct View<'t> {
    text: Cow<'t, str>,
    fields: Vec<Field>,
    /// The places of the fields in the order of their names, so that an object of very many fields,
    /// such as a whole account, is not searched from end to end for each. `None` if there are few.
    by_name: Option<Vec<usize>>,
}

/// So many fields are searched one by one.
pub(super) const FEW: usize = 32;

/// Two quotes and a comma.
const ROOM_FOR_PUNCTUATION: usize = 3;

impl<'t> View<'t> {
    pub(crate) fn parse(text: &'t str) -> Result<Self, ObjectError> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        if !text.starts_with('{') {
            // An honest answer needs to know whether this is JSON at all.
            serde_json::from_str::<&RawValue>(text).map_err(|error| not_json(&error))?;
            return Err(ObjectError::NotAnObject);
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let fields = deserializer
            .deserialize_map(FieldVisitor {
                base: text.as_ptr() as usize,
            })
            .and_then(|fields| deserializer.end().map(|()| fields))
            .map_err(|error| not_json(&error))?;
        Ok(Self::new(Cow::Borrowed(text), fields))
    }

    pub(crate) fn empty() -> Self {
        Self::new(Cow::Borrowed("{}"), Vec::new())
    }

    pub(super) fn new(text: Cow<'t, str>, fields: Vec<Field>) -> Self {
        let by_name = (fields.len() > FEW).then(|| {
            let named = fields.iter().enumerate();
            let mut places: Vec<_> = named
                .filter_map(|(place, field)| Some((field.name(&text)?, place)))
                .collect();
            // Of one name, the last comes last.
            places.sort_unstable();
            places.into_iter().map(|(_, place)| place).collect()
        });
        Self {
            text,
            fields,
            by_name,
        }
    }

    /// To be kept, so that room for more fields would only be lost.
    pub(super) fn into_owned(mut self) -> View<'static> {
        self.fields.shrink_to_fit();
        View {
            text: Cow::Owned(self.text.into_owned()),
            fields: self.fields,
            by_name: self.by_name,
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text.into_owned()
    }

    pub(crate) fn as_json(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// At least as many as [`iter`](Self::iter) gives.
    pub(crate) fn field_count(&self) -> usize {
        self.fields.len()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let field = self.fields.get(self.place(name)?)?;
        self.text.get(field.value.clone())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names()
            .filter(|(place, name)| self.place(name) == Some(*place))
            .filter_map(|(place, name)| {
                let field = self.fields.get(place)?;
                Some((name, self.text.get(field.value.clone())?))
            })
    }

    pub(super) fn duplicate(&self) -> Option<&str> {
        self.names()
            .find(|(place, name)| self.place(name) != Some(*place))
            .map(|(_, name)| name)
    }

    pub(crate) fn with_all<'a>(
        &self,
        changes: impl Iterator<Item = (&'a str, &'a Value)> + Clone,
    ) -> View<'static> {
        let mut replaced: Vec<Option<&Value>> = vec![None; self.fields.len()];
        let mut room = self.text.len();
        let (lead, colon) = self.layout();
        for (name, value) in changes.clone() {
            let old = self.place(name).and_then(|place| replaced.get_mut(place));
            room += lead.len()
                + name.len()
                + colon.len()
                + value.as_json().len()
                + ROOM_FOR_PUNCTUATION;
            if let Some(old) = old {
                *old = Some(value);
            }
        }

        let (most, _) = changes.size_hint();
        let mut splice = Splice::with_capacity(room, self.fields.len() + most);
        let mut copied = 0;
        for (field, new) in self.fields.iter().zip(replaced) {
            let value = new.map_or(self.slice(field.value.clone()), Value::as_json);
            splice.push(self.slice(copied..field.key.start));
            let colon = self.slice(field.key.end..field.value.start);
            splice.field(
                field.name.clone(),
                self.slice(field.key.clone()),
                colon,
                value,
            );
            copied = field.value.end;
        }
        let end = self.fields.last().map_or(1, |field| field.value.end);
        splice.push(self.slice(copied..end));
        for (name, value) in changes.filter(|(name, _)| self.place(name).is_none()) {
            if splice.has_fields() {
                splice.push(",");
            }
            splice.push(lead);
            splice.new_field(name, colon, value.as_json());
        }
        splice.push(self.slice(end..self.text.len()));
        splice.into_view()
    }

    pub(crate) fn with_missing_fields_of(&self, other: &View<'_>) -> View<'static> {
        let missing: Vec<_> = other
            .iter()
            .filter(|(name, _)| self.place(name).is_none())
            .map(|(name, value)| (name, Value::json(value)))
            .collect();
        self.with_all(missing.iter().map(|(name, value)| (*name, value)))
    }

    pub(crate) fn without(&self, names: &[&str]) -> View<'static> {
        let is_removed = |field: &Field| {
            let name = field.name(&self.text);
            name.is_some_and(|name| names.contains(&name))
        };
        let mut splice = Splice::with_capacity(self.text.len(), self.fields.len());
        splice.push("{");
        for field in self.fields.iter().filter(|field| !is_removed(field)) {
            if splice.has_fields() {
                splice.push(",");
            }
            let before = self.slice(0..field.key.start);
            splice.push(self.slice(white_space_at_end(before)..field.key.start));
            splice.field(
                field.name.clone(),
                self.slice(field.key.clone()),
                self.slice(field.key.end..field.value.start),
                self.slice(field.value.clone()),
            );
        }
        if !splice.has_fields() {
            return View::empty();
        }
        let end = self.fields.last().map_or(1, |field| field.value.end);
        splice.push(self.slice(end..self.text.len()));
        splice.into_view()
    }

    /// The place among the fields of the last one of a name.
    fn place(&self, name: &str) -> Option<usize> {
        let name_at = |place: usize| {
            self.fields
                .get(place)
                .and_then(|field| field.name(&self.text))
        };
        let Some(by_name) = &self.by_name else {
            return (0..self.fields.len())
                .rev()
                .find(|place| name_at(*place) == Some(name));
        };
        let end = by_name.partition_point(|place| name_at(*place) <= Some(name));
        let place = *by_name.get(end.checked_sub(1)?)?;
        (name_at(place) == Some(name)).then_some(place)
    }

    /// The fields that have names, with their places among all.
    fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        let named = self.fields.iter().enumerate();
        named.filter_map(|(place, field)| Some((place, field.name(&self.text)?)))
    }

    /// White space before the last name, and what stands between that name and its value.
    fn layout(&self) -> (&str, &str) {
        let Some(field) = self.fields.last() else {
            return ("", ":");
        };
        let before = self.slice(0..field.key.start);
        (
            self.slice(white_space_at_end(before)..field.key.start),
            self.slice(field.key.end..field.value.start),
        )
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

/// Where the white space at the end of a text begins.
fn white_space_at_end(text: &str) -> usize {
    text.trim_end_matches([' ', '\t', '\n', '\r']).len()
}

fn not_json(error: &serde_json::Error) -> ObjectError {
    ObjectError::NotJson {
        line: error.line(),
        column: error.column(),
    }
}

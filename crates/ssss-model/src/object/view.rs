//! A JSON object's text with the places of its fields.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserializer as _;
use serde_json::value::RawValue;

use super::ObjectError;
use super::field::{Field, FieldVisitor};
use super::part::Part;
use super::splice::Splice;

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

    /// This object with fields set; other fields keep their bytes and order.
    pub(crate) fn with_all(&self, changes: &[(&str, Part<'_>)]) -> View<'static> {
        let room = (
            self.room_with(changes),
            self.fields.len().saturating_add(changes.len()),
        );
        View::put_together(room, |splice| self.splice(changes, splice))
    }

    pub(crate) fn with_missing_fields_of(&self, other: &View<'_>) -> View<'static> {
        let missing: Vec<_> = other
            .iter()
            .filter(|(name, _)| self.place(name).is_none())
            .map(|(name, value)| (name, Part::Json(value)))
            .collect();
        self.with_all(&missing)
    }

    pub(crate) fn without(&self, names: &[&str]) -> View<'static> {
        let is_removed = |field: &Field| {
            let name = field.name(&self.text);
            name.is_some_and(|name| names.contains(&name))
        };
        let kept = || self.fields.iter().filter(|field| !is_removed(field));
        if kept().next().is_none() {
            return View::empty();
        }
        View::put_together((self.text.len(), self.fields.len()), |splice| {
            splice.push("{");
            for field in kept() {
                if splice.has_fields() {
                    splice.push(",");
                }
                let before = self.slice(0..field.key.start);
                splice.push(self.slice(white_space_at_end(before)..field.key.start));
                self.copy(field, None, splice);
            }
            splice.push(self.slice(self.end()..self.text.len()));
        })
    }

    /// The text that some work puts together, and its fields; with room for so many bytes, and fields.
    fn put_together(
        (bytes, fields): (usize, usize),
        work: impl FnOnce(&mut Splice<'_>),
    ) -> View<'static> {
        let mut text = String::with_capacity(bytes);
        let mut found = Vec::with_capacity(fields);
        work(&mut Splice::new(&mut text, &mut |field| found.push(field)));
        View::new(Cow::Owned(text), found)
    }

    /// Puts this object together with fields set.
    pub(super) fn splice(&self, changes: &[(&str, Part<'_>)], splice: &mut Splice<'_>) {
        let mut replaced = vec![None; self.fields.len()];
        for (name, value) in changes {
            if let Some(old) = self.place(name).and_then(|place| replaced.get_mut(place)) {
                *old = Some(value);
            }
        }
        let mut copied = 0;
        for (field, new) in self.fields.iter().zip(replaced) {
            splice.push(self.slice(copied..field.key.start));
            self.copy(field, new, splice);
            copied = field.value.end;
        }
        let end = self.end();
        splice.push(self.slice(copied..end));
        let (lead, colon) = self.layout();
        for (name, value) in changes
            .iter()
            .filter(|(name, _)| self.place(name).is_none())
        {
            if splice.has_fields() {
                splice.push(",");
            }
            splice.push(lead);
            splice.new_field(name, colon, value);
        }
        splice.push(self.slice(end..self.text.len()));
    }

    /// Enough bytes for this object with fields set.
    pub(super) fn room_with(&self, changes: &[(&str, Part<'_>)]) -> usize {
        let (lead, colon) = self.layout();
        let added = changes.iter().flat_map(|(name, value)| {
            let lens = [lead.len(), name.len(), colon.len(), value.room()];
            lens.into_iter().chain([ROOM_FOR_PUNCTUATION])
        });
        added.chain([self.text.len()]).sum()
    }

    /// Copies a field, with another value if there is one.
    fn copy(&self, field: &Field, value: Option<&Part<'_>>, splice: &mut Splice<'_>) {
        let old = Part::Json(self.slice(field.value.clone()));
        splice.field(
            field.name.clone(),
            self.slice(field.key.clone()),
            self.slice(field.key.end..field.value.start),
            value.unwrap_or(&old),
        );
    }

    /// Where the last field ends, or would begin.
    fn end(&self) -> usize {
        self.fields.last().map_or(1, |field| field.value.end)
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

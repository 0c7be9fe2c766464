//! A JSON object that keeps every byte it was not asked to change.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ruma_common::serde::Raw;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// The text of one JSON object, with the place of each of its fields.
///
/// Reading looks at one level only, so a field is never interpreted unless it is asked for. Writing
/// splices: everything but the changed field, white space included, stays byte for byte as it was.
/// Cloning is cheap (the text is shared).
///
/// Where a name stands twice the last one counts, as it does for every Matrix client and server.
#[derive(Clone)]
pub struct Object {
    text: Arc<str>,
    fields: Arc<[Field]>,
    /// The places of the fields in the order of their names, so that an object of very many fields,
    /// such as a whole account, is not searched from end to end for each. `None` if there are few.
    by_name: Option<Arc<[usize]>>,
}

/// So many fields are searched one by one.
const FEW: usize = 32;

#[derive(Clone)]
struct Field {
    /// The name, unless it has a lone surrogate and so is no Unicode text. Such a field is kept
    /// and cannot be asked for.
    name: Option<Box<str>>,
    key: Range<usize>,
    value: Range<usize>,
}

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
        Ok(Self::new(text.into(), fields))
    }

    /// The object of an event's content as it came from the server.
    pub fn from_raw<T>(raw: &Raw<T>) -> Result<Self, ObjectError> {
        Self::parse(raw.json().get())
    }

    /// The object without fields, `{}`.
    #[must_use]
    pub fn empty() -> Self {
        Self::new("{}".into(), Vec::new())
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.text
    }

    /// The object as ruma's raw JSON of a type, which nothing checks.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it does not: the text is JSON")]
    pub fn to_raw<T>(&self) -> Raw<T> {
        #[expect(
            clippy::expect_used,
            reason = "the text was read as JSON when it came in"
        )]
        let json = RawValue::from_string(self.text.as_ref().to_owned()).expect("an object is JSON");
        Raw::from_json(json)
    }

    /// Whether there are no fields at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The JSON text of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let Some(by_name) = &self.by_name else {
            let field = self.fields.iter().rfind(|field| field.is(name))?;
            return self.text.get(field.value.clone());
        };
        let name_at = |place: usize| {
            self.fields
                .get(place)
                .and_then(|field| field.name.as_deref())
        };
        let end = by_name.partition_point(|place| name_at(*place) <= Some(name));
        let field = self.fields.get(*by_name.get(end.checked_sub(1)?)?)?;
        field.is(name).then(|| self.text.get(field.value.clone()))?
    }

    /// The names and JSON texts of the fields, in order; of fields of one name only the last.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let last = self.last_of_each_name();
        self.fields
            .iter()
            .enumerate()
            .filter_map(move |(index, field)| {
                let name = field.name.as_deref()?;
                (last.get(name) == Some(&index)).then_some(())?;
                Some((name, self.text.get(field.value.clone())?))
            })
    }

    /// The first name that stands more than once.
    #[must_use]
    pub fn duplicate(&self) -> Option<&str> {
        let last = self.last_of_each_name();
        self.fields.iter().enumerate().find_map(|(index, field)| {
            let name = field.name.as_deref()?;
            (last.get(name) != Some(&index)).then_some(name)
        })
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
        let last = self.last_of_each_name();
        let mut replaced: HashMap<usize, &Value> = HashMap::new();
        let mut appended: Vec<(&str, &Value)> = Vec::new();
        for (name, value) in changes {
            match last.get(name) {
                Some(&index) => _ = replaced.insert(index, value),
                None => appended.push((name, value)),
            }
        }

        let mut splice = Splice::default();
        let mut copied = 0;
        for (index, field) in self.fields.iter().enumerate() {
            let value = replaced
                .get(&index)
                .map_or(self.slice(field.value.clone()), |new| &new.0);
            splice.text.push_str(self.slice(copied..field.key.start));
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
        splice.text.push_str(self.slice(copied..end));
        let (lead, colon) = self.layout();
        for (name, value) in appended {
            if !splice.fields.is_empty() {
                splice.text.push(',');
            }
            splice.text.push_str(lead);
            splice.field(Some(name.into()), &Value::string(name).0, colon, &value.0);
        }
        splice.text.push_str(self.slice(end..self.text.len()));
        Self::new(splice.text.into(), splice.fields)
    }

    /// This object with the fields of another one that it does not have.
    #[must_use]
    pub fn with_missing_fields_of(&self, other: &Self) -> Self {
        let missing: Vec<_> = other
            .iter()
            .filter(|(name, _)| self.get(name).is_none())
            .map(|(name, value)| (name, Value::json(value)))
            .collect();
        self.with_all(missing.iter().map(|(name, value)| (*name, value)))
    }

    /// Whether two objects are the same JSON, however it is spelled: servers reformat it.
    #[must_use]
    pub fn is_same_json(&self, other: &Self) -> bool {
        let value = |object: &Self| serde_json::from_str::<serde_json::Value>(&object.text).ok();
        self.text == other.text || value(self).is_some_and(|one| Some(one) == value(other))
    }

    /// This object without the fields of these names; other fields keep their bytes and order.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        let is_removed = |field: &Field| field.name.as_deref().is_some_and(|n| names.contains(&n));
        let mut splice = Splice::default();
        splice.text.push('{');
        for field in self.fields.iter().filter(|field| !is_removed(field)) {
            if !splice.fields.is_empty() {
                splice.text.push(',');
            }
            let before = self.slice(0..field.key.start);
            splice
                .text
                .push_str(self.slice(white_space_at_end(before)..field.key.start));
            let colon = self.slice(field.key.end..field.value.start);
            let key = self.slice(field.key.clone());
            splice.field(
                field.name.clone(),
                key,
                colon,
                self.slice(field.value.clone()),
            );
        }
        if splice.fields.is_empty() {
            return Self::empty();
        }
        let end = self.fields.last().map_or(1, |field| field.value.end);
        splice.text.push_str(self.slice(end..self.text.len()));
        Self::new(splice.text.into(), splice.fields)
    }

    fn new(text: Arc<str>, fields: Vec<Field>) -> Self {
        let by_name = (fields.len() > FEW).then(|| {
            let named = fields.iter().enumerate();
            let mut places: Vec<_> = named
                .filter_map(|(place, field)| Some((field.name.as_deref()?, place)))
                .collect();
            // Of one name, the last comes last.
            places.sort_unstable();
            places.into_iter().map(|(_, place)| place).collect()
        });
        Self {
            text,
            fields: fields.into(),
            by_name,
        }
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

    fn last_of_each_name(&self) -> HashMap<&str, usize> {
        let named = self.fields.iter().enumerate();
        named
            .filter_map(|(index, field)| Some((field.name.as_deref()?, index)))
            .collect()
    }
}

/// Where the white space at the end of a text begins.
fn white_space_at_end(text: &str) -> usize {
    text.trim_end_matches([' ', '\t', '\n', '\r']).len()
}

impl Field {
    fn is(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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

/// A JSON value to put into an [`Object`].
#[derive(Debug, Clone)]
pub struct Value(String);

impl Value {
    /// A string.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self(serde_json::Value::from(text).to_string())
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

    /// JSON that was read before.
    pub(crate) fn json(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// An object.
    #[must_use]
    pub fn object(object: &Object) -> Self {
        Self(object.text.as_ref().to_owned())
    }
}

/// The text of a JSON string; `None` if the value is something else, or no Unicode text.
pub(crate) fn string(value: &str) -> Option<Cow<'_, str>> {
    if !value.starts_with('"') {
        return None;
    }
    match serde_json::from_str::<&str>(value) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => serde_json::from_str::<String>(value).ok().map(Cow::Owned),
    }
}

/// Whether a JSON value is `null`, which counts as absent for optional fields.
pub(crate) fn is_null(value: &str) -> bool {
    value == "null"
}

fn not_json(error: &serde_json::Error) -> ObjectError {
    ObjectError::NotJson {
        line: error.line(),
        column: error.column(),
    }
}

/// The text of an object that is being put together, and where its fields came to stand.
#[derive(Default)]
struct Splice {
    text: String,
    fields: Vec<Field>,
}

impl Splice {
    fn field(&mut self, name: Option<Box<str>>, key: &str, colon: &str, value: &str) {
        let key = self.push(key);
        self.text.push_str(colon);
        let value = self.push(value);
        self.fields.push(Field { name, key, value });
    }

    fn push(&mut self, part: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(part);
        start..self.text.len()
    }
}

/// Collects the places of an object's fields, without reading their values.
struct FieldVisitor {
    /// Address of the text's first byte.
    base: usize,
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
                name: string(key.get()).map(|name| name.into_owned().into_boxed_str()),
                key: place(key),
                value: place(value),
            });
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests;

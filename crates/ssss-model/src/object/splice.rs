//! Putting an object together from parts of another.

use std::borrow::Cow;
use std::ops::Range;

use super::field::{Field, Name};
use super::value::Value;
use super::view::View;

/// The text of an object that is being put together, and where its fields came to stand.
pub(super) struct Splice {
    text: String,
    fields: Vec<Field>,
}

impl Splice {
    /// With room for a text, and for fields.
    pub(super) fn with_capacity(text: usize, fields: usize) -> Self {
        Self {
            text: String::with_capacity(text),
            fields: Vec::with_capacity(fields),
        }
    }

    pub(super) fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Adds text between fields.
    pub(super) fn push(&mut self, part: &str) {
        self.text.push_str(part);
    }

    pub(super) fn field(&mut self, name: Name, key: &str, colon: &str, value: &str) {
        let key = self.place(key);
        self.text.push_str(colon);
        let value = self.place(value);
        self.fields.push(Field { name, key, value });
    }

    /// Adds a field that no object had before.
    pub(super) fn new_field(&mut self, name: &str, colon: &str, value: &str) {
        let is_plain = |c: char| c >= ' ' && c != '"' && c != '\\';
        if !name.chars().all(is_plain) {
            let key = Value::string(name);
            return self.field(Name::Escaped(name.into()), key.as_json(), colon, value);
        }
        let start = self.text.len();
        for part in ["\"", name, "\""] {
            self.text.push_str(part);
        }
        let key = start..self.text.len();
        self.text.push_str(colon);
        let value = self.place(value);
        let name = Name::Plain;
        self.fields.push(Field { name, key, value });
    }

    pub(super) fn into_view(self) -> View<'static> {
        View::new(Cow::Owned(self.text), self.fields)
    }

    fn place(&mut self, part: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(part);
        start..self.text.len()
    }
}

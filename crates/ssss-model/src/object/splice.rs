//! Putting an object together from parts of another.

use std::ops::Range;

use super::field::{Field, Name};
use super::part::Part;
use super::value::Value;

/// The text of an object that is being put together.
pub(super) struct Splice<'s> {
    text: &'s mut String,
    /// Is told of each field where it came to stand.
    found: &'s mut dyn FnMut(Field),
    has_fields: bool,
}

impl<'s> Splice<'s> {
    /// At the end of a text.
    pub(super) fn new(text: &'s mut String, found: &'s mut dyn FnMut(Field)) -> Self {
        Self {
            text,
            found,
            has_fields: false,
        }
    }

    pub(super) fn has_fields(&self) -> bool {
        self.has_fields
    }

    /// Adds text between fields.
    pub(super) fn push(&mut self, part: &str) {
        self.text.push_str(part);
    }

    pub(super) fn field(&mut self, name: Name, key: &str, colon: &str, value: &Part<'_>) {
        let key = self.place(&Part::Json(key));
        self.value(name, key, colon, value);
    }

    /// Adds a field that no object had before.
    pub(super) fn new_field(&mut self, name: &str, colon: &str, value: &Part<'_>) {
        let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        if !name.bytes().all(is_plain) {
            let key = Value::string(name);
            return self.field(Name::Escaped(name.into()), key.as_json(), colon, value);
        }
        let start = self.text.len();
        for part in ["\"", name, "\""] {
            self.text.push_str(part);
        }
        self.value(Name::Plain, start..self.text.len(), colon, value);
    }

    /// Adds the rest of a field.
    fn value(&mut self, name: Name, key: Range<usize>, colon: &str, value: &Part<'_>) {
        self.text.push_str(colon);
        let value = self.place(value);
        self.has_fields = true;
        (self.found)(Field { name, key, value });
    }

    fn place(&mut self, part: &Part<'_>) -> Range<usize> {
        let start = self.text.len();
        part.write_onto(self.text);
        start..self.text.len()
    }
}

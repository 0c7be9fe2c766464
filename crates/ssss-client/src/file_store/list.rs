//! A JSON array that keeps every byte it was not asked to change.

use std::collections::HashMap;
use std::ops::Range;

use ssss_model::ObjectError;
use ssss_model::ruma_common::serde::Raw;

/// The text of one JSON array, with the place of each of its elements.
pub(super) struct List {
    text: String,
    elements: Vec<Range<usize>>,
}

impl List {
    pub(super) fn parse(text: &str) -> Result<Self, ObjectError> {
        let elements: Vec<&serde_json::value::RawValue> =
            serde_json::from_str(text).map_err(|error| ObjectError::NotJson {
                line: error.line(),
                column: error.column(),
            })?;
        let base = text.as_ptr() as usize;
        let place = |element: &&serde_json::value::RawValue| {
            let start = (element.get().as_ptr() as usize).saturating_sub(base);
            start..start + element.get().len()
        };
        Ok(Self {
            elements: elements.iter().map(place).collect(),
            text: text.to_owned(),
        })
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.elements
            .get(index)
            .map(|range| self.slice(range.clone()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.elements.iter().map(|range| self.slice(range.clone()))
    }

    /// The text with some elements replaced, by their index, and others added at the end.
    pub(super) fn with<T>(&self, replaced: &HashMap<usize, Raw<T>>, added: &[Raw<T>]) -> String {
        let mut text = String::with_capacity(self.text.len());
        let mut copied = 0;
        for (index, range) in self.elements.iter().enumerate() {
            if let Some(new) = replaced.get(&index) {
                text.push_str(self.slice(copied..range.start));
                text.push_str(new.json().get());
                copied = range.end;
            }
        }
        let end = self
            .elements
            .last()
            .map_or(self.text.find('[').map_or(0, |at| at + 1), |range| {
                range.end
            });
        text.push_str(self.slice(copied..end));
        let lead = self.elements.last().map_or("", |range| {
            let before = self.slice(0..range.start);
            self.slice(before.trim_end_matches([' ', '\t', '\n', '\r']).len()..range.start)
        });
        for (index, new) in added.iter().enumerate() {
            if index > 0 || !self.elements.is_empty() {
                text.push(',');
            }
            text.push_str(lead);
            text.push_str(new.json().get());
        }
        text.push_str(self.slice(end..self.text.len()));
        text
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Raw<()> {
        Raw::from_json_string(json.to_owned()).unwrap()
    }

    #[test]
    fn patching_keeps_every_other_byte() {
        let list = List::parse("[\n  {\"a\" : 1.0},\n  2\n]").unwrap();
        let text = list.with(&HashMap::from([(1, raw("3"))]), &[raw("4"), raw("5")]);
        assert_eq!(text, "[\n  {\"a\" : 1.0},\n  3,\n  4,\n  5\n]");
        assert_eq!(
            List::parse(" [ ] ")
                .unwrap()
                .with(&HashMap::new(), &[raw("1"), raw("2")]),
            " [1,2 ] "
        );
    }
}

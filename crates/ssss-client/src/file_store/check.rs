//! What no file may hold, found without a copy of anything: a text within a text within a text is as long
//! as the whole each time.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use ssss_model::ObjectError;

use super::document::DocumentError;

/// A name that stands twice leaves open which value is meant, and deep nesting is an attack on
/// whoever reads the file next. No server hands out either.
pub(super) fn check(text: &str, depth: usize) -> Result<(), DocumentError> {
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return Ok(());
    }
    let depth = depth.checked_sub(1);
    let mut parts = Parts { depth, found: None };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = if text.starts_with('{') {
        deserializer.deserialize_map(&mut parts)
    } else {
        deserializer.deserialize_seq(&mut parts)
    };
    let parsed = parsed.and_then(|()| deserializer.end());
    match (parsed, parts) {
        (Err(error), _) => Err(DocumentError::Json(ObjectError::NotJson {
            line: error.line(),
            column: error.column(),
        })),
        (Ok(()), Parts { depth: None, .. }) => Err(DocumentError::Depth),
        (Ok(()), Parts { found, .. }) => found.map_or(Ok(()), Err),
    }
}

/// Looks at the parts of an object or an array, each where it lies.
struct Parts {
    /// How deep the parts may be nested; `None` if there may be none.
    depth: Option<usize>,
    found: Option<DocumentError>,
}

impl Parts {
    fn look(&mut self, part: &RawValue) {
        if let (Some(depth), None) = (self.depth, &self.found) {
            self.found = check(part.get(), depth).err();
        }
    }
}

impl<'de> Visitor<'de> for &mut Parts {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some((name, part)) = map.next_entry::<&RawValue, &RawValue>()? {
            let Some(name) = text_of(name.get()) else {
                // Of a lone surrogate, which is no text.
                self.look(part);
                continue;
            };
            if self.found.is_none() && names.contains(&name) {
                self.found = Some(DocumentError::Duplicate(name.into_owned()));
            } else {
                names.insert(name);
                self.look(part);
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(part) = list.next_element::<&RawValue>()? {
            self.look(part);
        }
        Ok(())
    }
}

/// The text that a JSON string spells.
fn text_of(string: &str) -> Option<Cow<'_, str>> {
    let plain = string.strip_prefix('"')?.strip_suffix('"')?;
    if plain.contains('\\') {
        serde_json::from_str(string).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(plain))
    }
}

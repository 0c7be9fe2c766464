//! What fields are set to.

use super::splice::Splice;
use super::view::View;
use crate::lenient_base64;

/// What a field is set to. It is written where it is to stand, and nowhere before.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    /// JSON.
    Json(&'a str),
    /// Bytes in base64, as the specification has it.
    Base64(&'a [u8]),
    /// An object, with fields of it set.
    Object(&'a View<'a>, &'a [(&'a str, Part<'a>)]),
}

/// Two quotes.
const QUOTES: usize = 2;

impl Part<'_> {
    /// Enough bytes for it.
    pub(super) fn room(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Base64(bytes) => lenient_base64::encoded_len(bytes).saturating_add(QUOTES),
            Self::Object(view, changes) => view.room_with(changes),
        }
    }

    pub(super) fn write_onto(&self, text: &mut String) {
        match self {
            Self::Json(json) => text.push_str(json),
            Self::Base64(bytes) => {
                text.push('"');
                lenient_base64::encode_onto(text, bytes);
                text.push('"');
            }
            Self::Object(view, changes) => {
                // Only the object that is asked for tells its fields.
                view.splice(changes, &mut Splice::new(text, &mut |_| ()));
            }
        }
    }
}

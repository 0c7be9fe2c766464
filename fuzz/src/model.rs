//! `ssss-model` against plain readings of the same texts.

pub mod base64;
pub mod default_key;
mod key;
pub mod key_description;
pub mod key_spelling;
pub mod object;
pub mod secret;
pub mod snapshot;
mod state;

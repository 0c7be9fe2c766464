//! What each fuzz target checks, as ordinary functions, so that `cargo test` can replay inputs.
//!
//! A target is named for the crate and what it tries there: `model_secret` in `fuzz_targets/` calls
//! [`model::secret::read`] here, and `seeds/model_secret/` holds its inputs. Every oracle takes any bytes
//! and panics if a promise is broken.

pub mod client;
pub mod crypto;
mod input;
mod json;
pub mod model;
pub mod recovery_key;

/// An oracle: it takes any bytes and panics if a promise is broken.
pub type Oracle = fn(&[u8]);

/// Every target, by the name of its binary and of its folder of seeds.
pub const TARGETS: &[(&str, Oracle)] = &[
    ("crypto_open", crypto::open),
    ("crypto_key_check", crypto::key_check),
    ("crypto_passphrase", crypto::passphrase),
    ("recovery_key_parse", recovery_key::parse),
    ("model_base64", model::base64::decode),
    ("model_key_spelling", model::key_spelling::read),
    ("model_object", model::object::edit),
    ("model_key_description", model::key_description::read),
    ("model_secret", model::secret::read),
    ("model_default_key", model::default_key::read),
    ("model_snapshot", model::snapshot::read),
    ("client_url_path", client::url_path::spell),
    ("client_error_body", client::error_body::classify),
    ("client_file", client::file::edit),
    ("client_plans", client::plans::carry_out),
];

/// By these names the files of `ssss-client` that are included here know their own crate.
mod account_data {
    pub(crate) use ssss_client::{AccountDataError, AccountDataErrorKind, Content};
}
mod quoted {
    pub(crate) use ssss_client::quoted;
}

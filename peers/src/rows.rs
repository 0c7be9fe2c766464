//! What is compared.

mod derive;
mod key;
mod secret;

use crate::row::Row;

pub const OURS: &str = "ssss";
pub const THEIRS: &str = "matrix-sdk-crypto";
pub const PLAIN: &str = "RustCrypto";

const KEY: [u8; 32] = *b"an example of a key of 32 bytes.";

/// All of them, made anew.
#[must_use]
pub fn rows() -> Vec<Row> {
    let mut rows = secret::rows();
    rows.extend(key::rows());
    rows.extend(derive::rows());
    rows
}

//! What is compared.

mod derive;
mod key;
mod secret;

use serde_json::{Value, json};

use crate::js_sdk::JsSdk;
use crate::row::Row;

pub const OURS: &str = "ssss";
pub const THEIRS: &str = "matrix-sdk-crypto";
pub const PLAIN: &str = "RustCrypto";
pub const JS_SDK: &str = "js-sdk";

/// What matrix-js-sdk does of it: the row, and the name that its script has for the work.
const JS_WORK: &[(&str, &str)] = &[
    ("open 43 bytes", "open-43"),
    ("open 1 KiB", "open-1k"),
    ("open 1 MiB", "open-1m"),
    ("open from JSON", "open-json"),
    ("seal to JSON", "seal-json"),
    ("parse a recovery key", "parse"),
    ("format a recovery key", "format"),
    ("check a recovery key", "check"),
    ("check it against JSON", "check-json"),
    ("derive", "derive"),
];

const KEY: [u8; 32] = *b"an example of a key of 32 bytes.";

/// All of them, made anew; with matrix-js-sdk, where it is there.
///
/// # Panics
///
/// If a contender makes something else of the inputs than it should.
#[must_use]
pub fn rows(js_sdk: Option<&JsSdk>) -> Vec<Row> {
    let mut rows = secret::rows();
    rows.extend(key::rows());
    rows.extend(derive::rows());
    for (name, work) in JS_WORK {
        let row = rows.iter_mut().find(|row| row.name == *name);
        let row = row.expect("every piece of its work belongs to a row");
        row.contenders
            .extend(js_sdk.map(|js_sdk| js_sdk.contender(work)));
    }
    rows
}

/// What the script of matrix-js-sdk works on, and what has to come of it.
#[must_use]
pub fn inputs() -> Value {
    let mut inputs = json!({
        "recovery_key": key::recovery_key(),
        "description": key::description().as_json(),
    });
    for more in [secret::inputs(), derive::inputs()] {
        let (Value::Object(inputs), Value::Object(more)) = (&mut inputs, more) else {
            unreachable!("they are made as objects");
        };
        inputs.extend(more);
    }
    inputs
}

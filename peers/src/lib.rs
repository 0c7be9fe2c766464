//! The same work, done by several.
//!
//! A row is a piece of work and what each contender makes of it. The binary `times` takes the time of
//! each, one after the other, round after round; `allocations` counts.

mod contender;
mod js_sdk;
mod plain;
mod row;
mod rows;

pub use contender::{Contender, Meter};
pub use js_sdk::JsSdk;
pub use row::Row;
pub use rows::{JS_SDK, OURS, PLAIN, THEIRS, inputs, rows};

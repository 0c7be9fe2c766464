#![doc = include_str!("../README.md")]
#![no_std]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

extern crate alloc;

mod base58;
mod ignored;
mod key;
mod parse_error;
mod text;
mod wiped;

pub use key::RecoveryKey;
pub use parse_error::ParseError;
pub use text::RecoveryKeyText;

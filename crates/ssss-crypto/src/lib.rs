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

mod cipher;
mod key;
mod key_check;
mod label;
mod pbkdf2;
mod plaintext;
#[cfg(doctest)]
mod refused;
mod sealed;
mod stack;

pub use rand_core;
pub use zeroize;

pub use crate::key::{KeyLengthError, SecretStorageKey};
pub use crate::key_check::{KeyCheck, KeyCheckShapeError, MatchedForm, WrongKeyError};
pub use crate::label::{EmptyLabelError, Label};
pub use crate::pbkdf2::{CostError, CostLimits, Pbkdf2};
pub use crate::plaintext::Plaintext;
pub use crate::sealed::{OpenError, Sealed};

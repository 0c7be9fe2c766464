//! What each fuzz target checks, as ordinary functions, so that `cargo test` can replay inputs.
//!
//! A target is named for the crate and what it does: `recovery_key_parse` in `fuzz_targets/` calls
//! [`recovery_key::parse`] here, and `seeds/recovery_key_parse/` holds its inputs. Every oracle
//! takes any bytes and panics if a promise is broken.

pub mod recovery_key;

/// An oracle: it takes any bytes and panics if a promise is broken.
pub type Oracle = fn(&[u8]);

/// Every target, by the name of its binary and of its folder of seeds.
pub const TARGETS: &[(&str, Oracle)] = &[("recovery_key_parse", recovery_key::parse)];

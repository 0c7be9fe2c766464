//! What the probes share.

pub mod counting;
pub mod memory;
pub mod needle;
pub mod spy;
pub mod valgrind;

//! What the probes share.

pub mod counting;

//! Tests of the public interface.

mod descriptions;
mod entries;
mod evidence;
mod fixture;
mod fixtures;
mod lossless;
mod mending;
mod ruma;
mod snapshot;
mod tampering;
mod texts;
mod tolerances;

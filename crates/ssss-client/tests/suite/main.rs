//! Tests of the public interface.

mod account;
mod bootstrap;
mod conflicts;
mod file_shapes;
mod file_writes;
mod operations;
mod report;
mod stopping_store;
mod stops;
mod supplied_keys;
mod unlock;

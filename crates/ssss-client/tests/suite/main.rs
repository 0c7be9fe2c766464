//! Tests of the public interface.

mod account;
mod bootstrap;
mod broken;
mod conflicts;
mod file_shapes;
mod file_writes;
mod journal;
mod operations;
mod pains;
mod repairs;
mod report;
mod requests;
mod rotation;
mod stopping_store;
mod stops;
mod supplied_keys;
mod unlock;

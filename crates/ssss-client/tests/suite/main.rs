//! Tests of the public interface.

mod account;
mod backup;
mod bootstrap;
mod broken;
mod carry;
mod conflicts;
mod file_shapes;
mod file_writes;
mod identity;
mod identity_report;
mod identity_sign_device;
mod identity_signatures;
mod journal;
mod kept_from_its_end;
mod one_key;
mod operations;
mod overtaken;
mod pains;
mod published;
mod published_answers;
mod published_fixture;
mod publishing;
mod repairs;
mod report;
mod requests;
mod restore;
mod rotation;
mod slow_store;
mod stopping_store;
mod stops;
mod supplied_keys;
mod undone_change;
mod unlock;
mod unread;

use std::io::Write as _;

/// Says something also where the test passes: what is printed is not shown then.
fn say(text: &str) {
    let line = format!("{text}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

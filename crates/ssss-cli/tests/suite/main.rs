//! Tests of the command, run as people and scripts run it.

mod bad_input;
mod bootstrap;
mod canaries;
mod changes;
mod contract;
mod doctor;
mod fixture;
mod fixtures;
mod help;
mod homeserver;
mod key_commands;
mod key_given;
mod permissions;
mod prompts;
mod sandbox;
mod secrecy;
mod secrets;
#[expect(dead_code, reason = "the tests of the library use the rest of it")]
#[path = "../../../ssss-client/tests/homeserver/server.rs"]
mod server;
mod sessions;
mod site;
mod terminal;
mod writing;

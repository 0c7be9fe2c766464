//! The command `ssss`.
fn main() {}

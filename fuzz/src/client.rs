//! `ssss-client` against plain readings, and plans against what is promised of them.

pub mod error_body;
pub mod file;
pub mod plans;
pub mod url_path;

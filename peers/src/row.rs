//! A piece of work.

use crate::contender::Contender;

/// A piece of work, and who does it; ours comes first.
pub struct Row {
    pub name: &'static str,
    pub contenders: Vec<Contender>,
}

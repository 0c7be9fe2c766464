//! How far a plan is.

use crate::plan::Write;

/// How far a plan is, for interfaces.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The stage, from 0. While publishing, the number of stages that were before.
    pub stage: usize,
    /// How many stages there are.
    pub stages: usize,
    /// What the stage writes; nothing while publishing.
    pub writes: &'a [Write],
    /// What of it begins now.
    pub step: Step,
}

/// A part of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// What is there is held against what the plan was made for.
    Comparing,
    /// What is not yet as it is to be is written. Left out where there is nothing.
    Writing,
    /// What was written is read back, and opened.
    Verifying,
    /// All of it is there.
    Done,
    /// Public halves are published, between stages: the private ones are there, and open.
    Publishing,
}

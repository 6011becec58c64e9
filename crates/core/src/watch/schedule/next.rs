//! What a schedule decides.

use std::time::Instant;

use crate::domain::ExecutionId;
use crate::watch::sweeps::Sweep;

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask about this execution; the answer must come back through `Schedule::answered`.
    Ask(ExecutionId),
    /// Ask for a page of what runs; the answer must come back through `Schedule::swept`.
    Sweep(Sweep),
    /// Run the errand that has waited the longest; what came of it goes to `Schedule::errand_done`.
    Errand,
    /// Nothing before this moment.
    At(Instant),
    /// Nothing until something else happens.
    Nothing,
}

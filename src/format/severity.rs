//! How good or bad a status is: the one rule for its colour, on the screen and in the output of commands.

use stepgate_core::domain::{Outcome, Status};

/// How good or bad a status is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Not ended.
    Running,
    /// Succeeded.
    Good,
    /// Stopped, or ended because something else failed; handled by a Catch; unknown.
    Warning,
    /// Failed by itself.
    Bad,
}

impl Severity {
    /// Returns the severity of an outcome.
    pub(crate) fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded => Self::Good,
            Outcome::Failed | Outcome::TimedOut => Self::Bad,
            Outcome::Aborted => Self::Warning,
        }
    }

    /// Returns the severity of a status.
    pub(crate) fn of_status(status: &Status) -> Self {
        status.outcome().map_or(Self::Running, Self::of)
    }
}

//! Exit codes.

use std::process::ExitCode;

use crate::cli::follow::Item;
use stepgate_core::domain::{ExecutionRecord, Failure, Outcome};
use stepgate_core::lifecycle::{Conclusion, unresolved};

/// How a command ended, from best to worst; with several results, the worst one counts.
#[derive(PartialOrd, Ord, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0.
    Done,
    /// 2: usage or configuration error; nothing was sent.
    Usage,
    /// 1: an execution ended FAILED, `TIMED_OUT` or ABORTED.
    Unsuccessful,
    /// 3: the gateway or Step Functions refused.
    Refused,
    /// 4: the outcome is unknown, or an internal error such as a terminal that cannot be written to.
    Unknown,
    /// 5: `--timeout` expired while an execution was still running.
    TimedOut,
    /// 128 + the number of the signal that ended the program.
    Signal(i32),
}

impl Exit {
    /// Returns the worse of the two.
    #[must_use]
    pub(super) fn worse(self, other: Self) -> Self {
        self.max(other)
    }

    pub(super) fn from_failure(failure: &Failure) -> Self {
        match failure.conclusion() {
            Conclusion::NotSent => Self::Usage,
            Conclusion::Refused => Self::Refused,
            Conclusion::Unknown => Self::Unknown,
        }
    }

    /// For an item whose outcome cannot be determined.
    pub(super) fn from_lost(item: &Item, failure: &Failure) -> Self {
        match item {
            Item::Execution(_) | Item::External(_) => Self::from_failure(failure),
            Item::UnresolvedStart(_) if unresolved::is_refusal(failure) => Self::Refused,
            Item::UnresolvedStart(_) => Self::Unknown,
        }
    }

    /// For an item that this command has started and whose outcome cannot be determined. A refusal of requests
    /// about it is no refusal of the start.
    pub(super) fn from_lost_start(item: &Item, failure: &Failure) -> Self {
        match item {
            Item::Execution(_) | Item::External(_) => Self::Unknown,
            Item::UnresolvedStart(_) => Self::from_lost(item, failure),
        }
    }

    pub(super) fn from_outcome(record: &ExecutionRecord) -> Self {
        match record.seen.as_ref().and_then(|seen| seen.status.outcome()) {
            Some(Outcome::Succeeded) => Self::Done,
            Some(_) => Self::Unsuccessful,
            // A status that this version does not know.
            None => Self::Unknown,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Usage => Self::from(2),
            Exit::Unsuccessful => Self::from(1),
            Exit::Refused => Self::from(3),
            Exit::Unknown => Self::from(4),
            Exit::TimedOut => Self::from(5),
            // As in shells.
            Exit::Signal(number) => Self::from(u8::try_from(128 + number).unwrap_or(u8::MAX)),
        }
    }
}

//! What the program says to the shell.

use std::process::ExitCode;

use crate::cli::follow::Item;
use stepgate_core::domain::{ExecutionRecord, Failure, FailureKind, Outcome, Retry};
use stepgate_core::lifecycle::unresolved;

/// How a command ended; of several the worst counts, and the later here the worse.
#[derive(PartialOrd, Ord, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Wrong usage or configuration; nothing was sent.
    Usage,
    /// An execution ended otherwise than well.
    EndedBadly,
    /// The gateway or Step Functions refused.
    Refused,
    /// The outcome is unknown, or something happened that should not: a terminal that cannot be written to.
    Unknown,
    /// The time was up while it was still running.
    TimedOut,
    /// Ended by a signal, by its number.
    Signal(i32),
}

impl Exit {
    /// Both happened: the worse one counts.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// What it means that something was not done, for this reason.
    pub(super) fn of_failure(failure: &Failure) -> Self {
        match failure.kind {
            // Not reachable, or throttled until the patience was over.
            _ if failure.retry() == Retry::Soon => Self::Unknown,
            // An execution of another machine may have been started.
            FailureKind::OtherMachine => Self::Unknown,
            FailureKind::Client
            | FailureKind::Setting
            | FailureKind::NoSecret
            | FailureKind::NoCredentials(_)
            | FailureKind::NotRecorded
            | FailureKind::EndpointGone => Self::Usage,
            _ => Self::Refused,
        }
    }

    /// The exit code for an item whose outcome cannot be determined.
    pub(super) fn of_lost(item: &Item, failure: &Failure) -> Self {
        match item {
            Item::Execution(_) | Item::External(_) => Self::of_failure(failure),
            Item::UnresolvedStart(_) if unresolved::is_refusal(failure) => Self::Refused,
            Item::UnresolvedStart(_) => Self::Unknown,
        }
    }

    /// What the end of an execution means.
    pub(super) fn of_end(record: &ExecutionRecord) -> Self {
        match record.seen.as_ref().and_then(|seen| seen.status.outcome()) {
            Some(Outcome::Succeeded) => Self::Done,
            Some(_) => Self::EndedBadly,
            // A word that this version does not know.
            None => Self::Unknown,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Usage => Self::from(2),
            Exit::EndedBadly => Self::from(1),
            Exit::Refused => Self::from(3),
            Exit::Unknown => Self::from(4),
            Exit::TimedOut => Self::from(5),
            // As shells tell it.
            Exit::Signal(number) => Self::from(u8::try_from(128 + number).unwrap_or(u8::MAX)),
        }
    }
}

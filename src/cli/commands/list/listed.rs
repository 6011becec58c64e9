//! The entries of a list: executions, and starts without one.

use std::cmp::Reverse;

use crate::cli::report::execution::ListedState;
use stepgate_core::domain::{ExecutionRecord, ListFilter, Remembered, Timestamp, UnresolvedStart};

/// An entry of the list.
pub(super) enum Listed {
    Execution(Box<ExecutionRecord>),
    Start(Box<UnresolvedStart>, ListedState),
}

impl Listed {
    pub(super) fn moment(&self) -> Timestamp {
        match self {
            Self::Execution(record) => record.started,
            Self::Start(start, _) => start.first_sent,
        }
    }
}

/// Returns the starts without an execution that belong to a listing, newest first. They have no status, so a filter by
/// status excludes them.
pub(super) fn open_starts(listing: &ListFilter, remembered: Remembered) -> Vec<Listed> {
    let unresolved =
        remembered.unresolved.into_iter().map(|start| Listed::Start(Box::new(start), ListedState::Unresolved));
    let never =
        remembered.never_started.into_iter().map(|start| Listed::Start(Box::new(start), ListedState::NeverStarted));
    let belongs = |listed: &Listed| {
        let Listed::Start(start, _) = listed else { return false };
        listing.statuses.is_empty()
            && listing.since.is_none_or(|since| start.first_sent >= since)
            && listing.gateway.as_ref().is_none_or(|gateway| *gateway == start.order.gateway)
            && listing.matches_machine(&start.order.machine_name, &start.order.machine)
    };
    let mut open: Vec<Listed> = unresolved.chain(never).filter(belongs).collect();
    open.sort_by_key(|listed| Reverse(listed.moment()));
    open
}

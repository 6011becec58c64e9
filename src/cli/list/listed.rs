//! What a list consists of: executions, and starts without one.

use std::cmp::Reverse;

use crate::cli::report::Standing;
use stepgate_core::domain::{Doubt, Listing, Record, Remembered, Timestamp};

/// A line of the list.
pub(super) enum Listed {
    Execution(Box<Record>),
    /// A start of which it is not known whether it has led to an execution, or that has not.
    Start(Box<Doubt>, Standing),
}

impl Listed {
    pub(super) fn moment(&self) -> Timestamp {
        match self {
            Self::Execution(record) => record.started,
            Self::Start(start, _) => start.first_sent,
        }
    }

    pub(super) fn names(&self) -> (&str, &str) {
        match self {
            Self::Execution(record) => (&record.profile, record.arn.name()),
            Self::Start(start, _) => (&start.order.profile, start.order.name.as_str()),
        }
    }
}

/// The starts that belong to a listing although there is no execution yet. They have no status to ask for.
pub(super) fn open_starts(listing: &Listing, remembered: Remembered) -> Vec<Listed> {
    let unresolved =
        remembered.unresolved.into_iter().map(|start| Listed::Start(Box::new(start), Standing::Unresolved));
    let never =
        remembered.never_started.into_iter().map(|start| Listed::Start(Box::new(start), Standing::NeverStarted));
    let belongs = |listed: &Listed| {
        let Listed::Start(start, _) = listed else { return false };
        listing.statuses.is_empty()
            && listing.since.is_none_or(|since| start.first_sent >= since)
            && listing.place.as_ref().is_none_or(|place| *place == start.order.place)
            && listing.is_of_machine(&start.order.profile, &start.order.machine)
    };
    let mut open: Vec<Listed> = unresolved.chain(never).filter(belongs).collect();
    open.sort_by_key(|listed| Reverse(listed.moment()));
    open
}

//! What can be followed: executions, and starts in doubt.

use stepgate_core::domain::{Doubt, ExecutionArn, Place, Record, Started};
use stepgate_core::lifecycle::Tracked;
use stepgate_core::lifecycle::execution::begun;

/// What is followed.
#[derive(Debug, Clone)]
pub(in crate::cli) enum Item {
    /// An execution of ours.
    Execution(Record),
    /// An execution that somebody else has started. It is not kept.
    Stranger(Record),
    /// A start of which it is not known whether there is an execution.
    Doubt(Doubt),
}

impl Item {
    /// The profile and the execution's name.
    pub(in crate::cli) fn names(&self) -> (&str, &str) {
        match self {
            Self::Execution(record) | Self::Stranger(record) => (&record.profile, record.arn.name()),
            Self::Doubt(doubt) => (&doubt.order.profile, doubt.order.name.as_str()),
        }
    }

    /// The ARN that it has, or would have.
    pub(in crate::cli) fn arn(&self) -> ExecutionArn {
        match self {
            Self::Execution(record) | Self::Stranger(record) => record.arn.clone(),
            Self::Doubt(doubt) => doubt.order.machine.execution(&doubt.order.name),
        }
    }

    /// Where it is.
    pub(in crate::cli) fn place(&self) -> &Place {
        match self {
            Self::Execution(record) | Self::Stranger(record) => &record.place,
            Self::Doubt(doubt) => &doubt.order.place,
        }
    }

    /// What is known of it, as if it were an execution.
    pub(in crate::cli) fn record(&self) -> Record {
        match self {
            Self::Execution(record) | Self::Stranger(record) => record.clone(),
            Self::Doubt(start) => begun(&start.order, &Started::new(self.arn(), None), start.first_sent),
        }
    }

    /// What the watcher is to know of it.
    pub(in crate::cli) fn tracked(&self) -> Tracked {
        match self {
            Self::Execution(record) | Self::Stranger(record) => Tracked::of_record(record),
            Self::Doubt(start) => Tracked::of_start(start.clone()),
        }
    }
}

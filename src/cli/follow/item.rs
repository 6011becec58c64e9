//! What can be followed: executions, and starts in doubt.

use crate::domain::{Doubt, ExecutionArn, Place, Record, StartOrder, Started, Timestamp};

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
            Self::Doubt(doubt) => {
                let started = Started { execution_arn: self.arn(), start_date: None };
                begun(&started, &doubt.order, doubt.sent)
            }
        }
    }
}

/// A record as it is when an execution was just started.
pub(in crate::cli) fn begun(started: &Started, order: &StartOrder, now: Timestamp) -> Record {
    Record {
        place: order.place.clone(),
        endpoint: order.endpoint.clone(),
        profile: order.profile.clone(),
        machine: order.machine.clone(),
        arn: started.execution_arn.clone(),
        started: started.start_date.unwrap_or(now),
        answered: None,
        seen: None,
        given_up: None,
    }
}

//! What can be followed: executions, and starts in doubt.

use stepgate_core::domain::{ExecutionArn, ExecutionRecord, GatewayId, Started, UnresolvedStart};
use stepgate_core::lifecycle::Tracked;
use stepgate_core::lifecycle::execution::new_record;

/// What is followed.
#[derive(Debug, Clone)]
pub(in crate::cli) enum Item {
    /// An execution of ours.
    Execution(ExecutionRecord),
    /// An execution that somebody else has started. It is not kept.
    External(ExecutionRecord),
    /// A start of which it is not known whether there is an execution.
    UnresolvedStart(UnresolvedStart),
}

impl Item {
    /// The profile and the execution's name.
    pub(in crate::cli) fn names(&self) -> (&str, &str) {
        match self {
            Self::Execution(record) | Self::External(record) => (&record.machine_name, record.arn.name()),
            Self::UnresolvedStart(unresolved) => (&unresolved.order.machine_name, unresolved.order.name.as_str()),
        }
    }

    /// The ARN that it has, or would have.
    pub(in crate::cli) fn arn(&self) -> ExecutionArn {
        match self {
            Self::Execution(record) | Self::External(record) => record.arn.clone(),
            Self::UnresolvedStart(unresolved) => unresolved.order.machine.execution(&unresolved.order.name),
        }
    }

    /// Where it is.
    pub(in crate::cli) fn gateway(&self) -> &GatewayId {
        match self {
            Self::Execution(record) | Self::External(record) => &record.gateway,
            Self::UnresolvedStart(unresolved) => &unresolved.order.gateway,
        }
    }

    /// What is known of it, as if it were an execution.
    pub(in crate::cli) fn record(&self) -> ExecutionRecord {
        match self {
            Self::Execution(record) | Self::External(record) => record.clone(),
            Self::UnresolvedStart(start) => new_record(&start.order, &Started::new(self.arn(), None), start.first_sent),
        }
    }

    /// What the watcher is to know of it.
    pub(in crate::cli) fn tracked(&self) -> Tracked {
        match self {
            Self::Execution(record) | Self::External(record) => Tracked::from_record(record),
            Self::UnresolvedStart(start) => Tracked::from_start(start.clone()),
        }
    }
}

//! What can be followed: executions and unresolved starts.

use stepgate_core::domain::{ExecutionArn, ExecutionRecord, GatewayId, Started, UnresolvedStart};
use stepgate_core::lifecycle::Tracked;
use stepgate_core::lifecycle::execution::new_record;

/// An execution or an unresolved start.
#[derive(Debug, Clone)]
pub(in crate::cli) enum Item {
    /// Started by stepgate.
    Execution(ExecutionRecord),
    /// Not in the store: started elsewhere, or removed. Added once the gateway confirms that it exists.
    External(ExecutionRecord),
    UnresolvedStart(UnresolvedStart),
}

impl Item {
    /// Returns the names of the machine and of the execution.
    pub(in crate::cli) fn names(&self) -> (&str, &str) {
        match self {
            Self::Execution(record) | Self::External(record) => (&record.machine_name, record.arn.name()),
            Self::UnresolvedStart(unresolved) => (&unresolved.order.machine_name, unresolved.order.name.as_str()),
        }
    }

    /// Returns the ARN that the execution has or would have.
    pub(in crate::cli) fn arn(&self) -> ExecutionArn {
        match self {
            Self::Execution(record) | Self::External(record) => record.arn.clone(),
            Self::UnresolvedStart(unresolved) => unresolved.order.machine.execution(&unresolved.order.name),
        }
    }

    pub(in crate::cli) fn gateway(&self) -> &GatewayId {
        match self {
            Self::Execution(record) | Self::External(record) => &record.gateway,
            Self::UnresolvedStart(unresolved) => &unresolved.order.gateway,
        }
    }

    /// Returns the record of the execution, or the one that a start would have.
    pub(in crate::cli) fn record(&self) -> ExecutionRecord {
        match self {
            Self::Execution(record) | Self::External(record) => record.clone(),
            Self::UnresolvedStart(start) => new_record(&start.order, &Started::new(self.arn(), None), start.first_sent),
        }
    }

    pub(in crate::cli) fn tracked(&self) -> Tracked {
        match self {
            Self::Execution(record) => Tracked::from_record(record),
            Self::External(record) => Tracked::external(record),
            Self::UnresolvedStart(start) => Tracked::from_start(start.clone()),
        }
    }
}

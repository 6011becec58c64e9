//! Whether a start request may be sent a second time: only where a second one cannot start a second execution.
//!
//! `StartExecution` is idempotent by name for STANDARD machines (API reference). That helps only if the name that
//! was sent arrives at Step Functions, which many mappings prevent.

use crate::domain::{GatewayFacts, MachineType, NameHandling, StartOrder};

/// What is known about the gateway and the machine of a start request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Knowledge {
    /// What responses have shown about the gateway.
    pub facts: GatewayFacts,
    /// What the configuration says about names.
    pub configured: Option<NameHandling>,
    /// What the ARNs of earlier executions have shown about the machine.
    pub machine: MachineType,
}

impl Knowledge {
    /// What the gateway does with names. The configuration overrides what was learned.
    pub fn names(&self) -> NameHandling {
        self.configured.unwrap_or(self.facts.names)
    }

    /// The machine's type. An ARN overrides the configuration in the direction that is safe.
    pub fn machine_type(&self, order: &StartOrder) -> MachineType {
        match self.shown_type(order) {
            // `names = "passed-on"` says that a name identifies an execution, which it never does for EXPRESS.
            MachineType::Unknown if self.configured == Some(NameHandling::PassedOn) => MachineType::Standard,
            shown => shown,
        }
    }

    /// The machine's type as far as the configuration states it or an ARN has shown it.
    pub(super) fn shown_type(self, order: &StartOrder) -> MachineType {
        match (self.machine, order.machine_type) {
            (MachineType::Express, _) | (_, MachineType::Express) => MachineType::Express,
            (MachineType::Standard, _) | (_, MachineType::Standard) => MachineType::Standard,
            _ => MachineType::Unknown,
        }
    }

    /// Whether the same request again leads to the same execution. A configuration that responses contradict does not
    /// count.
    pub fn is_idempotent(&self, order: &StartOrder) -> bool {
        self.names() == NameHandling::PassedOn
            && self.facts.names != NameHandling::Ignored
            && self.machine_type(order) == MachineType::Standard
    }
}

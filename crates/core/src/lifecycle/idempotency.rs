//! Whether a start request may be sent twice: only where that cannot start a second execution.
//!
//! `StartExecution` is idempotent by name for STANDARD machines (API reference), but only if the gateway passes the
//! name on, which many mappings do not.

use crate::domain::{GatewayFacts, MachineType, NameHandling, StartOrder};

/// What is known about the gateway and the machine of a start request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Knowledge {
    /// What responses have shown about the gateway.
    pub facts: GatewayFacts,
    /// The endpoint's configured `names`.
    pub configured: Option<NameHandling>,
    /// The machine's type by the ARNs of earlier executions.
    pub machine: MachineType,
    /// Whether the endpoint has the route `list`.
    pub has_list: bool,
}

impl Knowledge {
    /// Returns how the gateway treats names. The configuration overrides responses.
    pub fn names(&self) -> NameHandling {
        self.configured.unwrap_or(self.facts.names)
    }

    /// Returns the machine's type. An ARN only overrides the configuration in the safe direction.
    pub fn machine_type(&self, order: &StartOrder) -> MachineType {
        match self.shown_type(order) {
            // `names = "passed-on"` says that a name identifies an execution, which is never true for EXPRESS.
            MachineType::Unknown if self.configured == Some(NameHandling::PassedOn) => MachineType::Standard,
            shown => shown,
        }
    }

    /// Returns the machine's type, if configured or shown by an ARN.
    pub(super) fn shown_type(self, order: &StartOrder) -> MachineType {
        match (self.machine, order.machine_type) {
            (MachineType::Express, _) | (_, MachineType::Express) => MachineType::Express,
            (MachineType::Standard, _) | (_, MachineType::Standard) => MachineType::Standard,
            _ => MachineType::Unknown,
        }
    }

    /// Returns whether a second request leads to the same execution. A configuration that responses contradict does not
    /// count.
    pub fn is_idempotent(&self, order: &StartOrder) -> bool {
        self.names() == NameHandling::PassedOn
            && self.facts.names != NameHandling::Ignored
            && self.machine_type(order) == MachineType::Standard
    }
}

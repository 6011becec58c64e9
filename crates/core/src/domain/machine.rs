//! A state machine that can be started.

use std::sync::Arc;

use crate::domain::arn::StateMachineArn;
use crate::domain::endpoint::EndpointName;
use crate::domain::payload::Payload;

/// `type` of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MachineType {
    /// Neither configured nor shown by an ARN yet. Its executions are polled, but no start is sent twice on the
    /// assumption that it is STANDARD.
    #[default]
    Unknown,
    /// Can be described, is idempotent by name, runs up to a year.
    Standard,
    /// Can be started but not described, is never idempotent, runs up to five minutes.
    Express,
}

/// A named input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// The name in the configuration.
    pub name: Arc<str>,
    /// The input.
    pub input: Payload,
}

/// A machine in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The name in the configuration.
    pub name: Arc<str>,
    /// The endpoint that starts it.
    pub endpoint: EndpointName,
    /// ARN of the state machine, version or alias.
    pub arn: StateMachineArn,
    /// As configured.
    pub machine_type: MachineType,
    /// The default input.
    pub input: Payload,
    /// Further inputs, in the order of the file.
    pub presets: Vec<Preset>,
}

//! A state machine that can be started.

use std::sync::Arc;

use crate::domain::arn::StateMachineArn;
use crate::domain::endpoint::EndpointName;
use crate::domain::payload::Payload;

/// `type` of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MachineType {
    /// Neither configured nor shown by an ARN yet. Its executions can be asked about; nothing is sent twice on the
    /// assumption that it is STANDARD.
    #[default]
    Unknown,
    /// Described, idempotent by name, up to a year long.
    Standard,
    /// Startable, never describable, never idempotent, up to five minutes long.
    Express,
}

/// A named input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// How it is called in the configuration.
    pub name: Arc<str>,
    /// What it stands for.
    pub input: Payload,
}

/// A profile from the configuration: what to start, through which endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// How it is called in the configuration.
    pub name: Arc<str>,
    /// The endpoint that starts it.
    pub endpoint: EndpointName,
    /// What is started.
    pub arn: StateMachineArn,
    /// As configured.
    pub machine_type: MachineType,
    /// What the start form opens with.
    pub input: Payload,
    /// Further inputs, in the order of the file.
    pub presets: Vec<Preset>,
}

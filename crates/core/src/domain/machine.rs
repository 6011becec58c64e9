//! A state machine that can be started.

use std::sync::Arc;

use crate::domain::arn::StateMachineArn;
use crate::domain::endpoint::EndpointName;
use crate::domain::machine_type::MachineType;
use crate::domain::payload::Payload;

/// A machine of `ListStateMachines`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMachine {
    /// `stateMachineArn`.
    pub arn: StateMachineArn,
    /// `type`, if received.
    pub machine_type: MachineType,
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

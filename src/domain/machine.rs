//! A state machine that can be started.

use std::fmt;
use std::sync::Arc;

use crate::domain::arn::StateMachineArn;
use crate::domain::endpoint::EndpointName;
use crate::domain::payload::Payload;

/// `type` of a state machine. The ARN does not tell it, so the configuration does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MachineType {
    /// Described, idempotent by name, up to a year long.
    #[default]
    Standard,
    /// Startable, never describable, never idempotent, up to five minutes long.
    Express,
}

impl fmt::Display for MachineType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "STANDARD",
            Self::Express => "EXPRESS",
        })
    }
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
    /// STANDARD or EXPRESS.
    pub machine_type: MachineType,
    /// What the start form opens with.
    pub input: Payload,
    /// Further inputs, in the order of the file.
    pub presets: Vec<Preset>,
}

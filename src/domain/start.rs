//! Asking for an execution.

use crate::domain::arn::StateMachineArn;
use crate::domain::endpoint::EndpointName;
use crate::domain::machine::MachineType;
use crate::domain::name::ExecutionName;
use crate::domain::payload::Payload;

/// The program's own number for a start, which its answer comes back by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StartId(pub u64);

/// Who made up an execution's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOrigin {
    /// The program: whoever has it already is an earlier attempt of ours.
    Generated,
    /// The user: it may be somebody else's.
    Chosen,
}

/// Everything that a start needs. Sending it again sends the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartOrder {
    /// Through which gateway.
    pub endpoint: EndpointName,
    /// What to start.
    pub machine: StateMachineArn,
    /// STANDARD or EXPRESS.
    pub machine_type: MachineType,
    /// Always explicit: it is what makes a second attempt harmless.
    pub name: ExecutionName,
    /// Who made it up.
    pub origin: NameOrigin,
    /// Byte for byte.
    pub input: Payload,
}

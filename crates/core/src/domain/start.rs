//! Asking for an execution, and the life of having asked.
//!
//! ```text
//! intended ──► sent ──► confirmed         there is an execution
//!                  ├──► refused           there is none, and the reason is known
//!                  └──► unresolved ──► confirmed | never started
//! ```

use std::sync::Arc;

use crate::domain::arn::StateMachineArn;
use crate::domain::endpoint::{EndpointName, GatewayId};
use crate::domain::execution::Started;
use crate::domain::failure::Failure;
use crate::domain::machine::MachineType;
use crate::domain::name::ExecutionName;
use crate::domain::payload::Payload;
use crate::domain::timestamp::Timestamp;

/// The program's own number for a start, which its answer comes back by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StartId(pub u64);

/// The store's number for a start: it outlives the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StartRequestId(pub i64);

/// Who made up an execution's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOrigin {
    /// The program: whoever has it already is an earlier attempt of ours.
    Generated,
    /// The user: it may be somebody else's.
    Chosen,
}

/// Everything that a start needs, as it was when it was ordered: an edit of the configuration changes
/// nothing in it. Sending it again sends the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartOrder {
    /// Through which gateway.
    pub endpoint: EndpointName,
    /// Where that gateway was.
    pub gateway: GatewayId,
    /// The profile that it went by.
    pub machine_name: Arc<str>,
    /// What to start.
    pub machine: StateMachineArn,
    /// As far as is known.
    pub machine_type: MachineType,
    /// Always explicit: where the gateway passes it on, it makes a second attempt harmless.
    pub name: ExecutionName,
    /// Who made it up.
    pub origin: NameOrigin,
    /// Byte for byte.
    pub input: Payload,
}

/// What came of a start.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// There is an execution.
    Confirmed(Started),
    /// There is none, for this reason.
    Refused(Failure),
    /// There may be one: the responses leave it open.
    Unresolved(Box<UnresolvedStart>),
    /// There is none, although the start had been sent: the service does not know its name.
    NeverStarted,
}

/// A start that may have been carried out, or that turned out not to have been: what is needed to find
/// out, and to start it after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnresolvedStart {
    /// What was ordered.
    pub order: StartOrder,
    /// Its record, if the store keeps one.
    pub record: Option<StartRequestId>,
    /// When the first attempt was sent, by our clock.
    pub first_sent: Timestamp,
    /// When the last attempt was sent, by our clock.
    pub sent: Timestamp,
    /// Why there was no good answer; `None` when the program ended before there was any.
    pub reason: Option<Failure>,
}

impl UnresolvedStart {
    /// Whether this order would have the same execution ARN.
    pub fn is_same_execution(&self, order: &StartOrder) -> bool {
        let machine = |order: &StartOrder| order.machine.unqualified();
        self.order.gateway == order.gateway && self.order.name == order.name && machine(&self.order) == machine(order)
    }
}

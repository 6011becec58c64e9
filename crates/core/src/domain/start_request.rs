//! Start requests and their states.
//!
//! ```text
//! planned ──► sent ──► confirmed        there is an execution
//!             ├──► refused          there is none, and the reason is known
//!             └──► unresolved ──► confirmed | not started
//! ```

use std::sync::Arc;

use crate::domain::arn::StateMachineArn;
use crate::domain::endpoint::{EndpointName, GatewayId};
use crate::domain::execution_name::ExecutionName;
use crate::domain::failure::Failure;
use crate::domain::machine_type::MachineType;
use crate::domain::observation::Started;
use crate::domain::payload::Payload;
use crate::domain::timestamp::Timestamp;

/// Identifies a start request within the process, for its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StartId(pub u64);

/// The store's id of a start request, valid across restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StartRequestId(pub i64);

/// Who chose an execution's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOrigin {
    /// The program: an execution with this name comes from an earlier attempt.
    Generated,
    /// The user: another program may use the same name.
    Chosen,
}

/// A start request as it was planned: later configuration changes do not affect it, and a retry sends the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartOrder {
    /// The endpoint's name.
    pub endpoint: EndpointName,
    /// The endpoint's gateway at the time.
    pub gateway: GatewayId,
    /// The machine's name in the configuration.
    pub machine_name: Arc<str>,
    /// The state machine, version or alias to start.
    pub machine: StateMachineArn,
    /// As far as known.
    pub machine_type: MachineType,
    /// Always explicit: where the gateway passes it on, it makes a second attempt harmless.
    pub name: ExecutionName,
    /// Who chose the name.
    pub origin: NameOrigin,
    /// Byte for byte.
    pub input: Payload,
}

/// The result of a start request.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// There is an execution.
    Confirmed(Started),
    /// There is none, for this reason.
    Refused(Failure),
    /// There may be one: the responses leave it open.
    Unresolved(Box<UnresolvedStart>),
    /// There is none, although the request was sent: the service does not know the name.
    NeverStarted,
}

/// A start request that may have led to an execution, or turned out not to: enough to find out, and to send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnresolvedStart {
    /// The request.
    pub order: StartOrder,
    /// The store's id, if recorded.
    pub request_id: Option<StartRequestId>,
    /// When the first attempt was sent, by the local clock.
    pub first_sent: Timestamp,
    /// When the last attempt was sent, by the local clock.
    pub sent: Timestamp,
    /// The last failure; `None` if the program ended before a response.
    pub reason: Option<Failure>,
}

impl UnresolvedStart {
    /// Returns whether this order leads to the same execution ARN.
    pub fn is_same_execution(&self, order: &StartOrder) -> bool {
        let machine = |order: &StartOrder| order.machine.unqualified();
        self.order.gateway == order.gateway && self.order.name == order.name && machine(&self.order) == machine(order)
    }
}

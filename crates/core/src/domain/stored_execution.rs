//! Executions in the store, and queries for them.

use std::sync::Arc;

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::endpoint::{EndpointName, GatewayId};
use crate::domain::execution_list::ListedExecution;
use crate::domain::failure::Failure;
use crate::domain::gateway_facts::GatewayFacts;
use crate::domain::observation::Observation;
use crate::domain::other_members::OtherMembers;
use crate::domain::payload::{InputDigest, Payload};
use crate::domain::status::Status;
use crate::domain::timestamp::Timestamp;
use crate::domain::warning::Warning;

/// An execution in the store, identified by gateway and ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionRecord {
    /// The gateway that started it.
    pub gateway: GatewayId,
    /// The endpoint's name at the time.
    pub endpoint: EndpointName,
    /// The machine's name in the configuration.
    pub machine_name: Arc<str>,
    /// The state machine, with version or alias.
    pub machine: StateMachineArn,
    /// The execution's ARN.
    pub arn: ExecutionArn,
    /// Its start date.
    pub started: Timestamp,
    /// When the last response arrived.
    pub last_response: Option<Timestamp>,
    /// The last observation. The store reads it without input, output, cause and other members.
    pub seen: Option<Observation>,
    /// Why it is no longer watched although it has not ended.
    pub given_up: Option<Failure>,
    /// Digest of the input that was sent; `None` if another program started it.
    pub input_digest: Option<InputDigest>,
    /// The most recent suspicion.
    pub warning: Option<Warning>,
    /// Whether it is known only from a list: the user has neither started nor named it.
    pub is_others: bool,
    /// Other members of the response to the start. Not stored.
    pub start_members: OtherMembers,
}

impl ExecutionRecord {
    /// Returns the record of an execution without any response yet, of the state machine that its ARN names.
    pub fn unanswered(
        gateway: GatewayId,
        endpoint: EndpointName,
        machine_name: impl Into<Arc<str>>,
        arn: ExecutionArn,
        started: Timestamp,
    ) -> Self {
        Self {
            gateway,
            endpoint,
            machine_name: machine_name.into(),
            machine: arn.machine(),
            arn,
            started,
            last_response: None,
            seen: None,
            given_up: None,
            input_digest: None,
            warning: None,
            is_others: false,
            start_members: OtherMembers::default(),
        }
    }

    /// Returns the record of an entry of a gateway's list, received at this time.
    pub fn from_listed(
        gateway: GatewayId,
        endpoint: EndpointName,
        machine_name: impl Into<Arc<str>>,
        listed: ListedExecution,
        now: Timestamp,
    ) -> Self {
        let (arn, machine) = (listed.arn.clone(), listed.machine.clone());
        let record = Self::unanswered(gateway, endpoint, machine_name, arn, listed.start_date);
        Self { machine, last_response: Some(now), seen: Some(Observation::from(listed)), ..record }
    }

    /// Returns whether its outcome is known and nothing can be asked about it: an EXPRESS execution is neither described nor
    /// redriven.
    pub fn is_settled(&self) -> bool {
        !self.arn.is_describable() && self.seen.as_ref().is_some_and(Observation::is_ended)
    }

    /// Returns the last known status; RUNNING before the first response, `None` if unknown.
    pub fn status(&self) -> Option<Status> {
        match (&self.seen, &self.given_up) {
            (Some(seen), _) => Some(seen.status.clone()),
            (None, None) => Some(Status::Running),
            (None, Some(_)) => None,
        }
    }
}

/// The input of an earlier execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierInput {
    /// The execution's ARN.
    pub arn: ExecutionArn,
    /// Its start date.
    pub started: Timestamp,
    /// Byte for byte.
    pub input: Payload,
}

/// The latest executions of a gateway in the store, and what responses of its routes have shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierExecutions {
    /// What responses have shown.
    pub facts: GatewayFacts,
    /// Newest first.
    pub executions: Vec<EarlierExecution>,
}

/// An execution with its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierExecution {
    /// The execution.
    pub record: ExecutionRecord,
    /// The input that was sent, byte for byte.
    pub sent: Option<Payload>,
    /// The input that the execution received, if it is known and differs from the sent one in any byte.
    pub received: Option<Payload>,
}

/// The large members of an execution, read on demand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredPayloads {
    /// The input that the execution received, byte for byte.
    pub input: Option<Payload>,
    /// The input that was sent, if the execution received another one.
    pub sent: Option<Payload>,
    /// `output`, byte for byte.
    pub output: Option<Payload>,
    /// The error's cause.
    pub cause: Option<String>,
    /// Members without a field of their own.
    pub others: OtherMembers,
}

impl StoredPayloads {
    /// Returns the size in bytes.
    pub fn bytes(&self) -> usize {
        let payloads = [&self.input, &self.sent, &self.output].into_iter().flatten();
        payloads.map(|payload| payload.as_str().len()).sum::<usize>() + self.cause.as_ref().map_or(0, String::len)
    }
}

/// Position of the last record of a page; the next page begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Start date of that record.
    pub started: Timestamp,
    /// The store's id of that record.
    pub id: i64,
}

/// A page of records, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Newest first.
    pub records: Vec<ExecutionRecord>,
    /// The position of the next page; `None` at the end.
    pub next: Option<Cursor>,
}

/// Number of executions in the store, by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Not ended.
    pub running: usize,
    /// SUCCEEDED.
    pub succeeded: usize,
    /// FAILED.
    pub failed: usize,
    /// `TIMED_OUT`.
    pub timed_out: usize,
    /// ABORTED.
    pub aborted: usize,
    /// Status unknown.
    pub unknown: usize,
}

impl Totals {
    /// Returns the number of all executions.
    pub fn sum(self) -> usize {
        self.running + self.succeeded + self.failed + self.timed_out + self.aborted + self.unknown
    }
}

/// Number of executions of each gateway in the store, by status.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GatewayTotals(Vec<(GatewayId, Totals)>);

impl GatewayTotals {
    /// Returns the totals of a gateway, to add to.
    pub fn at(&mut self, gateway: &GatewayId) -> &mut Totals {
        let known = self.0.iter().position(|(known, _)| known == gateway);
        let index = known.unwrap_or_else(|| {
            self.0.push((gateway.clone(), Totals::default()));
            self.0.len() - 1
        });
        &mut self.0[index].1
    }

    /// Returns each gateway with its totals.
    pub fn iter(&self) -> impl Iterator<Item = (&GatewayId, Totals)> {
        self.0.iter().map(|(gateway, totals)| (gateway, *totals))
    }

    /// Returns the totals of all gateways together.
    pub fn all(&self) -> Totals {
        self.iter().fold(Totals::default(), |sum, (_, totals)| Totals {
            running: sum.running + totals.running,
            succeeded: sum.succeeded + totals.succeeded,
            failed: sum.failed + totals.failed,
            timed_out: sum.timed_out + totals.timed_out,
            aborted: sum.aborted + totals.aborted,
            unknown: sum.unknown + totals.unknown,
        })
    }
}

impl From<Vec<(GatewayId, Totals)>> for GatewayTotals {
    fn from(totals: Vec<(GatewayId, Totals)>) -> Self {
        Self(totals)
    }
}

/// Which executions to list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    /// Only these machines, each by its name in the configuration, or by the name or ARN of a state machine; any if
    /// empty.
    pub machines: Vec<String>,
    /// Only these statuses; any if empty.
    pub statuses: Vec<Status>,
    /// Only those that started then or later.
    pub since: Option<Timestamp>,
    /// Only this gateway.
    pub gateway: Option<GatewayId>,
    /// Maximum number of executions.
    pub limit: usize,
}

impl ListFilter {
    /// Returns whether a machine, given by its configured name and ARN, matches.
    pub fn matches_machine(&self, machine_name: &str, arn: &StateMachineArn) -> bool {
        let is_named = |machine: &String| {
            machine == machine_name
                || machine == arn.as_str()
                || machine == arn.unqualified().as_str()
                || machine == arn.name()
        };
        self.machines.is_empty() || self.machines.iter().any(is_named)
    }

    /// Returns whether machine and status of a record match.
    pub fn matches(&self, record: &ExecutionRecord) -> bool {
        self.matches_machine(&record.machine_name, &record.machine)
            && (self.statuses.is_empty() || record.status().is_some_and(|status| self.statuses.contains(&status)))
    }
}

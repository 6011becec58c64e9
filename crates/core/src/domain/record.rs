//! What the store keeps of an execution, and how it is listed.

use std::sync::Arc;

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::endpoint::{EndpointName, GatewayId};
use crate::domain::execution::Observation;
use crate::domain::failure::Failure;
use crate::domain::other_members::OtherMembers;
use crate::domain::payload::{InputDigest, Payload};
use crate::domain::status::Status;
use crate::domain::timestamp::Timestamp;
use crate::domain::warning::Warning;

/// An execution as it is kept. Place and ARN together tell it from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionRecord {
    /// Where it was started.
    pub gateway: GatewayId,
    /// What that endpoint was called then.
    pub endpoint: EndpointName,
    /// The profile that it was started from.
    pub machine_name: Arc<str>,
    /// What was started, with version or alias.
    pub machine: StateMachineArn,
    /// Its ARN.
    pub arn: ExecutionArn,
    /// When it began.
    pub started: Timestamp,
    /// When the last answer came.
    pub answered: Option<Timestamp>,
    /// What was seen last. Read from the store it comes without input, output, cause and other members.
    pub seen: Option<Observation>,
    /// Why it is not asked about any more although no end was seen.
    pub given_up: Option<Failure>,
    /// The digest of the input that was sent; `None` if we did not start it.
    pub input_digest: Option<InputDigest>,
    /// What is suspicious about it.
    pub warning: Option<Warning>,
    /// Further members of the response to the start. Not stored.
    pub start_members: OtherMembers,
}

impl ExecutionRecord {
    /// Where it stands as far as is known; `None` when nobody can tell. What has not been asked about yet
    /// runs.
    pub fn status(&self) -> Option<Status> {
        match (&self.seen, &self.given_up) {
            (Some(seen), _) => Some(seen.status.clone()),
            (None, None) => Some(Status::Running),
            (None, Some(_)) => None,
        }
    }
}

/// What an execution was started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierInput {
    /// The execution.
    pub arn: ExecutionArn,
    /// When it began.
    pub started: Timestamp,
    /// Byte for byte.
    pub input: Payload,
}

/// The large members of an execution, which are read when they are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredPayloads {
    /// Byte for byte.
    pub input: Option<Payload>,
    /// What was sent, if the execution received another input.
    pub sent: Option<Payload>,
    /// Byte for byte.
    pub output: Option<Payload>,
    /// The error's cause.
    pub cause: Option<String>,
    /// The members without a field of their own.
    pub others: OtherMembers,
}

impl StoredPayloads {
    /// How many bytes they take up.
    pub fn bytes(&self) -> usize {
        let payloads = [&self.input, &self.sent, &self.output].into_iter().flatten();
        payloads.map(|payload| payload.as_str().len()).sum::<usize>() + self.cause.as_ref().map_or(0, String::len)
    }
}

/// Where the next page of records goes on: behind this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When the last record of the page before began.
    pub started: Timestamp,
    /// The store's number for it.
    pub id: i64,
}

/// Some records, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<ExecutionRecord>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// How many executions the store has, by what is known of them.
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
    /// Nobody can tell.
    pub unknown: usize,
}

impl Totals {
    /// All of them.
    pub fn sum(self) -> usize {
        self.running + self.succeeded + self.failed + self.timed_out + self.aborted + self.unknown
    }
}

/// Which executions to list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Only of this machine: a profile, or the name or ARN of a state machine.
    pub machine: Option<String>,
    /// Only with one of these; with any when there is none.
    pub statuses: Vec<Status>,
    /// Only those that began then or later.
    pub since: Option<Timestamp>,
    /// Only those that were started there.
    pub gateway: Option<GatewayId>,
    /// How many at most.
    pub limit: usize,
}

impl Listing {
    /// Whether a machine, by its name in the configuration or its ARN, is the one that is meant.
    pub fn is_of_machine(&self, machine_name: &str, arn: &StateMachineArn) -> bool {
        self.machine.as_deref().is_none_or(|machine| {
            machine == machine_name
                || machine == arn.as_str()
                || machine == arn.unqualified().as_str()
                || machine == arn.name()
        })
    }

    /// Whether a record belongs to it, as far as machine and status go.
    pub fn takes(&self, record: &ExecutionRecord) -> bool {
        self.is_of_machine(&record.machine_name, &record.machine)
            && (self.statuses.is_empty() || record.status().is_some_and(|status| self.statuses.contains(&status)))
    }
}

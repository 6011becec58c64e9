//! What the store keeps of an execution, and what it gives back.

use std::sync::Arc;

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::endpoint::{EndpointName, Place};
use crate::domain::execution::Observation;
use crate::domain::failure::Failure;
use crate::domain::payload::Payload;
use crate::domain::start::Doubt;
use crate::domain::timestamp::Timestamp;

/// An execution as it is kept. Place and ARN together tell it from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it was started.
    pub place: Place,
    /// What that endpoint was called then.
    pub endpoint: EndpointName,
    /// The profile that it was started from.
    pub profile: Arc<str>,
    /// What was started, with version or alias.
    pub machine: StateMachineArn,
    /// Its ARN.
    pub arn: ExecutionArn,
    /// When it began.
    pub started: Timestamp,
    /// When the last answer came.
    pub answered: Option<Timestamp>,
    /// What was seen last. Read from the store it comes without input, output and cause.
    pub seen: Option<Observation>,
    /// Why it is not asked about any more although no end was seen.
    pub given_up: Option<Failure>,
}

/// The large members of an execution, which are read when they are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptPayloads {
    /// Byte for byte.
    pub input: Option<Payload>,
    /// Byte for byte.
    pub output: Option<Payload>,
    /// The error's cause.
    pub cause: Option<String>,
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
    pub records: Vec<Record>,
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
    /// `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub failed: usize,
    /// Nobody can tell.
    pub unknown: usize,
}

/// The store's number for many starts from one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId(pub i64);

/// Many starts from one file, of which some have not been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLeft {
    /// Its number.
    pub id: BatchId,
    /// The file that the lines came from.
    pub file: String,
    /// The profile that they go by.
    pub profile: Arc<str>,
    /// How many lines it had.
    pub lines: usize,
    /// How many of them have not been sent.
    pub left: usize,
}

/// What the program remembers of earlier launches, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remembered {
    /// The newest executions.
    pub page: Page,
    /// Everything that has not ended as far as is known, newest first; some are in the page too.
    pub running: Vec<Record>,
    /// Starts that may have been carried out.
    pub unresolved: Vec<Doubt>,
    /// Starts that were not.
    pub never_started: Vec<Doubt>,
    /// Batches of processes that are gone, of which some lines have not been sent.
    pub batches: Vec<BatchLeft>,
    /// All executions.
    pub totals: Totals,
}

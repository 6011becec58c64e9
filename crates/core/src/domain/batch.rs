//! Batches: many start requests from one file, one per line.

use std::sync::Arc;

use crate::domain::endpoint::{EndpointName, GatewayId};
use crate::domain::execution_name::ExecutionName;
use crate::domain::failure::Failure;
use crate::domain::payload::Payload;
use crate::domain::start_request::{StartOrder, StartRequestId, UnresolvedStart};
use crate::domain::stored_execution::ExecutionRecord;

/// The store's id of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId(pub i64);

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputLine {
    /// Counted from 1, including blank lines.
    pub number: usize,
    /// Byte for byte, without the line break.
    pub input: Payload,
}

/// The start request of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOrder {
    /// Line number, counted from 1.
    pub line: usize,
    /// What to start.
    pub order: StartOrder,
}

/// A batch with unsent lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentBatch {
    /// The store's id.
    pub id: BatchId,
    /// Path of the input file.
    pub file: String,
    /// The endpoint of its lines.
    pub endpoint: EndpointName,
    /// The gateway of its lines.
    pub gateway: GatewayId,
    /// The machine's name in the configuration.
    pub machine_name: Arc<str>,
    /// Number of lines in the file.
    pub lines: usize,
    /// Number of unsent lines.
    pub unsent: usize,
}

/// A line of a batch in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLine {
    /// Line number, counted from 1.
    pub line: usize,
    /// The store's id of its start request.
    pub request_id: StartRequestId,
    /// The execution's name.
    pub name: ExecutionName,
    /// Its progress.
    pub state: LineState,
}

/// A request for some of a batch's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchQuery {
    /// The batch.
    pub batch: BatchId,
    /// Whether lines that wait, were sent or led to an execution are left out.
    pub only_not_started: bool,
    /// The number of lines before the first one.
    pub from: usize,
    /// The maximum number of lines to return.
    pub count: usize,
}

/// Some of a batch's lines, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchPage {
    /// The number of all lines that the query is about.
    pub total: usize,
    /// The lines.
    pub lines: Vec<BatchLine>,
}

/// Progress of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineState {
    /// Not sent yet.
    Waiting,
    /// Sent by a live process that waits for the response.
    Sent,
    /// May have started an execution.
    Unresolved(Box<UnresolvedStart>),
    /// Has started an execution.
    Started(Box<ExecutionRecord>),
    /// Refused for this reason, or cancelled by the user.
    NotStarted(Option<Failure>),
}

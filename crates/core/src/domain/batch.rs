//! Many starts from one file: each line is a start of its own.

use std::sync::Arc;

use crate::domain::failure::Failure;
use crate::domain::name::ExecutionName;
use crate::domain::payload::Payload;
use crate::domain::record::ExecutionRecord;
use crate::domain::start::{StartOrder, StartRequestId, UnresolvedStart};

/// The store's number for many starts from one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId(pub i64);

/// An input as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputLine {
    /// Counted from 1, blank lines too.
    pub number: usize,
    /// Byte for byte, without the line's end.
    pub input: Payload,
}

/// What a line orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOrder {
    /// The line's number in its file, counted from 1.
    pub line: usize,
    /// The start.
    pub order: StartOrder,
}

/// Many starts from one file, of which some have not been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLeft {
    /// Its number.
    pub id: BatchId,
    /// The file that the lines came from.
    pub file: String,
    /// The profile that they go by.
    pub machine_name: Arc<str>,
    /// How many lines it had.
    pub lines: usize,
    /// How many of them have not been sent.
    pub left: usize,
}

/// A line of a batch, as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLine {
    /// The line's number in its file, counted from 1.
    pub line: usize,
    /// The start that it became.
    pub record: StartRequestId,
    /// The name of its execution.
    pub name: ExecutionName,
    /// Where it stands.
    pub standing: LineState,
}

/// How far a line of a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineState {
    /// It has not been sent.
    Waiting,
    /// A process that lives has sent it and waits for the answer.
    Sent,
    /// It may have been carried out.
    Unresolved(Box<UnresolvedStart>),
    /// There is an execution.
    Started(Box<ExecutionRecord>),
    /// It was refused, for this reason; without one somebody did not want it any more.
    NotStarted(Option<Failure>),
}

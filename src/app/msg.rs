//! What can happen: plain data.

use std::time::Duration;

use crate::app::input::key::Key;
use crate::app::reader::document::FilterId;
use stepgate_core::domain::durations::Durations;
use stepgate_core::domain::{
    BatchId, EarlierInput, EndpointName, ExecutionId, Failure, HistoryEvent, InputLine, Page, Paged, Payload,
    Remembered, Settled, StartId, StartOrder, StartRequestId, StateMachineArn, StoredPayloads, Timestamp, Totals,
};
use stepgate_core::lifecycle::StatusReport;
use stepgate_core::lifecycle::control::ControlResult;

/// A fact that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// It is this late now. Comes before every other fact, and whenever [`crate::app::Model::next_wake`] asked
    /// for it.
    Clock(Timestamp),
    /// A key was pressed.
    Key(Key),
    /// Keys were pressed in a row that type this text, faster than anybody types: typed ahead, or pasted where the
    /// terminal does not say so. Enter is a line feed, Tab a tab.
    Typed(String),
    /// A text was pasted.
    Paste(String),
    /// The mouse was used, in this column and row.
    Mouse(Click, u16, u16),
    /// The terminal has this size now, in columns and rows.
    Resized(u16, u16),
    /// Whether the terminal has the focus of its window system now.
    Focused(bool),
    /// What the store remembers of earlier launches; comes once, at the beginning.
    Remembered(Box<Remembered>),
    /// The store has deleted what had ended before this moment, and has this many executions now.
    Pruned(Timestamp, Totals),
    /// The answer to [`Effect::ReadPage`]: the records, or why there are none.
    PageRead(Result<Page, String>),
    /// The answer to [`Effect::ReadPayloads`].
    PayloadsRead(ExecutionId, Result<StoredPayloads, String>),
    /// The answer to [`Effect::ReadInputs`]; none where they cannot be read.
    InputsRead(Vec<EarlierInput>),
    /// Whether things are being kept: `Some` tells why not.
    StoreHealth(Option<String>),
    /// The answer to [`Effect::Start`], with its record if there is one; every start gets one.
    StartAnswered(StartId, Option<StartRequestId>, Settled),
    /// The answer to [`Effect::ReadLines`] of this path: one input a line, or what is wrong, a sentence each.
    LinesRead(String, Result<Vec<InputLine>, Vec<String>>),
    /// The answer to [`Effect::BeginBatch`].
    BatchBegun(Result<BatchId, String>),
    /// A line of the batch was answered.
    BatchAnswered(Box<StartOrder>, Option<StartRequestId>, Settled),
    /// Nothing more of the batch is sent, with the reason if there is one.
    BatchOver(Option<Failure>),
    /// The batch waits for new credentials, for this reason; `None` when it no longer waits.
    BatchWaits(Option<Failure>),
    /// The program that is looking up the credentials of an endpoint while its requests wait; `None` when it has ended.
    CommandRuns(EndpointName, Option<Box<str>>),
    /// A status question left, at this moment.
    Asked(EndpointName, Timestamp),
    /// A status answer came, or the failure to get one.
    Answered(Box<StatusReport>),
    /// The answer to [`Effect::ReadHistory`] with this number.
    HistoryRead(u64, Result<Box<Paged<HistoryEvent>>, Failure>),
    /// The answer to [`Effect::ReadDefinition`] with this number.
    DefinitionRead(u64, Result<Payload, Failure>),
    /// More is known of how long executions of a machine take.
    Learned(EndpointName, StateMachineArn, Box<Durations>),
    /// The answer to [`Effect::Filter`]: what the filter has put out, or why it has not.
    Filtered(FilterId, Result<String, String>),
    /// The answer to [`Effect::Stop`] or [`Effect::Redrive`]: what the responses said, or why it was not done.
    Controlled(ExecutionId, Result<ControlResult, Failure>),
    /// The answer to [`Effect::Copy`], in words: by which way, or why not.
    Copied(Result<String, String>),
    /// The answer to [`Effect::Save`]: the file's whole path, or why it was not written.
    Saved(Result<String, SaveFault>),
    /// The answer to [`Effect::Edit`]: the text, or why there is none.
    Edited(Result<String, String>),
}

/// What was done with the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Click {
    /// Its left button was pressed.
    Press,
    /// Its wheel was turned up.
    WheelUp,
    /// Its wheel was turned down.
    WheelDown,
}

/// The place of a text that a filter can be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The input pane.
    Input,
    /// The output pane.
    Output,
    /// The step of the timeline.
    Step,
}

/// Why something was not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveFault {
    /// There is such a file already.
    Exists,
    /// In words.
    Failed(String),
}

/// How long until the next moment that matters; see [`crate::app::Model::next_wake`].
pub const TICK: Duration = Duration::from_secs(1);

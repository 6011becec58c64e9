//! Events that `update` handles, as plain data.

use std::time::Duration;

use crate::app::keys::key::Key;
use crate::app::reader::document::FilterId;
use stepgate_core::domain::durations::Durations;
use stepgate_core::domain::{
    BatchId, BatchPage, BatchQuery, EarlierInput, EndpointName, ExecutionId, ExecutionRecord, Failure, GatewayTotals,
    HistoryEvent, InputLine, ListedExecution, ListedMachine, Page, Paged, Payload, Remembered, Settled, StartId,
    StartOrder, StartRequestId, StateMachineArn, StoreChanges, StoredPayloads, Timestamp,
};
use stepgate_core::lifecycle::StatusReport;
use stepgate_core::lifecycle::control::ControlResult;

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// The current time. Precedes every other message, and is sent at [`crate::app::Model::next_wake`].
    Clock(Timestamp),
    /// A key was pressed.
    Key(Key),
    /// Several keys arrived at once: typed ahead, or pasted in a terminal without bracketed paste. Enter is a line feed,
    /// Tab a tab.
    Typed(String),
    /// A text was pasted.
    Paste(String),
    /// A mouse event at this column and row.
    Mouse(Click, u16, u16),
    /// The terminal was resized to this many columns and rows.
    Resized(u16, u16),
    /// The terminal gained or lost focus.
    Focused(bool),
    /// The state of earlier runs, from the store; sent once, at the start.
    StoreLoaded(Box<Remembered>),
    /// The store has deleted executions that ended before this time; the totals are those that remain.
    Pruned(Timestamp, GatewayTotals),
    /// Executions have changed in the store, mostly because other processes have written.
    StoreChanged(Box<StoreChanges>),
    /// The latest executions of a machine at this endpoint, including those started by others.
    Listed(EndpointName, Vec<ListedExecution>),
    /// The reply to `Effect::FindExecution` with this text.
    ExecutionsFound(String, Result<Vec<ExecutionRecord>, String>),
    /// The reply to `Effect::ReadPage`.
    PageRead(Result<Page, String>),
    /// The reply to `Effect::ReadPayloads`.
    PayloadsRead(ExecutionId, Result<StoredPayloads, String>),
    /// The reply to `Effect::ReadInputs`; empty if they cannot be read.
    InputsRead(Vec<EarlierInput>),
    /// The store has started or stopped working: `Some` is the error.
    StoreHealth(Option<String>),
    /// The reply to `Effect::Start`, with the id of its start request in the store, if any. Every start gets one reply.
    StartFinished(StartId, Option<StartRequestId>, Settled),
    /// The reply to `Effect::ReadLines` for this path: one input per line, or the errors.
    LinesRead(String, Result<Vec<InputLine>, Vec<String>>),
    /// The reply to `Effect::RecordBatch`.
    BatchRecorded(Result<BatchId, String>),
    /// The reply to `Effect::ReadBatchLines`: the lines or the error.
    BatchLinesRead(BatchQuery, Result<BatchPage, String>),
    /// A line of the batch has been sent and settled.
    BatchLineFinished(Box<StartOrder>, Option<StartRequestId>, Settled),
    /// The batch sends no more lines; `Some` is the failure that stopped it.
    BatchStopped(Option<Failure>),
    /// The batch waits for new credentials because of this failure; `None` when it continues.
    BatchLockedOut(Option<Failure>),
    /// The credential command that requests to an endpoint wait for; `None` when it has exited.
    CredentialCommand(EndpointName, Option<Box<str>>),
    /// A status request was sent at this time.
    StatusRequested(EndpointName, Timestamp),
    /// The result of a status request.
    StatusReceived(Box<StatusReport>),
    /// The reply to `Effect::ReadHistory` with this number.
    HistoryRead(u64, Result<Box<Paged<HistoryEvent>>, Failure>),
    /// The reply to `Effect::ReadDefinition` with this number.
    DefinitionRead(u64, Result<Payload, Failure>),
    /// The reply to `Effect::ListMachines`: the first machines, and whether there are more.
    MachinesListed(EndpointName, Result<(Vec<ListedMachine>, bool), Failure>),
    /// The duration statistics of a machine have changed.
    DurationsChanged(EndpointName, StateMachineArn, Box<Durations>),
    /// The reply to `Effect::Filter`: the output or the error message.
    Filtered(FilterId, Result<String, String>),
    /// The reply to `Effect::Stop` or `Effect::Redrive`.
    Controlled(ExecutionId, Result<ControlResult, Failure>),
    /// The reply to `Effect::Copy` or `Effect::RescueText`: a message on how it was copied, or why not.
    Copied(Result<String, String>),
    /// The reply to `Effect::OpenUrl` with this URL: why it could not be opened.
    UrlOpened(String, Result<(), String>),
    /// The reply to `Effect::Save`: the absolute path of the file, or the error.
    Saved(Result<String, SaveError>),
    /// The reply to `Effect::ReadFolder` with this number, or an error message.
    FolderRead(u64, Result<Folder, String>),
    /// The reply to `Effect::Edit`: the edited text or an error message.
    Edited(Result<String, String>),
}

/// A mouse event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Click {
    /// The left button was pressed.
    Press,
    /// The wheel was turned up.
    WheelUp,
    /// The wheel was turned down.
    WheelDown,
}

/// A place with a text that can have a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The input pane.
    Input,
    /// The output pane.
    Output,
    /// The step's text in the timeline, or the definition.
    Step,
}

/// The names in a folder that begin as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// In alphabetical order; those of folders end with a separator.
    pub names: Vec<String>,
    /// Whether the folder has more entries than were read.
    pub is_cut: bool,
}

/// Why a file was not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveError {
    /// The file exists.
    Exists,
    /// Any other error, as a message.
    Failed(String),
}

/// The interval at which clocks and countdowns on the screen change; see [`crate::app::Model::next_wake`].
pub(crate) const TICK: Duration = Duration::from_secs(1);

//! Side effects that `update` requests, as plain data. The runtime runs them.

use std::sync::Arc;

use crate::app::copy::CopyItem;
use crate::app::msg::Slot;
use crate::app::reader::document::FilterId;
use crate::app::shell::setup::MouseOwner;
use stepgate_core::domain::{
    BatchId, BatchQuery, Cursor, EndpointName, ExecutionArn, ExecutionId, ExecutionRecord, GatewayId, HistoryQuery,
    LineOrder, Observation, Permit, Scope, Settled, StartId, StartOrder, StartRequestId, StateMachineArn, StopReason,
};
use stepgate_core::lifecycle::Watched;

/// A side effect to run. Those that start, stop or redrive have a [`Permit`].
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Start an execution, a new one or one whose start request is in the store; replies with
    /// `Msg::StartFinished`.
    Start(StartId, StartOrder, Option<StartRequestId>, Permit),
    /// Read inputs from a file, one per line; replies with `Msg::LinesRead`.
    ReadLines(String),
    /// Record the start requests of a batch file before any is sent; replies with `Msg::BatchRecorded`.
    RecordBatch(String, Vec<LineOrder>),
    /// Send the unsent lines of a batch; replies with any number of `Msg::BatchLineFinished`, then
    /// `Msg::BatchStopped`.
    SendBatch(BatchId, Permit),
    /// Stop sending lines of the batch.
    StopBatch,
    /// Forget the unsent lines of a batch.
    ForgetBatch(BatchId),
    /// Read some of a batch's lines from the store; replies with `Msg::BatchLinesRead`.
    ReadBatchLines(BatchQuery),
    /// Record the final state of a start request.
    Settle(StartRequestId, Settled),
    /// Poll failed endpoints now instead of waiting for the next attempt.
    RetryNow,
    /// Save an execution in the store.
    SaveRecord(Box<ExecutionRecord>),
    /// Remember what the user has chosen in the UI under this key; `None` forgets it.
    RememberChoice(&'static str, Option<String>),
    /// Show whose executions these are, now and at the next launch; replies with `Msg::StoreChanged`.
    ShowScope(Scope),
    /// Read what has changed in the store, and the totals; replies with `Msg::StoreChanged`.
    CheckStore,
    /// List the latest executions of these machines repeatedly, and of no others; replies with any number of
    /// `Msg::Listed`.
    List(Vec<(EndpointName, StateMachineArn)>),
    /// Remove executions from the store.
    Remove(Vec<(GatewayId, ExecutionArn)>),
    /// Allow a removed execution to be stored again.
    Restore(GatewayId, ExecutionArn),
    /// Find executions by ARN or name in the store; replies with `Msg::ExecutionsFound`.
    FindExecution(String),
    /// Read older executions from the store; replies with `Msg::PageRead`.
    ReadPage(Cursor),
    /// Read the payloads of an execution from the store; replies with `Msg::PayloadsRead`.
    ReadPayloads(ExecutionId, GatewayId, ExecutionArn),
    /// Read earlier inputs of a machine from the store; replies with `Msg::InputsRead`.
    ReadInputs(GatewayId, StateMachineArn),
    /// Watch executions; replies with any number of `Msg::StatusReceived`.
    Watch(Vec<Watched>),
    /// Stop watching an execution.
    Forget(ExecutionId),
    /// The selection has changed; the watcher polls the selected execution more often.
    Select(Option<ExecutionId>),
    /// The running executions in view have changed; the watcher polls them more often.
    Show(Vec<ExecutionId>),
    /// The terminal has gained or lost focus.
    Focus(bool),
    /// Run a jq filter over the text of a pane, and cancel earlier filters; replies with `Msg::Filtered`.
    Filter {
        /// Identifies the reply.
        id: FilterId,
        /// The pane.
        slot: Slot,
        /// A jq program.
        filter: String,
        /// The text.
        text: Arc<str>,
    },
    /// Stop an execution; replies with `Msg::Controlled`.
    Stop {
        /// Which.
        id: ExecutionId,
        /// Where it was started.
        gateway: GatewayId,
        /// The current name of that endpoint.
        endpoint: EndpointName,
        /// Its ARN.
        arn: ExecutionArn,
        /// The error and cause to record in Step Functions.
        reason: StopReason,
        /// The permission.
        permit: Permit,
    },
    /// Redrive an execution; replies with `Msg::Controlled`.
    Redrive {
        /// Which.
        id: ExecutionId,
        /// Where it was started.
        gateway: GatewayId,
        /// The current name of that endpoint.
        endpoint: EndpointName,
        /// Its ARN.
        arn: ExecutionArn,
        /// The `clientToken`, which makes retries idempotent.
        token: String,
        /// The last observation before the redrive.
        before: Option<Box<Observation>>,
        /// The permission.
        permit: Permit,
    },
    /// Copy a text to the clipboard, or to a file if that fails; replies with `Msg::Copied`.
    Copy(CopyItem),
    /// Open a page in the browser; replies with `Msg::UrlOpened`.
    OpenUrl(String),
    /// Write a text to a file; replies with `Msg::Saved`.
    Save {
        /// As typed; a leading `~` is the home directory.
        path: String,
        /// The contents, byte for byte.
        text: Arc<str>,
        /// Whether to overwrite an existing file.
        replace: bool,
    },
    /// Read the names in a folder, as typed, that begin with a text; replies with `Msg::FolderRead`.
    ReadFolder(u64, String, String),
    /// Open a text in the user's editor; replies with `Msg::Edited`.
    Edit(String),
    /// Save an edited text whose form is gone to a file; replies with `Msg::Copied`.
    RescueText(String),
    /// Read a page of an execution's history within the rate limit; replies with `Msg::HistoryRead`.
    ReadHistory(u64, EndpointName, HistoryQuery),
    /// Read the definition of an execution's state machine; replies with `Msg::DefinitionRead`.
    ReadDefinition(u64, GatewayId, EndpointName, ExecutionArn),
    /// List the state machines of an endpoint's account; replies with `Msg::MachinesListed`.
    ListMachines(GatewayId, EndpointName),
    /// Ring the bell or show a notification with this text, as configured.
    Notify(String),
    /// Turn mouse reporting on or off.
    Mouse(MouseOwner),
    /// Suspend the process (SIGTSTP).
    Suspend,
    /// Redraw the whole screen.
    Redraw,
    /// Reload the configuration.
    Reload,
    /// Quit the program.
    Quit,
}

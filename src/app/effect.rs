//! What `update` requests from the outside: plain data. The runtime performs it.

use std::sync::Arc;

use crate::app::control::StopReason;
use crate::app::copy::CopyItem;
use crate::app::msg::Slot;
use crate::app::reader::document::FilterId;
use crate::app::shell::setup::MouseOwner;
use stepgate_core::domain::{
    BatchId, Cursor, EndpointName, ExecutionArn, ExecutionId, ExecutionRecord, GatewayId, HistoryQuery, LineOrder,
    Observation, Settled, StartId, StartOrder, StartRequestId, StateMachineArn,
};
use stepgate_core::lifecycle::Watched;

/// Something to do outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Start an execution, a new one or one whose intent is in the store; answered by
    /// [`Msg::StartAnswered`].
    Start(StartId, StartOrder, Option<StartRequestId>),
    /// Read inputs from a file, one a line; answered by [`Msg::LinesRead`].
    ReadLines(String),
    /// Write the intents of many starts from one file down; answered by [`Msg::BatchBegun`].
    BeginBatch(String, Vec<LineOrder>),
    /// Send the lines of a batch that have not been sent; answered by any number of
    /// [`Msg::BatchAnswered`], and by [`Msg::BatchOver`].
    GoOn(BatchId),
    /// Send no more lines of the batch.
    StopBatch,
    /// Forget the lines of a batch that have not been sent.
    ForgetBatch(BatchId),
    /// Note what came of a start after all.
    Settle(StartRequestId, Settled),
    /// Ask endpoints that have failed again.
    TryNow,
    /// Keep what is known of an execution.
    Keep(Box<ExecutionRecord>),
    /// Read older executions from the store; answered by [`Msg::PageRead`].
    ReadPage(Cursor),
    /// Read the large members of an execution; answered by [`Msg::PayloadsRead`].
    ReadPayloads(ExecutionId, GatewayId, ExecutionArn),
    /// Read what executions of a machine were started with; answered by [`Msg::InputsRead`].
    ReadInputs(GatewayId, StateMachineArn),
    /// Watch executions; answered by any number of [`Msg::Answered`].
    Watch(Vec<Watched>),
    /// Watch this one no more.
    Forget(ExecutionId),
    /// The user looks at this one.
    Select(Option<ExecutionId>),
    /// The user sees these, among others.
    Show(Vec<ExecutionId>),
    /// Whether the user looks at all.
    Focus(bool),
    /// Run a jq filter over the text of a pane, and none of those before any more; answered by
    /// [`Msg::Filtered`].
    Filter {
        /// Tells its answer from others.
        id: FilterId,
        /// Whose text it is.
        slot: Slot,
        /// In the language of jq.
        filter: String,
        /// The text.
        text: Arc<str>,
    },
    /// Stop an execution; answered by [`Msg::Controlled`].
    Stop {
        /// Which.
        id: ExecutionId,
        /// Where it was started.
        gateway: GatewayId,
        /// What that endpoint is called now.
        endpoint: EndpointName,
        /// Its ARN.
        arn: ExecutionArn,
        /// What to tell those who look at it.
        told: StopReason,
    },
    /// Redrive an execution; answered by [`Msg::Controlled`].
    Redrive {
        /// Which.
        id: ExecutionId,
        /// Where it was started.
        gateway: GatewayId,
        /// What that endpoint is called now.
        endpoint: EndpointName,
        /// Its ARN.
        arn: ExecutionArn,
        /// The `clientToken`: the same again is the same redrive.
        token: String,
        /// What is known of it.
        before: Option<Box<Observation>>,
    },
    /// Put a text on the clipboard, or where that fails into a file; answered by [`Msg::Copied`].
    Copy(CopyItem),
    /// Write a text to a file; answered by [`Msg::Saved`].
    Save {
        /// As it was typed; `~` is the home.
        path: String,
        /// Byte for byte.
        text: Arc<str>,
        /// Whether to replace a file that is there.
        replace: bool,
    },
    /// Open the text in the user's editor; answered by [`Msg::Edited`].
    Edit(String),
    /// Write a text that was edited for a form that cannot take it any more to a file; answered by [`Msg::Copied`].
    KeepText(String),
    /// Read a page of an execution's history as soon as the budget allows; answered by [`Msg::HistoryRead`].
    ReadHistory(u64, EndpointName, HistoryQuery),
    /// Read the definition that an execution runs by; answered by [`Msg::DefinitionRead`].
    ReadDefinition(u64, GatewayId, EndpointName, ExecutionArn),
    /// Ring, or show a notification with this text, as the configuration wants it.
    Notify(String),
    /// Have the terminal tell of the mouse, or leave it to select text.
    Mouse(MouseOwner),
    /// Go to the background of the shell.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Read the configuration again.
    Reload,
    /// End.
    Quit,
}

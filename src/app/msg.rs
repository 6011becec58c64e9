//! What can happen (`Msg`), and what the core asks of the outside (`Effect`): plain data both.

use std::sync::Arc;
use std::time::Duration;

use crate::app::copy::Taken;
use crate::app::document::FilterId;
use crate::app::key::Key;
use crate::app::setup::MouseOwner;
use crate::app::steer::Told;
use crate::domain::durations::Durations;
use crate::domain::{
    BatchId, Cursor, EarlierInput, EndpointName, ExecutionArn, ExecutionId, Failure, HistoryEvent, HistoryQuery,
    InputLine, KeptPayloads, LineOrder, Observation, Page, Paged, Payload, Place, Record, RecordId, Remembered,
    Settled, StartId, StartOrder, StateMachineArn, Timestamp, Totals,
};
use crate::lifecycle::control::Controlled;
use crate::lifecycle::{StatusAnswer, Watched};

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
    PayloadsRead(ExecutionId, Result<KeptPayloads, String>),
    /// The answer to [`Effect::ReadInputs`]; none where they cannot be read.
    InputsRead(Vec<EarlierInput>),
    /// Whether things are being kept: `Some` tells why not.
    Kept(Option<String>),
    /// The answer to [`Effect::Start`], with its record if there is one; every start gets one.
    StartAnswered(StartId, Option<RecordId>, Settled),
    /// The answer to [`Effect::ReadLines`] of this path: one input a line, or what is wrong, a sentence each.
    LinesRead(String, Result<Vec<InputLine>, Vec<String>>),
    /// The answer to [`Effect::BeginBatch`].
    BatchBegun(Result<BatchId, String>),
    /// A line of the batch was answered.
    BatchAnswered(Box<StartOrder>, Option<RecordId>, Settled),
    /// Nothing more of the batch is sent, with the reason if there is one.
    BatchOver(Option<Failure>),
    /// The batch waits for new credentials, for this reason; `None` when it no longer waits.
    BatchWaits(Option<Failure>),
    /// The program that is looking up the credentials of an endpoint while its requests wait; `None` when it has ended.
    CommandRuns(EndpointName, Option<Box<str>>),
    /// A status question left, at this moment.
    Asked(EndpointName, Timestamp),
    /// A status answer came, or the failure to get one.
    Answered(Box<StatusAnswer>),
    /// The answer to [`Effect::ReadHistory`] with this number.
    HistoryRead(u64, Result<Box<Paged<HistoryEvent>>, Failure>),
    /// The answer to [`Effect::ReadDefinition`] with this number.
    DefinitionRead(u64, Result<Payload, Failure>),
    /// More is known of how long executions of a machine take.
    Learned(EndpointName, StateMachineArn, Box<Durations>),
    /// The answer to [`Effect::Filter`]: what the filter has put out, or why it has not.
    Filtered(FilterId, Result<String, String>),
    /// The answer to [`Effect::Stop`] or [`Effect::Redrive`]: what the responses said, or why it was not done.
    Steered(ExecutionId, Result<Controlled, Failure>),
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

/// Something to do outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Start an execution, a new one or one whose intent is in the store; answered by
    /// [`Msg::StartAnswered`].
    Start(StartId, StartOrder, Option<RecordId>),
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
    Settle(RecordId, Settled),
    /// Ask endpoints that have failed again.
    TryNow,
    /// Keep what is known of an execution.
    Keep(Box<Record>),
    /// Read older executions from the store; answered by [`Msg::PageRead`].
    ReadPage(Cursor),
    /// Read the large members of an execution; answered by [`Msg::PayloadsRead`].
    ReadPayloads(ExecutionId, Place, ExecutionArn),
    /// Read what executions of a machine were started with; answered by [`Msg::InputsRead`].
    ReadInputs(Place, StateMachineArn),
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
    /// Stop an execution; answered by [`Msg::Steered`].
    Stop {
        /// Which.
        id: ExecutionId,
        /// Where it was started.
        place: Place,
        /// What that endpoint is called now.
        endpoint: EndpointName,
        /// Its ARN.
        arn: ExecutionArn,
        /// What to tell those who look at it.
        told: Told,
    },
    /// Redrive an execution; answered by [`Msg::Steered`].
    Redrive {
        /// Which.
        id: ExecutionId,
        /// Where it was started.
        place: Place,
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
    Copy(Taken),
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
    ReadDefinition(u64, Place, EndpointName, ExecutionArn),
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

/// How long until the next moment that matters; see [`crate::app::Model::next_wake`].
pub const TICK: Duration = Duration::from_secs(1);

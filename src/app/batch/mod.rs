//! Many starts from one file: the file form and the state of the batch.

pub(crate) mod batches;
pub(crate) mod forget;
pub(crate) mod line;
pub(crate) mod lines;
pub(crate) mod page;
pub(crate) mod unfinished;
pub(crate) mod update;

use std::sync::Arc;

use crate::app::keys::editor::{Editor, Lines};
use crate::app::list::machines::MachineIndex;
use stepgate_core::domain::{BatchId, EndpointName, ExecutionId, Failure, GatewayId, InputLine, Permit};

/// Executions that are selected in the list after a batch. Of more, only the newest is.
const MOST_SELECTED: usize = 1_000;

/// The form for the file.
#[derive(Debug, Clone)]
pub struct FileForm {
    /// The machine to start.
    pub machine: MachineIndex,
    /// The path of the file.
    pub path: Editor,
    /// The contents of the file.
    pub lines: FileLines,
}

/// The contents of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileLines {
    /// Not read yet.
    Unread,
    /// Being read.
    Reading,
    /// Valid: one input per line.
    Ready(Vec<InputLine>),
    /// Invalid, with one message per error.
    Invalid(Vec<String>),
}

impl FileForm {
    /// Returns an empty form for a machine.
    pub fn new(machine: MachineIndex) -> Self {
        Self { machine, path: Editor::new("", Lines::One), lines: FileLines::Unread }
    }
}

/// The state of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its start requests are being recorded in the store.
    Recording,
    /// Its lines are being sent.
    Sending,
    /// Waiting for responses; no more lines are sent.
    Stopping,
    /// Unsent lines remain; with the failure unless the user stopped it.
    Stopped(Option<Failure>),
    /// Every line has been sent and settled.
    Done,
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Its id in the store, once recorded.
    id: Option<BatchId>,
    file: String,
    machine_name: Arc<str>,
    /// The endpoint and gateway of its lines.
    target: (GatewayId, EndpointName),
    /// The permission to send its lines.
    permit: Option<Permit>,
    /// The number of lines.
    lines: usize,
    /// The number of lines not finished.
    remaining: usize,
    /// The number of executions started in this run of the program.
    confirmed: usize,
    /// The number of lines refused in this run of the program.
    refused: usize,
    /// The number of lines unresolved in this run of the program.
    unresolved: usize,
    /// The executions started in this run of the program, up to [`MOST_SELECTED`] and one more.
    started: Vec<ExecutionId>,
    /// Why the batch waits for new credentials, if it does.
    locked_out: Option<Failure>,
    /// Whether the user has decided to forget the unsent lines once it has stopped.
    is_forgotten: bool,
    stage: Stage,
}

impl Batch {
    /// Returns a batch with this many remaining lines.
    pub(crate) fn new(
        file: String,
        machine_name: Arc<str>,
        target: (GatewayId, EndpointName),
        (lines, remaining): (usize, usize),
        stage: Stage,
    ) -> Self {
        Self {
            id: None,
            file,
            machine_name,
            target,
            permit: None,
            lines,
            remaining,
            confirmed: 0,
            refused: 0,
            unresolved: 0,
            started: Vec::new(),
            locked_out: None,
            is_forgotten: false,
            stage,
        }
    }

    /// Returns the machine's name in the configuration.
    pub(crate) fn machine_name(&self) -> &str {
        &self.machine_name
    }

    /// Returns the path of the file.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Returns the number of lines not finished.
    pub(crate) fn remaining(&self) -> usize {
        self.remaining
    }

    /// Returns whether its lines are being sent.
    pub(crate) fn is_sending(&self) -> bool {
        self.stage == Stage::Sending
    }

    /// Returns whether it has stopped and can be continued.
    pub(crate) fn can_continue(&self) -> bool {
        matches!(self.stage, Stage::Stopped(_)) && self.remaining > 0
    }

    /// Returns whether it waits for new credentials.
    pub(in crate::app) fn waits_for_credentials(&self) -> bool {
        self.locked_out.is_some()
    }

    /// Returns whether there may be unsent lines to forget.
    pub(crate) fn can_forget(&self) -> bool {
        self.remaining > 0 && !self.is_forgotten && !matches!(self.stage, Stage::Recording | Stage::Done)
    }

    /// Returns whether it is recording, sending or waiting for responses.
    pub(crate) fn is_active(&self) -> bool {
        matches!(self.stage, Stage::Recording | Stage::Sending | Stage::Stopping)
    }

    /// Returns the progress on one line, with a bar of this many cells.
    pub(crate) fn progress(&self, cells: usize) -> String {
        let done = self.lines - self.remaining;
        let full = (done * cells).checked_div(self.lines).unwrap_or(cells);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(cells - full));
        let counts = [(self.confirmed, "started"), (self.refused, "refused"), (self.unresolved, "unresolved")];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts = counts.map(|(count, word)| format!(" · {count} {word}"));
        format!("{bar} {done} of {}{}", self.lines, counts.collect::<String>())
    }
}

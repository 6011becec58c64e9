//! Many starts from one file: the form that asks for the file, and how far the batch is.

pub mod update;

use std::sync::Arc;

use crate::app::input::editor::{Editor, Lines};
use crate::app::list::machines::MachineIndex;
use stepgate_core::domain::{BatchId, Failure, InputLine};

/// Asking for the file.
#[derive(Debug, Clone)]
pub struct FileForm {
    /// What will be started.
    pub machine: MachineIndex,
    /// The file's path.
    pub path: Editor,
    /// What was found in it.
    pub lines: FileLines,
}

/// What was found in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileLines {
    /// It has not been looked at.
    Unread,
    /// It is being read.
    Reading,
    /// One input a line, ready to go.
    Ready(Vec<InputLine>),
    /// What is wrong with it, a line each.
    Faulty(Vec<String>),
}

impl FileForm {
    /// An empty form for a machine.
    pub fn new(machine: MachineIndex) -> Self {
        Self { machine, path: Editor::new("", Lines::One), lines: FileLines::Unread }
    }
}

/// How a batch goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Its intents are being written down.
    Writing,
    /// Its lines are being sent.
    Going,
    /// What has been sent is still being answered; nothing more is sent.
    Stopping,
    /// The rest waits; with the reason, if it was not the user's wish.
    Stopped(Option<Failure>),
    /// Every line has been answered.
    Done,
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number in the store, as soon as it is there.
    pub id: Option<BatchId>,
    /// The file that the lines came from.
    pub file: String,
    /// The profile that they go by.
    pub machine_name: Arc<str>,
    /// How many lines it has.
    pub lines: usize,
    /// Of them: not sent.
    pub left: usize,
    /// Answered in this launch: there is an execution.
    pub confirmed: usize,
    /// Answered in this launch: there is none.
    pub refused: usize,
    /// Answered in this launch: nobody knows yet.
    pub unresolved: usize,
    /// Why the first one was refused.
    pub first_refusal: Option<String>,
    /// Why the batch waits for new credentials, if it does.
    pub locked_out: Option<Failure>,
    /// How it goes.
    pub stage: Stage,
}

impl Batch {
    /// A batch of which so many lines have not been sent.
    pub fn new(file: String, machine_name: Arc<str>, lines: usize, left: usize, stage: Stage) -> Self {
        let (confirmed, refused, unresolved) = (0, 0, 0);
        let (id, first_refusal, locked_out) = (None, None, None);
        Self { id, file, machine_name, lines, left, confirmed, refused, unresolved, first_refusal, locked_out, stage }
    }

    /// Whether something is being done about it.
    pub fn is_active(&self) -> bool {
        matches!(self.stage, Stage::Writing | Stage::Going | Stage::Stopping)
    }

    /// One line that says how far it is, with a bar of so many cells.
    pub fn progress(&self, cells: usize) -> String {
        let done = self.lines - self.left;
        let full = (done * cells).checked_div(self.lines).unwrap_or(cells);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(cells - full));
        let counts = [(self.refused, "refused"), (self.unresolved, "unresolved")].into_iter();
        let counts = counts.filter(|(count, _)| *count > 0).map(|(count, word)| format!(" · {count} {word}"));
        format!("{bar} {done} of {}{}", self.lines, counts.collect::<String>())
    }
}

//! One step of a timeline: a state, a branch, an iteration.

use crate::domain::Timestamp;

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// A state.
    State,
    /// A branch of a Parallel state.
    Branch,
    /// An iteration of a Map state.
    Iteration,
    /// No step: here the execution was redriven.
    Redrive,
}

/// How a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStatus {
    /// It has not ended.
    Running,
    /// It ended well.
    Succeeded,
    /// It failed, and the machine went on all the same.
    Caught,
    /// It failed.
    Failed,
    /// Its time was up.
    TimedOut,
    /// It was stopped, with the execution or since something beside it failed.
    Aborted,
}

impl StepStatus {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Caught => "CAUGHT",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }

    /// Whether the execution did not get further here.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// What it is in.
    pub parent: Option<usize>,
    /// What is in it, in the order of its beginnings.
    pub children: Vec<usize>,
    /// Levels of nesting.
    pub depth: usize,
    /// The state's name, or which branch or iteration it is.
    pub name: String,
    /// `Task`, `Map`, ..; empty for what is no state.
    pub state_type: String,
    /// How it goes.
    pub status: StepStatus,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How often a task was scheduled; 0 for what is no task.
    pub attempts: u32,
    /// What the task calls, such as `lambda · invoke`.
    pub resource: Option<String>,
    /// The last error.
    pub error: Option<String>,
    /// Its cause.
    pub cause: Option<String>,
    /// The event with the input.
    pub entered: Option<u64>,
    /// The event with the output.
    pub exited: Option<u64>,
    /// Whether the last attempt failed.
    pub(super) is_failing: bool,
}

impl Step {
    /// What is known of it, a line each, and whether it is bad news.
    pub fn facts(&self) -> Vec<(String, bool)> {
        let kind = match self.kind {
            StepKind::State => self.state_type.as_str(),
            StepKind::Branch => "branch of a Parallel state",
            StepKind::Iteration => "iteration of a Map state",
            StepKind::Redrive => "redrive",
        };
        let resource = self.resource.as_ref().map(|resource| format!(" · {resource}")).unwrap_or_default();
        let attempts = if self.attempts > 1 { format!(" after {} attempts", self.attempts) } else { String::new() };
        let mut facts = vec![
            (format!("{} · {kind}{resource}", self.name), false),
            (format!("{}{attempts}", self.status.word()), self.status.is_bad()),
        ];
        facts.extend(self.error.clone().map(|error| (error, true)));
        facts
    }
}

//! One step of a timeline (a state, a branch, an iteration) and the attempts at it.

use std::collections::BTreeSet;
use std::sync::Arc;

use stepgate_core::domain::Timestamp;

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// A state.
    State,
    /// A branch of a Parallel state, named after its first state.
    Branch,
    /// An iteration of a Map state, named `[index]`.
    Iteration,
    /// Not a step: the execution was redriven here.
    Redrive,
}

/// The status of a step or an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStatus {
    /// It has not ended.
    Running,
    /// It succeeded.
    Succeeded,
    /// It failed, and a Catch handled it.
    Caught,
    /// It failed.
    Failed,
    /// The execution timed out in it.
    TimedOut,
    /// It was cancelled because something else failed, or the execution was stopped.
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

    /// Whether the execution did not get past it.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }
}

/// A step and one attempt at it: where an event belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepPosition {
    /// The number of the step.
    pub step: usize,
    /// The number of the attempt, from 0.
    pub attempt: usize,
}

/// One attempt at a step. The execution itself has one, too: it holds the outermost states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its status. A Task whose attempt failed is still running until it is retried or ends.
    pub status: StepStatus,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<Arc<str>>,
    /// The cause of the failure.
    pub cause: Option<Arc<str>>,
    /// What a Task calls, such as `lambda · invoke`, or the Map Run.
    pub resource: Option<String>,
    /// `TimeoutSeconds` of a Task.
    pub timeout: Option<u64>,
    /// `HeartbeatSeconds` of a Task.
    pub heartbeat: Option<u64>,
    /// The event that scheduled or started it.
    pub scheduled: Option<u64>,
    /// The event with the raw result.
    pub result: Option<u64>,
    /// The steps in it, in order of their start.
    pub children: Vec<usize>,
    /// Those that have not ended.
    pub(in crate::app) open: BTreeSet<usize>,
    /// The step in it whose failure is this one's.
    pub(in crate::app) culprit: Option<usize>,
    /// How often the execution had been redriven when it ended.
    pub(in crate::app) ended_in_run: u64,
}

impl Attempt {
    pub(in crate::app) fn new(began: Timestamp) -> Self {
        Self {
            status: StepStatus::Running,
            began,
            ended: None,
            error: None,
            cause: None,
            resource: None,
            timeout: None,
            heartbeat: None,
            scheduled: None,
            result: None,
            children: Vec::new(),
            open: BTreeSet::new(),
            culprit: None,
            ended_in_run: 0,
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// What it is in; `None` for the outermost states.
    pub parent: Option<StepPosition>,
    /// How many steps it is in.
    pub depth: usize,
    /// The state's name, or which branch or iteration it is.
    pub name: String,
    /// `Task`, `Map`, ..; `Branch` or `Iteration` for what is no state.
    pub state_type: String,
    /// Its status.
    pub status: StepStatus,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The attempts at it; at least one.
    pub attempts: Vec<Attempt>,
    /// The event with the input.
    pub entered: Option<u64>,
    /// The event with the output.
    pub exited: Option<u64>,
    /// The index of an iteration.
    pub(in crate::app) index: Option<u64>,
    /// Whether an event has said that it was aborted. There is one for each open state when a container fails,
    /// also for the state that failed.
    pub(in crate::app) has_abort: bool,
    /// How often the execution had been redriven when it ended.
    pub(in crate::app) ended_in_run: u64,
}

impl Step {
    /// The last attempt.
    pub fn last(&self) -> &Attempt {
        // There is always one: `Step` is only made with an attempt, and attempts are only added.
        &self.attempts[self.attempts.len() - 1]
    }

    pub(in crate::app) fn last_mut(&mut self) -> &mut Attempt {
        let last = self.attempts.len() - 1;
        &mut self.attempts[last]
    }

    /// Why it failed.
    pub fn error(&self) -> Option<&str> {
        self.last().error.as_deref()
    }

    /// The cause of the failure.
    pub fn cause(&self) -> Option<&str> {
        self.last().cause.as_deref()
    }

    /// Whether its failure began in it, and not in a step in it.
    pub fn is_origin(&self) -> bool {
        self.last().culprit.is_none()
    }

    /// Whether steps can be in it.
    pub(in crate::app) fn is_container(&self) -> bool {
        self.kind != StepKind::State || matches!(self.state_type.as_str(), "Parallel" | "Map")
    }

    /// Whether it is a state of this type.
    pub(in crate::app) fn is_state(&self, state_type: &str) -> bool {
        self.kind == StepKind::State && self.state_type == state_type
    }
}

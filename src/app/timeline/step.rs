//! A step of a timeline (a state, a branch or an iteration) and its attempts.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::format::severity::Severity;
use stepgate_core::domain::{Outcome, Timestamp};

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// A state.
    State,
    /// A branch of a Parallel state, named after its first state.
    Branch,
    /// An iteration of a Map state, named `[index]`.
    Iteration,
    /// Not a step: marks a redrive of the execution.
    Redrive,
}

/// The status of a step or an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStatus {
    /// Not ended.
    Running,
    /// Succeeded.
    Succeeded,
    /// Failed and handled by a Catch.
    Caught,
    /// Failed.
    Failed,
    /// The execution timed out in it.
    TimedOut,
    /// Cancelled because something else failed, or the execution was stopped.
    Aborted,
}

impl StepStatus {
    /// Returns the word for it, as in JSON output.
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

    /// Returns how good or bad it is.
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Running => Severity::Running,
            Self::Succeeded => Severity::of(Outcome::Succeeded),
            Self::Caught => Severity::Warning,
            Self::Failed => Severity::of(Outcome::Failed),
            Self::TimedOut => Severity::of(Outcome::TimedOut),
            Self::Aborted => Severity::of(Outcome::Aborted),
        }
    }

    /// Returns whether the execution did not get past it.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }
}

/// A step and one of its attempts: the position of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepPosition {
    /// The number of the step.
    pub step: usize,
    /// The number of the attempt, from 0.
    pub attempt: usize,
}

/// One attempt at a step. The execution itself also has one, which contains the outermost states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The status. A Task whose attempt failed keeps running until it is retried or ends.
    pub status: StepStatus,
    /// The start time.
    pub began: Timestamp,
    /// The end time.
    pub ended: Option<Timestamp>,
    /// The error name.
    pub error: Option<Arc<str>>,
    /// Returns the cause of the last attempt's failure.
    pub cause: Option<Arc<str>>,
    /// The resource of a Task, such as `lambda · invoke`, or the Map Run.
    pub resource: Option<String>,
    /// `TimeoutSeconds` of a Task.
    pub timeout: Option<u64>,
    /// `HeartbeatSeconds` of a Task.
    pub heartbeat: Option<u64>,
    /// The event that scheduled or started it.
    pub scheduled: Option<u64>,
    /// The event with the raw result.
    pub result: Option<u64>,
    /// The steps in it, in order of start.
    pub children: Vec<usize>,
    /// The steps in it that have not ended.
    pub(in crate::app) open: BTreeSet<usize>,
    /// The step in it that caused its failure.
    pub(in crate::app) culprit: Option<usize>,
    /// The number of redrives of the execution when it ended.
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

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The kind.
    pub kind: StepKind,
    /// Its container; `None` for the outermost states.
    pub parent: Option<StepPosition>,
    /// The nesting level, from 0.
    pub depth: usize,
    /// The name of the state, or the label of a branch or iteration.
    pub name: String,
    /// `Task`, `Map`, ...; `Branch` or `Iteration` for other kinds.
    pub state_type: String,
    /// The status.
    pub status: StepStatus,
    /// The start time.
    pub began: Timestamp,
    /// The end time.
    pub ended: Option<Timestamp>,
    /// The attempts; at least one.
    pub attempts: Vec<Attempt>,
    /// The event with the input.
    pub entered: Option<u64>,
    /// The event with the output.
    pub exited: Option<u64>,
    /// The index of an iteration.
    pub(in crate::app) index: Option<u64>,
    /// Whether its abort event has been received. When a container fails, each open state gets one, including the state
    /// that failed.
    pub(in crate::app) has_abort: bool,
    /// The number of redrives of the execution when it ended.
    pub(in crate::app) ended_in_run: u64,
}

impl Step {
    /// Returns the last attempt.
    pub fn last(&self) -> &Attempt {
        // Never empty: a step is created with an attempt, and attempts are only added.
        &self.attempts[self.attempts.len() - 1]
    }

    pub(in crate::app) fn last_mut(&mut self) -> &mut Attempt {
        let last = self.attempts.len() - 1;
        &mut self.attempts[last]
    }

    /// Returns the error name of the last attempt.
    pub fn error(&self) -> Option<&str> {
        self.last().error.as_deref()
    }

    /// The cause of the failure.
    pub fn cause(&self) -> Option<&str> {
        self.last().cause.as_deref()
    }

    /// Returns whether its failure did not come from a step in it.
    pub fn is_origin(&self) -> bool {
        self.last().culprit.is_none()
    }

    /// Returns whether it can contain steps.
    pub(in crate::app) fn is_container(&self) -> bool {
        self.kind != StepKind::State || matches!(self.state_type.as_str(), "Parallel" | "Map")
    }

    /// Returns whether it is a state of this type.
    pub(in crate::app) fn is_state(&self, state_type: &str) -> bool {
        self.kind == StepKind::State && self.state_type == state_type
    }
}

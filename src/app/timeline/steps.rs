//! The steps of an execution, from the events of its history: states with their attempts, the branches of
//! Parallel states and the iterations of Map states inside them.
//!
//! Who belongs to whom is told by `previousEventId`, never by the order of events: branches and iterations
//! run at the same time (developer guide, `GetExecutionHistory`).

use crate::app::timeline::step::{Step, StepKind, StepStatus};
use crate::domain::{HistoryEvent, Timestamp};

/// All steps, and what the next events need to know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Steps {
    pub(super) list: Vec<Step>,
    pub(super) roots: Vec<usize>,
    /// By event: the innermost step that is open behind it.
    behind: Vec<Option<usize>>,
    /// The innermost step that a redrive goes on in.
    pub(super) resumed: Option<usize>,
    pub(super) redriven_by: Option<u64>,
    pub(super) has_ended: bool,
    began: Option<Timestamp>,
    last: Timestamp,
}

impl Steps {
    /// The steps, by their numbers.
    pub fn all(&self) -> &[Step] {
        &self.list
    }

    /// One of them.
    pub fn get(&self, step: usize) -> Option<&Step> {
        self.list.get(step)
    }

    /// The last event that was taken.
    pub fn last_event(&self) -> u64 {
        (self.behind.len() as u64).saturating_sub(1)
    }

    /// When the first event was, and the last.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.began.unwrap_or(self.last), self.last)
    }

    /// Whether the execution has ended, as far as the events tell.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// The numbers of the steps as they stand below each other; what is in those that `is_folded` says is
    /// left out.
    pub fn order(&self, is_folded: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.list.len());
        let mut left: Vec<usize> = self.roots.iter().rev().copied().collect();
        while let Some(step) = left.pop() {
            order.push(step);
            if !is_folded(step) {
                left.extend(self.list[step].children.iter().rev());
            }
        }
        order
    }

    /// The innermost step that failed first.
    pub fn first_failed(&self) -> Option<usize> {
        let is_bad = |step: &usize| self.list[*step].status.is_bad();
        let innermost = |step: &usize| is_bad(step) && !self.list[*step].children.iter().any(is_bad);
        self.order(|_| false).into_iter().find(innermost)
    }

    /// Takes the next event; they must come in the order of their ids.
    pub fn push(&mut self, event: &HistoryEvent) {
        if event.id < self.behind.len() as u64 {
            return;
        }
        self.began.get_or_insert(event.at);
        self.last = event.at;
        let from = self.from(event);
        let behind = self.apply(event, from);
        // Ids count from 1, and none is left out.
        self.behind.resize(usize::try_from(event.id).unwrap_or(self.behind.len()), None);
        self.behind.push(behind);
    }

    /// The innermost open step that the event follows in.
    fn from(&self, event: &HistoryEvent) -> Option<usize> {
        if self.redriven_by.is_some_and(|redriven| redriven == event.previous) {
            return self.resumed;
        }
        usize::try_from(event.previous).ok().and_then(|previous| self.behind.get(previous).copied()).flatten()
    }

    /// Does what an event says, and returns the innermost open step behind it.
    fn apply(&mut self, event: &HistoryEvent, from: Option<usize>) -> Option<usize> {
        let event_type = event.event_type.as_str();
        if let Some(state_type) = event_type.strip_suffix("StateEntered") {
            return Some(self.enter(event, state_type, from));
        }
        if let Some(state_type) = event_type.strip_suffix("StateExited") {
            return self.exit(event, state_type, from);
        }
        if let Some(state_type) = event_type.strip_suffix("StateAborted") {
            let state = self.up(from, |step| step.state_type == state_type);
            return self.close(state, StepStatus::Aborted, event.at);
        }
        match event_type {
            "ExecutionStarted" => None,
            "ExecutionSucceeded" | "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted" => {
                self.end(event, from);
                None
            }
            "ExecutionRedriven" => self.redrive(event),
            "MapIterationStarted" => {
                let index = event.detail_number("index").unwrap_or(0);
                let map = self.up(from, |step| step.state_type == "Map");
                Some(self.add(StepKind::Iteration, format!("[{index}]"), map, event.at))
            }
            "MapIterationSucceeded" | "MapIterationFailed" | "MapIterationAborted" => {
                let status = match event_type {
                    "MapIterationSucceeded" => StepStatus::Succeeded,
                    "MapIterationFailed" => StepStatus::Failed,
                    _ => StepStatus::Aborted,
                };
                let iteration = self.up(from, |step| step.kind == StepKind::Iteration);
                self.close_inside(iteration, status, event.at);
                self.close(iteration, status, event.at)
            }
            "ParallelStateSucceeded" | "MapStateSucceeded" | "ParallelStateFailed" | "MapStateFailed" => {
                let state_type = if event_type.starts_with("Map") { "Map" } else { "Parallel" };
                let state = self.up(from, |step| step.state_type == state_type);
                let has_failed = event_type.ends_with("Failed");
                let status = if has_failed { StepStatus::Failed } else { StepStatus::Succeeded };
                self.close_inside(state, status, event.at);
                if has_failed {
                    self.fail(state, event);
                }
                state
            }
            "TaskScheduled" | "LambdaFunctionScheduled" | "ActivityScheduled" => {
                if let Some(state) = from.map(|state| &mut self.list[state]) {
                    state.attempts += 1;
                    state.is_failing = false;
                    state.resource = resource(event).or(state.resource.take());
                }
                self.reopen(from);
                from
            }
            "MapRunStarted" | "MapRunRedriven" => {
                if let Some(state) = from.map(|state| &mut self.list[state]) {
                    state.resource = event.detail("mapRunArn").map(str::to_owned);
                }
                self.reopen(from);
                from
            }
            _ if is_failure(event_type) => {
                self.fail(from, event);
                from
            }
            // Of the others none changes what is open.
            _ => from,
        }
    }

    pub(super) fn add(&mut self, kind: StepKind, name: String, parent: Option<usize>, at: Timestamp) -> usize {
        let number = self.list.len();
        let depth = parent.map_or(0, |parent| self.list[parent].depth + 1);
        match parent {
            Some(parent) => self.list[parent].children.push(number),
            None => self.roots.push(number),
        }
        self.list.push(Step {
            kind,
            parent,
            children: Vec::new(),
            depth,
            name,
            state_type: String::new(),
            status: StepStatus::Running,
            began: at,
            ended: None,
            attempts: 0,
            resource: None,
            error: None,
            cause: None,
            entered: None,
            exited: None,
            is_failing: false,
        });
        number
    }

    fn enter(&mut self, event: &HistoryEvent, state_type: &str, from: Option<usize>) -> usize {
        let mut parent = from;
        if let Some(step) = from.map(|from| &self.list[from]) {
            parent = match (step.kind, step.state_type.as_str()) {
                (StepKind::State, "Parallel") => {
                    let branches = step.children.len();
                    Some(self.add(StepKind::Branch, format!("branch {}", branches + 1), from, event.at))
                }
                // What a redrive begins anew stands beside what failed.
                (StepKind::State, _) => step.parent,
                _ => from,
            };
        }
        self.reopen(parent);
        let name = event.detail("name").unwrap_or_default().to_owned();
        let state = self.add(StepKind::State, name, parent, event.at);
        state_type.clone_into(&mut self.list[state].state_type);
        self.list[state].entered = Some(event.id);
        state
    }

    fn exit(&mut self, event: &HistoryEvent, state_type: &str, from: Option<usize>) -> Option<usize> {
        let name = event.detail("name");
        let state = self.up(from, |step| step.state_type == state_type && name.is_none_or(|name| name == step.name));
        let number = state?;
        self.close_inside(state, StepStatus::Succeeded, event.at);
        self.list[number].exited = Some(event.id);
        let status = if self.list[number].is_failing { StepStatus::Caught } else { StepStatus::Succeeded };
        self.close(state, status, event.at)
    }

    /// The first step that is as wanted, from this one outwards.
    fn up(&self, from: Option<usize>, wanted: impl Fn(&Step) -> bool) -> Option<usize> {
        std::iter::successors(from, |step| self.list[*step].parent).find(|step| wanted(&self.list[*step]))
    }
}

/// Whether an event tells that something went wrong that may be tried again.
fn is_failure(event_type: &str) -> bool {
    let of_attempt = ["Task", "LambdaFunction", "Activity", "MapRun", "Evaluation"];
    let wrong = ["Failed", "TimedOut", "Aborted"];
    of_attempt.iter().any(|prefix| event_type.starts_with(prefix))
        && wrong.iter().any(|suffix| event_type.ends_with(suffix))
}

/// What a task calls: `states · startExecution.sync:2`, a function's name, an activity's.
fn resource(event: &HistoryEvent) -> Option<String> {
    let resource = event.detail("resource")?;
    Some(match event.detail("resourceType") {
        Some(service) => format!("{service} · {resource}"),
        None => resource.rsplit(':').next().unwrap_or(resource).to_owned(),
    })
}

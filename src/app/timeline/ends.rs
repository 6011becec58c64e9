//! How steps end: by their own events, with what they are in, or with the execution; and how a redrive goes on.

use crate::app::timeline::step::{StepKind, StepStatus};
use crate::app::timeline::steps::Steps;
use crate::domain::{HistoryEvent, Timestamp};

impl Steps {
    /// Ends a step, and returns what is open behind it.
    pub(super) fn close(&mut self, step: Option<usize>, status: StepStatus, at: Timestamp) -> Option<usize> {
        let step = step.map(|step| &mut self.list[step])?;
        (step.status, step.ended) = (status, Some(at));
        step.parent
    }

    /// Ends whatever is still open inside a step that ends. A branch has no events of its own.
    pub(super) fn close_inside(&mut self, step: Option<usize>, status: StepStatus, at: Timestamp) {
        let mut left: Vec<usize> = step.map(|step| self.list[step].children.clone()).unwrap_or_default();
        let mut open = Vec::new();
        while let Some(number) = left.pop() {
            if self.list[number].ended.is_none() && self.list[number].kind != StepKind::Redrive {
                left.extend(&self.list[number].children);
                open.push(number);
            }
        }
        // Children before their parents.
        for number in open.into_iter().rev() {
            let step = &self.list[number];
            let has_bad = step.children.iter().any(|child| self.list[*child].status.is_bad());
            let last = step.children.iter().filter_map(|child| self.list[*child].ended).max();
            let is_whole = !step.children.is_empty()
                && step
                    .children
                    .iter()
                    .all(|child| matches!(self.list[*child].status, StepStatus::Succeeded | StepStatus::Caught));
            let ending = if step.is_failing || has_bad && status != StepStatus::TimedOut {
                StepStatus::Failed
            } else if status == StepStatus::Succeeded || (step.kind == StepKind::Branch && is_whole) {
                StepStatus::Succeeded
            } else if status == StepStatus::TimedOut {
                StepStatus::TimedOut
            } else {
                StepStatus::Aborted
            };
            let at = if step.kind == StepKind::Branch { last.unwrap_or(at) } else { at };
            self.close(Some(number), ending, at);
        }
    }

    /// An attempt failed, or the state as a whole.
    pub(super) fn fail(&mut self, step: Option<usize>, event: &HistoryEvent) {
        let Some(step) = step.map(|step| &mut self.list[step]) else { return };
        step.is_failing = true;
        let is_time_up = event.event_type.ends_with("TimedOut");
        let error = event.detail("error").map(str::to_owned);
        step.error = error.or_else(|| is_time_up.then(|| "States.Timeout".to_owned())).or(step.error.take());
        step.cause = event.detail("cause").map(str::to_owned).or(step.cause.take());
    }

    /// The execution has ended; whatever is open ends with it.
    pub(super) fn end(&mut self, event: &HistoryEvent, from: Option<usize>) {
        self.has_ended = true;
        let status = match event.event_type.as_str() {
            "ExecutionSucceeded" => StepStatus::Succeeded,
            "ExecutionFailed" => StepStatus::Failed,
            "ExecutionTimedOut" => StepStatus::TimedOut,
            _ => StepStatus::Aborted,
        };
        if status == StepStatus::Failed {
            // A Fail state has its error here only; and what led here has failed.
            if from.is_some_and(|from| self.list[from].error.is_none()) {
                self.fail(from, event);
            }
            if let Some(from) = from {
                self.list[from].is_failing = true;
            }
        }
        let open: Vec<usize> = (0..self.list.len()).filter(|step| self.is_open(*step)).collect();
        self.resumed = from.or(open.last().copied()).or(self.resumed);
        for root in self.roots.clone() {
            if !self.is_open(root) {
                continue;
            }
            self.close_inside(Some(root), status, event.at);
            let has_bad = self.list[root].children.iter().any(|child| self.list[*child].status.is_bad());
            let ending = match status {
                StepStatus::Failed if !self.list[root].is_failing && !has_bad => StepStatus::Aborted,
                status => status,
            };
            self.close(Some(root), ending, event.at);
        }
    }

    /// The execution goes on in the step that it ended in.
    pub(super) fn redrive(&mut self, event: &HistoryEvent) -> Option<usize> {
        self.has_ended = false;
        self.redriven_by = Some(event.id);
        let count = event.detail_number("redriveCount").unwrap_or(1);
        let mark = self.add(StepKind::Redrive, format!("redriven ({count})"), None, event.at);
        self.close(Some(mark), StepStatus::Succeeded, event.at);
        None
    }

    /// What ended with the execution goes on.
    pub(super) fn reopen(&mut self, step: Option<usize>) {
        let mut next = step;
        while let Some(step) = next.map(|step| &mut self.list[step]) {
            (step.status, step.ended, step.is_failing) = (StepStatus::Running, None, false);
            next = step.parent;
        }
    }

    pub(super) fn is_open(&self, step: usize) -> bool {
        self.list[step].ended.is_none()
    }
}

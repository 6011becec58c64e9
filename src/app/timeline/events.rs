//! The effect of each event on the steps: which rule applies to it, and those of iterations and redrives.

use crate::app::timeline::ends::Ending;
use crate::app::timeline::step::{Step, StepKind, StepPosition, StepStatus};
use crate::app::timeline::steps::Steps;
use crate::app::timeline::tasks::resource;
use stepgate_core::domain::HistoryEvent;

/// Limit for redrives.
const MOST_REDRIVES: u64 = 1_000;

/// Applies an event of a state of this type, given the position of its predecessor.
type Rule = fn(&mut Steps, &HistoryEvent, &str, Option<StepPosition>) -> Option<StepPosition>;

impl Steps {
    /// Applies an event and returns the innermost step it is about.
    pub(in crate::app) fn apply(&mut self, event: &HistoryEvent) -> Option<StepPosition> {
        let from = self.position(event.previous);
        let event_type = event.event_type.as_str();
        let rules: [(&str, Rule); 6] = [
            ("StateEntered", Self::enter),
            ("StateExited", Self::exit),
            ("StateAborted", Self::abort_state),
            ("StateStarted", Self::start_state),
            ("StateSucceeded", Self::succeed_inside),
            ("StateFailed", Self::fail_state),
        ];
        for (suffix, apply) in rules {
            if let Some(state_type) = event_type.strip_suffix(suffix) {
                return apply(self, event, state_type, from);
            }
        }
        match event_type {
            "ExecutionStarted" => None,
            "ExecutionSucceeded" => self.end(event, from, Ending::Succeeded),
            "ExecutionFailed" => self.end(event, from, Ending::Failed),
            "ExecutionTimedOut" => self.end(event, from, Ending::TimedOut),
            "ExecutionAborted" => self.end(event, from, Ending::Aborted),
            "ExecutionRedriven" => self.redrive(event),
            "EvaluationFailed" => self.fail_evaluation(event, from),
            "MapIterationStarted" => self.start_iteration(event, from),
            "MapIterationSucceeded" => self.end_iteration(event, StepStatus::Succeeded, from),
            "MapIterationFailed" => self.end_iteration(event, StepStatus::Failed, from),
            "MapIterationAborted" => self.end_iteration(event, StepStatus::Aborted, from),
            "MapRunStarted" if from.is_none_or(|place| self.list[place.step].last().resource.is_none()) => {
                if let Some(place) = from {
                    self.list[place.step].last_mut().resource = resource(event);
                }
                from
            }
            "TaskScheduled" | "LambdaFunctionScheduled" | "ActivityScheduled" | "MapRunStarted" | "MapRunRedriven" => {
                self.schedule(event, from)
            }
            "TaskSucceeded" | "LambdaFunctionSucceeded" | "ActivitySucceeded" => {
                if let Some(place) = from {
                    self.list[place.step].last_mut().result = Some(event.id);
                }
                from
            }
            _ => {
                if is_failure(event_type) {
                    self.fail_attempt(from.map(|place| place.step), event);
                }
                from
            }
        }
    }

    fn start_iteration(&mut self, event: &HistoryEvent, from: Option<StepPosition>) -> Option<StepPosition> {
        let name = event.detail("name");
        let is_named = |step: &Step| step.is_state("Map") && name.is_none_or(|name| name == step.name);
        let found =
            self.find_ancestor(from, is_named).or_else(|| self.find_ancestor(from, |step| step.is_state("Map")));
        let Some(map) = found else { return from };
        let index = event.detail_number("index");
        let known = index.and_then(|index| self.iterations.get(&(map, index)).copied());
        if let Some(step) = known.filter(|step| self.list[*step].ended.is_some() && !self.is_over(*step)) {
            // A redrive starts the iteration again.
            self.reopen(Some(self.position_of(step)));
            return Some(self.position_of(step));
        }
        let is_alive = self.reopen(Some(map));
        let label = index.map_or_else(|| "[?]".to_owned(), |index| format!("[{index}]"));
        let step = self.add(StepKind::Iteration, &label, "Iteration", Some(map), event.at);
        self.list[step].index = index;
        if let Some(index) = index {
            self.iterations.insert((map, index), step);
        }
        if !is_alive {
            self.close(step, StepStatus::Aborted, event.at);
        }
        Some(self.position_of(step))
    }

    /// Continues the execution where it ended.
    fn redrive(&mut self, event: &HistoryEvent) -> Option<StepPosition> {
        if self.run >= MOST_REDRIVES {
            return None;
        }
        self.run += 1;
        self.has_ended = false;
        self.redrives.insert(event.id);
        let count = event.detail_number("redriveCount").unwrap_or(self.run);
        let name = if count == 1 { "redriven".to_owned() } else { format!("redriven ({count})") };
        let mark = self.add(StepKind::Redrive, &name, "", None, event.at);
        self.close(mark, StepStatus::Succeeded, event.at);
        self.stopped_in
    }
}

/// Returns whether an event of this type fails an attempt.
fn is_failure(event_type: &str) -> bool {
    ["Task", "LambdaFunction", "Activity", "MapRun"].iter().any(|prefix| event_type.starts_with(prefix))
        && ["Failed", "TimedOut"].iter().any(|suffix| event_type.ends_with(suffix))
}

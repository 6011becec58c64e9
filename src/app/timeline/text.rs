//! The texts of a row: what went into a step or an attempt, what it called, what came out, why it failed.

use std::sync::Arc;

use crate::app::timeline::Timeline;
use crate::app::timeline::payloads::EventData;
use crate::app::timeline::rows::Row;
use crate::app::timeline::step::{Step, StepKind, StepStatus};

/// Which text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What went into a step.
    Input,
    /// What a task was called with.
    Parameters,
    /// What the task returned, before the state made its output of it.
    Result,
    /// What came out of a step.
    Output,
    /// The variables that a state assigned.
    Variables,
    /// Why it failed.
    Cause,
}

impl Which {
    /// In the order of the key that goes through them.
    pub const ALL: [Self; 6] =
        [Self::Input, Self::Parameters, Self::Result, Self::Output, Self::Variables, Self::Cause];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Parameters => "Parameters",
            Self::Result => "Result",
            Self::Output => "Output",
            Self::Variables => "Variables",
            Self::Cause => "Error and cause",
        }
    }

    fn of(self, data: &EventData) -> Option<Arc<str>> {
        match self {
            Self::Input => data.input.clone(),
            // A function or an activity has an input instead.
            Self::Parameters => data.parameters.clone().or_else(|| data.input.clone()),
            Self::Result | Self::Output => data.output.clone(),
            Self::Variables => data.variables.clone(),
            Self::Cause => None,
        }
    }
}

/// What is known of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) enum Known {
    /// It is here.
    Text(Arc<str>),
    /// It has to be read, with this event.
    Event(u64),
    /// There is none.
    Words(&'static str),
}

impl Timeline {
    /// Whether a row has such a text, as far as is known.
    pub(in crate::app) fn has_text(&self, row: Row, which: Which) -> bool {
        let Some(step) = self.steps().get(row.step()) else { return false };
        let is_task = step.kind == StepKind::State && !step.is_container();
        let attempt = step.attempts.get(self.attempt(row));
        match (which, row) {
            (Which::Parameters, _) => is_task && attempt.is_some_and(|attempt| attempt.scheduled.is_some()),
            (Which::Result, _) => attempt.is_some_and(|attempt| attempt.result.is_some()),
            (Which::Cause, _) | (Which::Input | Which::Output, Row::Step(_)) => true,
            (Which::Variables, Row::Step(_)) => {
                step.exited.is_some_and(|event| self.reading.data(event).is_none_or(|data| data.variables.is_some()))
            }
            (_, Row::Attempt(..)) => false,
        }
    }

    /// The number of the attempt that a row is about.
    fn attempt(&self, row: Row) -> usize {
        match row {
            Row::Attempt(_, attempt) => attempt,
            Row::Step(step) => self.steps().get(step).map_or(0, |step| step.attempts.len() - 1),
        }
    }

    /// What is known of a text of a row.
    pub(in crate::app) fn known(&self, row: Row, which: Which) -> Known {
        let Some(step) = self.steps().get(row.step()) else { return Known::Words("") };
        let Some(attempt) = step.attempts.get(self.attempt(row)) else { return Known::Words("") };
        if step.kind == StepKind::Redrive {
            return Known::Words("The execution was redriven here.");
        }
        let event = match which {
            Which::Cause => {
                let text = attempt.cause.clone().or_else(|| attempt.error.clone());
                return text.map_or(Known::Words("It has no error."), Known::Text);
            }
            Which::Parameters => attempt.scheduled,
            Which::Result => attempt.result,
            Which::Input => self.first_state(step).entered,
            Which::Output | Which::Variables => self.last_state(step).and_then(|step| step.exited),
        };
        let Some(event) = event else {
            return Known::Words(match step.status {
                StepStatus::Running => "It has not ended.",
                _ => "It has no output: it did not succeed.",
            });
        };
        match self.reading.data(event) {
            None => Known::Event(event),
            Some(data) => which.of(data).map_or(Known::Words("The history does not have it."), Known::Text),
        }
    }

    /// A branch or an iteration begins with the first state in it.
    fn first_state<'s>(&'s self, step: &'s Step) -> &'s Step {
        match (step.kind, step.last().children.first().and_then(|child| self.steps().get(*child))) {
            (StepKind::Branch | StepKind::Iteration, Some(first)) => first,
            _ => step,
        }
    }

    /// It ends with the last one.
    fn last_state<'s>(&'s self, step: &'s Step) -> Option<&'s Step> {
        match step.kind {
            StepKind::Branch | StepKind::Iteration => {
                step.ended.and(step.last().children.last()).and_then(|child| self.steps().get(*child))
            }
            _ => Some(step),
        }
    }

    /// What is known of a row, a line each, and whether it is bad news.
    pub fn facts(&self, row: Row) -> Vec<(String, bool)> {
        let Some(step) = self.steps().get(row.step()) else { return Vec::new() };
        let Some(attempt) = step.attempts.get(self.attempt(row)) else { return Vec::new() };
        let kind = match step.kind {
            StepKind::State => step.state_type.as_str(),
            StepKind::Branch => "branch of a Parallel state",
            StepKind::Iteration => "iteration of a Map state",
            StepKind::Redrive => "redrive",
        };
        let resource = attempt.resource.as_ref().map(|resource| format!(" · {resource}")).unwrap_or_default();
        let count = step.attempts.len();
        let status = match row {
            Row::Step(_) if count > 1 => format!("{} after {count} attempts", step.status.word()),
            Row::Step(_) => step.status.word().to_owned(),
            Row::Attempt(_, number) => format!("attempt {} of {count} · {}", number + 1, attempt.status.word()),
        };
        let is_bad = if let Row::Step(_) = row { step.status.is_bad() } else { attempt.status.is_bad() };
        let mut facts = vec![(format!("{} · {kind}{resource}", step.name), false), (status, is_bad)];
        let limits: Vec<String> = [("timeout", attempt.timeout), ("heartbeat", attempt.heartbeat)]
            .into_iter()
            .filter_map(|(name, seconds)| Some(format!("{name} {} s", seconds?)))
            .collect();
        if !limits.is_empty() {
            facts.push((limits.join(" · "), false));
        }
        facts.extend(attempt.error.as_ref().map(|error| (error.to_string(), true)));
        facts
    }
}

//! The texts of a row: input, parameters, result, output, variables, and error and cause.

use std::sync::Arc;

use crate::app::timeline::Timeline;
use crate::app::timeline::payloads::EventData;
use crate::app::timeline::rows::Row;
use crate::app::timeline::step::{Step, StepKind, StepStatus};
use stepgate_core::domain::counted;

/// The kind of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKind {
    /// The input of a step.
    Input,
    /// The parameters of a task.
    Parameters,
    /// The raw result of a task.
    Result,
    /// The output of a step.
    Output,
    /// The variables assigned by a state.
    Variables,
    /// The cause of a failure, or the error.
    Cause,
}

impl TextKind {
    /// All kinds in the order of the key that cycles through them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Input, Self::Parameters, Self::Result, Self::Output, Self::Variables, Self::Cause];

    /// Returns the heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Parameters => "Parameters",
            Self::Result => "Result",
            Self::Output => "Output",
            Self::Variables => "Variables",
            Self::Cause => "Error and cause",
        }
    }

    fn select(self, data: &EventData) -> Option<Arc<str>> {
        match self {
            Self::Input => data.input.clone(),
            // A function or activity has an input instead.
            Self::Parameters => data.parameters.clone().or_else(|| data.input.clone()),
            Self::Result | Self::Output => data.output.clone(),
            Self::Variables => data.variables.clone(),
            Self::Cause => None,
        }
    }
}

/// The source of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) enum TextSource {
    /// The text itself.
    Text(Arc<str>),
    /// It has to be read with this event.
    Event(u64),
    /// There is none, with a message.
    Absent(&'static str),
}

impl Timeline {
    /// Returns whether a row may have this text.
    pub(in crate::app) fn has_text(&self, row: Row, which: TextKind) -> bool {
        let Some(step) = self.steps().get(row.step()) else { return false };
        let is_task = step.kind == StepKind::State && !step.is_container();
        let attempt = step.attempts.get(self.attempt_of(row));
        match (which, row) {
            (TextKind::Parameters, _) => is_task && attempt.is_some_and(|attempt| attempt.scheduled.is_some()),
            (TextKind::Result, _) => attempt.is_some_and(|attempt| attempt.result.is_some()),
            (TextKind::Cause, _) | (TextKind::Input | TextKind::Output, Row::Step(_)) => true,
            (TextKind::Variables, Row::Step(_)) => {
                step.exited.is_some_and(|event| self.reading.data(event).is_none_or(|data| data.variables.is_some()))
            }
            (_, Row::Attempt(..)) => false,
        }
    }

    /// Returns the number of the attempt that a row is about.
    fn attempt_of(&self, row: Row) -> usize {
        match row {
            Row::Attempt(_, attempt) => attempt,
            Row::Step(step) => self.steps().get(step).map_or(0, |step| step.attempts.len() - 1),
        }
    }

    /// Returns the source of a text of a row.
    pub(in crate::app) fn text_source(&self, row: Row, which: TextKind) -> TextSource {
        let Some(step) = self.steps().get(row.step()) else { return TextSource::Absent("") };
        let Some(attempt) = step.attempts.get(self.attempt_of(row)) else { return TextSource::Absent("") };
        if step.kind == StepKind::Redrive {
            return TextSource::Absent("The execution was redriven here.");
        }
        let event = match which {
            TextKind::Cause => {
                let text = attempt.cause.clone().or_else(|| attempt.error.clone());
                return text.map_or(TextSource::Absent("No error."), TextSource::Text);
            }
            TextKind::Parameters => attempt.scheduled,
            TextKind::Result => attempt.result,
            TextKind::Input => self.first_state(step).entered,
            TextKind::Output | TextKind::Variables => self.last_state(step).and_then(|step| step.exited),
        };
        let Some(event) = event else {
            return TextSource::Absent(match step.status {
                StepStatus::Running => "Not ended yet.",
                _ => "No output: it did not succeed.",
            });
        };
        match self.reading.data(event) {
            None => TextSource::Event(event),
            Some(data) => which.select(data).map_or(TextSource::Absent("Not in the history."), TextSource::Text),
        }
    }

    /// Returns the step with the input: the first state of a branch or iteration.
    fn first_state<'s>(&'s self, step: &'s Step) -> &'s Step {
        match (step.kind, step.last().children.first().and_then(|child| self.steps().get(*child))) {
            (StepKind::Branch | StepKind::Iteration, Some(first)) => first,
            _ => step,
        }
    }

    /// Returns the step with the output: the last state of a branch or iteration that has ended.
    fn last_state<'s>(&'s self, step: &'s Step) -> Option<&'s Step> {
        match step.kind {
            StepKind::Branch | StepKind::Iteration => {
                step.ended.and(step.last().children.last()).and_then(|child| self.steps().get(*child))
            }
            _ => Some(step),
        }
    }

    /// Returns the facts about a row, one per line, each with whether it is a failure.
    pub(crate) fn facts(&self, row: Row) -> Vec<(String, bool)> {
        let Some(step) = self.steps().get(row.step()) else { return Vec::new() };
        let Some(attempt) = step.attempts.get(self.attempt_of(row)) else { return Vec::new() };
        let kind = match step.kind {
            StepKind::State => step.state_type.as_str(),
            StepKind::Branch => "branch of a Parallel state",
            StepKind::Iteration => "iteration of a Map state",
            StepKind::Redrive => "redrive",
        };
        let resource = attempt.resource.as_ref().map(|resource| format!(" · {resource}")).unwrap_or_default();
        let count = step.attempts.len();
        let status = match row {
            Row::Step(_) if count > 1 => format!("{} after {}", step.status.word(), counted(count, "attempt")),
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

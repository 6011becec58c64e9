//! The texts of a step: what went into it, what came out, why it failed.

use std::sync::Arc;

use crate::app::timeline::Timeline;
use crate::app::timeline::step::{StepKind, StepStatus};

/// Which text of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What went into it.
    Input,
    /// What came out.
    Output,
    /// Why it failed.
    Cause,
}

impl Which {
    /// In the order of the key that goes through them.
    pub const ALL: [Self; 3] = [Self::Input, Self::Output, Self::Cause];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Output => "Output",
            Self::Cause => "Error and cause",
        }
    }
}

/// What is known of the text of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// It is here.
    Text(Arc<str>),
    /// It has to be read, with this event.
    Event(u64),
    /// There is none.
    Words(&'static str),
}

impl Timeline {
    /// What is known of a text of a step.
    pub(super) fn known(&self, step: usize, which: Which) -> Known {
        let Some(found) = self.steps.get(step) else { return Known::Words("") };
        // A branch or an iteration begins and ends with the states in it.
        let (first, last) = (found.children.first(), found.children.last());
        let event = match (which, found.kind) {
            (Which::Cause, _) => {
                let text = [found.error.as_deref(), found.cause.as_deref()];
                return match text {
                    [None, None] => Known::Words("It has no error."),
                    [_, Some(cause)] => Known::Text(cause.into()),
                    [Some(error), None] => Known::Text(error.into()),
                };
            }
            (_, StepKind::Redrive) => return Known::Words("Here the execution was redriven."),
            (Which::Input, StepKind::State) => found.entered,
            (Which::Output, StepKind::State) => found.exited,
            (Which::Input, _) => first.and_then(|child| self.steps.get(*child)?.entered),
            (Which::Output, _) if found.ended.is_some() => last.and_then(|child| self.steps.get(*child)?.exited),
            (Which::Output, _) => None,
        };
        let Some(event) = event else {
            return Known::Words(match found.status {
                StepStatus::Running => "It has not ended.",
                _ => "It has no output: it did not end well.",
            });
        };
        let text = self.reading.data(event).map(|data| match which {
            Which::Input => data.input.clone(),
            _ => data.output.clone(),
        });
        match text {
            None => Known::Event(event),
            Some(Some(text)) => Known::Text(text),
            Some(None) => Known::Words("The history does not have it."),
        }
    }
}

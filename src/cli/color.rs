//! Colour in what commands print. A status is always a word; the colour only helps to find it.

use anstyle::AnsiColor;
use clap::ValueEnum;

use crate::app::timeline::StepStatus;
use crate::output::{Stream, Text, is_terminal};
use stepgate_core::domain::{Outcome, Status};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always, also in files and pipes.
    Always,
    /// Not at all.
    Never,
}

impl Color {
    /// Whether there is to be colour: the flag before `NO_COLOR` before what the output is.
    pub(super) fn is_wanted(self, is_terminal: bool) -> bool {
        let is_forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && !is_forbidden && !is_dumb,
        }
    }
}

/// Whether to colour, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint(bool);

impl Paint {
    /// For standard output.
    pub(super) fn of_output(color: Color) -> Self {
        Self(color.is_wanted(is_terminal(Stream::Output)))
    }

    /// No colour.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self(false)
    }

    /// A status in its colour.
    pub(super) fn status(self, status: &Status) -> Text {
        let color = match status.outcome() {
            Some(Outcome::Succeeded) => AnsiColor::Green,
            Some(Outcome::Failed | Outcome::TimedOut) => AnsiColor::Red,
            Some(Outcome::Aborted) => AnsiColor::Magenta,
            None => AnsiColor::Cyan,
        };
        self.with(color, status.word())
    }

    /// The status of a step in its colour.
    pub(super) fn step(self, status: StepStatus) -> Text {
        let color = match status {
            StepStatus::Running => AnsiColor::Cyan,
            StepStatus::Succeeded => AnsiColor::Green,
            StepStatus::Failed | StepStatus::TimedOut => AnsiColor::Red,
            StepStatus::Caught => AnsiColor::Yellow,
            StepStatus::Aborted => AnsiColor::Magenta,
        };
        self.with(color, status.word())
    }

    /// What is not as it should be.
    pub(super) fn bad(self, text: &str) -> Text {
        self.with(AnsiColor::Red, text)
    }

    fn with(self, color: AnsiColor, text: &str) -> Text {
        if self.0 { Text::colored(color, text) } else { text.into() }
    }
}

//! Colours in command output. A status is always a word too, so the output is readable without colour.

use anstyle::AnsiColor;
use clap::ValueEnum;

use crate::app::timeline::StepStatus;
use crate::output::{Stream, Text, is_terminal};
use stepgate_core::domain::{Outcome, Status};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always, also in files and pipes.
    Always,
    /// Not at all.
    Never,
}

impl Color {
    /// Whether to use colour: the flag takes precedence over `NO_COLOR`, which takes precedence over the stream.
    pub(in crate::cli) fn is_enabled(self, is_terminal: bool) -> bool {
        let is_disabled = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && !is_disabled && !is_dumb,
        }
    }
}

/// Adds colour, if enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Colorizer(bool);

impl Colorizer {
    pub(in crate::cli) fn for_stdout(color: Color) -> Self {
        Self(color.is_enabled(is_terminal(Stream::Output)))
    }

    #[cfg(test)]
    pub(in crate::cli) fn none() -> Self {
        Self(false)
    }

    pub(in crate::cli) fn status(self, status: &Status) -> Text {
        let color = match status.outcome() {
            Some(Outcome::Succeeded) => AnsiColor::Green,
            Some(Outcome::Failed | Outcome::TimedOut) => AnsiColor::Red,
            Some(Outcome::Aborted) => AnsiColor::Magenta,
            None => AnsiColor::Cyan,
        };
        self.with(color, status.as_str())
    }

    pub(in crate::cli) fn step(self, status: StepStatus) -> Text {
        let color = match status {
            StepStatus::Running => AnsiColor::Cyan,
            StepStatus::Succeeded => AnsiColor::Green,
            StepStatus::Failed | StepStatus::TimedOut => AnsiColor::Red,
            StepStatus::Caught => AnsiColor::Yellow,
            StepStatus::Aborted => AnsiColor::Magenta,
        };
        self.with(color, status.word())
    }

    /// Red.
    pub(in crate::cli) fn error(self, text: &str) -> Text {
        self.with(AnsiColor::Red, text)
    }

    fn with(self, color: AnsiColor, text: &str) -> Text {
        if self.0 { Text::colored(color, text) } else { text.into() }
    }
}

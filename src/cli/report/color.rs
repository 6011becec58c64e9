//! Colours in command output. A status is always a word too, so the output is readable without colour.

use anstyle::AnsiColor;
use clap::ValueEnum;

use crate::app::timeline::StepStatus;
use crate::format::severity::Severity;
use crate::output::{Stream, Text, is_terminal};
use stepgate_core::domain::Status;

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
        self.severity(Severity::of_status(status), status.as_str())
    }

    pub(in crate::cli) fn step(self, status: StepStatus) -> Text {
        self.severity(status.severity(), status.word())
    }

    fn severity(self, severity: Severity, text: &str) -> Text {
        let color = match severity {
            Severity::Running => AnsiColor::Cyan,
            Severity::Good => AnsiColor::Green,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Bad => AnsiColor::Red,
        };
        self.with(color, text)
    }

    /// Red.
    pub(in crate::cli) fn error(self, text: &str) -> Text {
        self.with(AnsiColor::Red, text)
    }

    fn with(self, color: AnsiColor, text: &str) -> Text {
        if self.0 { Text::colored(color, text) } else { text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_and_a_step_with_the_same_status_have_the_same_colour() {
        let colorizer = Colorizer(true);
        for (status, step) in [
            (Status::Running, StepStatus::Running),
            (Status::Succeeded, StepStatus::Succeeded),
            (Status::Failed, StepStatus::Failed),
            (Status::TimedOut, StepStatus::TimedOut),
            (Status::Aborted, StepStatus::Aborted),
        ] {
            assert_eq!(colorizer.status(&status), colorizer.step(step), "{status:?}");
        }
        assert_ne!(colorizer.status(&Status::Aborted), colorizer.error("ABORTED"));
    }
}

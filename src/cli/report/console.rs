//! Output of commands: results to standard output, flushed line by line; everything else to standard error, above the
//! live lines of a waiting command.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;

use crate::cli::Common;
use crate::cli::report::color::Colorizer;
use crate::cli::report::execution::{Output, Report};
use crate::cli::report::suggestion::with_options;
use crate::output::{self, Notation, Stream, Text};
use crate::runtime::{LiveLines, local_zone};
use stepgate_core::domain::{ExecutionRecord, Failure};

/// Standard error of secret commands, held back while there are live lines; `None` without live lines.
static HELD_STDERR: Mutex<Option<String>> = Mutex::new(None);

fn held_stderr() -> MutexGuard<'static, Option<String>> {
    HELD_STDERR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forwards the standard error of a secret command: at once, or above the live lines at their next redraw.
pub(in crate::cli) fn forward_stderr(text: &str) {
    match &mut *held_stderr() {
        Some(held) => held.push_str(text),
        None => output::forward_stderr(text),
    }
}

/// Prints a message to standard error. Commands in it get the options of this process.
pub(in crate::cli) fn say(text: &str) {
    output::say(&with_options(text));
}

/// Whether standard output is still read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Pipe {
    Open,
    /// Its pipe has closed the pipe, such as `head`. That is not an error.
    Closed,
}

/// The output streams of a command.
pub(in crate::cli) struct Console {
    pub(in crate::cli) report: Report,
    live: Option<LiveLines>,
    /// The live lines, drawn below all other output.
    live_lines: Vec<Text>,
}

impl Console {
    /// Without live lines.
    pub(in crate::cli) fn plain(common: &Common) -> Self {
        let colorizer = Colorizer::for_stdout(common.color);
        let report = Report { output: common.output, colorizer, zone: local_zone(), relative_to: None };
        Self { report, live: None, live_lines: Vec::new() }
    }

    /// With live lines, if standard error is a terminal.
    pub(in crate::cli) fn live(common: &Common) -> Self {
        // The log of `-v` would garble them.
        let live = if common.verbose == 0 { LiveLines::open() } else { None };
        *held_stderr() = live.as_ref().map(|_| String::new());
        Self { live, ..Self::plain(common) }
    }

    pub(in crate::cli) fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Returns the columns and rows of the terminal.
    pub(in crate::cli) fn size(&self) -> (usize, usize) {
        let (columns, rows) = self.live.as_ref().map_or((80, 24), |_| LiveLines::size());
        (usize::from(columns), usize::from(rows))
    }

    /// Replaces the live lines.
    pub(in crate::cli) fn show_live(&mut self, lines: Vec<Text>) {
        self.live_lines = lines;
        self.draw();
    }

    /// Prints a result.
    pub(in crate::cli) fn result(&mut self, line: impl Into<Text>) -> anyhow::Result<Pipe> {
        let notation = match self.report.output {
            Output::Text => Notation::Text,
            Output::Json => Notation::Json,
        };
        self.clear();
        let written = output::result(&line.into(), notation);
        self.draw();
        pipe_state(written)
    }

    /// Prints a new state of a running execution, unless live lines show it. JSON has one object per execution, printed
    /// at its end.
    pub(in crate::cli) fn report_change(&mut self, record: &ExecutionRecord) -> anyhow::Result<Pipe> {
        if self.report.output == Output::Json || self.is_live() {
            return Ok(Pipe::Open);
        }
        self.result(self.report.execution(record, None, None))
    }

    /// Prints the final state of an execution; `lost` says why it is unknown.
    pub(in crate::cli) fn report_end(
        &mut self,
        record: &ExecutionRecord,
        lost: Option<&Failure>,
    ) -> anyhow::Result<Pipe> {
        self.result(self.report.execution(record, None, lost))
    }

    /// Prints a message to standard error.
    pub(in crate::cli) fn say(&mut self, text: &str) {
        self.clear();
        say(text);
        self.draw();
    }

    /// Removes the live lines.
    pub(in crate::cli) fn finish(&mut self) {
        self.clear();
        self.live = None;
        if let Some(held) = held_stderr().take() {
            output::forward_stderr(&held);
        }
    }

    // Live lines that cannot be drawn are not an error.
    fn clear(&mut self) {
        let _ = self.live.as_mut().map(LiveLines::clear);
    }

    fn draw(&mut self) {
        if let Some(held) = held_stderr().as_mut().filter(|held| !held.is_empty()) {
            self.clear();
            let end = if held.ends_with('\n') { "" } else { "\n" };
            output::forward_stderr(&format!("{held}{end}"));
            held.clear();
        }
        let _ = self.live.as_mut().map(|live| live.draw(&self.live_lines));
    }
}

/// Prints the program's own text, unescaped.
pub(in crate::cli) fn print(text: &[u8]) -> anyhow::Result<Pipe> {
    pipe_state(output::raw(text))
}

/// Prints a path on its own line; byte for byte unless to a terminal.
pub(in crate::cli) fn print_path(path: &Path) -> anyhow::Result<Pipe> {
    if output::is_terminal(Stream::Output) {
        return pipe_state(output::result(&path.display().to_string().into(), Notation::Text));
    }
    let mut line = path.as_os_str().as_encoded_bytes().to_vec();
    line.push(b'\n');
    print(&line)
}

/// Returns whether standard output is still read, from the result of a write.
pub(in crate::cli) fn pipe_state(written: io::Result<()>) -> anyhow::Result<Pipe> {
    match written {
        Ok(()) => Ok(Pipe::Open),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Pipe::Closed),
        Err(error) => Err(error).context("standard output"),
    }
}

/// Whether the user can be prompted.
pub(in crate::cli) fn is_interactive() -> bool {
    output::is_terminal(Stream::Input) && output::is_terminal(Stream::Error)
}

//! Where commands write: results to standard output, flushed line by line; all else to standard error, with
//! the live lines of a command that waits kept out of the way.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use jiff::tz::TimeZone;

use crate::cli::Common;
use crate::cli::color::Paint;
use crate::cli::report::{Output, Report};
use crate::output::{self, Notation, Stream, Text};
use crate::runtime::Live;
use stepgate_core::domain::{ExecutionRecord, Failure};

pub(super) use crate::output::say;

/// Standard error of programs that are run for a secret, held back while there are live lines; `None` without live
/// lines.
static HEARD: Mutex<Option<String>> = Mutex::new(None);

fn heard() -> MutexGuard<'static, Option<String>> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes on the standard error of a program that is run for a secret: at once, or above the live lines at their next
/// redraw.
pub(super) fn pass_on(words: &str) {
    match &mut *heard() {
        Some(waiting) => waiting.push_str(words),
        None => output::pass_on(words),
    }
}

/// Somebody reads, or nobody does any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    There,
    /// The pipe is closed, which is their right.
    Gone,
}

/// A command's front to the person or program that called it.
pub(super) struct Console {
    pub(super) report: Report,
    live: Option<Live>,
    /// What is on the terminal below everything else.
    shown: Vec<Text>,
}

impl Console {
    /// Without live lines, for commands that do not wait.
    pub(super) fn plain(common: &Common) -> Self {
        let report = Report { output: common.output, paint: Paint::of_output(common.color), zone: TimeZone::system() };
        Self { report, live: None, shown: Vec::new() }
    }

    /// With live lines where there is a terminal for them.
    pub(super) fn live(common: &Common) -> Self {
        // What `-v` tells would get in between.
        let live = if common.verbose == 0 { Live::open() } else { None };
        *heard() = live.as_ref().map(|_| String::new());
        Self { live, ..Self::plain(common) }
    }

    /// Whether there are live lines, which have to be drawn again as time goes by.
    pub(super) fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Columns and rows for the live lines.
    pub(super) fn room(&self) -> (usize, usize) {
        let (columns, rows) = self.live.as_ref().map_or((80, 24), Live::size);
        (usize::from(columns), usize::from(rows))
    }

    /// Puts these lines below everything else.
    pub(super) fn show(&mut self, lines: Vec<Text>) {
        self.shown = lines;
        self.draw();
    }

    /// Writes a line of results.
    pub(super) fn result(&mut self, line: impl Into<Text>) -> anyhow::Result<Reader> {
        let notation = match self.report.output {
            Output::Text => Notation::Words,
            Output::Json => Notation::Json,
        };
        self.clear();
        let written = output::result(&line.into(), notation);
        self.draw();
        reader(written)
    }

    /// Tells of a change of state of an execution that goes on. Live lines tell it themselves, and in JSON
    /// there is one object an execution.
    pub(super) fn changed(&mut self, record: &ExecutionRecord) -> anyhow::Result<Reader> {
        if self.report.output == Output::Json || self.is_live() {
            return Ok(Reader::There);
        }
        self.result(self.report.execution(record, None, None))
    }

    /// Tells the last that is to be told of an execution.
    pub(super) fn ended(&mut self, record: &ExecutionRecord, lost: Option<&Failure>) -> anyhow::Result<Reader> {
        self.result(self.report.execution(record, None, lost))
    }

    /// Says something beside the results.
    pub(super) fn say(&mut self, text: &str) {
        self.clear();
        say(text);
        self.draw();
    }

    /// Takes the live lines away for good.
    pub(super) fn finish(&mut self) {
        self.clear();
        self.live = None;
        if let Some(waiting) = heard().take() {
            output::pass_on(&waiting);
        }
    }

    // Whether the live lines can be drawn is nobody's success or failure.
    fn clear(&mut self) {
        let _ = self.live.as_mut().map(Live::clear);
    }

    fn draw(&mut self) {
        if let Some(waiting) = heard().as_mut().filter(|waiting| !waiting.is_empty()) {
            self.clear();
            let end = if waiting.ends_with('\n') { "" } else { "\n" };
            output::pass_on(&format!("{waiting}{end}"));
            waiting.clear();
        }
        let _ = self.live.as_mut().map(|live| live.draw(&self.shown));
    }
}

/// Writes text of the program itself as it is.
pub(super) fn print(text: &[u8]) -> anyhow::Result<Reader> {
    reader(output::raw(text))
}

/// Writes a path on a line of its own: byte for byte where a program reads it.
pub(super) fn print_path(path: &Path) -> anyhow::Result<Reader> {
    if output::is_terminal(Stream::Output) {
        return reader(output::result(&path.display().to_string().into(), Notation::Words));
    }
    let mut line = path.as_os_str().as_encoded_bytes().to_vec();
    line.push(b'\n');
    print(&line)
}

/// Whether somebody reads, by what became of writing.
pub(super) fn reader(written: io::Result<()>) -> anyhow::Result<Reader> {
    match written {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(error).context("standard output"),
    }
}

/// Whether a person is there to be asked.
pub(super) fn is_somebody_there() -> bool {
    output::is_terminal(Stream::Input) && output::is_terminal(Stream::Error)
}

//! The input and output panes: the payloads of the selected execution.

use std::sync::Arc;

use crate::app::list::row::{Group, PayloadLocation, Row, RowState};
use crate::app::reader::document::Document;
use crate::app::shell::pane::Pane;
use crate::format::wrap::wrap;
use stepgate_core::domain::{ExecutionId, MachineType, Payload};
use stepgate_core::lifecycle::unresolved;

/// Rows of a text are counted up to this number.
const MOST_ROWS: usize = 120;

/// The contents of the output pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputKind {
    /// No execution is selected.
    Nothing,
    /// A message instead of an output.
    Absent(&'static str),
    /// The output.
    Output,
    /// The error and its cause.
    Error,
}

/// The payloads of one execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payloads {
    of: Option<ExecutionId>,
    input: Document,
    /// The message instead of an input; empty if there is one.
    no_input: &'static str,
    /// The output or the cause.
    output: Document,
    kind: OutputKind,
    error: Option<String>,
    /// The rows of input and output at these widths; `None` until they are counted.
    measured: Option<Measured>,
}

/// The rows that input and output need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Measured {
    cells: (usize, usize),
    rows: (usize, usize),
}

impl Default for Payloads {
    fn default() -> Self {
        Self {
            of: None,
            input: Document::default(),
            no_input: "",
            output: Document::default(),
            kind: OutputKind::Nothing,
            error: None,
            measured: None,
        }
    }
}

impl Payloads {
    /// Shows the payloads of an execution. Unchanged texts keep their scroll position and folds; `may_differ` requests a
    /// check for changes although the execution is the same.
    pub(in crate::app) fn open(&mut self, row: Option<&Row>, may_differ: bool) {
        let id = row.map(|row| row.id);
        let is_open = id == self.of;
        if is_open && !may_differ {
            return;
        }
        let set = |document: &mut Document, text: Option<Arc<str>>| {
            let text = text.unwrap_or_default();
            if !is_open || *document.source() != text {
                document.replace(text);
            }
        };
        set(&mut self.input, row.and_then(|row| row.input.as_ref()).map(Payload::shared));
        self.no_input = match row {
            Some(row) if row.input.is_none() => row.payloads.why_absent(),
            _ => "",
        };
        self.kind = row.map_or(OutputKind::Nothing, kind);
        self.error = row.and_then(Row::error).map(str::to_owned);
        let seen = row.and_then(Row::seen);
        set(
            &mut self.output,
            match self.kind {
                OutputKind::Output => seen.and_then(|seen| seen.output.as_ref()).map(Payload::shared),
                OutputKind::Error => seen.and_then(|seen| seen.cause.as_deref()).map(Into::into),
                OutputKind::Nothing | OutputKind::Absent(_) => None,
            },
        );
        self.of = id;
        self.measured = None;
    }

    /// Counts the rows of input and output at these widths, after one of them has changed.
    pub(in crate::app) fn measure(&mut self, cells: (usize, usize)) {
        if self.measured.is_some_and(|measured| measured.cells == cells) {
            return;
        }
        let count = |document: &mut Document, cells| {
            document.set_width(cells);
            document.count_rows(MOST_ROWS)
        };
        let message = |text: &str, cells: usize| wrap(text, cells.max(1)).len();
        let input = match self.no_input {
            "" => count(&mut self.input, cells.0),
            text => message(text, cells.0),
        };
        let output = match self.kind {
            OutputKind::Output | OutputKind::Error => count(&mut self.output, cells.1) + self.rows_above(),
            OutputKind::Absent(text) => message(text, cells.1),
            OutputKind::Nothing => 1,
        };
        self.measured = Some(Measured { cells, rows: (input, output) });
    }

    /// Returns the rows of input and output, as far as they have been counted.
    pub(in crate::app) fn content_rows(&self) -> (usize, usize) {
        self.measured.map_or((1, 1), |measured| measured.rows)
    }

    /// Sets the sizes of the panes in cells and rows.
    pub(in crate::app) fn fit(&mut self, input: (usize, usize), output: (usize, usize)) {
        self.input.fit(input.0, input.1);
        // The error name is above the cause.
        self.output.fit(output.0, output.1.saturating_sub(self.rows_above()));
    }

    /// Returns the message instead of an input; empty if there is one.
    pub(crate) fn no_input(&self) -> &'static str {
        self.no_input
    }

    /// Returns the output or the cause.
    pub(in crate::app) fn output(&self) -> &Document {
        &self.output
    }

    /// Returns the contents of the output pane.
    pub(crate) fn kind(&self) -> OutputKind {
        self.kind
    }

    /// Returns the error name.
    pub(crate) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns the text in a pane, if there is one.
    pub(crate) fn document(&self, pane: Pane) -> Option<&Document> {
        match pane {
            Pane::Input if self.no_input.is_empty() => Some(&self.input),
            Pane::Output if matches!(self.kind, OutputKind::Output | OutputKind::Error) => Some(&self.output),
            _ => None,
        }
    }

    /// Returns the text in a pane, mutably.
    pub(in crate::app) fn document_mut(&mut self, pane: Pane) -> Option<&mut Document> {
        self.document(pane)?;
        Some(if pane == Pane::Input { &mut self.input } else { &mut self.output })
    }

    /// Returns the number of rows above the text of the output pane: one for the error name.
    pub(crate) fn rows_above(&self) -> usize {
        usize::from(self.kind == OutputKind::Error)
    }

    /// Returns the texts of both panes, mutably.
    pub(in crate::app) fn documents_mut(&mut self) -> (Option<&mut Document>, Option<&mut Document>) {
        let (has_input, has_output) = (self.document(Pane::Input).is_some(), self.document(Pane::Output).is_some());
        (has_input.then_some(&mut self.input), has_output.then_some(&mut self.output))
    }
}

fn kind(row: &Row) -> OutputKind {
    let seen = row.seen();
    if seen.is_some_and(|seen| seen.output.is_some()) {
        return OutputKind::Output;
    }
    if seen.is_some_and(|seen| seen.error.is_some() || seen.cause.is_some()) {
        return OutputKind::Error;
    }
    if row.payloads != PayloadLocation::Here && (row.group() == Group::Done || row.group().is_unsuccessful()) {
        return OutputKind::Absent(row.payloads.why_absent());
    }
    OutputKind::Absent(match (&row.state, row.group()) {
        (RowState::Unresolved(start), _)
            if start.order.machine_type == MachineType::Express
                || start.reason.as_ref().is_some_and(unresolved::is_final)
                || row.next_poll.is_none() && row.poll_failure.is_some() =>
        {
            "Unknown whether there is an execution. See the status."
        }
        (RowState::Unresolved(_), _) => {
            "Unknown whether there is an execution. stepgate is checking, for up to a minute."
        }
        (RowState::Synchronous(_), _) => "Running. The output arrives with the response.",
        (_, Group::NotStarted) => "It was not started. Press s to start it now.",
        (RowState::Lost(..), _) => "Unknown. See the status.",
        (_, Group::Running) => "Running. The output appears when the execution ends.",
        (_, Group::Failed | Group::TimedOut | Group::Aborted) => "It ended without an output, an error or a cause.",
        (_, Group::Done) if !row.arn.is_describable() => {
            "No output was received. A log has it only if the state machine logs execution data."
        }
        (_, Group::Done | Group::Lost) => "The gateway returned no output.",
    })
}

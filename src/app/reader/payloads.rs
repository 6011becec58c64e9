//! The input and output panes: the texts of the selected execution.

use std::sync::Arc;

use crate::app::list::row::{Group, PayloadLocation, Row, RowState};
use crate::app::reader::document::Document;
use crate::app::shell::pane::Pane;
use stepgate_core::domain::{ExecutionId, MachineType, Payload};
use stepgate_core::lifecycle::unresolved;

/// What the output pane shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// Nothing is selected.
    Nothing,
    /// A sentence in the place of an output that is not there.
    Words(&'static str),
    /// The output.
    Output,
    /// The error's name, and the cause.
    Error,
}

/// The texts of one execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payloads {
    of: Option<ExecutionId>,
    /// The input as it was sent, or as it was seen.
    pub input: Document,
    /// What to say in its place.
    pub no_input: &'static str,
    /// The output, or the cause.
    pub output: Document,
    /// What the output pane shows.
    pub kind: OutputKind,
    /// The error's name.
    pub error: Option<String>,
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
        }
    }
}

impl Payloads {
    /// Opens an execution's texts. What is open already stays as it is, scrolled and folded as it is;
    /// `may_differ` says that it has to be looked at again.
    pub fn open(&mut self, row: Option<&Row>, may_differ: bool) {
        let id = row.map(|row| row.id);
        let is_open = id == self.of;
        if is_open && !may_differ {
            return;
        }
        let put = |document: &mut Document, text: Option<Arc<str>>| {
            let text = text.unwrap_or_default();
            if !is_open || *document.source() != text {
                document.replace(text);
            }
        };
        put(&mut self.input, row.and_then(|row| row.input.as_ref()).map(Payload::shared));
        self.no_input = match row {
            Some(row) if row.input.is_none() => row.kept.why_absent(),
            _ => "",
        };
        self.kind = row.map_or(OutputKind::Nothing, kind);
        self.error = row.and_then(Row::error).map(str::to_owned);
        let seen = row.and_then(Row::seen);
        put(
            &mut self.output,
            match self.kind {
                OutputKind::Output => seen.and_then(|seen| seen.output.as_ref()).map(Payload::shared),
                OutputKind::Error => seen.and_then(|seen| seen.cause.as_deref()).map(Into::into),
                OutputKind::Nothing | OutputKind::Words(_) => None,
            },
        );
        self.of = id;
    }

    /// Takes the size of the panes, each in cells and rows.
    pub fn fit(&mut self, input: (usize, usize), output: (usize, usize)) {
        self.input.fit(input.0, input.1);
        // The error's name stands above the cause.
        self.output.fit(output.0, output.1.saturating_sub(self.rows_above()));
    }

    /// The text in a pane, if there is one.
    pub fn document(&self, pane: Pane) -> Option<&Document> {
        match pane {
            Pane::Input if self.no_input.is_empty() => Some(&self.input),
            Pane::Output if matches!(self.kind, OutputKind::Output | OutputKind::Error) => Some(&self.output),
            _ => None,
        }
    }

    /// The text in a pane, to move about in.
    pub fn document_mut(&mut self, pane: Pane) -> Option<&mut Document> {
        self.document(pane)?;
        Some(if pane == Pane::Input { &mut self.input } else { &mut self.output })
    }

    /// Rows of the output pane above its text: the error's name.
    pub fn rows_above(&self) -> usize {
        usize::from(self.kind == OutputKind::Error)
    }

    /// The texts of both panes, as far as there are any.
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
    if row.kept != PayloadLocation::Here && (row.group() == Group::Done || row.group().is_unsuccessful()) {
        return OutputKind::Words(row.kept.why_absent());
    }
    OutputKind::Words(match (&row.standing, row.group()) {
        (RowState::Unresolved(start), _)
            if start.order.machine_type == MachineType::Express
                || start.reason.as_ref().is_some_and(unresolved::is_final)
                || row.next_question.is_none() && row.trouble.is_some() =>
        {
            "It is unknown whether there is an execution; see the status."
        }
        (RowState::Unresolved(_), _) => {
            "It is unknown whether there is an execution. stepgate is asking about it, for up to a minute."
        }
        (_, Group::NotStarted) => "It was never started. Press s to start it now.",
        (RowState::Lost(..), _) => "Unknown. See the status.",
        (_, Group::Running) => "Running. The output appears when the execution ends.",
        (_, Group::Failed | Group::TimedOut | Group::Aborted) => "It ended without an output, an error or a cause.",
        (_, Group::Done | Group::Lost) => "The gateway gave no output.",
    })
}

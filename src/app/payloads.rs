//! The input and output panes: the documents of the selected execution, and how far they are
//! scrolled.

use crate::app::document::Document;
use crate::app::row::{Group, Kept, Row, Standing};
use crate::domain::{ExecutionId, MachineType, Payload};

/// A document and the line at its top.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scrolled {
    /// What is shown.
    pub document: Document,
    /// The first line in sight.
    pub top: usize,
}

impl Scrolled {
    fn of(text: &str, cells: usize) -> Self {
        Self { document: Document::new(text, cells), top: 0 }
    }

    /// Goes up or down by lines in a pane of this height; the last line stays at its bottom.
    pub fn scroll(&mut self, by: isize, height: usize) {
        self.top = self.top.saturating_add_signed(by).min(self.document.len().saturating_sub(height));
    }
}

/// What the output pane shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Nothing is selected.
    Nothing,
    /// A sentence in the place of an output that is not there.
    Words(&'static str),
    /// The output.
    Output(Scrolled),
    /// The error's name, and the cause.
    Error(Option<String>, Scrolled),
}

/// The documents of one execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payloads {
    of: Option<ExecutionId>,
    cells: usize,
    shown_input: Option<Payload>,
    /// The input as it was sent, or as it was seen.
    pub input: Scrolled,
    /// What to say in its place.
    pub no_input: &'static str,
    /// The output, or what there is in its place.
    pub output: Output,
}

impl Default for Payloads {
    fn default() -> Self {
        Self {
            of: None,
            cells: 0,
            shown_input: None,
            input: Scrolled::default(),
            no_input: "",
            output: Output::Nothing,
        }
    }
}

impl Payloads {
    /// Opens an execution's documents for panes of this width. What is open already stays as it is,
    /// scrolled as it is; `output_changed` says that the output has to be read again.
    pub fn open(&mut self, row: Option<&Row>, cells: usize, output_changed: bool) {
        let id = row.map(|row| row.id);
        let is_open = id == self.of && cells == self.cells;
        if is_open && !output_changed {
            return;
        }
        let input = row.and_then(|row| row.input.as_ref());
        if !is_open || input != self.shown_input.as_ref() {
            self.input = input.map_or_else(Scrolled::default, |input| Scrolled::of(input.as_str(), cells));
            self.shown_input = input.cloned();
        }
        self.no_input = match row {
            Some(row) if row.input.is_none() => absent(row.kept),
            _ => "",
        };
        self.output = row.map_or(Output::Nothing, |row| output(row, cells));
        self.of = id;
        self.cells = cells;
    }

    /// Goes up or down in the output, in a pane of this height.
    pub fn scroll_output(&mut self, by: isize, height: usize) {
        match &mut self.output {
            Output::Output(scrolled) => scrolled.scroll(by, height),
            // The error's name stands above the cause.
            Output::Error(_, scrolled) => scrolled.scroll(by, height.saturating_sub(1)),
            Output::Nothing | Output::Words(_) => {}
        }
    }
}

/// What to say in the place of what is not in the row.
fn absent(kept: Kept) -> &'static str {
    match kept {
        Kept::Here => "It comes with the first answer.",
        Kept::InStore | Kept::Reading => "It is being read.",
        Kept::Nowhere => "Not kept: [store] payloads = false, or the disk was full.",
    }
}

fn output(row: &Row, cells: usize) -> Output {
    let seen = row.seen();
    if let Some(output) = seen.and_then(|seen| seen.output.as_ref()) {
        return Output::Output(Scrolled::of(output.as_str(), cells));
    }
    if let Some(seen) = seen.filter(|seen| seen.error.is_some() || seen.cause.is_some()) {
        return Output::Error(seen.error.clone(), Scrolled::of(seen.cause.as_deref().unwrap_or_default(), cells));
    }
    if row.kept != Kept::Here && matches!(row.group(), Group::Done | Group::Failed) {
        return Output::Words(absent(row.kept));
    }
    Output::Words(match (&row.standing, row.group()) {
        (Standing::Unresolved(doubt), _) if doubt.order.machine_type == MachineType::Express => {
            "It is not known whether there is an execution, and cannot be found out."
        }
        (Standing::Unresolved(_), _) => {
            "It is not known whether there is an execution. It is being asked about; that there is none is certain within a minute."
        }
        (_, Group::NotStarted) => "It was never started. Press s to start it now.",
        (Standing::Lost(..), _) => "Nobody can tell: see the status.",
        (_, Group::Running) => "Still running: the output comes with its end.",
        (_, Group::Failed) => "It ended without an output, an error or a cause.",
        (_, Group::Done | Group::Lost) => "The gateway gave no output.",
    })
}

//! The timeline of one execution: its steps, which of them is looked at, and what went into it and came out.

mod ends;
mod events;
mod folding;
mod history;
mod outline;
mod payloads;
mod reading;
mod rows;
mod step;
mod steps;
mod text;
pub mod update;

use std::collections::{BTreeSet, HashSet};

use crate::app::input::action::Action;
use crate::app::reader::document::Document;
use crate::app::shell::pane::Step as Move;
use reading::Reading;
use stepgate_core::domain::{
    EndpointName, ExecutionArn, ExecutionId, Failure, HistoryEvent, HistoryQuery, Paged, Timestamp,
};
use text::Known;

pub use history::{Flaw, History};
pub use outline::Entry;
pub use rows::Row;
pub use step::{Attempt, Step, StepKind, StepStatus};
pub use steps::Steps;
pub use text::Which;

/// What holds among the panes and beside the timeline, too: it is not about the panes.
pub const WITH_TIMELINE: [Action; 11] = [
    Action::Definition,
    Action::Palette,
    Action::Copy,
    Action::Save,
    Action::Stop,
    Action::Redrive,
    Action::Start,
    Action::StartAgain,
    Action::Messages,
    Action::Help,
    Action::Quit,
];

/// Where keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attention {
    /// To the steps.
    Steps,
    /// To the text of the chosen step.
    Text,
}

/// The timeline.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// Of which execution.
    pub of: ExecutionId,
    /// Its endpoint.
    pub endpoint: EndpointName,
    history: History,
    rows: Vec<(Row, usize)>,
    /// The rows that the user has folded or unfolded.
    toggled: BTreeSet<Row>,
    selected: Option<Row>,
    /// Whether the user has chosen a row; before, the first step that failed is chosen.
    is_chosen: bool,
    reading: Reading,
    /// Where keys go to.
    pub attention: Attention,
    /// Which text of the step is shown.
    pub which: Which,
    document: Document,
    document_of: Option<(Row, Which, Known)>,
}

impl Timeline {
    /// Of an execution; nothing has been read yet.
    pub fn new(of: ExecutionId, endpoint: EndpointName, arn: ExecutionArn) -> Self {
        Self {
            of,
            endpoint,
            history: History::default(),
            rows: Vec::new(),
            toggled: BTreeSet::new(),
            selected: None,
            is_chosen: false,
            reading: Reading::new(arn),
            attention: Attention::Steps,
            which: Which::Input,
            document: Document::default(),
            document_of: None,
        }
    }

    /// All steps.
    pub fn steps(&self) -> &Steps {
        self.history.steps()
    }

    /// The rows that are shown, in order, each with its depth.
    pub fn rows(&self) -> &[(Row, usize)] {
        &self.rows
    }

    /// Where among the rows the chosen one is.
    pub fn selected_place(&self) -> usize {
        self.rows.iter().position(|(row, _)| Some(*row) == self.selected).unwrap_or(0)
    }

    /// The chosen row.
    pub fn selected(&self) -> Option<Row> {
        self.selected
    }

    /// Whether the history has more events than can be read.
    pub fn is_cut(&self) -> bool {
        self.reading.is_cut()
    }

    /// Returns why the steps may be wrong, in a few words.
    pub fn caveat(&self) -> Option<&'static str> {
        match self.history.flaw() {
            _ if self.is_cut() => Some("not all events"),
            flaw if self.is_whole() => flaw.map(Flaw::short),
            _ => None,
        }
    }

    /// Why the history cannot be read.
    pub fn trouble(&self) -> Option<&Failure> {
        self.reading.trouble()
    }

    /// Whether all events up to now have been read.
    pub fn is_whole(&self) -> bool {
        self.reading.is_whole()
    }

    /// Whether the screen changes by itself.
    pub fn is_live(&self) -> bool {
        self.reading.is_live() || !self.steps().has_ended() && !self.is_cut()
    }

    /// The text of the chosen step, if it is here.
    pub fn document(&self) -> Option<&Document> {
        matches!(self.document_of, Some((.., Known::Text(_)))).then_some(&self.document)
    }

    /// The same, to move about in.
    pub fn document_mut(&mut self) -> Option<&mut Document> {
        matches!(self.document_of, Some((.., Known::Text(_)))).then_some(&mut self.document)
    }

    /// What to say in its place.
    pub fn words(&self) -> String {
        match &self.document_of {
            None | Some((.., Known::Text(_))) => String::new(),
            Some((.., Known::Words(words))) => (*words).to_owned(),
            Some((.., Known::Event(_))) => {
                let (read, all) = (self.reading.read_with_data(), self.history.len());
                format!("It is being read: {read} of {all} events with data so far.")
            }
        }
    }

    /// Takes the size of the text's pane, borders and all.
    pub(in crate::app) fn fit(&mut self, cells: u16, rows: u16) {
        let facts = self.selected.map_or(0, |row| self.facts(row).len());
        let height = usize::from(rows.saturating_sub(2)).saturating_sub(facts);
        self.document.fit(usize::from(cells.saturating_sub(4)), height);
    }

    /// Goes up or down.
    pub fn go(&mut self, step: Move, height: usize) {
        let last = self.rows.len().saturating_sub(1);
        let place = self.selected_place().saturating_add_signed(step.lines(height)).min(last);
        self.choose(self.rows.get(place).map(|(row, _)| *row));
    }

    /// Goes to the next step that failed, or the one before, and shows it if it is folded; whether there is one.
    pub fn go_to_failure(&mut self, down: bool) -> bool {
        // Where it stands among all rows, not only those that are shown.
        let all = self.steps().rows(|_| false);
        let failures: HashSet<Row> = self.steps().failures().into_iter().map(Row::Step).collect();
        let from = all.iter().position(|(row, _)| Some(*row) == self.selected).unwrap_or(0);
        let rows = all.iter().enumerate();
        let places: Vec<usize> = rows.filter(|(_, (row, _))| failures.contains(row)).map(|(place, _)| place).collect();
        let found = if down {
            places.iter().find(|place| **place > from).or(places.first())
        } else {
            places.iter().rev().find(|place| **place < from).or(places.last())
        };
        let Some((row, _)) = found.and_then(|place| all.get(*place)).copied() else { return false };
        self.choose(Some(row));
        self.show(row);
        true
    }

    fn choose(&mut self, row: Option<Row>) {
        self.selected = row;
        self.is_chosen = true;
        if let Some(row) = row.filter(|row| !self.has_text(*row, self.which)) {
            self.which = Which::ALL.into_iter().find(|which| self.has_text(row, *which)).unwrap_or(Which::Cause);
        }
    }

    /// Shows another text of the row.
    pub fn next_text(&mut self) {
        let Some(row) = self.selected else { return };
        let now = Which::ALL.iter().position(|which| *which == self.which).unwrap_or(0);
        let others = (1..=Which::ALL.len()).map(|by| Which::ALL[(now + by) % Which::ALL.len()]);
        self.which = others.into_iter().find(|which| self.has_text(row, *which)).unwrap_or(self.which);
        self.is_chosen = true;
    }

    /// What to ask for now, as the request with this number.
    pub(in crate::app) fn query(&mut self, number: u64, now: Timestamp, runs: bool) -> Option<HistoryQuery> {
        let wanted = match &self.document_of {
            Some((.., Known::Event(event))) => Some(*event),
            _ => None,
        };
        let runs = runs || !self.steps().has_ended();
        self.reading.next(number, now, runs, &self.history, wanted)
    }

    /// Takes a page of the history.
    pub(in crate::app) fn take(&mut self, number: u64, page: Result<Paged<HistoryEvent>, Failure>, now: Timestamp) {
        if self.reading.take(number, &mut self.history, page, now) {
            self.arrange();
            if !self.is_chosen {
                self.choose_first();
            }
        }
        self.open();
    }

    /// The step where it failed is what people come for; in one that runs, the last one.
    fn choose_first(&mut self) {
        let failed = self.steps().first_failed();
        self.which = if failed.is_some() { Which::Cause } else { Which::Input };
        let is_running =
            |row: &&(Row, usize)| self.steps().get(row.0.step()).is_some_and(|step| step.status == StepStatus::Running);
        let other = || self.rows.iter().rev().find(is_running).or(self.rows.first()).map(|(row, _)| *row);
        self.selected = failed.map(Row::Step).or_else(other);
        if let Some(row) = self.selected {
            self.show(row);
        }
    }

    /// Opens the text of the chosen step.
    pub(in crate::app) fn open(&mut self) {
        let Some(row) = self.selected else { return };
        let known = self.known(row, self.which);
        let opened = Some((row, self.which, known.clone()));
        if opened != self.document_of {
            if let Known::Text(text) = known {
                self.document.replace(text);
            } else {
                self.attention = Attention::Steps;
            }
            self.document_of = opened;
        }
    }
}

#[cfg(test)]
mod tests;

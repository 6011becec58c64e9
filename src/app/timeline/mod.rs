//! The timeline of one execution: its steps, the selected step, and its payloads.

mod ends;
mod events;
mod folding;
mod history;
mod outline;
mod payloads;
mod reading;
mod reopening;
mod rows;
mod states;
mod step;
mod steps;
mod tasks;
mod text;
pub(crate) mod update;

use std::collections::{BTreeSet, HashSet};

use crate::app::reader::document::Document;
use crate::app::shell::pane::Step as Move;
use reading::Reading;
use stepgate_core::domain::{
    EndpointName, ExecutionArn, ExecutionId, Failure, HistoryEvent, HistoryQuery, Paged, Timestamp, counted,
};
use text::TextSource;

pub(crate) use history::Flaw;
pub use history::History;
pub(crate) use outline::Entry;
pub(crate) use rows::Row;
pub(crate) use step::StepKind;
pub use step::StepStatus;
pub use steps::Steps;
pub(crate) use text::TextKind;

/// Limit for outermost steps whose status is checked on each drawing.
const MOST_CHECKED: usize = 100;

/// The focused part of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimelineFocus {
    /// The steps.
    Steps,
    /// The text of the selected step.
    Text,
}

/// The timeline.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    of: ExecutionId,
    endpoint: EndpointName,
    history: History,
    rows: Vec<(Row, usize)>,
    /// The rows that the user has folded or unfolded.
    toggled: BTreeSet<Row>,
    selected: Option<Row>,
    /// Whether the user has selected a row; until then, the first failed step is selected.
    is_user_selection: bool,
    reading: Reading,
    /// Whether no more events are expected, although no end was received.
    is_final: bool,
    focus: TimelineFocus,
    which: TextKind,
    document: Document,
    document_of: Option<(Row, TextKind, TextSource)>,
}

impl Timeline {
    /// Returns the timeline of an execution before anything has been read.
    pub(crate) fn new(of: ExecutionId, endpoint: EndpointName, arn: ExecutionArn) -> Self {
        Self {
            of,
            endpoint,
            history: History::default(),
            rows: Vec::new(),
            toggled: BTreeSet::new(),
            selected: None,
            is_user_selection: false,
            reading: Reading::new(arn),
            is_final: false,
            focus: TimelineFocus::Steps,
            which: TextKind::Input,
            document: Document::default(),
            document_of: None,
        }
    }

    /// Returns the timeline with the start of the execution, from which a log is searched.
    pub(crate) fn started_at(mut self, started: Timestamp) -> Self {
        self.reading.set_start(started);
        self
    }

    /// Returns the execution.
    pub(crate) fn of(&self) -> ExecutionId {
        self.of
    }

    /// Returns the focused part.
    pub(crate) fn focus(&self) -> TimelineFocus {
        self.focus
    }

    /// Focuses a part.
    pub(in crate::app) fn set_focus(&mut self, part: TimelineFocus) {
        self.focus = part;
    }

    /// Returns which text of the step is shown.
    pub(crate) fn which(&self) -> TextKind {
        self.which
    }

    /// Returns the steps.
    pub(crate) fn steps(&self) -> &Steps {
        self.history.steps()
    }

    /// Returns the visible rows in order, each with its depth.
    pub(crate) fn rows(&self) -> &[(Row, usize)] {
        &self.rows
    }

    /// Returns the index of the selected row.
    pub(crate) fn selected_place(&self) -> usize {
        self.rows.iter().position(|(row, _)| Some(*row) == self.selected).unwrap_or(0)
    }

    /// Returns the selected row.
    pub(crate) fn selected(&self) -> Option<Row> {
        self.selected
    }

    /// Returns whether the history has more events than can be read.
    pub(crate) fn is_cut(&self) -> bool {
        self.reading.is_cut()
    }

    /// Returns a short warning that the steps may be wrong.
    pub(crate) fn caveat(&self) -> Option<&'static str> {
        match self.history.flaw() {
            _ if self.is_cut() => Some("not all events"),
            flaw if self.is_whole() => flaw.map(Flaw::short),
            _ => None,
        }
    }

    /// Returns why the history cannot be read.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.reading.failure()
    }

    /// Returns whether all events so far have been read.
    pub(crate) fn is_whole(&self) -> bool {
        self.reading.is_whole()
    }

    /// Returns whether the screen changes without an event.
    pub(crate) fn is_live(&self) -> bool {
        self.reading.is_live() || !self.is_final && !self.steps().has_ended() && !self.is_cut()
    }

    /// Returns the text of the selected step, if it has been read.
    pub(crate) fn document(&self) -> Option<&Document> {
        matches!(self.document_of, Some((.., TextSource::Text(_)))).then_some(&self.document)
    }

    /// Returns the text of the selected step, mutably.
    pub(in crate::app) fn document_mut(&mut self) -> Option<&mut Document> {
        matches!(self.document_of, Some((.., TextSource::Text(_)))).then_some(&mut self.document)
    }

    /// Returns the message instead of a text.
    pub(crate) fn absence_message(&self) -> String {
        match &self.document_of {
            None | Some((.., TextSource::Text(_))) => String::new(),
            Some((.., TextSource::Absent(message))) => (*message).to_owned(),
            Some((.., TextSource::Event(_))) => {
                let (read, all) = (self.reading.read_with_data(), self.history.len());
                format!("Reading: {read} of {} with data so far.", counted(all, "event"))
            }
        }
    }

    /// Sets the columns and rows for facts and text.
    pub(in crate::app) fn fit(&mut self, cells: usize, rows: usize) {
        let facts = self.selected.map_or(0, |row| self.facts(row).len());
        self.document.fit(cells, rows.saturating_sub(facts));
    }

    /// Moves the selection.
    pub(in crate::app) fn go(&mut self, step: Move, height: usize) {
        let last = self.rows.len().saturating_sub(1);
        let place = self.selected_place().saturating_add_signed(step.lines(height)).min(last);
        self.select(self.rows.get(place).map(|(row, _)| *row));
    }

    /// Selects the next or previous failed step and unfolds it; returns whether there is one.
    pub(in crate::app) fn go_to_failure(&mut self, down: bool) -> bool {
        // Its index among all rows, including folded ones.
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
        self.select(Some(row));
        self.show(row);
        true
    }

    /// Returns whether one of the first outermost steps has failed, or a Catch has handled its failure.
    pub(crate) fn has_failure(&self) -> bool {
        let outermost = self.steps().outermost().iter().take(MOST_CHECKED);
        outermost
            .map(|step| self.steps().all()[*step].status)
            .any(|status| status.is_bad() || status == StepStatus::Caught)
    }

    fn select(&mut self, row: Option<Row>) {
        self.selected = row;
        self.is_user_selection = true;
        if let Some(row) = row.filter(|row| !self.has_text(*row, self.which)) {
            self.which = TextKind::ALL.into_iter().find(|which| self.has_text(row, *which)).unwrap_or(TextKind::Cause);
        }
    }

    /// Shows the next or previous text of the row.
    pub(in crate::app) fn step_text(&mut self, forwards: bool) {
        let Some(row) = self.selected else { return };
        let count = TextKind::ALL.len();
        let now = TextKind::ALL.iter().position(|which| *which == self.which).unwrap_or(0);
        let mut others =
            (1..=count).map(|by| TextKind::ALL[(if forwards { now + by } else { now + count - by }) % count]);
        self.which = others.find(|which| self.has_text(row, *which)).unwrap_or(self.which);
        self.is_user_selection = true;
    }

    /// Returns the request to send now, under this number.
    pub(in crate::app) fn next_query(&mut self, number: u64, now: Timestamp, runs: bool) -> Option<HistoryQuery> {
        let event_to_read = match &self.document_of {
            Some((.., TextSource::Event(event))) => Some(*event),
            _ => None,
        };
        let runs = runs || !self.is_final && !self.steps().has_ended();
        self.reading.next(number, now, runs, &self.history, event_to_read)
    }

    /// Handles a page of the history.
    pub(in crate::app) fn on_page(&mut self, number: u64, page: Result<Paged<HistoryEvent>, Failure>, now: Timestamp) {
        if self.reading.on_response(number, &mut self.history, page, now) {
            self.update_rows();
            if !self.is_user_selection {
                self.select_default();
            }
        }
        self.open();
    }

    /// Selects the step that failed, or else the last running one.
    fn select_default(&mut self) {
        let failed = self.steps().first_failed();
        self.which = if failed.is_some() { TextKind::Cause } else { TextKind::Input };
        let is_running =
            |row: &&(Row, usize)| self.steps().get(row.0.step()).is_some_and(|step| step.status == StepStatus::Running);
        let other = || self.rows.iter().rev().find(is_running).or(self.rows.first()).map(|(row, _)| *row);
        self.selected = failed.map(Row::Step).or_else(other);
        if let Some(row) = self.selected {
            self.show(row);
        }
    }

    /// Opens the text of the selected step.
    pub(in crate::app) fn open(&mut self) {
        let Some(row) = self.selected else { return };
        let source = self.text_source(row, self.which);
        let opened = Some((row, self.which, source.clone()));
        if opened != self.document_of {
            if let TextSource::Text(text) = source {
                self.document.replace(text);
            } else {
                self.focus = TimelineFocus::Steps;
            }
            self.document_of = opened;
        }
    }
}

#[cfg(test)]
mod tests;

//! The timeline of one execution: its steps, which of them is looked at, and what went into it and came out.

mod ends;
mod reading;
mod step;
mod steps;
mod text;

use std::collections::BTreeSet;

use crate::app::action::Action;
use crate::app::document::Document;
use crate::app::pane::Step as Move;
use crate::domain::{EndpointName, ExecutionArn, ExecutionId, Failure, HistoryEvent, HistoryQuery, Paged, Timestamp};
use reading::Reading;
use text::Known;

pub use step::{Step, StepKind, StepStatus};
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
    steps: Steps,
    order: Vec<usize>,
    folded: BTreeSet<usize>,
    selected: Option<usize>,
    /// Whether the user has chosen a step; before, the first that failed is chosen.
    is_chosen: bool,
    reading: Reading,
    /// Where keys go to.
    pub attention: Attention,
    /// Which text of the step is shown.
    pub which: Which,
    document: Document,
    document_of: Option<(usize, Which, Known)>,
}

impl Timeline {
    /// Of an execution; nothing has been read yet.
    pub fn new(of: ExecutionId, endpoint: EndpointName, arn: ExecutionArn) -> Self {
        Self {
            of,
            endpoint,
            steps: Steps::default(),
            order: Vec::new(),
            folded: BTreeSet::new(),
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
        &self.steps
    }

    /// The numbers of those that are shown, in order.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Whether what is in a step is not shown.
    pub fn is_folded(&self, step: usize) -> bool {
        self.folded.contains(&step)
    }

    /// Where in the order the chosen one is.
    pub fn selected_place(&self) -> usize {
        self.order.iter().position(|step| Some(*step) == self.selected).unwrap_or(0)
    }

    /// The chosen one.
    pub fn selected(&self) -> Option<&Step> {
        self.steps.get(self.selected?)
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
        self.reading.is_live() || !self.steps.has_ended()
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
                let (read, all) = (self.reading.read_with_data(), self.steps.last_event());
                format!("It is being read: {read} of {all} events with data so far.")
            }
        }
    }

    /// Takes the size of the text's pane, borders and all.
    pub(super) fn fit(&mut self, cells: u16, rows: u16) {
        let facts = self.selected().map_or(0, |step| step.facts().len());
        let height = usize::from(rows.saturating_sub(2)).saturating_sub(facts);
        self.document.fit(usize::from(cells.saturating_sub(4)), height);
    }

    /// Goes up or down.
    pub fn go(&mut self, step: Move, height: usize) {
        let last = self.order.len().saturating_sub(1);
        let place = self.selected_place().saturating_add_signed(step.lines(height)).min(last);
        self.choose(self.order.get(place).copied());
    }

    /// Goes to the next step that failed, or the one before; whether there is one.
    pub fn go_to_failure(&mut self, down: bool) -> bool {
        let (from, count) = (self.selected_place(), self.order.len());
        let step = |by: usize| if down { (from + by) % count } else { (from + count - by) % count };
        let is_bad = |place: &usize| self.steps.get(self.order[*place]).is_some_and(|step| step.status.is_bad());
        let found = (1..=count).map(step).find(is_bad);
        if let Some(place) = found {
            self.choose(self.order.get(place).copied());
        }
        found.is_some()
    }

    fn choose(&mut self, step: Option<usize>) {
        self.selected = step;
        self.is_chosen = true;
    }

    /// Hides what is in the chosen step, or shows it again.
    pub fn toggle_fold(&mut self) {
        let Some(step) = self.selected else { return };
        let has_children = |step: usize| self.steps.get(step).is_some_and(|step| !step.children.is_empty());
        let folding = if has_children(step) { Some(step) } else { self.steps.get(step).and_then(|step| step.parent) };
        if let Some(folding) = folding.filter(|folding| !self.folded.remove(folding)) {
            self.folded.insert(folding);
            self.choose(Some(folding));
        }
        self.arrange();
    }

    /// Hides what is in all states, or shows everything.
    pub fn fold_all(&mut self, folds: bool) {
        let has_children = |step: &usize| self.steps.get(*step).is_some_and(|step| !step.children.is_empty());
        self.folded = if folds { (0..self.steps.all().len()).filter(has_children).collect() } else { BTreeSet::new() };
        let outermost = |step| std::iter::successors(Some(step), |at| self.steps.get(*at).and_then(|step| step.parent));
        if let Some(step) = self.selected.filter(|_| folds) {
            self.choose(outermost(step).last());
        }
        self.arrange();
    }

    fn arrange(&mut self) {
        let folded = &self.folded;
        self.order = self.steps.order(|step| folded.contains(&step));
    }

    /// Shows another text of the step.
    pub fn next_text(&mut self) {
        let now = Which::ALL.iter().position(|which| *which == self.which).unwrap_or(0);
        self.which = Which::ALL[(now + 1) % Which::ALL.len()];
        self.is_chosen = true;
    }

    /// What to ask for now, as the request with this number.
    pub(super) fn query(&mut self, number: u64, now: Timestamp, runs: bool) -> Option<HistoryQuery> {
        let wanted: Vec<u64> = match &self.document_of {
            Some((.., Known::Event(event))) => vec![*event],
            _ => Vec::new(),
        };
        let runs = runs || !self.steps.has_ended();
        self.reading.next(number, now, runs, self.steps.last_event(), &wanted)
    }

    /// Takes a page of the history.
    pub(super) fn take(&mut self, number: u64, page: Result<Paged<HistoryEvent>, Failure>, now: Timestamp) {
        let events = self.reading.take(number, self.steps.last_event(), page, now);
        if !events.is_empty() {
            for event in &events {
                self.steps.push(event);
            }
            self.arrange();
        }
        if !self.is_chosen {
            // The step where it failed is what people come for; in one that runs, the last one.
            let failed = self.steps.first_failed();
            self.which = if failed.is_some() { Which::Cause } else { Which::Input };
            let running = || {
                self.order
                    .iter()
                    .rev()
                    .find(|step| self.steps.get(**step).is_some_and(|step| step.status == StepStatus::Running))
            };
            self.selected = failed.or_else(|| running().or(self.order.first()).copied());
        }
        self.open();
    }

    /// Opens the text of the chosen step.
    pub(super) fn open(&mut self) {
        let Some(step) = self.selected else { return };
        let known = self.known(step, self.which);
        let opened = Some((step, self.which, known.clone()));
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

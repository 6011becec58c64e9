//! A text to read and its jq filter.

use std::sync::Arc;

use crate::app::keys::editor::Candidates;
use crate::app::reader::{Notation, Reader};
use crate::app::shell::pane::Step;

/// Identifies the reply to a filter request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterId(pub u64);

/// The state of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Not sent yet.
    Due,
    /// Running.
    Running(FilterId),
    /// Its result is shown.
    Done,
    /// It failed, with the message.
    Failed(String),
}

/// A filter of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filtered {
    /// A jq program.
    pub filter: String,
    /// The state.
    pub stage: Stage,
    /// The last result, also while the next one is pending.
    pub result: Option<Reader>,
}

/// A text with an optional filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    source: Reader,
    filtered: Option<Filtered>,
    size: (usize, usize),
}

impl Document {
    /// Returns a document without a filter.
    pub fn new(text: Arc<str>) -> Self {
        Self { source: Reader::new(text), filtered: None, size: (0, 0) }
    }

    /// Replaces the text. A filter stays and is run again.
    pub(in crate::app) fn replace(&mut self, text: Arc<str>) {
        self.source = Reader::new(text);
        if let Some(filtered) = &mut self.filtered {
            (filtered.stage, filtered.result) = (Stage::Due, None);
        }
        self.fit(self.size.0, self.size.1);
    }

    /// Returns the unfiltered text.
    pub fn source(&self) -> &Arc<str> {
        self.source.text()
    }

    /// Returns the member names of the unfiltered text that complete a filter or path.
    pub(in crate::app) fn candidates(&self, before: &str, notation: Notation) -> Option<Candidates> {
        self.source.candidates(before, notation)
    }

    /// Returns the reader on the screen.
    pub fn reader(&self) -> &Reader {
        self.filtered.as_ref().and_then(|filtered| filtered.result.as_ref()).unwrap_or(&self.source)
    }

    /// Returns the reader on the screen, mutably.
    pub(in crate::app) fn reader_mut(&mut self) -> &mut Reader {
        self.filtered.as_mut().and_then(|filtered| filtered.result.as_mut()).unwrap_or(&mut self.source)
    }

    /// Returns the filter.
    pub fn filtered(&self) -> Option<&Filtered> {
        self.filtered.as_ref()
    }

    /// Sets the filter, or removes it if the text is empty. The last result stays until the next one.
    pub(in crate::app) fn set_filter(&mut self, filter: &str) {
        let result = self.filtered.take().and_then(|filtered| filtered.result);
        if !filter.trim().is_empty() {
            self.filtered = Some(Filtered { filter: filter.to_owned(), stage: Stage::Due, result });
        }
    }

    /// Returns the filter and text to run now, and marks the filter as running.
    pub(in crate::app) fn start_filter(&mut self, id: FilterId) -> Option<(String, Arc<str>)> {
        let filtered = self.filtered.as_mut().filter(|filtered| filtered.stage == Stage::Due)?;
        filtered.stage = Stage::Running(id);
        Some((filtered.filter.clone(), self.source.text().clone()))
    }

    /// Applies the result of a filter; returns `false` if it belongs to another filter.
    pub(in crate::app) fn on_filtered(&mut self, id: FilterId, result: &Result<String, String>) -> bool {
        let Some(filtered) = self.filtered.as_mut().filter(|filtered| filtered.stage == Stage::Running(id)) else {
            return false;
        };
        match result {
            Ok(text) => {
                let mut reader = Reader::new(text.as_str().into());
                reader.fit(self.size.0, self.size.1);
                (filtered.stage, filtered.result) = (Stage::Done, Some(reader));
            }
            Err(message) => filtered.stage = Stage::Failed(message.clone()),
        }
        true
    }

    /// Restores an earlier state; if the text has changed since, only the filter.
    pub(in crate::app) fn restore(&mut self, before: Self) {
        let filtered = before.filtered.clone();
        if before.source() == self.source() {
            let size = self.size;
            *self = before;
            self.fit(size.0, size.1);
        } else {
            self.filtered = filtered;
        }
        // A result that was pending then may have arrived since.
        if let Some(filtered) = self.filtered.as_mut().filter(|filtered| matches!(filtered.stage, Stage::Running(_))) {
            filtered.stage = Stage::Due;
        }
    }

    /// Sets the width of the pane.
    pub(in crate::app) fn set_width(&mut self, cells: usize) {
        self.fit(cells, self.size.1);
    }

    /// Counts the rows of the unfiltered text, up to a number.
    pub(in crate::app) fn count_rows(&self, most: usize) -> usize {
        self.source.count_rows(most)
    }

    /// Sets the size of the pane, whose first line shows the filter.
    pub(in crate::app) fn fit(&mut self, cells: usize, height: usize) {
        self.size = (cells, height);
        self.source.fit(cells, height);
        if let Some(result) = self.filtered.as_mut().and_then(|filtered| filtered.result.as_mut()) {
            result.fit(cells, height.saturating_sub(1));
        }
    }

    /// Moves the cursor to a row of the pane.
    pub(in crate::app) fn click(&mut self, row: usize) {
        let above = usize::from(self.filtered.is_some());
        if let Some(row) = row.checked_sub(above) {
            self.reader_mut().click(row);
        }
    }

    /// Moves the cursor.
    pub(in crate::app) fn go(&mut self, step: Step) {
        self.reader_mut().go(step);
    }
}

//! A text to read, and what a jq filter makes of it.

use std::sync::Arc;

use crate::app::reader::Reader;
use crate::app::shell::pane::Step;

/// Tells an answer of a filter from those that come too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterId(pub u64);

/// What has become of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It has to be run.
    Wanted,
    /// It is on its way.
    Running(FilterId),
    /// What is shown is its result.
    Done,
    /// Why there is no result.
    Failed(String),
}

/// A filter over a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filtered {
    /// In the language of jq.
    pub filter: String,
    /// What has become of it.
    pub stage: Stage,
    /// The last result, also while the next one is on its way.
    pub result: Option<Reader>,
}

/// A text and its filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    source: Reader,
    filtered: Option<Filtered>,
    size: (usize, usize),
}

impl Document {
    /// A text without a filter.
    pub fn new(text: Arc<str>) -> Self {
        Self { source: Reader::new(text), filtered: None, size: (0, 0) }
    }

    /// Puts another text in the place of this one. A filter stays, and is wanted anew.
    pub fn replace(&mut self, text: Arc<str>) {
        self.source = Reader::new(text);
        if let Some(filtered) = &mut self.filtered {
            (filtered.stage, filtered.result) = (Stage::Wanted, None);
        }
        self.fit(self.size.0, self.size.1);
    }

    /// What was received, whatever the filter.
    pub fn source(&self) -> &Arc<str> {
        self.source.text()
    }

    /// What is on the screen.
    pub fn reader(&self) -> &Reader {
        self.filtered.as_ref().and_then(|filtered| filtered.result.as_ref()).unwrap_or(&self.source)
    }

    /// What is on the screen, to move about in.
    pub fn reader_mut(&mut self) -> &mut Reader {
        self.filtered.as_mut().and_then(|filtered| filtered.result.as_mut()).unwrap_or(&mut self.source)
    }

    /// The filter.
    pub fn filtered(&self) -> Option<&Filtered> {
        self.filtered.as_ref()
    }

    /// Sets the filter; an empty one takes it away. The last result stays until there is another.
    pub fn set_filter(&mut self, filter: &str) {
        let result = self.filtered.take().and_then(|filtered| filtered.result);
        if !filter.trim().is_empty() {
            self.filtered = Some(Filtered { filter: filter.to_owned(), stage: Stage::Wanted, result });
        }
    }

    /// The filter that has to be run, which is on its way from now on.
    pub(in crate::app) fn send_filter(&mut self, id: FilterId) -> Option<(String, Arc<str>)> {
        let filtered = self.filtered.as_mut().filter(|filtered| filtered.stage == Stage::Wanted)?;
        filtered.stage = Stage::Running(id);
        Some((filtered.filter.clone(), self.source.text().clone()))
    }

    /// Takes what a filter has put out, or why it has not; `false` when it is of another one.
    pub(in crate::app) fn take_filtered(&mut self, id: FilterId, result: &Result<String, String>) -> bool {
        let Some(filtered) = self.filtered.as_mut().filter(|filtered| filtered.stage == Stage::Running(id)) else {
            return false;
        };
        match result {
            Ok(text) => {
                let mut reader = Reader::new(text.as_str().into());
                reader.fit(self.size.0, self.size.1);
                (filtered.stage, filtered.result) = (Stage::Done, Some(reader));
            }
            Err(words) => filtered.stage = Stage::Failed(words.clone()),
        }
        true
    }

    /// Goes back to how it was; of another text only the filter comes back.
    pub(in crate::app) fn restore(&mut self, before: Self) {
        let filtered = before.filtered.clone();
        if before.source() == self.source() {
            let size = self.size;
            *self = before;
            self.fit(size.0, size.1);
        } else {
            self.filtered = filtered;
        }
        // An answer that was on its way then may have come in between.
        if let Some(filtered) = self.filtered.as_mut().filter(|filtered| matches!(filtered.stage, Stage::Running(_))) {
            filtered.stage = Stage::Wanted;
        }
    }

    /// Takes the size of its pane. A line of it belongs to what a filter has to say.
    pub fn fit(&mut self, cells: usize, height: usize) {
        self.size = (cells, height);
        self.source.fit(cells, height);
        if let Some(result) = self.filtered.as_mut().and_then(|filtered| filtered.result.as_mut()) {
            result.fit(cells, height.saturating_sub(1));
        }
    }

    /// Puts the cursor on a row of the pane.
    pub fn click(&mut self, row: usize) {
        let above = usize::from(self.filtered.is_some());
        if let Some(row) = row.checked_sub(above) {
            self.reader_mut().click(row);
        }
    }

    /// Moves the cursor.
    pub fn go(&mut self, step: Step) {
        self.reader_mut().go(step);
    }
}

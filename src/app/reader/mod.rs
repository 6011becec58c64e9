//! Reading a text in a pane: input, output, cause. JSON is shown with a line for each member, and can be folded, searched
//! and addressed by path; any other text is shown as received. The text itself is never changed, and only the visible
//! rows are built, so its size does not matter.

pub(crate) mod compare;
pub(crate) mod comparison;
mod completion;
mod cursor;
pub(crate) mod definition;
mod differences;
pub(crate) mod document;
mod fill;
mod find;
pub(crate) mod open_texts;
mod outline;
mod path;
pub(crate) mod payloads;
mod rows;
pub(crate) mod search;
mod unfinished;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::shell::pane::Step;
use cursor::CursorPosition;
use find::Search;
use outline::Outline;

pub(crate) use differences::Difference;
pub use differences::{Compared, differences};
pub use find::contains;
pub(crate) use path::PathError;
pub(crate) use rows::Overflow;
pub use rows::Row;
pub(in crate::app) use unfinished::Notation;

/// The minimum width of a row.
const FEWEST_CELLS: usize = 12;
/// Columns per sideways movement.
const SIDEWAYS: usize = 8;

/// The layout of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One line for each member and item.
    Pretty,
    /// As received.
    Raw,
}

/// A text with a cursor, folds and a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    text: Arc<str>,
    /// Whether the text is JSON, in either layout.
    is_json: bool,
    outline: Outline,
    layout: Layout,
    overflow: Overflow,
    cells: usize,
    height: usize,
    folded: BTreeSet<usize>,
    cursor: CursorPosition,
    top: CursorPosition,
    search: Search,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new("".into())
    }
}

impl Reader {
    /// Returns a reader that shows JSON in `Pretty` layout and other text in `Raw` layout.
    pub fn new(text: Arc<str>) -> Self {
        let is_json = outline::is_json(&text);
        let outline = if is_json { Outline::from_json(&text) } else { Outline::from_text(&text) };
        let layout = if outline.is_json() { Layout::Pretty } else { Layout::Raw };
        let mut reader = Self {
            text,
            is_json,
            outline,
            layout,
            overflow: Overflow::Wrapped,
            cells: FEWEST_CELLS,
            height: 1,
            folded: BTreeSet::new(),
            cursor: CursorPosition::default(),
            top: CursorPosition::default(),
            search: Search::default(),
        };
        reader.go(Step::First);
        reader
    }

    /// Returns the text as received.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Returns whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.outline.len() == 0
    }

    /// Returns whether the text is JSON, in either layout.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Returns the layout.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Returns how long lines are handled.
    pub fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// Returns the search.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Returns the first visible line and the number of lines, for a scroll bar.
    pub fn scroll_position(&self) -> (usize, usize) {
        // A wrapped line counts as one, since counting all rows is expensive.
        let rows = self.rows().len();
        let is_whole = rows < self.height || self.next(self.bottom()).is_none() && self.top == self.first();
        (self.top.line, if is_whole { 0 } else { self.outline.len().max(self.height + 1) })
    }

    /// Counts the rows of the text, up to a number.
    pub fn count_rows(&self, most: usize) -> usize {
        let first = (!self.is_empty()).then(|| self.first());
        std::iter::successors(first, |at| self.next(*at)).take(most).count()
    }

    /// Returns the visible rows, each with whether it has the cursor.
    pub fn rows(&self) -> Vec<(Row, bool)> {
        let mut rows = Vec::with_capacity(self.height);
        let mut place = (!self.is_empty()).then_some(self.top);
        while let Some(at) = place.filter(|_| rows.len() < self.height) {
            let row = self.row(at);
            let next = self.after(at, &row);
            let has_cursor = at <= self.cursor && next.is_none_or(|next| self.cursor < next);
            rows.push((row, has_cursor));
            place = next;
        }
        rows
    }

    /// Returns the value under the cursor as received; in other text than JSON, the line.
    pub fn value(&self) -> &str {
        let line = self.cursor.line;
        if !self.outline.is_json() {
            return self.text[self.outline.range(line, &self.text)].trim_end_matches(['\n', '\r']);
        }
        let opening = self.outline.get(line).map_or(line, |found| (found.pair as usize).min(line));
        &self.text[self.row_layout().value(opening)]
    }

    /// Returns the path of the cursor's line; `None` unless the text is JSON.
    pub fn path(&self) -> Option<String> {
        let has_paths = self.outline.is_json() && !self.is_empty();
        has_paths.then(|| path::of_line(&self.outline, &self.text, self.cursor.line))
    }

    /// Sets the size of the pane, in cells and rows.
    pub fn fit(&mut self, cells: usize, height: usize) {
        let (cells, height) = (cells.max(FEWEST_CELLS), height.max(1));
        if (cells, height) == (self.cells, self.height) {
            return;
        }
        (self.cells, self.height) = (cells, height);
        self.cursor = self.containing(self.cursor);
        self.top = self.containing(self.top);
        self.reveal();
    }

    /// Moves the cursor and scrolls to it.
    pub fn go(&mut self, step: Step) {
        self.search.clear_current();
        match step {
            Step::First => self.cursor = self.first(),
            Step::Last => self.cursor = self.last(),
            Step::By(_) | Step::Pages(_) => {
                let by = step.lines(self.height);
                for _ in 0..by.unsigned_abs() {
                    let (cursor, top) = if by > 0 {
                        (self.next(self.cursor), self.next(self.top))
                    } else {
                        (self.previous(self.cursor), self.previous(self.top))
                    };
                    let Some(cursor) = cursor else { break };
                    self.cursor = cursor;
                    if let (Step::Pages(_), Some(top)) = (step, top) {
                        self.top = top;
                    }
                }
            }
        }
        self.reveal();
    }

    /// Folds or unfolds the object or array under the cursor, or else the innermost one around it.
    pub fn toggle_fold(&mut self) {
        let line = self.cursor.line;
        let opening = if self.outline.opens(line) { Some(line) } else { self.outline.ancestors(line).next() };
        let Some(opening) = opening.filter(|_| self.outline.is_json()) else { return };
        if !self.folded.remove(&opening) {
            self.folded.insert(opening);
        }
        self.move_cursor(opening);
    }

    /// Folds everything below the outermost level.
    pub fn fold_all(&mut self) {
        let outermost = |line: usize| self.outline.get(line).is_some_and(|line| line.depth == 0);
        self.folded = (0..self.outline.len()).filter(|line| self.outline.opens(*line) && !outermost(*line)).collect();
        let line = self.visible_line(self.cursor.line);
        self.move_cursor(line);
    }

    /// Unfolds everything.
    pub fn unfold_all(&mut self) {
        self.folded.clear();
        self.reveal_after_folding();
    }

    /// Switches between the layouts.
    pub fn toggle_raw(&mut self) {
        let at = self.cursor.at;
        match self.layout {
            Layout::Pretty => {
                (self.outline, self.layout) = (Outline::from_text(&self.text), Layout::Raw);
            }
            Layout::Raw if self.is_json => {
                (self.outline, self.layout) = (Outline::from_json(&self.text), Layout::Pretty);
            }
            Layout::Raw => return,
        }
        self.folded.clear();
        self.show(at);
    }

    /// Switches between wrapping and cutting long lines.
    pub fn toggle_wrap(&mut self) {
        self.overflow = match self.overflow {
            Overflow::Wrapped => Overflow::Cut(0),
            Overflow::Cut(_) => Overflow::Wrapped,
        };
        self.show(self.cursor.at);
    }

    /// Scrolls sideways and returns `true` if long lines are cut.
    pub fn go_sideways(&mut self, is_right: bool) -> bool {
        let Overflow::Cut(left) = self.overflow else { return false };
        let left = if is_right { left + SIDEWAYS } else { left.saturating_sub(SIDEWAYS) };
        self.overflow = Overflow::Cut(left);
        true
    }

    /// Searches and moves to the first match at or after the cursor.
    pub fn find(&mut self, needle: &str) {
        self.search = Search::new(&self.text, needle);
        self.find_next(true);
    }

    /// Moves to the next or previous match; returns `false` if there is none.
    pub fn find_next(&mut self, forwards: bool) -> bool {
        let Some(at) = self.search.step(self.cursor.at, forwards) else { return false };
        self.show(at);
        true
    }

    /// Moves to the line of a path, or of its longest existing prefix.
    pub fn go_to_path(&mut self, path: &str) -> Result<(), PathError> {
        if self.layout == Layout::Raw && self.is_json {
            self.toggle_raw();
        }
        if !self.outline.is_json() {
            return Err(PathError::Unreadable(path.to_owned()));
        }
        self.search.clear_current();
        let (line, result) = path::line_of(&self.outline, &self.text, path);
        let at = self.outline.range(line, &self.text).start;
        self.show(at);
        result
    }

    /// Moves the cursor to the row with this byte and unfolds everything around it.
    fn show(&mut self, at: usize) {
        let line = self.outline.line_at(at);
        let around: Vec<usize> = self.outline.ancestors(line).collect();
        self.folded.retain(|folded| !around.contains(folded));
        self.cursor = self.containing(CursorPosition { line, at });
        self.reveal_after_folding();
    }

    fn move_cursor(&mut self, line: usize) {
        self.cursor = self.start(line);
        self.reveal_after_folding();
    }

    /// Scrolls to the cursor after the first visible row may have been folded away.
    fn reveal_after_folding(&mut self) {
        self.top = self.containing(self.top);
        self.reveal();
    }
}

#[cfg(test)]
mod tests;

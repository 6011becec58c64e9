//! Reading a text in a pane: input, output, cause. JSON is laid out with a line for each member, which can
//! be folded, searched and pointed at by its path; any other text as it came. The text itself is never
//! changed, and only the rows in sight are made, so its size does not matter.

pub mod compare;
pub mod comparison;
mod cursor;
pub mod definition;
mod differences;
pub mod document;
mod fill;
mod find;
mod outline;
mod path;
pub mod payloads;
mod rows;
pub mod search;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::shell::pane::Step;
use cursor::CursorPosition;
use find::Search;
use outline::Outline;

pub use differences::{Compared, Difference, differences};
pub use find::contains;
pub use path::PathError;
pub use rows::{Overflow, Row, Span};

/// The fewest cells that a row has.
const FEWEST_CELLS: usize = 12;
/// Cells that one key goes to the side.
const SIDEWAYS: usize = 8;

/// How the text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A line for each member and item.
    Pretty,
    /// As it was received.
    Raw,
}

/// A text that is being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    text: Arc<str>,
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
    /// A text, laid out as JSON if it is JSON.
    pub fn new(text: Arc<str>) -> Self {
        let outline = if outline::is_json(&text) { Outline::of_json(&text) } else { Outline::of_text(&text) };
        let layout = if outline.is_json() { Layout::Pretty } else { Layout::Raw };
        let mut reader = Self {
            text,
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

    /// The text as it was received.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.outline.len() == 0
    }

    /// How the text is laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// What becomes of long lines.
    pub fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// What is searched for.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// The line at the top of the pane, and how many there are: for a scroll bar.
    pub fn scrolled(&self) -> (usize, usize) {
        // A line that wraps counts for its rows as far as they can be counted cheaply.
        let rows = self.rows().len();
        let is_whole = rows < self.height || self.next(self.bottom()).is_none() && self.top == self.first();
        (self.top.line, if is_whole { 0 } else { self.outline.len().max(self.height + 1) })
    }

    /// The rows in sight, and whether the cursor is in each.
    pub fn rows(&self) -> Vec<(Row, bool)> {
        let mut rows = Vec::with_capacity(self.height);
        let mut place = (!self.is_empty()).then_some(self.top);
        while let Some(at) = place.filter(|_| rows.len() < self.height) {
            let row = self.row(at);
            let next = self.behind(at, &row);
            let has_cursor = at <= self.cursor && next.is_none_or(|next| self.cursor < next);
            rows.push((row, has_cursor));
            place = next;
        }
        rows
    }

    /// The value that the cursor is on, as it was received; of what is not JSON the line.
    pub fn value(&self) -> &str {
        let line = self.cursor.line;
        if !self.outline.is_json() {
            return self.text[self.outline.range(line, &self.text)].trim_end_matches(['\n', '\r']);
        }
        let opening = self.outline.get(line).map_or(line, |found| (found.pair as usize).min(line));
        &self.text[self.sheet().value(opening)]
    }

    /// The path of the line with the cursor; `None` for what is not JSON.
    pub fn path(&self) -> Option<String> {
        let is_laid_out = self.outline.is_json() && !self.is_empty();
        is_laid_out.then(|| path::of_line(&self.outline, &self.text, self.cursor.line))
    }

    /// Takes the size of the pane, in cells and rows.
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

    /// Moves the cursor; what is in sight follows.
    pub fn go(&mut self, step: Step) {
        self.search.leave();
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

    /// Folds what the cursor is on, or opens it again; on a line inside, what it is in.
    pub fn toggle_fold(&mut self) {
        let line = self.cursor.line;
        let opening = if self.outline.opens(line) { Some(line) } else { self.outline.ancestors(line).next() };
        let Some(opening) = opening.filter(|_| self.outline.is_json()) else { return };
        if !self.folded.remove(&opening) {
            self.folded.insert(opening);
        }
        self.put_cursor(opening);
    }

    /// Folds everything below the outermost level.
    pub fn fold_all(&mut self) {
        let outermost = |line: usize| self.outline.get(line).is_some_and(|line| line.depth == 0);
        self.folded = (0..self.outline.len()).filter(|line| self.outline.opens(*line) && !outermost(*line)).collect();
        let shown = self.shown(self.cursor.line);
        self.put_cursor(shown);
    }

    /// Opens everything.
    pub fn unfold_all(&mut self) {
        self.folded.clear();
        self.reveal_after_folding();
    }

    /// Lays the text out, or shows it as it was received.
    pub fn toggle_raw(&mut self) {
        let at = self.cursor.at;
        match self.layout {
            Layout::Pretty => {
                (self.outline, self.layout) = (Outline::of_text(&self.text), Layout::Raw);
            }
            Layout::Raw if outline::is_json(&self.text) => {
                (self.outline, self.layout) = (Outline::of_json(&self.text), Layout::Pretty);
            }
            Layout::Raw => return,
        }
        self.folded.clear();
        self.look_at(at);
    }

    /// Wraps long lines, or cuts them.
    pub fn toggle_wrap(&mut self) {
        self.overflow = match self.overflow {
            Overflow::Wrapped => Overflow::Cut(0),
            Overflow::Cut(_) => Overflow::Wrapped,
        };
        self.look_at(self.cursor.at);
    }

    /// Goes to the side, where long lines are cut; whether they are.
    pub fn go_sideways(&mut self, is_right: bool) -> bool {
        let Overflow::Cut(left) = self.overflow else { return false };
        let left = if is_right { left + SIDEWAYS } else { left.saturating_sub(SIDEWAYS) };
        self.overflow = Overflow::Cut(left);
        true
    }

    /// Searches, and goes to the first place at or behind the cursor.
    pub fn find(&mut self, needle: &str) {
        self.search = Search::new(&self.text, needle);
        self.find_next(true);
    }

    /// Goes to the next place or the one before; `false` when there is none.
    pub fn find_next(&mut self, forwards: bool) -> bool {
        let Some(at) = self.search.step(self.cursor.at, forwards) else { return false };
        self.look_at(at);
        true
    }

    /// Goes where a path leads, or as far as it does.
    pub fn go_to_path(&mut self, path: &str) -> Result<(), PathError> {
        if self.layout == Layout::Raw && outline::is_json(&self.text) {
            self.toggle_raw();
        }
        if !self.outline.is_json() {
            return Err(PathError::Unreadable(path.to_owned()));
        }
        self.search.leave();
        let (line, result) = path::line_of(&self.outline, &self.text, path);
        let at = self.outline.range(line, &self.text).start;
        self.look_at(at);
        result
    }

    /// Puts the cursor on the row with this byte, out of every fold.
    fn look_at(&mut self, at: usize) {
        let line = self.outline.line_of(at);
        let around: Vec<usize> = self.outline.ancestors(line).collect();
        self.folded.retain(|folded| !around.contains(folded));
        self.cursor = self.containing(CursorPosition { line, at });
        self.reveal_after_folding();
    }

    fn put_cursor(&mut self, line: usize) {
        self.cursor = self.start(line);
        self.reveal_after_folding();
    }

    /// What stood at the top may be folded away now, or have less rows.
    fn reveal_after_folding(&mut self) {
        self.top = self.containing(self.top);
        self.reveal();
    }
}

/// Whether a text is JSON: one value, or several with white space between them. Walks the text without
/// recursion, and takes numbers of any size.
#[cfg(test)]
mod tests;

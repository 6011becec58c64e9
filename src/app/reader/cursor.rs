//! Moving between rows, over folded lines, and keeping the cursor visible.

use crate::app::reader::Reader;
use crate::app::reader::rows::{Row, RowLayout};

/// A row of the text: its line and its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::app) struct CursorPosition {
    pub(in crate::app) line: usize,
    pub(in crate::app) at: usize,
}

impl Reader {
    pub(in crate::app) fn row_layout(&self) -> RowLayout<'_> {
        RowLayout {
            text: &self.text,
            outline: &self.outline,
            cells: self.cells,
            overflow: self.overflow,
            matches: self.search.matches(),
        }
    }

    /// Returns the number of members or items folded into a line.
    fn hidden_count(&self, line: usize) -> Option<usize> {
        self.folded.contains(&line).then(|| self.outline.children(line).count())
    }

    pub(in crate::app) fn row(&self, place: CursorPosition) -> Row {
        self.row_layout().row(place.line, place.at, self.hidden_count(place.line))
    }

    pub(in crate::app) fn start(&self, line: usize) -> CursorPosition {
        CursorPosition { line, at: self.outline.range(line, &self.text).start }
    }

    pub(in crate::app) fn first(&self) -> CursorPosition {
        self.start(0)
    }

    pub(in crate::app) fn last(&self) -> CursorPosition {
        let line = self.visible_line(self.outline.len().saturating_sub(1));
        CursorPosition { line, at: self.row_layout().last_row(line, self.hidden_count(line)) }
    }

    pub(in crate::app) fn bottom(&self) -> CursorPosition {
        std::iter::successors(Some(self.top), |place| self.next(*place)).take(self.height).last().unwrap_or(self.top)
    }

    pub(in crate::app) fn next(&self, place: CursorPosition) -> Option<CursorPosition> {
        self.after(place, &self.row(place))
    }

    /// Returns the position after a row.
    pub(in crate::app) fn after(&self, place: CursorPosition, row: &Row) -> Option<CursorPosition> {
        if let Some(at) = row.next {
            return Some(CursorPosition { at, ..place });
        }
        let pair = || self.outline.get(place.line).map_or(place.line, |line| line.pair as usize);
        let next = if self.folded.contains(&place.line) { pair() + 1 } else { place.line + 1 };
        (next < self.outline.len()).then(|| self.start(next))
    }

    pub(in crate::app) fn previous(&self, place: CursorPosition) -> Option<CursorPosition> {
        if let Some(at) = self.row_layout().row_before(place.line, place.at, self.hidden_count(place.line)) {
            return Some(CursorPosition { at, ..place });
        }
        let line = self.visible_line(place.line.checked_sub(1)?);
        Some(CursorPosition { line, at: self.row_layout().last_row(line, self.hidden_count(line)) })
    }

    /// Returns the visible line that contains a line: the outermost fold around it, or the line itself.
    pub(in crate::app) fn visible_line(&self, line: usize) -> usize {
        if self.folded.is_empty() {
            return line;
        }
        let opening = self.outline.get(line).map_or(line, |found| (found.pair as usize).min(line));
        let around = std::iter::once(opening).chain(self.outline.ancestors(line));
        around.filter(|around| self.folded.contains(around)).last().unwrap_or(line)
    }

    /// Returns the row that contains a byte of a line.
    pub(in crate::app) fn containing(&self, place: CursorPosition) -> CursorPosition {
        let line = self.visible_line(place.line);
        if line != place.line {
            return self.start(line);
        }
        let at = self.row_layout().row_before(line, place.at + 1, self.hidden_count(line));
        at.map_or(self.start(line), |at| CursorPosition { line, at })
    }

    /// Scrolls as little as needed to make the cursor visible, and no further than the last line.
    pub(in crate::app) fn reveal(&mut self) {
        if self.is_empty() {
            return;
        }
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.next(self.bottom()).is_some_and(|below| self.cursor >= below) {
            self.top = self.above(self.cursor, self.height - 1);
        }
        // If the text ends above the bottom of the pane, show more of it.
        let rows = std::iter::successors(Some(self.top), |place| self.next(*place)).take(self.height).count();
        if rows < self.height {
            self.top = self.above(self.top, self.height - rows);
        }
    }

    /// Moves the cursor to the row at this offset from the top.
    pub(in crate::app) fn click(&mut self, row: usize) {
        let rows = std::iter::successors(Some(self.top), |place| self.next(*place));
        if let Some(place) = rows.take(self.height).nth(row) {
            self.cursor = place;
            self.search.clear_current();
        }
    }

    fn above(&self, place: CursorPosition, rows: usize) -> CursorPosition {
        std::iter::successors(Some(place), |at| self.previous(*at)).take(rows + 1).last().unwrap_or(place)
    }
}

//! The rows of a text on the screen: wrapped between grapheme clusters, and scrolled to the cursor. Found from the first
//! visible row, so that their cost depends only on what is visible.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::app::keys::editor::bounds::{line_start, snap};
use crate::format::text::{visible, width};

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its range in the text.
    pub range: Range<usize>,
    /// Whether the line ends with it.
    pub ends_line: bool,
}

/// The size of a field of many lines, and the start of its first visible row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    pub(super) cells: usize,
    pub(super) height: usize,
    pub(super) top: usize,
}

impl Default for View {
    fn default() -> Self {
        Self { cells: 80, height: 24, top: 0 }
    }
}

/// Returns a cluster as drawn: tabs are two spaces, and nothing is invisible.
pub(crate) fn drawn(cluster: &str) -> Cow<'_, str> {
    if cluster == "\t" { Cow::Borrowed("  ") } else { visible(cluster) }
}

/// Returns a text as drawn.
pub(crate) fn drawn_text(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_plain_byte) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.graphemes(true).map(drawn).collect())
    }
}

/// Returns the width of a text as drawn.
pub(crate) fn drawn_width(text: &str) -> usize {
    if text.bytes().all(is_plain_byte) {
        text.len()
    } else {
        text.graphemes(true).map(|cluster| width(&drawn(cluster))).sum()
    }
}

/// Returns whether a byte is a character of one cell.
fn is_plain_byte(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

impl Row {
    /// Returns whether an offset is drawn in this row.
    pub(crate) fn has(&self, offset: usize) -> bool {
        self.range.contains(&offset) || self.ends_line && offset == self.range.end
    }
}

impl View {
    /// Returns the row that begins at an offset.
    pub(super) fn row(self, text: &str, from: usize) -> Row {
        // Most text is ASCII. One more byte is examined, since a combining mark may follow.
        let head = &text.as_bytes()[from..text.len().min(from + self.cells + 1)];
        let plain = head.iter().take_while(|byte| is_plain_byte(**byte)).count();
        if plain == head.len() {
            return Row { range: from..from + plain.min(self.cells), ends_line: plain <= self.cells };
        }
        if head[plain] == b'\n' {
            return Row { range: from..from + plain, ends_line: true };
        }
        let mut used = 0;
        for (at, cluster) in text[from..].grapheme_indices(true) {
            if cluster == "\n" {
                return Row { range: from..from + at, ends_line: true };
            }
            used += width(&drawn(cluster));
            if used > self.cells && at > 0 {
                return Row { range: from..from + at, ends_line: false };
            }
        }
        Row { range: from..text.len(), ends_line: true }
    }

    /// Returns the start of the row after a row.
    pub(super) fn after(text: &str, row: &Row) -> Option<usize> {
        if row.ends_line { (row.range.end < text.len()).then_some(row.range.end + 1) } else { Some(row.range.end) }
    }

    /// Returns the start of the row with an offset.
    pub(super) fn row_start(self, text: &str, at: usize) -> usize {
        self.row_start_from(text, line_start(text, at), at)
    }

    /// Returns the start of the row with an offset, given the start of an earlier row of its line.
    fn row_start_from(self, text: &str, mut start: usize, at: usize) -> usize {
        loop {
            let row = self.row(text, start);
            if row.ends_line || at < row.range.end {
                return start;
            }
            start = row.range.end;
        }
    }

    /// Returns the start of the row that is `by` rows below the row that begins at `start`, or the last one.
    pub(super) fn below(self, text: &str, mut start: usize, by: usize) -> usize {
        for _ in 0..by {
            let Some(next) = Self::after(text, &self.row(text, start)) else { break };
            start = next;
        }
        start
    }

    /// Returns the start of the row that is `by` rows above the row that begins at `start`, or the first one.
    pub(super) fn above(self, text: &str, mut start: usize, mut by: usize) -> usize {
        loop {
            let line = line_start(text, start);
            let mut starts = vec![line];
            while let Some(last) = starts.last().filter(|last| **last < start) {
                starts.push(self.row(text, *last).range.end);
            }
            let index = starts.len() - 1;
            if by <= index {
                return starts[index - by];
            }
            if line == 0 {
                return 0;
            }
            by -= index + 1;
            start = self.row_start(text, line - 1);
        }
    }

    /// Scrolls to the cursor. `changed` is the start of a change: rows that end before its cluster are where they were.
    pub(super) fn reveal(&mut self, text: &str, cursor: usize, changed: usize) {
        // The cluster at the top may have merged with what is now behind it, and fit into the row above.
        let changes_top =
            |top: usize| text[top..].graphemes(true).next().is_none_or(|first| top + first.len() >= changed);
        if self.top >= changed.min(text.len()) || changes_top(self.top) {
            self.top = self.row_start(text, snap(text, self.top));
        }
        let view = *self;
        let mut rows = view.rows(text);
        if !rows.iter().any(|row| row.has(cursor)) {
            let row = view.row_start(text, cursor);
            self.top = if cursor < view.top { row } else { view.above(text, row, view.height.saturating_sub(1)) };
            rows = self.rows(text);
        }
        // Nothing is hidden above while there is room below.
        if let Some(last) = rows.last().filter(|_| rows.len() < view.height && self.top > 0) {
            self.top = view.above(text, last.range.start, view.height.saturating_sub(1));
        }
    }

    /// Returns the visible rows.
    pub(super) fn rows(self, text: &str) -> Vec<Row> {
        let first = self.row(text, self.top);
        let next = |row: &Row| Self::after(text, row).map(|start| self.row(text, start));
        std::iter::successors(Some(first), next).take(self.height).collect()
    }
}

/// Returns the offset in a row that is this many cells from its start, or the last one that belongs to the row.
pub(super) fn offset_in(text: &str, row: &Row, cells: usize) -> usize {
    let mut used = 0;
    let mut last = row.range.start;
    for (at, cluster) in text[row.range.clone()].grapheme_indices(true) {
        last = row.range.start + at;
        used += width(&drawn(cluster));
        if used > cells {
            return last;
        }
    }
    if row.ends_line { row.range.end } else { last }
}

//! The text field of every prompt and form: readline's keys, undo, and a cursor that never stands inside a character.

mod bounds;
mod commands;
mod completion;
mod edits;
mod line_breaks;
mod recall;
mod rows;

use std::ops::Range;

use crate::app::keys::key::Key;
use commands::Command;
use edits::{Edit, Edits};
use line_breaks::{flattened, with_line_feeds};
use recall::Recall;
use rows::{View, offset_in};

pub(crate) use bounds::snap;
pub(crate) use commands::{editing_keys, edits};
pub(crate) use completion::{Candidates, Completion};
pub(crate) use rows::{Row, drawn, drawn_text, drawn_width};

/// Limit for a field of one line, in bytes. The longest one, the cause of a stop, has 32,768 characters.
const MOST_OF_ONE: usize = 131_072;
/// Limit for a field of many lines. Four times what Step Functions accepts, so that its size can be shown as an error.
const MOST_OF_MANY: usize = 1_048_576;

/// Whether a field has one line or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Line breaks become spaces.
    One,
    /// Line breaks stay.
    Many,
}

/// What the last key did, if the next one may continue it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// It inserted a character: undone together with the next one.
    Typed,
    /// It removed text for Ctrl-Y: the next removal is added.
    Killed,
    /// It moved between rows, from this column.
    Rows(usize),
    Other,
}

/// A text field.
#[derive(Debug, Clone)]
pub struct Editor {
    text: String,
    /// Always at the boundary of a cluster.
    cursor: usize,
    lines: Lines,
    /// What Ctrl-Y inserts.
    killed: String,
    last: Last,
    edits: Edits,
    /// Counts the changes of the text.
    revision: u64,
    view: View,
    recall: Recall,
    completion: Option<Completion>,
}

impl Editor {
    /// Returns a field with a text, and the cursor at its end (one line) or start (many).
    pub fn new(text: &str, lines: Lines) -> Self {
        let text = match lines {
            Lines::One => flattened(text).into_owned(),
            Lines::Many => with_line_feeds(text.strip_suffix('\n').unwrap_or(text)).into_owned(),
        };
        let cursor = if lines == Lines::One { text.len() } else { 0 };
        Self {
            text,
            cursor,
            lines,
            killed: String::new(),
            last: Last::Other,
            edits: Edits::default(),
            revision: 0,
            view: View::default(),
            recall: Recall::default(),
            completion: None,
        }
    }

    /// Returns a field of one line with the cursor at an offset, or at the end of the cluster around it.
    #[cfg(test)]
    pub(crate) fn with_cursor(text: &str, at: usize) -> Self {
        let mut editor = Self::new(text, Lines::One);
        editor.go(at);
        editor
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the number of changes so far.
    pub(in crate::app) fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns the offset of the cursor in the text.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Returns the line and column of the cursor, from 1.
    pub fn cursor_position(&self) -> (usize, usize) {
        let before = &self.text[..self.cursor];
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count();
        let column = before[bounds::line_start(before, before.len())..].chars().count();
        (line + 1, column + 1)
    }

    /// Returns the visible rows of a field of many lines.
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.view.rows(&self.text)
    }

    /// Returns the start of the first visible row.
    pub(crate) fn top(&self) -> usize {
        self.view.top
    }

    /// Sets the size of a field of many lines.
    pub(in crate::app) fn fit(&mut self, cells: usize, height: usize) {
        let view = View { cells: cells.max(1), height: height.max(1), ..self.view };
        if view != self.view {
            self.view = view;
            self.view.reveal(&self.text, self.cursor, 0);
        }
    }

    /// Handles a key that types, moves or deletes.
    pub(in crate::app) fn press(&mut self, key: Key) {
        self.completion = None;
        let Some(command) = commands::of_key(key, self.lines == Lines::Many) else { return };
        let last = std::mem::replace(&mut self.last, Last::Other);
        let (text, at) = (&self.text, self.cursor);
        match command {
            Command::Insert(c) => {
                self.insert_text(c.encode_utf8(&mut [0; 4]), last == Last::Typed);
                self.last = Last::Typed;
            }
            Command::Break => self.insert_text("\n", false),
            Command::Left => self.go(bounds::previous(text, at)),
            Command::Right => self.go(bounds::next(text, at)),
            Command::WordLeft => self.go(bounds::word_left(text, at)),
            Command::WordRight => self.go(bounds::word_right(text, at)),
            Command::LineStart => self.go(bounds::line_start(text, at)),
            Command::LineEnd => self.go(bounds::line_end(text, at)),
            Command::Top => self.go(0),
            Command::Bottom => self.go(text.len()),
            Command::DeleteLeft => self.change(bounds::previous(text, at)..at, "", false),
            Command::DeleteRight => self.change(at..bounds::next(text, at), "", false),
            Command::KillToStart => self.kill(bounds::line_start(text, at)..at, last),
            Command::KillToEnd => {
                let end = bounds::line_end(text, at);
                // At the end of a line, the next one is joined.
                let end = if end == at { bounds::next(text, at) } else { end };
                self.kill(at..end, last);
            }
            Command::KillBlankWord => self.kill(bounds::blank_word_left(text, at)..at, last),
            Command::KillWordLeft => self.kill(bounds::word_left(text, at)..at, last),
            Command::KillWordRight => self.kill(at..bounds::word_right(text, at), last),
            Command::Yank => {
                let killed = std::mem::take(&mut self.killed);
                self.insert_text(&killed, false);
                self.killed = killed;
            }
            Command::Undo => self.undo(),
            Command::Up => self.go_rows(-1, last),
            Command::Down => self.go_rows(1, last),
            Command::PageUp => self.go_rows(-self.page(), last),
            Command::PageDown => self.go_rows(self.page(), last),
        }
    }

    /// Inserts typed text as one undo step.
    pub(in crate::app) fn insert(&mut self, text: &str) {
        self.last = Last::Other;
        self.completion = None;
        let text = match self.lines {
            Lines::Many => with_line_feeds(text),
            Lines::One => flattened(text),
        };
        self.insert_text(&text, false);
    }

    /// Replaces a part of the text, which a completion has found.
    pub(in crate::app) fn replace_range(&mut self, range: Range<usize>, new: &str) {
        self.last = Last::Other;
        self.change(range, new, false);
    }

    /// Replaces the whole text. Undo restores it.
    pub(in crate::app) fn replace(&mut self, text: &str) {
        let new = Self::new(text, self.lines).text;
        self.last = Last::Other;
        self.completion = None;
        self.change(0..self.text.len(), &new, false);
        self.go(if self.lines == Lines::One { self.text.len() } else { 0 });
    }

    /// Moves the cursor to an offset, or to the end of the cluster around it.
    pub(in crate::app) fn go(&mut self, at: usize) {
        self.cursor = bounds::snap(&self.text, at);
        self.reveal(self.text.len() + 1);
    }

    /// Undoes the last step.
    pub(in crate::app) fn undo(&mut self) {
        self.last = Last::Other;
        if let Some(cursor) = self.edits.undo(&mut self.text) {
            self.on_restored(cursor);
        }
    }

    /// Redoes the last undone step.
    pub(in crate::app) fn redo(&mut self) {
        self.last = Last::Other;
        if let Some(cursor) = self.edits.redo(&mut self.text) {
            self.on_restored(cursor);
        }
    }

    /// Replaces the line with the previous or next one of a history; returns whether there was one.
    pub(in crate::app) fn recall(&mut self, history: &[String], earlier: bool) -> bool {
        let Some(line) = self.recall.step(history, earlier, &self.text) else { return false };
        self.replace(&line);
        true
    }

    fn on_restored(&mut self, cursor: usize) {
        self.cursor = bounds::snap(&self.text, cursor);
        self.revision += 1;
        self.reveal(0);
    }

    fn page(&self) -> isize {
        isize::try_from(self.view.height.saturating_sub(1).max(1)).unwrap_or(1)
    }

    /// Moves the cursor between rows, in the column where it began.
    fn go_rows(&mut self, by: isize, last: Last) {
        let (view, text, rows) = (self.view, &self.text, self.rows());
        let Some(here) = rows.iter().position(|row| row.has(self.cursor)) else { return };
        let start = rows[here].range.start;
        let column = if let Last::Rows(column) = last { column } else { drawn_width(&text[start..self.cursor]) };
        let target = match here.checked_add_signed(by).and_then(|index| rows.get(index)) {
            Some(row) => row.range.start,
            None if by < 0 => view.above(text, start, by.unsigned_abs()),
            None => view.below(text, start, by.unsigned_abs()),
        };
        self.go(offset_in(text, &view.row(text, target), column));
        self.last = Last::Rows(column);
    }

    /// Removes text and keeps it for Ctrl-Y, together with what the key before removed.
    fn kill(&mut self, range: Range<usize>, last: Last) {
        let removed = self.text[range.clone()].to_owned();
        let is_left = range.start < self.cursor;
        self.killed = match (last, is_left) {
            (Last::Killed, true) => removed + &self.killed,
            (Last::Killed, false) => std::mem::take(&mut self.killed) + &removed,
            _ if removed.is_empty() => std::mem::take(&mut self.killed),
            _ => removed,
        };
        self.change(range, "", false);
        self.last = Last::Killed;
    }

    /// Inserts as much of a text as there is room for.
    fn insert_text(&mut self, text: &str, continues: bool) {
        let most = if self.lines == Lines::One { MOST_OF_ONE } else { MOST_OF_MANY };
        let mut end = most.saturating_sub(self.text.len()).min(text.len());
        if end < text.len() {
            while bounds::snap(text, end) != end {
                end -= 1;
            }
        }
        self.change(self.cursor..self.cursor, &text[..end], continues);
    }

    fn change(&mut self, range: Range<usize>, new: &str, continues: bool) {
        if range.is_empty() && new.is_empty() {
            return;
        }
        let edit = Edit {
            at: range.start,
            removed: self.text[range.clone()].to_owned(),
            inserted: new.to_owned(),
            cursor: self.cursor,
        };
        self.text.replace_range(range.clone(), new);
        self.edits.record(edit, continues);
        self.revision += 1;
        self.cursor = bounds::snap(&self.text, range.start + new.len());
        self.reveal(range.start);
    }

    fn reveal(&mut self, changed: usize) {
        if self.lines == Lines::Many {
            self.view.reveal(&self.text, self.cursor, changed);
        }
    }
}

#[cfg(test)]
mod tests;

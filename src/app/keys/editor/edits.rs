//! Undo and redo: the edits of a text, each with what it removed and inserted.

/// Limit for edits that can be undone.
const MOST_EDITS: usize = 1_000;
/// Limit for their texts together.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A replacement of part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// Its offset.
    pub(super) at: usize,
    /// The text before.
    pub(super) removed: String,
    /// The text afterwards.
    pub(super) inserted: String,
    /// The cursor before.
    pub(super) cursor: usize,
}

impl Edit {
    fn bytes(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }

    /// Returns whether another edit only continues the typing of this one.
    fn is_continued_by(&self, other: &Self) -> bool {
        self.removed.is_empty() && other.removed.is_empty() && self.at + self.inserted.len() == other.at
    }
}

/// The edits that can be undone and redone.
#[derive(Debug, Clone, Default)]
pub(super) struct Edits {
    done: Vec<Edit>,
    undone: Vec<Edit>,
}

impl Edits {
    /// Records an edit. If it `continues` the typing of the last one, both are undone together.
    pub(super) fn record(&mut self, edit: Edit, continues: bool) {
        self.undone.clear();
        match self.done.last_mut().filter(|last| continues && last.is_continued_by(&edit)) {
            Some(last) => last.inserted.push_str(&edit.inserted),
            None => self.done.push(edit),
        }
        let mut bytes: usize = self.done.iter().map(Edit::bytes).sum();
        let mut surplus = 0;
        while self.done.len() - surplus > MOST_EDITS || (bytes > MOST_BYTES && self.done.len() - surplus > 1) {
            bytes -= self.done[surplus].bytes();
            surplus += 1;
        }
        self.done.drain(..surplus);
    }

    /// Restores the text before the last edit, and returns its cursor.
    pub(super) fn undo(&mut self, text: &mut String) -> Option<usize> {
        let edit = self.done.pop()?;
        text.replace_range(edit.at..edit.at + edit.inserted.len(), &edit.removed);
        let cursor = edit.cursor;
        self.undone.push(edit);
        Some(cursor)
    }

    /// Applies the last undone edit again, and returns the end of the inserted text.
    pub(super) fn redo(&mut self, text: &mut String) -> Option<usize> {
        let edit = self.undone.pop()?;
        text.replace_range(edit.at..edit.at + edit.removed.len(), &edit.inserted);
        let cursor = edit.at + edit.inserted.len();
        self.done.push(edit);
        Some(cursor)
    }
}

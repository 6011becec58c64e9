//! One of two compared texts: its values, members and paths.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use crate::app::reader::differences::excerpt::shortened;
use crate::app::reader::outline::Outline;
use crate::app::reader::path;
use crate::app::reader::rows::value_range;

/// Limit for the steps shown of a path.
pub(super) const STEPS: usize = 32;

/// One of the texts.
pub(super) struct Side<'t> {
    text: &'t str,
    outline: Outline,
    /// For each array: the line and index of the last item looked up. Differences are reported in order, so all lookups
    /// together take one pass over the lines.
    last_indices: RefCell<HashMap<usize, (usize, usize)>>,
}

/// A member with its name, or an item without one, and its line.
pub(super) type Child<'t> = (Option<Cow<'t, str>>, usize);

impl<'t> Side<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, outline: Outline::from_json(text), last_indices: RefCell::default() }
    }

    /// Returns whether a line opens an object or array.
    pub(super) fn opens(&self, line: usize) -> bool {
        self.outline.opens(line)
    }

    /// Returns the text of the value that starts on a line.
    pub(super) fn value(&self, line: usize) -> &'t str {
        &self.text[value_range(&self.outline, self.text, line)]
    }

    pub(super) fn shortened_value(&self, line: usize) -> String {
        shortened(self.value(line))
    }

    pub(super) fn path(&self, line: usize) -> String {
        let index = |parent, child| self.index(parent, child);
        shortened(&path::ending_of_line(&self.outline, self.text, line, STEPS, index))
    }

    /// Returns the index of an item in its array.
    fn index(&self, parent: usize, child: usize) -> usize {
        let mut last_indices = self.last_indices.borrow_mut();
        let last = last_indices.get(&parent).copied().filter(|(line, _)| *line <= child);
        let (from, before) = last.unwrap_or((parent + 1, 0));
        let index = before + self.outline.count_siblings(from, child);
        last_indices.insert(parent, (child, index));
        index
    }

    pub(super) fn children(&self, line: usize) -> Vec<Child<'t>> {
        self.outline.children(line).map(|child| (path::name(&self.outline, self.text, child), child)).collect()
    }

    pub(super) fn first_byte(&self, line: usize) -> Option<u8> {
        self.value(line).bytes().next()
    }
}

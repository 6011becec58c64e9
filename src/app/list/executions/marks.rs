//! Marks: the executions for the next stop, redrive or comparison.

use crate::app::list::executions::Executions;
use stepgate_core::domain::ExecutionId;

impl Executions {
    /// Returns the marked executions.
    pub fn marked(&self) -> impl Iterator<Item = ExecutionId> {
        self.marked.iter().copied()
    }

    /// Returns whether an execution is marked.
    pub fn is_marked(&self, id: ExecutionId) -> bool {
        self.marked.contains(&id)
    }

    /// Marks or unmarks the selected execution.
    pub(in crate::app) fn toggle_mark(&mut self) {
        if let Some(id) = self.selected.filter(|id| !self.marked.remove(id)) {
            self.marked.insert(id);
        }
    }

    /// Marks all executions in the list, or removes all marks.
    pub(in crate::app) fn toggle_all_marks(&mut self) {
        if !self.unmark_all() {
            self.marked = (0..self.shown()).filter_map(|place| self.at(place)).map(|row| row.id).collect();
        }
    }

    /// Removes all marks and returns whether there were any.
    pub(in crate::app) fn unmark_all(&mut self) -> bool {
        !std::mem::take(&mut self.marked).is_empty()
    }
}

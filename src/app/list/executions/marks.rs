//! Marks: which executions the next stop, redrive or comparison is about.

use crate::app::list::executions::Executions;
use stepgate_core::domain::ExecutionId;

impl Executions {
    /// Those marked.
    pub fn marked(&self) -> impl Iterator<Item = ExecutionId> {
        self.marked.iter().copied()
    }

    /// Whether one is marked.
    pub fn is_marked(&self, id: ExecutionId) -> bool {
        self.marked.contains(&id)
    }

    /// Marks the selected one, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        if let Some(id) = self.selected.filter(|id| !self.marked.remove(id)) {
            self.marked.insert(id);
        }
    }

    /// Marks all in the list, or takes all marks away.
    pub fn toggle_all_marks(&mut self) {
        if !self.unmark_all() {
            self.marked = (0..self.shown()).filter_map(|place| self.at(place)).map(|row| row.id).collect();
        }
    }

    /// Takes all marks away; whether there were any.
    pub fn unmark_all(&mut self) -> bool {
        !std::mem::take(&mut self.marked).is_empty()
    }
}

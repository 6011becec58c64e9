//! Marks: the executions for the next stop, redrive or comparison.

use std::collections::BTreeSet;

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

    /// Returns how many of these executions are not in the list, because of the filter.
    pub(crate) fn count_hidden(&self, ids: impl IntoIterator<Item = ExecutionId>) -> usize {
        let Some(view) = &self.view else { return 0 };
        let rows = ids.into_iter().filter_map(|id| self.rows.get(id));
        rows.filter(|row| view.index_of(row).is_none()).count()
    }

    /// Marks or unmarks the selected execution.
    pub(in crate::app) fn toggle_mark(&mut self) {
        if let Some(id) = self.selected.filter(|id| !self.marked.remove(id)) {
            self.marked.insert(id);
        }
    }

    /// Marks these executions, as far as they are rows.
    pub(in crate::app) fn mark(&mut self, ids: Vec<ExecutionId>) {
        let rows = ids.into_iter().filter(|id| self.rows.get(*id).is_some());
        self.marked.extend(rows);
    }

    /// Marks all executions in the list; if they are all marked, unmarks them.
    pub(in crate::app) fn toggle_all_marks(&mut self) {
        let shown: BTreeSet<_> = (0..self.shown()).filter_map(|place| self.at(place)).map(|row| row.id).collect();
        if shown.iter().all(|id| self.marked.contains(id)) {
            self.marked.retain(|id| !shown.contains(id));
        } else {
            self.marked.extend(shown);
        }
    }

    /// Removes all marks and returns whether there were any.
    pub(in crate::app) fn unmark_all(&mut self) -> bool {
        !std::mem::take(&mut self.marked).is_empty()
    }
}

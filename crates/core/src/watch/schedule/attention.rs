//! What the user looks at: polled more often, and before the others.

use crate::domain::ExecutionId;
use crate::watch::schedule::Schedule;
use crate::watch::schedule::entry::PollState;

impl Schedule {
    /// Sets the selected execution.
    pub fn select(&mut self, selected: Option<ExecutionId>) {
        let before = std::mem::replace(&mut self.selected, selected);
        for id in [before, selected].into_iter().flatten() {
            self.reconsider(id);
        }
    }

    /// Sets the visible executions.
    pub fn show(&mut self, ids: &[ExecutionId]) {
        let before = std::mem::replace(&mut self.in_sight, ids.iter().copied().collect());
        let changed: Vec<ExecutionId> = self.in_sight.symmetric_difference(&before).copied().collect();
        for id in changed {
            self.reconsider(id);
        }
    }

    /// Sets whether the user looks at all. If not, half of the budget is left to other processes.
    pub fn focus(&mut self, is_looked_at: bool) {
        self.is_looked_at = is_looked_at;
        self.budget.set_eager(is_looked_at);
        if let Some(id) = self.selected {
            self.reconsider(id);
        }
    }

    /// Updates the due time.
    fn reconsider(&mut self, id: ExecutionId) {
        // An execution that failed by itself keeps its pause, visible or not.
        let entry = self.entries.get(&id).filter(|entry| entry.failures == 0 && entry.missing_since.is_none());
        if let Some(PollState::Waiting(due)) = entry.map(|entry| entry.state) {
            self.waiting.remove(&(due, id));
            let due = self.due_after_request(id, due);
            self.wait_until(id, due);
        }
    }
}

//! What the user looks at: asked about more often, and before the others.

use crate::domain::ExecutionId;
use crate::watch::entry::PollState;
use crate::watch::schedule::Schedule;

impl Schedule {
    /// Says which execution the user looks at.
    pub fn select(&mut self, selected: Option<ExecutionId>) {
        let before = std::mem::replace(&mut self.selected, selected);
        for id in [before, selected].into_iter().flatten() {
            self.reconsider(id);
        }
    }

    /// Says which executions the user sees.
    pub fn show(&mut self, ids: &[ExecutionId]) {
        let before = std::mem::replace(&mut self.in_sight, ids.iter().copied().collect());
        let changed: Vec<ExecutionId> = self.in_sight.symmetric_difference(&before).copied().collect();
        for id in changed {
            self.reconsider(id);
        }
    }

    /// Says whether the user looks at all. If not, half of the budget is left to others.
    pub fn focus(&mut self, is_looked_at: bool) {
        self.is_looked_at = is_looked_at;
        self.budget.be_eager(is_looked_at);
        if let Some(id) = self.selected {
            self.reconsider(id);
        }
    }

    /// When it is due has changed.
    fn reconsider(&mut self, id: ExecutionId) {
        // What failed by itself keeps its pause, looked at or not.
        let entry = self.entries.get(&id).filter(|entry| entry.failures == 0 && entry.missing_since.is_none());
        if let Some(PollState::Waiting(due)) = entry.map(|entry| entry.turn) {
            self.waiting.remove(&(due, id));
            let due = self.due_after_question(id, due);
            self.wait_until(id, due);
        }
    }
}

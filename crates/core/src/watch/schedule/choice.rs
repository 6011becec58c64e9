//! Which of the due executions goes first.

use std::time::Instant;

use crate::domain::ExecutionId;
use crate::watch::schedule::due_executions::{Class, Policy};
use crate::watch::schedule::entry::PollState;
use crate::watch::schedule::{Schedule, TURNS};

/// A visible end counts this many times as much as another one. Few rows are visible, so all are compared.
const IN_SIGHT: f64 = 4.0;

impl Schedule {
    /// Returns the execution to poll, and what the request is worth.
    pub(super) fn first_ready(&self, now: Instant) -> Option<(ExecutionId, f64)> {
        if let Some(probe) = self.outage_probe() {
            return Some((probe, f64::INFINITY));
        }
        let is_ready = |id: &ExecutionId| self.entries.get(id).is_some_and(|entry| entry.state == PollState::Ready);
        // A probe in an outage should be one that has had a response: an execution that fails by itself would look like
        // a failing endpoint.
        let selected = self.selected.filter(|id| self.outage.is_none() && is_ready(id));
        let in_turn = self.outage.is_some() || self.policy == Policy::InTurn || self.turn.is_multiple_of(TURNS);
        let certain = |id| (id, f64::INFINITY);
        match selected.map(certain) {
            None if in_turn => self.ready.first_in_turn().map(certain),
            None => self.ready.first_missing().map(certain).or_else(|| self.most_worth(now)),
            selected => selected,
        }
    }

    /// Returns the execution with the longest expected unseen time since its end.
    fn most_worth(&self, now: Instant) -> Option<(ExecutionId, f64)> {
        let worth = |(class, ran_at, id): (Class, Instant, ExecutionId)| {
            let began = self.entries.get(&id).map_or(ran_at, |entry| entry.began);
            let age = |moment: Instant| moment.saturating_duration_since(began);
            (id, self.machines.worth(class.machine, age(ran_at), age(now)))
        };
        let seen = self.in_sight.iter().filter_map(|id| {
            let entry = self.entries.get(id).filter(|entry| entry.state == PollState::Ready)?;
            let (id, own) = worth((entry.due_state().class, entry.ran_at, *id));
            Some((id, own * IN_SIGHT))
        });
        self.ready.firsts().map(worth).chain(seen).max_by(|one, other| one.1.total_cmp(&other.1))
    }
}

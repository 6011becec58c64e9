//! Who of those that are due goes first.

use std::time::Instant;

use crate::domain::ExecutionId;
use crate::watch::entry::PollState;
use crate::watch::ready::{Class, Policy};
use crate::watch::schedule::{Schedule, TURNS};

/// An end that is seen counts as many times as one that is not. Rows in sight are few, so each is looked at.
const IN_SIGHT: f64 = 4.0;

impl Schedule {
    /// Whom to ask, and what the question is worth.
    pub(super) fn first_ready(&self, now: Instant) -> Option<(ExecutionId, f64)> {
        if let Some(probe) = self.outage_probe() {
            return Some((probe, f64::INFINITY));
        }
        let is_ready = |id: &ExecutionId| self.entries.get(id).is_some_and(|entry| entry.turn == PollState::Ready);
        // Without one that was answered before, what goes ahead in an outage must not always be the same: its own
        // fault would look like the endpoint's.
        let selected = self.selected.filter(|id| self.outage.is_none() && is_ready(id));
        let in_turn = self.outage.is_some() || self.policy == Policy::InTurn || self.turn.is_multiple_of(TURNS);
        let certain = |id| (id, f64::INFINITY);
        match selected.map(certain) {
            None if in_turn => self.ready.first_in_turn().map(certain),
            None => self.ready.first_left().map(certain).or_else(|| self.most_worth(now)),
            selected => selected,
        }
    }

    /// Whose end is expected to have been missed for the longest.
    fn most_worth(&self, now: Instant) -> Option<(ExecutionId, f64)> {
        let worth = |(class, ran_at, id): (Class, Instant, ExecutionId)| {
            let began = self.entries.get(&id).map_or(ran_at, |entry| entry.began);
            let age = |moment: Instant| moment.saturating_duration_since(began);
            (id, self.machines.worth(class.machine, age(ran_at), age(now)))
        };
        let seen = self.in_sight.iter().filter_map(|id| {
            let entry = self.entries.get(id).filter(|entry| entry.turn == PollState::Ready)?;
            let (id, own) = worth((entry.standing().class, entry.ran_at, *id));
            Some((id, own * IN_SIGHT))
        });
        self.ready.firsts().map(worth).chain(seen).max_by(|one, other| one.1.total_cmp(&other.1))
    }
}

//! What an answer teaches about the durations of a machine.

use std::time::{Duration, Instant};

use crate::domain::durations::Durations;
use crate::domain::{ExecutionId, Observation, StateMachineArn, Status};
use crate::watch::schedule::Schedule;

impl Schedule {
    /// Takes in how long executions of a machine took before, the earliest first.
    pub fn remember(&mut self, machine: &StateMachineArn, durations: &[Duration]) {
        self.machines.remember(machine, durations);
    }

    /// What is known of a machine, if it was met.
    pub fn durations(&self, machine: &StateMachineArn) -> Option<&Durations> {
        self.machines.of(machine)
    }

    /// Takes in that an execution still ran when it was asked about, or how long it has taken.
    pub(super) fn learn(&mut self, id: ExecutionId, seen: &Observation, asked: Instant, now: Instant) {
        let Some(entry) = self.entries.get(&id) else { return };
        let Some((start, stop)) = seen.start_date.zip(seen.stop_date) else {
            if seen.is_ended() {
                return;
            }
            if let Some(entry) = self.entries.get_mut(&id) {
                // The list lags.
                entry.missing_since = None;
            }
            return self.ran(id, asked, now);
        };
        // Of a redriven one nobody can tell how long it ran.
        if seen.redrive.count.is_none_or(|count| count == 0) {
            let ran_at = entry.ran_at.saturating_duration_since(entry.began);
            let age = stop.since(start);
            match seen.status {
                // How long it would have taken nobody knows; it has run so far.
                Status::Aborted => self.machines.ran(entry.machine, ran_at, age),
                _ => self.machines.ended(entry.machine, ran_at, age),
            }
        }
    }

    /// It still ran at this moment.
    pub(super) fn ran(&mut self, id: ExecutionId, at: Instant, now: Instant) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.ran_at < at) else { return };
        let age = |moment: Instant| moment.saturating_duration_since(entry.began);
        self.machines.ran(entry.machine, age(entry.ran_at), age(at));
        if let Some(sweeps) = &mut self.sweeps {
            sweeps.leave(entry);
        }
        entry.ran_at = at;
        if let Some(sweeps) = &mut self.sweeps {
            sweeps.enter(id, entry, now);
        }
    }
}

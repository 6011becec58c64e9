//! Learns the durations of a machine's executions from responses.

use std::time::{Duration, Instant};

use crate::domain::durations::Durations;
use crate::domain::{ExecutionId, Observation, StateMachineArn, Status};
use crate::watch::schedule::Schedule;

impl Schedule {
    /// Adds the durations of earlier executions of a machine, earliest first.
    pub fn remember(&mut self, machine: &StateMachineArn, durations: &[Duration]) {
        self.machines.remember(machine, durations);
    }

    /// Returns the durations of a machine, if known.
    pub fn durations(&self, machine: &StateMachineArn) -> Option<&Durations> {
        self.machines.durations(machine)
    }

    /// Learns from a response that an execution still ran, or how long it took.
    pub(super) fn learn(&mut self, id: ExecutionId, seen: &Observation, sent: Instant, now: Instant) {
        let Some(entry) = self.entries.get(&id) else { return };
        let Some((start, stop)) = seen.start_date.zip(seen.stop_date) else {
            if seen.is_ended() {
                return;
            }
            if let Some(entry) = self.entries.get_mut(&id) {
                // The list lags.
                entry.missing_since = None;
            }
            return self.record_running(id, sent, now);
        };
        // The running time of a redriven execution is unknown.
        if seen.redrive.count.is_none_or(|count| count == 0) {
            let ran_at = entry.ran_at.saturating_duration_since(entry.began);
            let age = stop.since(start);
            match seen.status {
                // Its natural duration is unknown; it ran until now.
                Status::Aborted => self.machines.record_running(entry.machine, ran_at, age),
                _ => self.machines.record_end(entry.machine, ran_at, age),
            }
        }
    }

    /// Records that it still ran at this time.
    pub(super) fn record_running(&mut self, id: ExecutionId, at: Instant, now: Instant) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.ran_at < at) else { return };
        let age = |moment: Instant| moment.saturating_duration_since(entry.began);
        self.machines.record_running(entry.machine, age(entry.ran_at), age(at));
        if let Some(sweeps) = &mut self.sweeps {
            sweeps.leave(entry);
        }
        entry.ran_at = at;
        if let Some(sweeps) = &mut self.sweeps {
            sweeps.enter(id, entry, now);
        }
    }
}

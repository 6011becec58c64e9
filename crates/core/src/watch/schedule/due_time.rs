//! When an execution is worth another status request.

use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, Verdict};
use crate::watch::schedule::Schedule;
use crate::watch::schedule::due_executions::Policy;
use crate::watch::schedule::entry::{Entry, PollState};
use crate::watch::schedule::intervals::{AGE_PARTS, FIRST_LOOK, FIRST_LOOK_SELECTED, SHORTEST_INTERVAL};

/// A visible execution is due again after this at the latest.
const LONGEST_IN_SIGHT: Duration = Duration::from_secs(5);

impl Schedule {
    /// Returns when an execution is due after its last request; `otherwise` if there was none.
    pub(super) fn due_after_request(&self, id: ExecutionId, otherwise: Instant) -> Instant {
        let Some(entry) = self.entries.get(&id) else { return otherwise };
        let is_selected = self.selected == Some(id) && self.is_looked_at;
        let Some(sent) = entry.last_request else {
            let first = if is_selected { FIRST_LOOK_SELECTED } else { FIRST_LOOK };
            return otherwise.min(entry.began + first);
        };
        let age = sent.saturating_duration_since(entry.began);
        let interval = if is_selected {
            age.min(SHORTEST_INTERVAL).max(self.budget.interval(sent) * 2)
        } else {
            let interval = self.interval(entry, age);
            if self.in_sight.contains(&id) { interval.min(LONGEST_IN_SIGHT) } else { interval }
        };
        sent + interval
    }

    /// Returns the time after which an execution that ran at this age is worth another request.
    pub(super) fn interval(&self, entry: &Entry, age: Duration) -> Duration {
        if self.policy == Policy::InTurn {
            return SHORTEST_INTERVAL;
        }
        let longest = (age / AGE_PARTS).clamp(SHORTEST_INTERVAL, self.max_interval);
        self.machines.worth_a_request_after(entry.machine, age, SHORTEST_INTERVAL, longest)
    }

    /// The response brought no news: schedules another request after a pause.
    pub(crate) fn retry_after(&mut self, id: ExecutionId, pause: Duration, now: Instant) -> Verdict {
        let Some(Entry { state: PollState::InFlight(sent), .. }) = self.entries.get(&id).cloned() else {
            return Verdict::Stale;
        };
        self.on_finished(id, sent);
        self.on_endpoint_response(id, sent, now);
        self.wait_until(id, now + pause);
        Verdict::Watching(pause)
    }
}

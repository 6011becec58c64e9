//! One execution in the schedule.

use std::time::Instant;

use crate::domain::durations::bin;
use crate::watch::schedule::due_executions::{Class, DueState};

/// The state of an execution between status requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PollState {
    /// Not due before this time.
    Waiting(Instant),
    /// Due.
    Ready,
    /// Sent at this time, without a response yet.
    InFlight(Instant),
}

/// A watched execution.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) machine: usize,
    pub(super) began: Instant,
    /// When it was last known to run.
    pub(super) ran_at: Instant,
    /// Until then the service may not know it.
    pub(super) grace: Instant,
    pub(super) last_request: Option<Instant>,
    /// When a sweep missed it: either it has ended, or the list lags.
    pub(super) missing_since: Option<Instant>,
    /// Consecutive failures of this execution alone.
    pub(super) failures: u32,
    /// Time of the last response.
    pub(super) last_response: Option<Instant>,
    pub(super) state: PollState,
}

impl Entry {
    /// Returns the bin of the age at which it was last known to run.
    pub(super) fn bin(&self) -> usize {
        bin(self.ran_at.saturating_duration_since(self.began).as_secs_f64())
    }

    /// Returns its position among the due executions.
    pub(super) fn due_state(&self) -> DueState {
        let class = Class { machine: self.machine, bin: self.bin() };
        DueState { class, ran_at: self.ran_at, last_request: self.last_request, missing_since: self.missing_since }
    }
}

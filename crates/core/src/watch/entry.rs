//! One execution in the schedule.

use std::time::Instant;

use crate::domain::durations::bin;
use crate::watch::ready::{Class, DueState};

/// Where an execution is between its questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PollState {
    /// Not before this moment.
    Waiting(Instant),
    /// Due.
    Ready,
    /// Asked at this moment, not yet answered.
    InFlight(Instant),
}

/// What is watched.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) machine: usize,
    pub(super) began: Instant,
    /// When it was last known to run.
    pub(super) ran_at: Instant,
    /// Until then it may be unknown to the service.
    pub(super) grace: Instant,
    pub(super) last_asked: Option<Instant>,
    /// When a sweep missed it: then it has ended, or the list lags.
    pub(super) missing_since: Option<Instant>,
    /// Failures in a row that concern this execution alone.
    pub(super) failures: u32,
    /// When a question about it was answered last.
    pub(super) answered: Option<Instant>,
    pub(super) turn: PollState,
}

impl Entry {
    /// The part of the row of ages at which it was last known to run.
    pub(super) fn bin(&self) -> usize {
        bin(self.ran_at.saturating_duration_since(self.began).as_secs_f64())
    }

    /// Where it stands among those that are due.
    pub(super) fn standing(&self) -> DueState {
        let class = Class { machine: self.machine, bin: self.bin() };
        DueState { class, ran_at: self.ran_at, last_asked: self.last_asked, missing_since: self.missing_since }
    }
}

//! Passes over the log of one machine: which part to request next, and what has been read after the last page.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, LOG_DELIVERY, LONGEST_EXPRESS, StateMachineArn};
use crate::watch::schedule::intervals::{AGE_PARTS, SHORTEST_INTERVAL};

/// A pass reads from this long before the start of the previous pass: events arrive late.
const OVERLAP: Duration = Duration::from_secs(30);
/// Limit for the pages of a pass. A pass also ends if a token repeats.
const MOST_PAGES: u32 = 2_000;

/// A page of a machine's log to request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The machine, without version or alias.
    pub machine: StateMachineArn,
    /// The only running execution; `None` if there are several.
    pub execution: Option<ExecutionId>,
    /// The start of the earliest execution to look for, or a later time before which everything has been read.
    pub since: Instant,
    /// When the last event of all executions must have been delivered, if that time has passed.
    pub until: Option<Instant>,
    /// The token of the previous page.
    pub token: Option<String>,
}

/// The log of a machine with running executions.
#[derive(Debug, Clone)]
pub(super) struct MachineLog {
    pub(super) open: BTreeMap<ExecutionId, OpenExecution>,
    pub(super) due: Instant,
    pass: Option<Pass>,
    /// When the last complete pass began: everything delivered before has been read.
    read_until: Option<Instant>,
    /// Consecutive failures.
    pub(super) failures: u32,
}

/// An execution without an end so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenExecution {
    /// Its start, which decides when it is given up.
    pub(super) began: Instant,
    /// From when its log is read: earlier than `began` if its start is unknown.
    pub(super) since: Instant,
    pub(super) added: Instant,
    /// Whether a complete pass went back to its start.
    pub(super) is_read: bool,
}

/// A pass over the log, in progress.
#[derive(Debug, Clone)]
struct Pass {
    began: Instant,
    since: Instant,
    until: Option<Instant>,
    execution: Option<ExecutionId>,
    token: Option<String>,
    pages: u32,
}

impl OpenExecution {
    /// Returns when its last event must have been delivered.
    fn deadline(&self) -> Instant {
        self.began + LONGEST_EXPRESS + LOG_DELIVERY
    }

    /// Returns the time from which the next pass has to look for it.
    fn unread_since(&self, read_until: Option<Instant>, now: Instant) -> Instant {
        match read_until.and_then(|until| until.checked_sub(OVERLAP)) {
            Some(until) if self.is_read && now < self.deadline() => until.max(self.since),
            _ => self.since,
        }
    }
}

impl MachineLog {
    pub(super) fn new(due: Instant) -> Self {
        Self { open: BTreeMap::new(), due, pass: None, read_until: None, failures: 0 }
    }

    pub(super) fn add(&mut self, id: ExecutionId, open: OpenExecution, due: Instant) {
        self.open.entry(id).or_insert(open);
        if self.failures == 0 {
            self.due = self.due.min(due);
        }
    }

    pub(super) fn remove(&mut self, id: ExecutionId) {
        self.open.remove(&id);
        self.pass.take_if(|pass| pass.execution == Some(id));
    }

    /// Ends the pass, since its token may be the cause, and lets another begin at `due`.
    pub(super) fn on_failure(&mut self, due: Instant) {
        (self.pass, self.due) = (None, due);
        self.failures += 1;
    }

    /// Returns the next page, of a new pass unless one is in progress. The pattern for a single execution matches fewer events.
    pub(super) fn next_page(&mut self, machine: &StateMachineArn, now: Instant) -> Option<LogPage> {
        if self.pass.is_none() {
            let since = self.open.values().map(|open| open.unread_since(self.read_until, now)).min()?;
            let execution = self.open.keys().next().copied().filter(|_| self.open.len() == 1);
            let until = self.open.values().map(OpenExecution::deadline).max().filter(|until| *until <= now);
            self.pass = Some(Pass { began: now, since, until, execution, token: None, pages: 0 });
        }
        let Pass { since, until, execution, token, .. } = self.pass.clone()?;
        Some(LogPage { machine: machine.clone(), execution, since, until, token })
    }

    /// Handles a page; after the last one of a pass, returns the executions to give up.
    pub(super) fn on_page(&mut self, next: Option<String>, now: Instant) -> Vec<ExecutionId> {
        self.failures = 0;
        let Some(pass) = &mut self.pass else { return Vec::new() };
        pass.pages += 1;
        let next = next.filter(|next| !next.is_empty() && pass.token.as_ref() != Some(next) && pass.pages < MOST_PAGES);
        if next.is_some() {
            (pass.token, self.due) = (next, now);
            return Vec::new();
        }
        let Some(pass) = self.pass.take() else { return Vec::new() };
        self.read_until = Some(pass.began);
        let mut without_end = Vec::new();
        for (id, open) in self.open.iter_mut().filter(|(_, open)| open.added <= pass.began) {
            open.is_read = true;
            if open.deadline() <= pass.began && pass.since <= open.since {
                without_end.push(*id);
            }
        }
        self.due = now + self.interval(now);
        without_end
    }

    /// Returns the pause between passes, which grows with the age of the youngest execution.
    fn interval(&self, now: Instant) -> Duration {
        let youngest = self.open.values().map(|open| now.saturating_duration_since(open.began)).min();
        let until_end = self.open.values().map(|open| open.deadline().saturating_duration_since(now));
        let until_end = until_end.filter(|left| !left.is_zero()).min().unwrap_or(Duration::MAX);
        let longest = LONGEST_EXPRESS / AGE_PARTS;
        (youngest.unwrap_or_default() / AGE_PARTS).min(longest).min(until_end).max(SHORTEST_INTERVAL)
    }
}

//! Due executions in classes, and which of them is worth the next status request.
//!
//! Executions of one machine that were last known to run at about the same age become worth a request in the order of
//! that time. So a decision only compares the first of each class, and there are only as many classes as machines times
//! ages, however many executions are watched.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::domain::ExecutionId;

/// Which of the due executions goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// The one with the longest expected unseen time since its end.
    #[default]
    Expected,
    /// The one polled least recently, at least a second ago. A baseline for comparisons.
    InTurn,
}

/// Executions of the same machine, last known to run at about the same age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Class {
    pub(super) machine: usize,
    pub(super) bin: usize,
}

/// The position of an execution among the due ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct DueState {
    pub(super) class: Class,
    /// When it was last known to run.
    pub(super) ran_at: Instant,
    /// Time of its last status request; executions without one go first.
    pub(super) last_request: Option<Instant>,
    /// When a sweep missed it.
    pub(super) missing_since: Option<Instant>,
}

/// The due executions.
#[derive(Debug, Clone, Default)]
pub(super) struct DueExecutions {
    in_turn: BTreeSet<(Option<Instant>, ExecutionId)>,
    classes: BTreeMap<Class, BTreeSet<(Instant, ExecutionId)>>,
    /// Those that a sweep missed, earliest first.
    missing_since: BTreeSet<(Instant, ExecutionId)>,
}

impl DueExecutions {
    /// Returns the number of due executions; with sweeps, only of those that need a request for their outcome.
    pub(super) fn len(&self, with_sweeps: bool) -> usize {
        if with_sweeps { self.missing_since.len() } else { self.in_turn.len() }
    }

    pub(super) fn insert(&mut self, id: ExecutionId, due: DueState) {
        self.in_turn.insert((due.last_request, id));
        self.missing_since.extend(due.missing_since.map(|missing_since| (missing_since, id)));
        self.classes.entry(due.class).or_default().insert((due.ran_at, id));
    }

    pub(super) fn remove(&mut self, id: ExecutionId, due: DueState) {
        self.in_turn.remove(&(due.last_request, id));
        if let Some(missing_since) = due.missing_since {
            self.missing_since.remove(&(missing_since, id));
        }
        if let Some(class) = self.classes.get_mut(&due.class) {
            class.remove(&(due.ran_at, id));
            if class.is_empty() {
                self.classes.remove(&due.class);
            }
        }
    }

    /// Returns the one polled least recently.
    pub(super) fn first_in_turn(&self) -> Option<ExecutionId> {
        self.in_turn.first().map(|(_, id)| *id)
    }

    /// Returns the one that a sweep missed first.
    pub(super) fn first_missing(&self) -> Option<ExecutionId> {
        self.missing_since.first().map(|(_, id)| *id)
    }

    /// Returns how many were missed by sweeps.
    pub(super) fn count_missing(&self) -> usize {
        self.missing_since.len()
    }

    /// Iterates over the first of each class.
    pub(super) fn firsts(&self) -> impl Iterator<Item = (Class, Instant, ExecutionId)> {
        self.classes.iter().filter_map(|(class, members)| members.first().map(|(ran_at, id)| (*class, *ran_at, *id)))
    }
}

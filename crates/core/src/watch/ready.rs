//! Those that are due, in classes: which of them is worth the next question.
//!
//! Executions of one machine that were known to run at about the same age are worth a question in the order in which
//! that was; so a decision looks at the first of each class, of which there are as many as there are machines and ages,
//! however many executions are watched.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::domain::ExecutionId;

/// Which of those that are due goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Whose end is expected to have been missed for the longest.
    #[default]
    Expected,
    /// Who was asked least recently, a second after the last question at the earliest. What others are measured by.
    InTurn,
}

/// What makes executions alike: their machine, and the age at which they were last known to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Class {
    pub(super) machine: usize,
    pub(super) bin: usize,
}

/// Where an execution stands among those that are due.
#[derive(Debug, Clone, Copy)]
pub(super) struct DueState {
    pub(super) class: Class,
    /// When it was last known to run.
    pub(super) ran_at: Instant,
    /// When it was asked about last; those that never were go first.
    pub(super) last_asked: Option<Instant>,
    /// When a sweep missed it.
    pub(super) missing_since: Option<Instant>,
}

/// Those that are due.
#[derive(Debug, Clone, Default)]
pub(super) struct Ready {
    in_turn: BTreeSet<(Option<Instant>, ExecutionId)>,
    classes: BTreeMap<Class, BTreeSet<(Instant, ExecutionId)>>,
    /// Those that a sweep missed, the earliest first.
    missing_since: BTreeSet<(Instant, ExecutionId)>,
}

impl Ready {
    /// Returns how many are due; with sweeps, how many of them have ended and are queried for their outcome.
    pub(super) fn len(&self, with_sweeps: bool) -> usize {
        if with_sweeps { self.missing_since.len() } else { self.in_turn.len() }
    }

    pub(super) fn insert(&mut self, id: ExecutionId, standing: DueState) {
        self.in_turn.insert((standing.last_asked, id));
        self.missing_since.extend(standing.missing_since.map(|missing_since| (missing_since, id)));
        self.classes.entry(standing.class).or_default().insert((standing.ran_at, id));
    }

    pub(super) fn remove(&mut self, id: ExecutionId, standing: DueState) {
        self.in_turn.remove(&(standing.last_asked, id));
        if let Some(missing_since) = standing.missing_since {
            self.missing_since.remove(&(missing_since, id));
        }
        if let Some(class) = self.classes.get_mut(&standing.class) {
            class.remove(&(standing.ran_at, id));
            if class.is_empty() {
                self.classes.remove(&standing.class);
            }
        }
    }

    /// The one asked least recently.
    pub(super) fn first_in_turn(&self) -> Option<ExecutionId> {
        self.in_turn.first().map(|(_, id)| *id)
    }

    /// The one that a sweep missed first.
    pub(super) fn first_left(&self) -> Option<ExecutionId> {
        self.missing_since.first().map(|(_, id)| *id)
    }

    /// How many have been missed by sweeps.
    pub(super) fn count_left(&self) -> usize {
        self.missing_since.len()
    }

    /// The first of each class.
    pub(super) fn firsts(&self) -> impl Iterator<Item = (Class, Instant, ExecutionId)> {
        self.classes.iter().filter_map(|(class, members)| members.first().map(|(ran_at, id)| (*class, *ran_at, *id)))
    }
}

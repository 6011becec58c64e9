//! Changes in the store that a list shows.

use std::sync::Arc;

use crate::domain::arn::ExecutionArn;
use crate::domain::endpoint::GatewayId;
use crate::domain::start_request::{StartRequestId, UnresolvedStart};
use crate::domain::stored_execution::{ExecutionRecord, GatewayTotals};
use crate::domain::timestamp::Timestamp;
use crate::domain::ui_choices::UiChoices;

/// The number of a change in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Revision(pub i64);

/// Whose executions a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Those that the user has started or named.
    #[default]
    Mine,
    /// Also those seen in lists of gateways.
    Everyone,
}

impl Scope {
    /// The key of the choice in the UI.
    pub const KEY: &str = "executions";

    /// Returns the word for the title and the stored choice.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Everyone => "everyone's",
        }
    }

    /// Returns the remembered choice.
    pub fn from_choices(choices: &UiChoices) -> Self {
        if choices.get(Self::KEY) == Some(Self::Everyone.word()) { Self::Everyone } else { Self::Mine }
    }

    /// Returns the other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Mine => Self::Everyone,
            Self::Everyone => Self::Mine,
        }
    }
}

/// Who watches an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchedBy {
    /// The process that reads this: it has started it.
    This,
    /// The process of this name, which has started it and stores what it learns.
    Another(Arc<str>),
    /// Possibly no process.
    Unknown,
}

/// A start without a known execution, started by another process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenStart {
    /// It may have led to an execution.
    Unresolved(UnresolvedStart),
    /// It has not.
    NeverStarted(UnresolvedStart),
}

/// Changes of executions in the store, of this process and of others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreChanges {
    /// New and changed executions, each once.
    pub changed: Vec<(ExecutionRecord, WatchedBy)>,
    /// Executions that a user removed.
    pub removed: Vec<(GatewayId, ExecutionArn)>,
    /// Starts that became unresolved or turned out not to have started.
    pub starts: Vec<OpenStart>,
    /// Starts that are no longer either.
    pub settled: Vec<StartRequestId>,
    /// Executions that ended before this time were deleted.
    pub pruned: Option<Timestamp>,
    /// More has changed than the store remembers: `changed` has all running executions, and everything else must be
    /// read again.
    pub has_gap: bool,
    /// The number of executions; `None` if more changes follow.
    pub totals: Option<GatewayTotals>,
    /// The number of changes that this process had handed to the store before.
    pub writes: u64,
}

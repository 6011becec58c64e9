//! The part of the store that is read when it is opened.

use crate::domain::batch::UnsentBatch;
use crate::domain::endpoint::GatewayId;
use crate::domain::gateway_facts::GatewayFacts;
use crate::domain::start_request::UnresolvedStart;
use crate::domain::store_changes::{Revision, Scope};
use crate::domain::stored_execution::{ExecutionRecord, GatewayTotals, Page};
use crate::domain::timestamp::Timestamp;
use crate::domain::ui_choices::UiChoices;

/// The state left by earlier launches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remembered {
    /// The newest executions.
    pub page: Page,
    /// All executions that have not ended, newest first; some are in the page too.
    pub running: Vec<ExecutionRecord>,
    /// Starts that may have led to an execution.
    pub unresolved: Vec<UnresolvedStart>,
    /// Starts that led to no execution.
    pub never_started: Vec<UnresolvedStart>,
    /// Unfinished batches of processes that have exited.
    pub batches: Vec<UnsentBatch>,
    /// All executions.
    pub totals: GatewayTotals,
    /// What responses have shown about gateways.
    pub gateways: Vec<(GatewayId, GatewayFacts)>,
    /// Whose executions these are.
    pub scope: Scope,
    /// The latest change among these.
    pub revision: Revision,
    /// What the user chose in the UI.
    pub ui_choices: UiChoices,
    /// The latest trustworthy time that an earlier launch recorded.
    pub last_launch: Option<Timestamp>,
}

//! What the store gives back when it is opened.

use crate::domain::batch::BatchLeft;
use crate::domain::endpoint::GatewayId;
use crate::domain::gateway_facts::GatewayFacts;
use crate::domain::record::{ExecutionRecord, Page, Totals};
use crate::domain::start::UnresolvedStart;
use crate::domain::timestamp::Timestamp;

/// What the program remembers of earlier launches, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remembered {
    /// The newest executions.
    pub page: Page,
    /// Everything that has not ended as far as is known, newest first; some are in the page too.
    pub running: Vec<ExecutionRecord>,
    /// Starts that may have been carried out.
    pub unresolved: Vec<UnresolvedStart>,
    /// Starts that were not.
    pub never_started: Vec<UnresolvedStart>,
    /// Batches of processes that are gone, of which some lines have not been sent.
    pub batches: Vec<BatchLeft>,
    /// All executions.
    pub totals: Totals,
    /// What responses have shown about gateways.
    pub gateways: Vec<(GatewayId, GatewayFacts)>,
    /// The last moment that an earlier launch knew of, by a clock that was right as far as is known.
    pub last_launch: Option<Timestamp>,
}

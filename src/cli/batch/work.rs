//! The state of a run over the lines of a file.

use std::collections::HashMap;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::cli::batch::lines::Lines;
use stepgate_core::domain::{BatchId, Failure, FailureKind, StartRequestId};
use stepgate_core::start::{BatchReport, Starter};

/// What is known of the run; its steps are in `run`, `sending` and `end`.
pub(super) struct Work {
    pub(super) batch: BatchId,
    pub(super) deadline: Option<Instant>,
    /// The line that a start belongs to.
    pub(super) numbers: HashMap<StartRequestId, usize>,
    pub(super) starter: Starter,
    pub(super) sending: Option<Sending>,
    pub(super) trouble: watch::Receiver<Option<Failure>>,
    pub(super) trouble_told: Option<FailureKind>,
    /// Outages in a row that sending has met.
    pub(super) outages: u32,
    /// When sending is tried again.
    pub(super) again: Option<Instant>,
    /// Why sending has stopped for good.
    pub(super) stopped: Option<Failure>,
    pub(super) lines: Lines,
}

/// The batch, sending.
pub(super) struct Sending {
    pub(super) reports: mpsc::Receiver<BatchReport>,
    pub(super) stop: watch::Sender<()>,
}

/// Why a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// There is nothing more to do or to tell.
    Over,
    /// The time is up.
    TimeUp,
    /// A signal came, by its number.
    Interrupted(i32),
}

//! The state of a run over the lines of a file.

use std::collections::HashMap;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::cli::commands::start::batch::lines::Lines;
use stepgate_core::domain::{BatchId, Failure, FailureKind, Permit, StartRequestId};
use stepgate_core::start::{BatchReport, Starter};

/// A run of a batch; its methods are in `run`, `sending` and `end`.
pub(super) struct BatchRun {
    pub(super) batch: BatchId,
    pub(super) permit: Permit,
    pub(super) deadline: Option<Instant>,
    /// Line numbers of the start requests.
    pub(super) line_numbers: HashMap<StartRequestId, usize>,
    pub(super) starter: Starter,
    pub(super) sending: Option<Sending>,
    /// Why a start is being retried.
    pub(super) retry_reason: watch::Receiver<Option<Failure>>,
    pub(super) reported_retry: Option<FailureKind>,
    /// Consecutive outages while sending.
    pub(super) outages: u32,
    /// When to try sending again.
    pub(super) resend_at: Option<Instant>,
    /// Why sending stopped for good.
    pub(super) stop_reason: Option<Failure>,
    pub(super) lines: Lines,
}

/// The task that sends lines.
pub(super) struct Sending {
    pub(super) reports: mpsc::Receiver<BatchReport>,
    pub(super) stop: watch::Sender<()>,
}

/// Why a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Every line has its result, or sending stopped.
    Finished,
    /// The deadline has passed.
    TimedOut,
    /// By a signal, with its number.
    Interrupted(i32),
}

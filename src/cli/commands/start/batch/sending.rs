//! Starts the task that sends the waiting lines.

use anyhow::Context as _;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::cli::commands::start::batch::work::{BatchRun, End, Sending};
use crate::cli::follow::until;
use crate::runtime::Signals;
use stepgate_core::start::batch;
use stepgate_core::task;

/// Reports of the sending task that may be queued before it blocks.
const QUEUED_REPORTS: usize = 64;

impl BatchRun {
    /// Starts sending the waiting lines, if there are any. Returns why the run ends if it is interrupted here.
    pub(super) async fn send(&mut self, signals: &mut Signals) -> anyhow::Result<Option<End>> {
        self.resend_at = None;
        if self.sending.is_some() {
            return Ok(None);
        }
        let claimed = tokio::select! {
            claimed = self.lines.store.claim_batch(self.batch) => claimed.context("the store")?,
            number = signals.next() => return Ok(Some(End::Interrupted(number))),
            () = until(self.deadline) => return Ok(Some(End::TimedOut)),
        };
        if claimed == 0 {
            return Ok(None);
        }
        let (reporting, reports) = mpsc::channel(QUEUED_REPORTS);
        let (stop, stopped) = watch::channel(());
        let (starter, store, permit) = (self.starter.clone(), self.lines.store.clone(), self.permit.clone());
        task::spawn(batch::run(starter, store, self.batch, permit, reporting, stopped));
        self.sending = Some(Sending { reports, stop });
        Ok(None)
    }

    /// Sends waiting lines at the next turn of the loop.
    pub(super) fn send_soon(&mut self) {
        if self.sending.is_none() {
            self.resend_at.get_or_insert_with(Instant::now);
        }
    }
}

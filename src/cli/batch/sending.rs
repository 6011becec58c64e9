//! Sending the lines that wait, beside the loop that follows them.

use anyhow::Context as _;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::cli::batch::work::{End, Sending, Work};
use crate::cli::follow::until;
use crate::runtime::Signals;
use stepgate_core::start::batch;

/// Answers of the batch that may wait; its sending waits with them.
const WAITING: usize = 64;

impl Work {
    /// Sends what waits to be sent, if anything does. Returns why the run ends if it does so meanwhile.
    pub(super) async fn send(&mut self, signals: &mut Signals) -> anyhow::Result<Option<End>> {
        self.again = None;
        if self.sending.is_some() {
            return Ok(None);
        }
        let claimed = tokio::select! {
            claimed = self.lines.store.claim_batch(self.batch) => claimed.context("the history")?,
            number = signals.next() => return Ok(Some(End::Interrupted(number))),
            () = until(self.deadline) => return Ok(Some(End::TimeUp)),
        };
        if claimed == 0 {
            return Ok(None);
        }
        let (reporting, reports) = mpsc::channel(WAITING);
        let (stop, stopped) = watch::channel(());
        tokio::spawn(batch::run(self.starter.clone(), self.lines.store.clone(), self.batch, reporting, stopped));
        self.sending = Some(Sending { reports, stop });
        Ok(None)
    }

    /// Sends what waits to be sent as soon as the loop gets there.
    pub(super) fn send_soon(&mut self) {
        if self.sending.is_none() {
            self.again.get_or_insert_with(Instant::now);
        }
    }
}

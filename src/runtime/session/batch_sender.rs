//! Sends the waiting lines of a batch; its reports become messages.

use tokio::sync::{mpsc, watch};

use crate::app::Msg;
use stepgate_core::domain::{BatchId, Failure, FailureKind, Permit};
use stepgate_core::start::{BatchReport, Starter, batch};
use stepgate_core::store::Store;
use stepgate_core::task;

/// Reports of a batch that may be queued before its sending blocks.
const QUEUED_REPORTS: usize = 64;

pub(in crate::runtime) fn send(
    store: Store,
    starter: Starter,
    batch: BatchId,
    permit: Permit,
    messages: mpsc::Sender<Msg>,
    stop: watch::Receiver<()>,
) {
    let (reporting, mut reports) = mpsc::channel(QUEUED_REPORTS);
    task::spawn(async move {
        let why = match store.claim_batch(batch).await {
            Ok(0) => Failure::without_response(FailureKind::Client, "another stepgate is sending its remaining lines"),
            Ok(_) => return batch::run(starter, store, batch, permit, reporting, stop).await,
            Err(error) => Failure::without_response(FailureKind::NotRecorded, error.to_string()),
        };
        let _ = reporting.send(BatchReport::Done(Some(why))).await;
    });
    task::spawn(async move {
        let mut end = Some(Failure::without_response(FailureKind::Client, "the batch failed"));
        while let Some(report) = reports.recv().await {
            match report {
                BatchReport::Result(order, report) => {
                    let message = Msg::BatchLineFinished(order, report.request_id, report.settled);
                    let _ = messages.send(message).await;
                }
                BatchReport::NeedsCredentials(why) => drop(messages.send(Msg::BatchLockedOut(Some(why))).await),
                BatchReport::Renewed => drop(messages.send(Msg::BatchLockedOut(None)).await),
                BatchReport::Done(why) => end = why,
            }
        }
        // Exactly once, even if the sending task panicked.
        let _ = messages.send(Msg::BatchStopped(end)).await;
    });
}

//! The writer's handle: everything here returns at once, or waits without blocking a thread.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::domain::{
    BatchId, ExecutionArn, ExecutionRecord, GatewayId, LineOrder, StartOrder, StartRequestId, Timestamp,
};
use crate::store::Retention;
use crate::store::error::StoreError;
use crate::store::processes::ThisProcess;
use crate::store::starts::Phase;
use crate::store::write_queue::{Later, Order, Reply, SharedWriteQueue, Stage};
use crate::store::writer_thread::{self, gone};

/// How long to wait for a slow disk.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Passes work to the writer's thread.
pub(super) struct Writer {
    shared: Arc<SharedWriteQueue>,
    health: watch::Receiver<Option<StoreError>>,
    path: PathBuf,
    /// Number of changes of executions and others that no caller waits for.
    handed_over: AtomicU64,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn spawn(
        connection: Connection,
        path: PathBuf,
        retention: Retention,
        process: Arc<ThisProcess>,
    ) -> Result<Self, StoreError> {
        let shared = Arc::new(SharedWriteQueue::new(&connection));
        let (thread, health) = writer_thread::spawn(connection, &path, retention, process, Arc::clone(&shared))?;
        Ok(Self { shared, health, path, handed_over: AtomicU64::new(0), thread: Some(thread) })
    }

    pub(super) fn health(&self) -> watch::Receiver<Option<StoreError>> {
        self.health.clone()
    }

    pub(super) async fn plan_starts(
        &self,
        orders: Vec<StartOrder>,
        phase: Phase,
        now: Timestamp,
    ) -> Result<Vec<StartRequestId>, StoreError> {
        self.request(|reply| Order::Plan(orders, phase, now, reply)).await
    }

    pub(super) async fn mark_sending(&self, id: StartRequestId, now: Timestamp) -> Result<(), StoreError> {
        self.request(|reply| Order::Sending(id, now, reply)).await
    }

    async fn request<T>(&self, order: impl FnOnce(Reply<T>) -> Order) -> Result<T, StoreError> {
        let (reply, result) = oneshot::channel();
        self.shared.update(|queue| {
            queue.add_urgent(order(reply));
        });
        result.await.unwrap_or_else(|_| Err(gone(&self.path)))
    }

    pub(super) async fn begin(
        &self,
        file: String,
        lines: Vec<LineOrder>,
        now: Timestamp,
    ) -> Result<BatchId, StoreError> {
        self.request(|reply| Order::Begin(file, lines, now, reply)).await
    }

    pub(super) async fn claim(&self, batch: BatchId) -> Result<usize, StoreError> {
        self.request(|reply| Order::Claim(batch, reply)).await
    }

    /// Returns how many changes have been handed over.
    pub(super) fn handed_over(&self) -> u64 {
        self.handed_over.load(Ordering::Acquire)
    }

    pub(super) fn later(&self, later: Later) {
        self.handed_over.fetch_add(1, Ordering::AcqRel);
        self.shared.update(|queue| queue.add_later(later));
    }

    pub(super) fn keep(&self, record: ExecutionRecord) {
        self.handed_over.fetch_add(1, Ordering::AcqRel);
        self.shared.update(|queue| queue.add_record(record));
    }

    /// Returns the record of an execution that is not written yet.
    pub(super) fn waiting(&self, gateway: &GatewayId, arn: &ExecutionArn) -> Option<ExecutionRecord> {
        let is_failing = self.health.borrow().is_some();
        let key = is_failing.then(|| (gateway.clone(), arn.clone()))?;
        self.shared.queue().records.get(&key).cloned()
    }

    /// Stops waiting for other processes.
    pub(super) fn hurry(&self) {
        self.shared.update(|queue| queue.is_hurried = true);
    }

    /// Waits until all handed-over changes are written, if possible.
    pub(super) async fn catch_up(&self) {
        let is_behind = self.health.borrow().is_none() && !self.shared.queue().is_written();
        if is_behind {
            self.flush().await;
        }
    }

    /// Waits until all handed-over changes are written or have failed, for as long as a working disk may need.
    pub(super) async fn flush(&self) {
        let (reply, result) = oneshot::channel();
        self.shared.update(|queue| queue.flushes.push(reply));
        let _ = tokio::time::timeout(FLUSH_TIMEOUT, result).await;
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Drop for Writer {
    /// Writes all handed-over changes before the program continues.
    fn drop(&mut self) {
        self.shared.update(|queue| queue.stage = Stage::Closed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

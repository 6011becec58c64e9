//! The store's methods for batches; `batches` has their tables.

use crate::domain::{BatchId, BatchLine, BatchPage, BatchQuery, LineOrder, StartOrder, StartRequestId, Timestamp};
use crate::store::write_queue::Later;
use crate::store::{Store, StoreError, batches};

impl Store {
    /// Records the start requests of a file, all or none, for this process to send.
    pub async fn begin_batch(
        &self,
        file: String,
        lines: Vec<LineOrder>,
        now: Timestamp,
    ) -> Result<BatchId, StoreError> {
        self.writer.begin(file, lines, now).await
    }

    /// Returns the latest batch with the same inputs on the same lines, for the same machine and gateway.
    pub async fn earlier_batch(&self, lines: &[LineOrder]) -> Result<Option<BatchId>, StoreError> {
        let digest = batches::digest(lines);
        self.reader.run(move |connection| batches::with_digest(connection, &digest)).await
    }

    /// Returns all lines of a batch, in order.
    pub async fn batch_lines(&self, batch: BatchId) -> Result<Vec<BatchLine>, StoreError> {
        self.reader.run(move |connection| batches::lines(connection, batch)).await
    }

    /// Returns some of a batch's lines, after what is being written.
    pub async fn batch_page(&self, query: BatchQuery) -> Result<BatchPage, StoreError> {
        self.writer.catch_up().await;
        self.reader.run(move |connection| batches::page(connection, query)).await
    }

    /// Claims the unsent lines of a batch that no live process owns, and returns the number of lines to send.
    pub async fn claim_batch(&self, batch: BatchId) -> Result<usize, StoreError> {
        self.writer.claim(batch).await
    }

    /// Returns the next lines for this process to send, in order.
    pub(crate) async fn unsent_lines(
        &self,
        batch: BatchId,
        count: usize,
    ) -> Result<Vec<(StartRequestId, StartOrder)>, StoreError> {
        let owner = self.process_name().to_owned();
        self.reader.run(move |connection| batches::waiting(connection, batch, &owner, count)).await
    }

    /// Releases the unsent lines, so that another process may claim them. Returns at once.
    pub fn stop_batch(&self, batch: BatchId) {
        self.writer.later(Later::Stop(batch));
    }

    /// Cancels the unsent lines that no other process owns. Returns at once.
    pub fn cancel_batch(&self, batch: BatchId, now: Timestamp) {
        self.writer.later(Later::Forget(batch, now));
    }
}

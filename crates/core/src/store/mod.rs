//! What the program keeps on disk: starts, executions and what was last seen of them, in an embedded
//! `SQLite` database that several processes may use at once.
//!
//! One writer thread owns the connection that writes (`writer`); whoever has something to write hands it
//! over and goes on, or waits for the one thing that must be durable before the next step: the intent
//! to start. Reading goes over a connection of its own (`reader`).

mod batches;
mod durations;
mod error;
mod executions;
mod file;
mod find;
mod finish;
mod gateways;
mod identity;
mod inbox;
mod inputs;
mod keep;
mod owner;
mod patience;
mod prune;
mod reader;
mod schema;
mod starts;
mod survey;
mod thread;
mod tidy;
mod transaction;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::domain::{
    BatchId, BatchLine, Cursor, EarlierInput, ExecutionArn, ExecutionRecord, GatewayFacts, GatewayId, LineOrder,
    Listing, MachineType, Page, Remembered, Settled, StartOrder, StartRequestId, StateMachineArn, StoredPayloads,
    Timestamp, Totals,
};

pub use error::{StoreError, StoreFault};
pub use find::ListedPart;
pub use keep::Keep;
pub use starts::Phase;
pub use survey::{Survey, survey};

use inbox::Later;
use owner::Owner;
use reader::Reader;
use starts::Word;
use writer::Writer;

/// Records in the first page: more than any screen has rows.
const FIRST_PAGE: usize = 100;
/// Records in each of the others.
pub const PAGE: usize = 500;

/// The store, open. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    path: Arc<PathBuf>,
    // Goes first: who closes the file last folds the log into it, which only a writer can do.
    reader: Arc<Reader>,
    writer: Arc<Writer>,
    owner: Arc<Owner>,
    retain: Duration,
}

impl Store {
    /// Opens the store in this folder, which is made if it is not there, and reads what the program
    /// begins with. Starts of processes that are gone become this one's to settle.
    pub fn open(folder: &Path, keep: Keep, now: Timestamp) -> Result<(Self, Remembered), StoreError> {
        let path = file::prepare(folder)?;
        let mut connection = schema::open(&path)?;
        let wrong = |error| StoreError::of(&path, &error);
        let owner = Arc::new(Owner::announce(folder, now)?);
        starts::take_over(&mut connection, &owner).map_err(wrong)?;
        let reading = file::connect_to_read(&path)?;
        let remembered = {
            let work = reading.unchecked_transaction().map_err(wrong)?;
            reader::remembered(&work, FIRST_PAGE).map_err(wrong)?
        };
        file::leave_waiting_to_writer(&connection).map_err(wrong)?;
        file::overwrite_deleted(&connection, keep.payloads).map_err(wrong)?;
        tracing::debug!(path = %path.display(), "the store is open");
        let reader = Arc::new(Reader::new(reading, path.clone()));
        let writer = Arc::new(Writer::spawn(connection, path.clone(), keep, Arc::clone(&owner))?);
        Ok((Self { path: Arc::new(path), writer, reader, owner, retain: keep.retain }, remembered))
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name under which this process writes.
    pub fn owner(&self) -> &str {
        self.owner.name()
    }

    /// What is wrong with writing just now; `None` when all is well.
    pub fn health(&self) -> watch::Receiver<Option<StoreError>> {
        self.writer.health()
    }

    /// Writes intents down, all or none. When this returns they are on the disk (fsync).
    pub async fn intend(
        &self,
        orders: Vec<StartOrder>,
        phase: Phase,
        now: Timestamp,
    ) -> Result<Vec<StartRequestId>, StoreError> {
        self.writer.intend(orders, phase, now).await
    }

    /// Notes that a start is about to be sent, once more or for the first time. When this returns, every
    /// process that looks finds it so.
    pub async fn sending(&self, id: StartRequestId, now: Timestamp) -> Result<(), StoreError> {
        self.writer.sending(id, now).await
    }

    /// Notes what came of a start that this process has sent. Returns at once.
    pub fn settle(&self, id: StartRequestId, settled: Settled, now: Timestamp) {
        self.writer.later(Later::Settle(id, Word::Sender, settled, now));
    }

    /// Notes what was found out about a start in doubt. Returns at once.
    pub fn judge(&self, id: StartRequestId, settled: Settled, now: Timestamp) {
        self.writer.later(Later::Settle(id, Word::Watcher, settled, now));
    }

    /// Notes that a start was not sent after all: it waits again. Returns at once.
    pub fn unsend(&self, id: StartRequestId) {
        self.writer.later(Later::Unsend(id));
    }

    /// Writes many intents from one file down, all or none; this process is the one to send them.
    pub async fn begin_batch(
        &self,
        file: String,
        lines: Vec<LineOrder>,
        now: Timestamp,
    ) -> Result<BatchId, StoreError> {
        self.writer.begin(file, lines, now).await
    }

    /// The latest batch that was made of the same inputs, on the same lines, for the same machine at the
    /// same place.
    pub async fn earlier_batch(&self, lines: &[LineOrder]) -> Result<Option<BatchId>, StoreError> {
        let digest = batches::digest(lines);
        self.reader.run(move |connection| batches::with_digest(connection, &digest)).await
    }

    /// Every line of a batch, in order.
    pub async fn batch_lines(&self, batch: BatchId) -> Result<Vec<BatchLine>, StoreError> {
        self.reader.run(move |connection| batches::lines(connection, batch)).await
    }

    /// Takes over the lines of a batch that nobody is about to send, and returns how many there are for this
    /// process to send.
    pub async fn claim_batch(&self, batch: BatchId) -> Result<usize, StoreError> {
        self.writer.claim(batch).await
    }

    /// Some of the lines that this process is to send, the first ones first.
    pub async fn waiting(&self, batch: BatchId, count: usize) -> Result<Vec<(StartRequestId, StartOrder)>, StoreError> {
        let owner = self.owner().to_owned();
        self.reader.run(move |connection| batches::waiting(connection, batch, &owner, count)).await
    }

    /// Lets the lines that have not been sent wait for whoever goes on with them. Returns at once.
    pub fn stop_batch(&self, batch: BatchId) {
        self.writer.later(Later::Stop(batch));
    }

    /// Forgets the lines that nobody is about to send. Returns at once.
    pub fn forget_batch(&self, batch: BatchId, now: Timestamp) {
        self.writer.later(Later::Forget(batch, now));
    }

    /// Remembers what responses have shown about a gateway. Returns at once.
    pub fn learn(&self, gateway: GatewayId, facts: GatewayFacts) {
        self.writer.later(Later::Learn(gateway, facts));
    }

    /// The type of a machine, as far as executions at this gateway have shown it.
    pub async fn machine_type(&self, gateway: GatewayId, machine: StateMachineArn) -> Result<MachineType, StoreError> {
        self.reader.run(move |connection| gateways::machine_type(connection, &gateway, &machine)).await
    }

    /// Whether another start than this one has led to this execution.
    pub async fn is_claimed(
        &self,
        gateway: GatewayId,
        arn: ExecutionArn,
        by: Option<StartRequestId>,
    ) -> Result<bool, StoreError> {
        self.reader.run(move |connection| starts::is_claimed(connection, &gateway, &arn, by)).await
    }

    /// Deletes what ended longer ago than [`Keep::retain`], a little at a time while there is nothing else to write.
    /// `now` must come from a correct clock. Returns at once. The receiver yields the number of deleted rows when
    /// everything is gone; it may be dropped.
    pub fn prune(&self, now: Timestamp) -> oneshot::Receiver<usize> {
        let (reply, answer) = oneshot::channel();
        self.writer.later(Later::Trust(now));
        self.writer.later(Later::Prune(self.oldest_kept(now), reply));
        answer
    }

    /// Returns the moment before which ended executions are pruned.
    pub fn oldest_kept(&self, now: Timestamp) -> Timestamp {
        let retain = i64::try_from(self.retain.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(now.as_millis().saturating_sub(retain))
    }

    /// Returns the end of the execution that is pruned next.
    pub async fn oldest_end(&self) -> Result<Option<Timestamp>, StoreError> {
        self.reader.run(executions::oldest_end).await
    }

    /// Returns the number of executions.
    pub async fn totals(&self) -> Result<Totals, StoreError> {
        self.reader.run(executions::totals).await
    }

    /// How long ended executions are kept.
    pub fn retain(&self) -> Duration {
        self.retain
    }

    /// Keeps what is known of an execution now. Returns at once; of several that wait, the last counts.
    pub fn keep(&self, record: ExecutionRecord) {
        self.writer.keep(record);
    }

    /// Reads the next page of executions, including what was handed over before.
    pub async fn page(&self, from: Cursor) -> Result<Page, StoreError> {
        self.writer.catch_up().await;
        self.reader.run(move |connection| executions::page(connection, Some(from), PAGE)).await
    }

    /// Reads a part of a listing: the first, or the one that continues where another ended. Reads payloads only if
    /// `with_payloads`.
    pub async fn list(
        &self,
        listing: Listing,
        from: Option<Cursor>,
        with_payloads: bool,
    ) -> Result<ListedPart, StoreError> {
        self.reader.run(move |connection| find::listed(connection, &listing, from, with_payloads)).await
    }

    /// The executions with this ARN or this name, newest first.
    pub async fn named(&self, text: String) -> Result<Vec<ExecutionRecord>, StoreError> {
        self.reader.run(move |connection| find::named(connection, &text)).await
    }

    /// Reads the large members of an execution, including what was handed over before. Returns empty ones if they are
    /// not kept.
    pub async fn payloads(&self, gateway: GatewayId, arn: ExecutionArn) -> Result<StoredPayloads, StoreError> {
        self.writer.catch_up().await;
        // What could not be written yet is newer than what is in the file.
        let waiting = self.writer.waiting(&gateway, &arn);
        let kept = self.reader.run(move |connection| executions::payloads(connection, &gateway, &arn)).await?;
        let Some(seen) = waiting.and_then(|record| record.seen) else { return Ok(kept) };
        Ok(StoredPayloads {
            input: seen.input.or(kept.input),
            output: seen.output.or(kept.output),
            cause: seen.cause.or(kept.cause),
            others: seen.others.or(&kept.others),
            sent: kept.sent,
        })
    }

    /// The folder of the store's files.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// How long the last executions of a machine took, the earliest first.
    pub async fn durations(&self, gateway: GatewayId, machine: StateMachineArn) -> Result<Vec<Duration>, StoreError> {
        self.reader.run(move |connection| durations::last(connection, &gateway, &machine)).await
    }

    /// What the last executions of a machine were started with, the newest first, each once.
    pub async fn inputs(&self, gateway: GatewayId, machine: StateMachineArn) -> Result<Vec<EarlierInput>, StoreError> {
        self.reader.run(move |connection| inputs::last(connection, &gateway, &machine)).await
    }

    /// What the store remembers now: as [`Store::open`] gives it.
    pub async fn remembered(&self) -> Result<Remembered, StoreError> {
        self.reader.run(|connection| reader::remembered(connection, FIRST_PAGE)).await
    }

    /// Lets the writer's thread die.
    #[cfg(test)]
    pub(crate) fn break_writer(&self) {
        self.writer.later(Later::Break);
    }
}

#[cfg(test)]
mod tests;

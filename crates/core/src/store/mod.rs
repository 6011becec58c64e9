//! Starts and executions on disk, in an embedded `SQLite` database that several processes may use at once.
//!
//! A writer thread owns the writing connection (`writer`). Callers hand over changes and continue, or wait for the one
//! thing that must be durable before the next step: the record of a start before it is sent. A separate connection
//! reads (`reader`).

mod batch_methods;
mod batches;
mod change_log;
mod changes;
mod discard;
mod durations;
mod earlier;
mod error;
mod executions;
mod failure_column;
mod file;
mod file_identity;
mod find;
mod flush;
mod gateways;
mod inputs;
mod lock_wait;
mod processes;
mod prune;
mod reader;
mod recent;
mod removal;
mod retention;
mod schema;
mod starts;
mod survey;
mod tidy;
mod transaction;
mod ui_choices;
mod wake_up;
mod write_queue;
mod writer;
mod writer_thread;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use crate::domain::{
    Cursor, EarlierInput, ExecutionArn, ExecutionRecord, GatewayFacts, GatewayId, GatewayTotals, ListFilter,
    MachineType, Page, Remembered, Settled, StartOrder, StartRequestId, StateMachineArn, StoredPayloads, Timestamp,
};

pub use discard::discard;
pub use earlier::earlier;
pub use error::{StoreError, StoreErrorKind};
pub use find::ListedPart;
pub use recent::recent;
pub use retention::Retention;
pub use starts::Phase;
pub use survey::{Survey, survey};
pub use wake_up::OtherWrites;

use processes::ThisProcess;
use reader::Reader;
use starts::Reporter;
use write_queue::Later;
use writer::Writer;

/// Number of records in the first page: more than any screen has rows.
const FIRST_PAGE: usize = 100;
/// Number of records in later pages.
pub const PAGE: usize = 500;

/// An open store. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    path: Arc<PathBuf>,
    // Dropped first: the last connection to close copies the log into the file, which only a writer can do.
    reader: Arc<Reader>,
    writer: Arc<Writer>,
    process: Arc<ThisProcess>,
    retain: Duration,
}

impl Store {
    /// Opens the store in this folder, which is created if needed, and reads the state left by earlier launches. Takes
    /// over the starts of processes that have exited.
    pub fn open(folder: &Path, retention: Retention, now: Timestamp) -> Result<(Self, Remembered), StoreError> {
        let path = file::prepare(folder)?;
        let mut connection = schema::open(&path)?;
        let wrong = |error| StoreError::from_sqlite(&path, &error);
        let process = Arc::new(ThisProcess::announce(folder, now)?);
        starts::take_over(&mut connection, &process).map_err(wrong)?;
        let reading = file::connect_to_read(&path)?;
        let remembered = {
            let work = reading.unchecked_transaction().map_err(wrong)?;
            reader::remembered(&work, FIRST_PAGE).map_err(wrong)?
        };
        file::leave_waiting_to_writer(&connection).map_err(wrong)?;
        file::overwrite_deleted(&connection, retention.payloads).map_err(wrong)?;
        tracing::debug!(path = %path.display(), "the store is open");
        let reader = Arc::new(Reader::new(reading, path.clone()));
        let writer = Arc::new(Writer::spawn(connection, path.clone(), retention, Arc::clone(&process))?);
        Ok((Self { path: Arc::new(path), writer, reader, process, retain: retention.retain }, remembered))
    }

    /// Returns the path of the database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the name under which this process writes.
    pub fn process_name(&self) -> &str {
        self.process.name()
    }

    /// Returns the current write error; `None` if writing works.
    pub fn health(&self) -> watch::Receiver<Option<StoreError>> {
        self.writer.health()
    }

    /// Records start requests, all or none. They are durable (fsync) on return.
    pub async fn plan_starts(
        &self,
        orders: Vec<StartOrder>,
        phase: Phase,
        now: Timestamp,
    ) -> Result<Vec<StartRequestId>, StoreError> {
        self.writer.plan_starts(orders, phase, now).await
    }

    /// Records that a start is about to be sent, for the first time or again. Visible to all processes on return.
    pub(crate) async fn mark_sending(&self, id: StartRequestId, now: Timestamp) -> Result<(), StoreError> {
        self.writer.mark_sending(id, now).await
    }

    /// Records the result of a start that this process has sent. Returns at once.
    pub fn settle(&self, id: StartRequestId, settled: Settled, now: Timestamp) {
        self.writer.later(Later::Settle(id, Reporter::Sender, settled, now));
    }

    /// Records the result of an unresolved start. Returns at once.
    pub fn settle_unresolved(&self, id: StartRequestId, settled: Settled, now: Timestamp) {
        self.writer.later(Later::Settle(id, Reporter::Watcher, settled, now));
    }

    /// Records that a start was not sent after all: it waits again. Returns at once.
    pub(crate) fn mark_unsent(&self, id: StartRequestId) {
        self.writer.later(Later::MarkUnsent(id));
    }

    /// Stores what responses have shown about a gateway. Returns at once.
    pub fn learn(&self, gateway: GatewayId, facts: GatewayFacts) {
        self.writer.later(Later::Learn(gateway, facts));
    }

    /// Stores what the user has chosen in the UI, for [`Remembered::ui_choices`]; `None` forgets it. Returns at once.
    pub fn remember_choice(&self, key: &'static str, value: Option<String>) {
        self.writer.later(Later::Choose(key, value));
    }

    /// Returns the type of a machine by its executions' ARNs at this gateway.
    pub async fn machine_type(&self, gateway: GatewayId, machine: StateMachineArn) -> Result<MachineType, StoreError> {
        self.reader.run(move |connection| gateways::machine_type(connection, &gateway, &machine)).await
    }

    /// Returns whether another start has led to this execution.
    pub async fn is_claimed(
        &self,
        gateway: GatewayId,
        arn: ExecutionArn,
        by: Option<StartRequestId>,
    ) -> Result<bool, StoreError> {
        self.reader.run(move |connection| starts::is_claimed(connection, &gateway, &arn, by)).await
    }

    /// Deletes what ended longer ago than [`Retention::retain`], a little at a time while the writer is idle. `now` must
    /// come from a correct clock. Returns at once. The receiver, which may be dropped, yields the number of deleted
    /// rows.
    pub fn prune(&self, now: Timestamp) -> oneshot::Receiver<usize> {
        let (reply, result) = oneshot::channel();
        self.writer.later(Later::Trust(now));
        self.writer.later(Later::Prune(self.oldest_kept(now), reply));
        result
    }

    /// Returns the time before which ended executions are pruned.
    pub fn oldest_kept(&self, now: Timestamp) -> Timestamp {
        let retain = i64::try_from(self.retain.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(now.as_millis().saturating_sub(retain))
    }

    /// Returns the end of the execution that is pruned next.
    pub async fn oldest_end(&self) -> Result<Option<Timestamp>, StoreError> {
        self.reader.run(executions::oldest_end).await
    }

    /// Returns the number of executions of each gateway by status, of those that the list shows.
    pub async fn totals(&self) -> Result<GatewayTotals, StoreError> {
        self.reader.run(|connection| executions::totals(connection, ui_choices::scope(connection)?)).await
    }

    /// Returns how long ended executions are kept.
    pub fn retain(&self) -> Duration {
        self.retain
    }

    /// Stores the current state of an execution. Returns at once; of several waiting records the last one counts.
    pub fn keep(&self, record: ExecutionRecord) {
        self.writer.keep(record);
    }

    /// Stores an execution that the user names, even if it was removed before. Returns at once.
    pub fn add(&self, record: ExecutionRecord) {
        self.restore(record.gateway.clone(), record.arn.clone());
        self.writer.keep(record);
    }

    /// Allows a removed execution to be stored again. Returns at once.
    pub fn restore(&self, gateway: GatewayId, arn: ExecutionArn) {
        self.writer.later(Later::Restore(gateway, arn));
    }

    /// Removes executions from the list; no process stores them or shows them again. Returns at once.
    pub fn remove(&self, executions: Vec<(GatewayId, ExecutionArn)>, now: Timestamp) {
        self.writer.later(Later::Remove(executions, now));
    }

    /// Returns the latest execution that was started from this machine.
    pub async fn last_started(&self, gateway: Option<GatewayId>) -> Result<Option<ExecutionRecord>, StoreError> {
        self.reader.run(move |connection| find::last_started(connection, gateway.as_ref())).await
    }

    /// Returns the next page of the executions that the list shows, including changes not written yet.
    pub async fn page(&self, from: Cursor) -> Result<Page, StoreError> {
        self.writer.catch_up().await;
        self.reader
            .run(move |connection| executions::page(connection, ui_choices::scope(connection)?, Some(from), PAGE))
            .await
    }

    /// Returns a part of a list: the first, or the one after a cursor. Reads payloads only if `with_payloads`.
    pub async fn list(
        &self,
        listing: ListFilter,
        from: Option<Cursor>,
        with_payloads: bool,
    ) -> Result<ListedPart, StoreError> {
        self.reader.run(move |connection| find::listed(connection, &listing, from, with_payloads)).await
    }

    /// Returns the executions with this ARN or name, newest first.
    pub async fn named(&self, text: String) -> Result<Vec<ExecutionRecord>, StoreError> {
        self.reader.run(move |connection| find::named(connection, &text)).await
    }

    /// Returns the large members of an execution, including changes not written yet; empty ones if they are not kept.
    pub async fn payloads(&self, gateway: GatewayId, arn: ExecutionArn) -> Result<StoredPayloads, StoreError> {
        self.writer.catch_up().await;
        // Changes that could not be written yet are newer than the file.
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

    /// Returns the folder of the store's files.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Returns the durations of the last executions of a machine, earliest first.
    pub async fn durations(&self, gateway: GatewayId, machine: StateMachineArn) -> Result<Vec<Duration>, StoreError> {
        self.reader.run(move |connection| durations::last(connection, &gateway, &machine)).await
    }

    /// Returns the distinct inputs of the last executions of a machine, newest first.
    pub async fn inputs(&self, gateway: GatewayId, machine: StateMachineArn) -> Result<Vec<EarlierInput>, StoreError> {
        self.reader.run(move |connection| inputs::last(connection, &gateway, &machine)).await
    }

    /// Returns the current state, as [`Store::open`] does.
    pub async fn remembered(&self) -> Result<Remembered, StoreError> {
        self.reader.run(|connection| reader::remembered(connection, FIRST_PAGE)).await
    }

    /// Kills the writer thread.
    #[cfg(test)]
    pub(crate) fn break_writer(&self) {
        self.writer.later(Later::Break);
    }
}

#[cfg(test)]
mod tests;

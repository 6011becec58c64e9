//! The writer's thread, which owns the writing connection. All collected changes are written in one transaction. Failed
//! changes are retried; only waiting callers get the reason, since nothing may be sent without a stored start. While
//! idle, the thread deletes old executions and tidies the file.

use std::collections::HashMap;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread::{self, Builder, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::bounded::Stopwatch;
use crate::domain::{ExecutionArn, ExecutionRecord, GatewayId, Timestamp};
use crate::store::Retention;
use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::file_identity::FileIdentity;
use crate::store::lock_wait::{LockWait, is_locked};
use crate::store::processes::ThisProcess;
use crate::store::prune;
use crate::store::tidy::Tidying;
use crate::store::write_queue::{Busy, Later, Order, SharedWriteQueue, WriteQueue, Written};

/// Delay before a retry if nothing else comes in.
const PAUSE: Duration = Duration::from_secs(5);
/// How long tidying may take when the program ends: a command that has deleted much takes a moment longer.
const LAST_STEPS: Duration = Duration::from_secs(1);

/// Starts the thread. Returns the health of the store.
pub(super) fn spawn(
    connection: Connection,
    path: &Path,
    retention: Retention,
    process: Arc<ThisProcess>,
    shared: Arc<SharedWriteQueue>,
) -> Result<(JoinHandle<()>, watch::Receiver<Option<StoreError>>), StoreError> {
    let (report, health) = watch::channel(None);
    let identity = FileIdentity::from_path(path).map_err(|error| StoreError::from_io(path, &error))?;
    let end = End { shared, report: report.clone(), path: path.to_owned() };
    let work = Work {
        connection,
        path: path.to_owned(),
        keeps_payloads: retention.payloads,
        process,
        pruning: None,
        tidying: Tidying::Look { deleted: false },
        identity,
        report,
        was_warned: false,
        is_flushing: false,
    };
    let thread = Builder::new().name("store".into()).spawn(move || work.run(&end.shared));
    Ok((thread.map_err(|error| StoreError::from_io(path, &error))?, health))
}

/// Cleans up when the thread ends for any reason.
struct End {
    shared: Arc<SharedWriteQueue>,
    report: watch::Sender<Option<StoreError>>,
    path: PathBuf,
}

impl Drop for End {
    fn drop(&mut self) {
        self.shared.abandon();
        // Otherwise the thread ends as requested.
        if thread::panicking() {
            self.report.send_replace(Some(gone(&self.path)));
        }
    }
}

pub(super) fn gone(path: &Path) -> StoreError {
    StoreError::new(StoreErrorKind::WriterDied, path, "")
}

/// A deletion in progress.
struct Pruning {
    before: Timestamp,
    /// Number of rows deleted so far.
    gone: usize,
    reply: oneshot::Sender<usize>,
}

/// The state of the thread.
pub(super) struct Work {
    pub(super) connection: Connection,
    path: PathBuf,
    pub(super) keeps_payloads: bool,
    pub(super) process: Arc<ThisProcess>,
    /// The deletion in progress.
    pruning: Option<Pruning>,
    tidying: Tidying,
    /// The file that the connection writes to.
    identity: FileIdentity,
    report: watch::Sender<Option<StoreError>>,
    /// Whether it has been reported that nothing is stored.
    was_warned: bool,
    /// Whether the program waits for the last writes.
    is_flushing: bool,
}

impl Work {
    fn run(mut self, shared: &SharedWriteQueue) {
        loop {
            let mut queue = self.wait(shared);
            if queue.is_empty() {
                if queue.is_closed() {
                    return self.end(shared);
                }
                if self.is_failing() {
                    self.probe();
                } else if let Some(pruning) = self.pruning.take() {
                    self.prune(pruning, shared);
                } else {
                    self.tidy(shared);
                }
                continue;
            }
            let flushes = mem::take(&mut queue.flushes);
            self.is_flushing = !flushes.is_empty() && !queue.is_urgent;
            let failed = !self.write(&mut queue, shared);
            if failed {
                shared.put_back(queue);
            }
            shared.queue().end_writing();
            // Even after a failure: nothing waits for a full disk.
            for flush in flushes {
                let _ = flush.send(());
            }
            if failed && shared.queue().is_closed() {
                return;
            }
        }
    }

    /// Waits for work and takes all of it; returns an empty queue if there is pruning or tidying to do.
    fn wait(&self, shared: &SharedWriteQueue) -> WriteQueue {
        let mut queue = shared.queue();
        let is_failing = self.is_failing();
        if is_failing && !queue.has_caller() {
            queue = shared.came.wait_timeout(queue, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        }
        // Deletes while changes are collected: otherwise constant work would prevent it.
        if !is_failing && self.pruning.is_some() && queue.can_wait() {
            return queue.take_nothing();
        }
        let has_rest = !is_failing && self.pruning.is_none();
        let is_idle = |queue: &mut WriteQueue| has_rest && queue.is_empty() && !queue.is_closed();
        queue = if self.tidying == Tidying::Done {
            shared.came.wait_while(queue, is_idle).unwrap_or_else(PoisonError::into_inner)
        } else {
            let waited = shared.came.wait_timeout_while(queue, self.tidying.quiet(), is_idle);
            waited.unwrap_or_else(PoisonError::into_inner).0
        };
        if !queue.is_empty() {
            let gathering_time = queue.gathering_time();
            let gathered = shared.came.wait_timeout_while(queue, gathering_time, |queue| queue.can_wait());
            queue = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        // Only a complete write shows whether writing works again.
        queue.take(!is_failing)
    }

    /// Writes everything in one transaction, publishes the store's health, then replies to waiting callers. Changes to
    /// retry stay in the queue.
    fn write(&mut self, queue: &mut WriteQueue, shared: &SharedWriteQueue) -> bool {
        queue.orders.retain(|order| !order.is_abandoned());
        if queue.orders.is_empty() && queue.records.is_empty() {
            return true;
        }
        match self.transaction(&queue.orders, &queue.records, shared) {
            Ok(written) => {
                self.report(None);
                self.was_warned = false;
                let deletes = |order: &Order| match order {
                    Order::Later(Later::Remove(..)) => true,
                    Order::Later(_) => !self.keeps_payloads,
                    _ => false,
                };
                if queue.orders.iter().any(deletes) {
                    // The log still contains deleted inputs.
                    self.tidying = Tidying::Look { deleted: true };
                }
                for pair in queue.orders.drain(..).zip(written) {
                    match pair {
                        (Order::Plan(.., reply), Written::Ids(ids)) => drop(reply.send(Ok(ids))),
                        (Order::Begin(.., reply), Written::Batch(batch)) => drop(reply.send(Ok(batch))),
                        (Order::Claim(.., reply), Written::Claimed(lines)) => drop(reply.send(Ok(lines))),
                        (Order::Sending(.., reply), _) => drop(reply.send(Ok(()))),
                        (Order::Later(Later::Prune(before, reply)), _) => {
                            self.pruning = Some(Pruning { before, gone: 0, reply });
                        }
                        _ => {}
                    }
                }
                queue.records.clear();
                true
            }
            Err(error) => {
                self.report(Some(error.clone()));
                let was_answered = queue.orders.iter().any(|order| !matches!(order, Order::Later(_)));
                for order in mem::take(&mut queue.orders) {
                    match order {
                        Order::Plan(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Begin(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Claim(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Sending(.., reply) => drop(reply.send(Err(error.clone()))),
                        later @ Order::Later(_) => queue.orders.push(later),
                    }
                }
                // Callers with a reply report it themselves.
                if !mem::replace(&mut self.was_warned, true) && !was_answered {
                    tracing::warn!("the store cannot be written: {error}");
                }
                false
            }
        }
    }

    fn transaction(
        &mut self,
        orders: &[Order],
        records: &HashMap<(GatewayId, ExecutionArn), ExecutionRecord>,
        shared: &SharedWriteQueue,
    ) -> Result<Vec<Written>, StoreError> {
        // SQLite would keep writing to a deleted file.
        self.identity.check(&self.path)?;
        let lock_wait = self.lock_wait(shared);
        self.write_all(orders, records, lock_wait).map_err(|error| StoreError::from_sqlite(&self.path, &error))
    }

    fn lock_wait<'a>(&'a self, shared: &'a SharedWriteQueue) -> LockWait<'a> {
        LockWait { shared, path: &self.path, is_failing: self.is_failing(), is_flushing: self.is_flushing }
    }

    fn is_failing(&self) -> bool {
        self.report.borrow().is_some()
    }

    /// Checks whether writing works again while there is nothing to write.
    fn probe(&mut self) {
        let sql = "BEGIN IMMEDIATE; CREATE TABLE probe (x); DROP TABLE probe; COMMIT";
        match self.connection.execute_batch(sql) {
            Ok(()) => {
                match self.identity.check(&self.path) {
                    Ok(()) => self.report(None),
                    // A moved file may have been replaced by now.
                    Err(error) => self.report(Some(error)),
                }
            }
            // There is nothing to roll back if BEGIN failed.
            Err(_) => drop(self.connection.execute_batch("ROLLBACK")),
        }
    }

    /// Deletes a little at a time, so that nothing waits long for the connection.
    fn prune(&mut self, pruning: Pruning, shared: &SharedWriteQueue) {
        // A failure is retried the next time.
        let pruned = self.lock_wait(shared).wait(|| prune::prune(&self.connection, pruning.before));
        if let Ok(pruned @ 1..) = pruned {
            self.process.wake_others();
            self.pruning = Some(Pruning { gone: pruning.gone + pruned, ..pruning });
        } else {
            self.tidying = Tidying::Look { deleted: pruning.gone > 0 };
            let _ = pruning.reply.send(pruning.gone);
        }
    }

    /// Deletes and tidies a little when the program ends, so that short commands do it as well.
    fn end(mut self, shared: &SharedWriteQueue) {
        if self.is_failing() {
            return;
        }
        if let Some(pruning) = self.pruning.take() {
            self.prune(pruning, shared);
            self.tidying = Tidying::Look { deleted: true };
        }
        let began = Stopwatch::start();
        while self.tidying.is_short() && began.elapsed() < LAST_STEPS {
            self.tidying = self.tidying.step(&self.connection).in_a_hurry(&self.connection);
        }
    }

    /// Runs a step of tidying. Incoming work interrupts a long one.
    fn tidy(&mut self, shared: &SharedWriteQueue) {
        // A step that fails is left to the next launch, so it must not meet a short write of another process.
        let lock_wait = LockWait { is_failing: true, ..self.lock_wait(shared) };
        let free = lock_wait.wait(|| self.connection.execute_batch("BEGIN IMMEDIATE; COMMIT"));
        if free.is_err_and(|error| is_locked(&error)) {
            return;
        }
        {
            let mut queue = shared.queue();
            if !queue.is_empty() || queue.is_closed() {
                return;
            }
            if matches!(self.tidying, Tidying::Rebuild { .. }) {
                queue.busy = Busy::Interruptible;
            }
        }
        self.tidying = self.tidying.step(&self.connection);
        shared.queue().busy = Busy::No;
    }

    fn report(&self, error: Option<StoreError>) {
        self.report.send_if_modified(|now| {
            let is_news = *now != error;
            if is_news {
                tracing::debug!(wrong = error.as_ref().map(ToString::to_string), "the store's health");
            }
            *now = error;
            is_news
        });
    }
}

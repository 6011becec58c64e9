//! The writer: one thread that owns the connection that writes. Whatever has come in meanwhile goes into
//! one transaction. What cannot be written waits and is tried again; only who waits for an answer gets
//! the reason, since nothing may be sent without a written intent.

use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::domain::{BatchId, ExecutionArn, LineOrder, Place, Record, RecordId, StartOrder, Timestamp};
use crate::store::Keep;
use crate::store::error::{StoreError, StoreFault};
use crate::store::executions;
use crate::store::file::Identity;
use crate::store::inbox::{Desk, Inbox, Later, Order, Reply, Written};
use crate::store::owner::Owner;
use crate::store::starts::Phase;

/// How long what cannot be written waits before it is tried again, when nothing else comes in.
const PAUSE: Duration = Duration::from_secs(5);

/// The writer's front: everything here returns at once, or waits without holding up a thread.
pub(super) struct Writer {
    desk: Arc<Desk>,
    health: watch::Receiver<Option<StoreError>>,
    path: PathBuf,
    thread: Option<thread::JoinHandle<()>>,
}

impl Writer {
    pub(super) fn spawn(
        connection: Connection,
        path: PathBuf,
        keep: Keep,
        owner: Arc<Owner>,
    ) -> Result<Self, StoreError> {
        let desk = Arc::new(Desk::default());
        let (report, health) = watch::channel(None);
        let identity = Identity::of(&path).map_err(|error| StoreError::of_system(&path, &error))?;
        let end = End { desk: Arc::clone(&desk), report: report.clone(), path: path.clone() };
        let work = Work {
            connection,
            path: path.clone(),
            keeps_payloads: keep.payloads,
            owner,
            prune_before: None,
            identity,
            report,
        };
        let thread = thread::Builder::new()
            .name("store".into())
            .spawn(move || work.run(&end.desk))
            .map_err(|error| StoreError::of_system(&path, &error))?;
        Ok(Self { desk, health, path, thread: Some(thread) })
    }

    pub(super) fn health(&self) -> watch::Receiver<Option<StoreError>> {
        self.health.clone()
    }

    pub(super) async fn intend(
        &self,
        orders: Vec<StartOrder>,
        phase: Phase,
        now: Timestamp,
    ) -> Result<Vec<RecordId>, StoreError> {
        self.ask(|reply| Order::Intend(orders, phase, now, reply)).await
    }

    pub(super) async fn sending(&self, id: RecordId, now: Timestamp) -> Result<(), StoreError> {
        self.ask(|reply| Order::Sending(id, now, reply)).await
    }

    async fn ask<T>(&self, order: impl FnOnce(Reply<T>) -> Order) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.desk.put(|inbox| inbox.orders.push(order(reply)));
        answer.await.unwrap_or_else(|_| Err(gone(&self.path)))
    }

    pub(super) async fn begin(
        &self,
        file: String,
        lines: Vec<LineOrder>,
        now: Timestamp,
    ) -> Result<BatchId, StoreError> {
        self.ask(|reply| Order::Begin(file, lines, now, reply)).await
    }

    pub(super) async fn claim(&self, batch: BatchId) -> Result<usize, StoreError> {
        self.ask(|reply| Order::Claim(batch, reply)).await
    }

    pub(super) fn later(&self, later: Later) {
        self.desk.put(|inbox| inbox.orders.push(Order::Later(later)));
    }

    pub(super) fn keep(&self, record: Record) {
        self.desk.put(|inbox| drop(inbox.records.insert((record.place.clone(), record.arn.clone()), record)));
    }

    pub(super) async fn flush(&self) {
        let (reply, answer) = oneshot::channel();
        self.desk.put(|inbox| inbox.flushes.push(reply));
        let _ = answer.await;
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Drop for Writer {
    /// What was handed over is written before the program goes on.
    fn drop(&mut self) {
        self.desk.put(|inbox| inbox.is_closed = true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What happens when the thread ends, however it does.
struct End {
    desk: Arc<Desk>,
    report: watch::Sender<Option<StoreError>>,
    path: PathBuf,
}

impl Drop for End {
    fn drop(&mut self) {
        self.desk.abandon();
        // Otherwise it was told to end.
        if thread::panicking() {
            self.report.send_replace(Some(gone(&self.path)));
        }
    }
}

fn gone(path: &Path) -> StoreError {
    StoreError::new(StoreFault::Gone, path, "")
}

/// What the thread owns.
pub(super) struct Work {
    pub(super) connection: Connection,
    path: PathBuf,
    pub(super) keeps_payloads: bool,
    pub(super) owner: Arc<Owner>,
    /// Executions that ended before this moment go, as long as there are any.
    pub(super) prune_before: Option<Timestamp>,
    /// The file that the connection writes to.
    identity: Identity,
    report: watch::Sender<Option<StoreError>>,
}

impl Work {
    fn run(mut self, desk: &Desk) {
        loop {
            let mut inbox = self.wait(desk);
            if inbox.is_empty() {
                if inbox.is_closed {
                    return;
                }
                if self.is_failing() {
                    self.probe();
                } else {
                    self.prune();
                }
                continue;
            }
            let flushes = mem::take(&mut inbox.flushes);
            let failed = !self.write(&mut inbox);
            if failed {
                desk.put_back(inbox);
            }
            // Also when it could not be: nobody waits for a disk that is full.
            for flush in flushes {
                let _ = flush.send(());
            }
            if failed && desk.inbox().is_closed {
                return;
            }
        }
    }

    /// Waits for something to do and takes all of it; nothing, when there is pruning to do meanwhile.
    fn wait(&self, desk: &Desk) -> Inbox {
        let mut inbox = desk.inbox();
        let is_failing = self.is_failing();
        let can_wait = inbox.orders.iter().all(|order| matches!(order, Order::Later(_))) && inbox.flushes.is_empty();
        if is_failing && can_wait && !inbox.is_closed {
            inbox = desk.came.wait_timeout(inbox, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        }
        while inbox.is_empty() && !inbox.is_closed && !is_failing && self.prune_before.is_none() {
            inbox = desk.came.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
        let is_closed = inbox.is_closed;
        Inbox { is_closed, ..mem::replace(&mut *inbox, Inbox { is_closed, ..Inbox::default() }) }
    }

    /// Writes everything in one transaction, and answers those who wait for it, once it is known to
    /// everybody whether things are kept. What has to be tried again stays in the inbox.
    fn write(&mut self, inbox: &mut Inbox) -> bool {
        if inbox.orders.is_empty() && inbox.records.is_empty() {
            return true;
        }
        match self.transaction(&inbox.orders, &inbox.records) {
            Ok(written) => {
                self.tell(None);
                for pair in inbox.orders.drain(..).zip(written) {
                    match pair {
                        (Order::Intend(.., reply), Written::Ids(ids)) => drop(reply.send(Ok(ids))),
                        (Order::Begin(.., reply), Written::Batch(batch)) => drop(reply.send(Ok(batch))),
                        (Order::Claim(.., reply), Written::Claimed(lines)) => drop(reply.send(Ok(lines))),
                        (Order::Sending(.., reply), _) => drop(reply.send(Ok(()))),
                        _ => {}
                    }
                }
                inbox.records.clear();
                true
            }
            Err(error) => {
                self.tell(Some(error.clone()));
                for order in mem::take(&mut inbox.orders) {
                    match order {
                        Order::Intend(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Begin(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Claim(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Sending(.., reply) => drop(reply.send(Err(error.clone()))),
                        later @ Order::Later(_) => inbox.orders.push(later),
                    }
                }
                false
            }
        }
    }

    fn transaction(
        &mut self,
        orders: &[Order],
        records: &HashMap<(Place, ExecutionArn), Record>,
    ) -> Result<Vec<Written>, StoreError> {
        // SQLite goes on writing to a file that nobody can find any more.
        self.identity.check(&self.path)?;
        self.write_all(orders, records).map_err(|error| StoreError::of(&self.path, &error))
    }

    fn is_failing(&self) -> bool {
        self.report.borrow().is_some()
    }

    /// Looks whether writing is possible again, while there is nothing to write.
    fn probe(&mut self) {
        let sql = "BEGIN IMMEDIATE; CREATE TABLE probe (x); DROP TABLE probe; COMMIT";
        match self.connection.execute_batch(sql) {
            Ok(()) => {
                if self.identity.check(&self.path).is_ok() {
                    self.tell(None);
                }
            }
            // Nothing is begun when the beginning failed.
            Err(_) => drop(self.connection.execute_batch("ROLLBACK")),
        }
    }

    /// A little at a time, so that nobody waits long for the connection.
    fn prune(&mut self) {
        let pruned = self.prune_before.map_or(Ok(0), |before| executions::prune(&self.connection, before));
        // What does not go this time goes at another launch.
        if !matches!(pruned, Ok(1..)) {
            self.prune_before = None;
        }
    }

    fn tell(&self, error: Option<StoreError>) {
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

//! The writer's thread, which owns the writing connection. Everything that has come in goes into one transaction. What
//! cannot be written waits and is retried; only callers that wait for a reply get the reason, since nothing may be sent
//! without a stored intent. While there is nothing to write, the thread deletes old executions and tidies the file.

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
use crate::store::Keep;
use crate::store::error::{StoreError, StoreFault};
use crate::store::identity::Identity;
use crate::store::inbox::{Busy, Inbox, Later, Order, SharedInbox, Written};
use crate::store::owner::Owner;
use crate::store::patience::{Patience, is_locked};
use crate::store::prune;
use crate::store::tidy::Tidying;

/// How long to wait before retrying what could not be written, if nothing else comes in.
const PAUSE: Duration = Duration::from_secs(5);
/// How long tidying may take when the program ends: a command that has deleted much takes a moment longer.
const LAST_STEPS: Duration = Duration::from_secs(1);

/// Starts the thread. Returns the health of the store.
pub(super) fn spawn(
    connection: Connection,
    path: &Path,
    keep: Keep,
    owner: Arc<Owner>,
    desk: Arc<SharedInbox>,
) -> Result<(JoinHandle<()>, watch::Receiver<Option<StoreError>>), StoreError> {
    let (report, health) = watch::channel(None);
    let identity = Identity::of(path).map_err(|error| StoreError::of_system(path, &error))?;
    let end = End { desk, report: report.clone(), path: path.to_owned() };
    let work = Work {
        connection,
        path: path.to_owned(),
        keeps_payloads: keep.payloads,
        owner,
        pruning: None,
        tidying: Tidying::Look { deleted: false },
        identity,
        report,
        was_warned: false,
        is_flushing: false,
    };
    let thread = Builder::new().name("store".into()).spawn(move || work.run(&end.desk));
    Ok((thread.map_err(|error| StoreError::of_system(path, &error))?, health))
}

/// Cleans up when the thread ends for any reason.
struct End {
    desk: Arc<SharedInbox>,
    report: watch::Sender<Option<StoreError>>,
    path: PathBuf,
}

impl Drop for End {
    fn drop(&mut self) {
        self.desk.abandon();
        // Otherwise the thread was told to end.
        if thread::panicking() {
            self.report.send_replace(Some(gone(&self.path)));
        }
    }
}

pub(super) fn gone(path: &Path) -> StoreError {
    StoreError::new(StoreFault::Gone, path, "")
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
    pub(super) owner: Arc<Owner>,
    /// The deletion in progress.
    pruning: Option<Pruning>,
    tidying: Tidying,
    /// The file that the connection writes to.
    identity: Identity,
    report: watch::Sender<Option<StoreError>>,
    /// Whether it has been reported that history is not kept.
    was_warned: bool,
    /// Whether the program waits for the last writes.
    is_flushing: bool,
}

impl Work {
    fn run(mut self, desk: &SharedInbox) {
        loop {
            let mut inbox = self.wait(desk);
            if inbox.is_empty() {
                if inbox.is_closed() {
                    return self.end(desk);
                }
                if self.is_failing() {
                    self.probe();
                } else if let Some(pruning) = self.pruning.take() {
                    self.prune(pruning, desk);
                } else {
                    self.tidy(desk);
                }
                continue;
            }
            let flushes = mem::take(&mut inbox.flushes);
            self.is_flushing = !flushes.is_empty() && !inbox.is_urgent;
            let failed = !self.write(&mut inbox, desk);
            if failed {
                desk.put_back(inbox);
            }
            desk.inbox().end_writing();
            // Even if writing failed: nothing waits for a full disk.
            for flush in flushes {
                let _ = flush.send(());
            }
            if failed && desk.inbox().is_closed() {
                return;
            }
        }
    }

    /// Waits for work and takes all of it; returns an empty inbox if there is pruning or tidying to do.
    fn wait(&self, desk: &SharedInbox) -> Inbox {
        let mut inbox = desk.inbox();
        let is_failing = self.is_failing();
        if is_failing && !inbox.has_caller() {
            inbox = desk.came.wait_timeout(inbox, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        }
        // Deletes while work is gathered: otherwise constant work would prevent it.
        if !is_failing && self.pruning.is_some() && inbox.can_wait() {
            return inbox.take_nothing();
        }
        let has_rest = !is_failing && self.pruning.is_none();
        let is_idle = |inbox: &mut Inbox| has_rest && inbox.is_empty() && !inbox.is_closed();
        inbox = if self.tidying == Tidying::Done {
            desk.came.wait_while(inbox, is_idle).unwrap_or_else(PoisonError::into_inner)
        } else {
            let waited = desk.came.wait_timeout_while(inbox, self.tidying.quiet(), is_idle);
            waited.unwrap_or_else(PoisonError::into_inner).0
        };
        if !inbox.is_empty() {
            let patience = inbox.patience();
            let gathered = desk.came.wait_timeout_while(inbox, patience, |inbox| inbox.can_wait());
            inbox = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        // Whether writing is possible again shows only when everything is written.
        inbox.take(!is_failing)
    }

    /// Writes everything in one transaction, publishes the store's health, then replies to waiting callers. What has to
    /// be retried stays in the inbox.
    fn write(&mut self, inbox: &mut Inbox, desk: &SharedInbox) -> bool {
        inbox.orders.retain(|order| !order.is_abandoned());
        if inbox.orders.is_empty() && inbox.records.is_empty() {
            return true;
        }
        match self.transaction(&inbox.orders, &inbox.records, desk) {
            Ok(written) => {
                self.tell(None);
                self.was_warned = false;
                if !self.keeps_payloads && inbox.orders.iter().any(|order| matches!(order, Order::Later(_))) {
                    // The log still has the inputs that were forgotten.
                    self.tidying = Tidying::Look { deleted: true };
                }
                for pair in inbox.orders.drain(..).zip(written) {
                    match pair {
                        (Order::Intend(.., reply), Written::Ids(ids)) => drop(reply.send(Ok(ids))),
                        (Order::Begin(.., reply), Written::Batch(batch)) => drop(reply.send(Ok(batch))),
                        (Order::Claim(.., reply), Written::Claimed(lines)) => drop(reply.send(Ok(lines))),
                        (Order::Sending(.., reply), _) => drop(reply.send(Ok(()))),
                        (Order::Later(Later::Prune(before, reply)), _) => {
                            self.pruning = Some(Pruning { before, gone: 0, reply });
                        }
                        _ => {}
                    }
                }
                inbox.records.clear();
                true
            }
            Err(error) => {
                self.tell(Some(error.clone()));
                let was_answered = inbox.orders.iter().any(|order| !matches!(order, Order::Later(_)));
                for order in mem::take(&mut inbox.orders) {
                    match order {
                        Order::Intend(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Begin(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Claim(.., reply) => drop(reply.send(Err(error.clone()))),
                        Order::Sending(.., reply) => drop(reply.send(Err(error.clone()))),
                        later @ Order::Later(_) => inbox.orders.push(later),
                    }
                }
                // Those who got a reply report it themselves.
                if !mem::replace(&mut self.was_warned, true) && !was_answered {
                    tracing::warn!("history is not kept: {error}");
                }
                false
            }
        }
    }

    fn transaction(
        &mut self,
        orders: &[Order],
        records: &HashMap<(GatewayId, ExecutionArn), ExecutionRecord>,
        desk: &SharedInbox,
    ) -> Result<Vec<Written>, StoreError> {
        // SQLite would keep writing to a deleted file.
        self.identity.check(&self.path)?;
        let patience = self.patience(desk);
        self.write_all(orders, records, patience).map_err(|error| StoreError::of(&self.path, &error))
    }

    fn patience<'a>(&'a self, desk: &'a SharedInbox) -> Patience<'a> {
        Patience { desk, path: &self.path, is_failing: self.is_failing(), is_flushing: self.is_flushing }
    }

    fn is_failing(&self) -> bool {
        self.report.borrow().is_some()
    }

    /// Checks whether writing is possible again while there is nothing to write.
    fn probe(&mut self) {
        let sql = "BEGIN IMMEDIATE; CREATE TABLE probe (x); DROP TABLE probe; COMMIT";
        match self.connection.execute_batch(sql) {
            Ok(()) => {
                match self.identity.check(&self.path) {
                    Ok(()) => self.tell(None),
                    // A file that was moved away may have been replaced by now.
                    Err(error) => self.tell(Some(error)),
                }
            }
            // There is nothing to roll back if BEGIN failed.
            Err(_) => drop(self.connection.execute_batch("ROLLBACK")),
        }
    }

    /// Deletes a little at a time, so that nothing waits long for the connection.
    fn prune(&mut self, pruning: Pruning, desk: &SharedInbox) {
        // A failure is retried the next time.
        let pruned = self.patience(desk).wait(|| prune::prune(&self.connection, pruning.before));
        if let Ok(pruned @ 1..) = pruned {
            self.pruning = Some(Pruning { gone: pruning.gone + pruned, ..pruning });
        } else {
            self.tidying = Tidying::Look { deleted: pruning.gone > 0 };
            let _ = pruning.reply.send(pruning.gone);
        }
    }

    /// Deletes and tidies a little when the program ends, so that short commands do so as well.
    fn end(mut self, desk: &SharedInbox) {
        if self.is_failing() {
            return;
        }
        if let Some(pruning) = self.pruning.take() {
            self.prune(pruning, desk);
            self.tidying = Tidying::Look { deleted: true };
        }
        let began = Stopwatch::start();
        while self.tidying.is_short() && began.elapsed() < LAST_STEPS {
            self.tidying = self.tidying.step(&self.connection).in_a_hurry(&self.connection);
        }
    }

    /// Runs a step of tidying. Incoming work interrupts a long one.
    fn tidy(&mut self, desk: &SharedInbox) {
        // A step that fails is left to the next launch, so it must not meet a short write of another process.
        let patience = Patience { is_failing: true, ..self.patience(desk) };
        let free = patience.wait(|| self.connection.execute_batch("BEGIN IMMEDIATE; COMMIT"));
        if free.is_err_and(|error| is_locked(&error)) {
            return;
        }
        {
            let mut inbox = desk.inbox();
            if !inbox.is_empty() || inbox.is_closed() {
                return;
            }
            if matches!(self.tidying, Tidying::Rebuild { .. }) {
                inbox.busy = Busy::Interruptible;
            }
        }
        self.tidying = self.tidying.step(&self.connection);
        desk.inbox().busy = Busy::No;
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

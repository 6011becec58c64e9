//! Changes handed to the writer and not written yet.

use std::collections::HashMap;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::oneshot;

use crate::bounded::Stopwatch;
use crate::domain::{
    BatchId, ExecutionArn, ExecutionRecord, GatewayFacts, GatewayId, LineOrder, Observation, Settled, StartOrder,
    StartRequestId, Timestamp,
};
use crate::store::error::StoreError;
use crate::store::starts::{Phase, Reporter};

/// How long to collect changes that no caller waits for: a transaction writes whole pages, mostly the same as the
/// previous one.
const GATHERING: Duration = Duration::from_millis(500);
/// Bytes of inputs and outputs above which collecting ends.
const LARGE: usize = 1024 * 1024;

pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

pub(super) enum Order {
    Plan(Vec<StartOrder>, Phase, Timestamp, Reply<Vec<StartRequestId>>),
    Begin(String, Vec<LineOrder>, Timestamp, Reply<BatchId>),
    Claim(BatchId, Reply<usize>),
    Sending(StartRequestId, Timestamp, Reply<()>),
    /// No caller waits: retried until it is written.
    Later(Later),
}

impl Order {
    /// Returns whether the caller no longer waits for the reply, so nothing will come of it.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Plan(.., reply) => reply.is_closed(),
            Self::Begin(.., reply) => reply.is_closed(),
            Self::Claim(.., reply) => reply.is_closed(),
            Self::Sending(.., reply) => reply.is_closed(),
            Self::Later(_) => false,
        }
    }
}

/// A change without a waiting caller.
pub(super) enum Later {
    /// The result of a start.
    Settle(StartRequestId, Reporter, Settled, Timestamp),
    /// A start was not sent after all, and waits again.
    MarkUnsent(StartRequestId),
    /// Release the unsent lines of a batch.
    Stop(BatchId),
    /// Cancel the unsent lines of a batch.
    Forget(BatchId, Timestamp),
    /// Remove executions from the list, at this time.
    Remove(Vec<(GatewayId, ExecutionArn)>, Timestamp),
    /// A removed execution may be stored again.
    Restore(GatewayId, ExecutionArn),
    /// Responses have shown facts about a gateway.
    Learn(GatewayId, GatewayFacts),
    /// The user chose a value for this key in the UI, or removed it.
    Choose(&'static str, Option<String>),
    /// The clock was right at this time.
    Trust(Timestamp),
    /// Delete what ended before this time. The reply is the number of rows, once all are deleted.
    Prune(Timestamp, oneshot::Sender<usize>),
    /// Kills the writer thread.
    #[cfg(test)]
    Break,
}

/// The result of an order.
pub(super) enum Written {
    Ids(Vec<StartRequestId>),
    Batch(BatchId),
    Claimed(usize),
    Done,
}

/// How long the writer continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stage {
    #[default]
    Open,
    /// Finish the current contents, then stop.
    Closed,
    /// Write nothing more.
    Abandoned,
}

/// What the writer is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Busy {
    /// Nothing that matters to others.
    #[default]
    No,
    /// Writing the contents of the queue.
    Writing,
    /// Work that incoming changes interrupt.
    Interruptible,
}

#[derive(Default)]
pub(super) struct WriteQueue {
    pub(super) orders: Vec<Order>,
    /// Only the last record of each execution, which bounds the number.
    pub(super) records: HashMap<(GatewayId, ExecutionArn), ExecutionRecord>,
    /// Bytes of inputs and outputs in the records.
    bytes: usize,
    pub(super) flushes: Vec<oneshot::Sender<()>>,
    /// Arrival of the oldest change without a waiting caller.
    since: Option<Stopwatch>,
    /// A caller waits for one of the orders.
    pub(super) is_urgent: bool,
    pub(super) stage: Stage,
    pub(super) busy: Busy,
    /// The program ends: the writer no longer waits for other processes.
    pub(super) is_hurried: bool,
}

impl WriteQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.records.is_empty() && self.flushes.is_empty()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// Adds an order that has a waiting caller.
    pub(super) fn add_urgent(&mut self, order: Order) {
        self.orders.push(order);
        self.is_urgent = true;
    }

    pub(super) fn add_later(&mut self, later: Later) {
        self.orders.push(Order::Later(later));
        self.since.get_or_insert_with(Stopwatch::start);
    }

    pub(super) fn add_record(&mut self, record: ExecutionRecord) {
        self.bytes += record.seen.as_ref().map_or(0, Observation::bytes);
        self.records.insert((record.gateway.clone(), record.arn.clone()), record);
        self.since.get_or_insert_with(Stopwatch::start);
    }

    /// Returns whether everything is written, or nothing can be.
    pub(super) fn is_written(&self) -> bool {
        self.busy != Busy::Writing && self.orders.is_empty() && self.records.is_empty()
    }

    /// Returns whether the contents may wait for more to come in.
    pub(super) fn can_wait(&self) -> bool {
        !self.is_urgent && !self.is_due()
    }

    /// Returns whether a caller waits for the writing.
    pub(super) fn has_caller(&self) -> bool {
        self.is_urgent || self.must_end()
    }

    /// Returns how long the contents may wait.
    pub(super) fn gathering_time(&self) -> Duration {
        self.since.map_or(GATHERING, |since| GATHERING.saturating_sub(since.elapsed()))
    }

    /// Returns whether everything has to be written now.
    fn must_end(&self) -> bool {
        self.is_closed() || !self.flushes.is_empty()
    }

    fn is_due(&self) -> bool {
        self.must_end() || self.bytes > LARGE || self.gathering_time().is_zero()
    }

    /// Takes what is to be written now: everything, or only what callers wait for, if it does not depend on the rest.
    /// Otherwise each of many starts would write the pages that a collected transaction writes once.
    pub(super) fn take(&mut self, may_split: bool) -> Self {
        if may_split && self.is_urgent && !self.is_due() && self.is_urgent_independent() {
            self.is_urgent = false;
            let has_caller = |order: &mut Order| !matches!(order, Order::Later(_));
            let orders = self.orders.extract_if(.., has_caller).collect();
            self.busy = Busy::Writing;
            return Self { orders, ..self.take_nothing() };
        }
        let busy = if self.is_empty() { Busy::No } else { Busy::Writing };
        let rest = Self { busy, ..self.take_nothing() };
        mem::replace(self, rest)
    }

    /// Returns an empty queue in the same stage.
    pub(super) fn take_nothing(&self) -> Self {
        Self { stage: self.stage, is_hurried: self.is_hurried, ..Self::default() }
    }

    /// Marks the taken changes as written.
    pub(super) fn end_writing(&mut self) {
        self.busy = Busy::No;
    }

    fn is_urgent_independent(&self) -> bool {
        let waits = |start: &StartRequestId| {
            let concerns = |order: &Order| match order {
                Order::Later(Later::Settle(id, ..) | Later::MarkUnsent(id)) => id == start,
                _ => false,
            };
            self.orders.iter().any(concerns)
        };
        self.orders.iter().all(|order| match order {
            #[cfg(test)]
            Order::Later(Later::Break) => false,
            Order::Later(_) | Order::Plan(..) | Order::Begin(..) => true,
            Order::Sending(start, ..) => !waits(start),
            Order::Claim(..) => false,
        })
    }

    fn clear(&mut self) {
        self.orders.clear();
        self.records.clear();
        self.flushes.clear();
        self.busy = Busy::No;
    }
}

pub(super) struct SharedWriteQueue {
    pub(super) queue: Mutex<WriteQueue>,
    pub(super) came: Condvar,
    interrupt: InterruptHandle,
}

impl SharedWriteQueue {
    /// Creates the queue of a writer with this connection.
    pub(super) fn new(connection: &Connection) -> Self {
        let (queue, came) = Default::default();
        Self { queue, came, interrupt: connection.get_interrupt_handle() }
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, WriteQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the queue, and wakes the writer. If the writer has died, waiting callers get an error at once.
    pub(super) fn update(&self, change: impl FnOnce(&mut WriteQueue)) {
        let mut queue = self.queue();
        change(&mut queue);
        if queue.stage == Stage::Abandoned {
            queue.clear();
        }
        // While the queue is locked, so that it never interrupts the next transaction.
        if queue.busy == Busy::Interruptible {
            self.interrupt.interrupt();
        }
        drop(queue);
        self.came.notify_one();
    }

    /// Marks the writer as dead: waiting callers get an error because their reply channels are dropped.
    pub(super) fn abandon(&self) {
        let mut queue = self.queue();
        queue.stage = Stage::Abandoned;
        queue.clear();
    }

    /// Puts failed changes back, before those that have arrived meanwhile.
    pub(super) fn put_back(&self, failed: WriteQueue) {
        let mut queue = self.queue();
        let newer = mem::replace(&mut queue.orders, failed.orders);
        queue.orders.extend(newer);
        for (key, record) in failed.records {
            queue.records.entry(key).or_insert(record);
        }
        queue.since.get_or_insert_with(Stopwatch::start);
        queue.bytes += failed.bytes;
    }
}

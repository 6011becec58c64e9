//! What has been handed to the writer and is not written yet.

use std::collections::HashMap;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::oneshot;

use crate::domain::{
    BatchId, ExecutionArn, GatewayFacts, LineOrder, Place, Record, RecordId, Settled, StartOrder, Timestamp,
};
use crate::store::error::StoreError;
use crate::store::starts::{Phase, Word};

pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

pub(super) enum Order {
    Intend(Vec<StartOrder>, Phase, Timestamp, Reply<Vec<RecordId>>),
    Begin(String, Vec<LineOrder>, Timestamp, Reply<BatchId>),
    Claim(BatchId, Reply<usize>),
    Sending(RecordId, Timestamp, Reply<()>),
    /// Whoever gives one of these does not wait: it is tried until it is written.
    Later(Later),
}

impl Order {
    /// Returns whether the caller no longer waits for the reply, so nothing will come of it.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Intend(.., reply) => reply.is_closed(),
            Self::Begin(.., reply) => reply.is_closed(),
            Self::Claim(.., reply) => reply.is_closed(),
            Self::Sending(.., reply) => reply.is_closed(),
            Self::Later(_) => false,
        }
    }
}

/// What is told after the fact.
pub(super) enum Later {
    /// What came of a start.
    Settle(RecordId, Word, Settled, Timestamp),
    /// A start was not sent after all, and waits again.
    Unsend(RecordId),
    /// The rest of a batch waits for whoever goes on with it.
    Stop(BatchId),
    /// The rest of a batch is not wanted any more.
    Forget(BatchId, Timestamp),
    /// Responses have shown something about a gateway.
    Learn(Place, GatewayFacts),
    /// The clock was right at this moment.
    Trust(Timestamp),
    /// Delete what ended before this moment. Answered with the number of rows once all of it is deleted.
    Prune(Timestamp, oneshot::Sender<usize>),
    /// The writer breaks off.
    #[cfg(test)]
    Break,
}

/// What was written for an order.
pub(super) enum Written {
    Ids(Vec<RecordId>),
    Batch(BatchId),
    Claimed(usize),
    Done,
}

/// How long the writer continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stage {
    #[default]
    Open,
    /// What is already here is written, and nothing after it.
    Closed,
    /// Nothing is written any more.
    Abandoned,
}

#[derive(Default)]
pub(super) struct Inbox {
    pub(super) orders: Vec<Order>,
    /// Of each execution only the last: so there are never more than there are executions.
    pub(super) records: HashMap<(Place, ExecutionArn), Record>,
    pub(super) flushes: Vec<oneshot::Sender<()>>,
    /// Something waits for one of the orders.
    pub(super) is_urgent: bool,
    pub(super) stage: Stage,
    /// The writer is busy with something that incoming work interrupts.
    pub(super) is_interruptible: bool,
    /// The program ends now: the writer waits for no other process.
    pub(super) is_hurried: bool,
}

impl Inbox {
    pub(super) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.records.is_empty() && self.flushes.is_empty()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// Returns whether the contents may wait for more to come in.
    pub(super) fn can_wait(&self) -> bool {
        !self.is_urgent && self.flushes.is_empty() && !self.is_closed()
    }

    fn clear(&mut self) {
        self.orders.clear();
        self.records.clear();
        self.flushes.clear();
    }
}

pub(super) struct Desk {
    pub(super) inbox: Mutex<Inbox>,
    pub(super) came: Condvar,
    interrupt: InterruptHandle,
}

impl Desk {
    /// Creates the desk of a writer that uses this connection.
    pub(super) fn new(connection: &Connection) -> Self {
        let (inbox, came) = Default::default();
        Self { inbox, came, interrupt: connection.get_interrupt_handle() }
    }

    pub(super) fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands something over. Where nobody writes any more, whoever waits for it hears so at once.
    pub(super) fn put(&self, put: impl FnOnce(&mut Inbox)) {
        let mut inbox = self.inbox();
        put(&mut inbox);
        if inbox.stage == Stage::Abandoned {
            inbox.clear();
        }
        // While the inbox is locked, so that it never interrupts the next transaction.
        if inbox.is_interruptible {
            self.interrupt.interrupt();
        }
        drop(inbox);
        self.came.notify_one();
    }

    /// Nobody writes any more: those who wait hear so, since what would answer them is dropped.
    pub(super) fn abandon(&self) {
        let mut inbox = self.inbox();
        inbox.stage = Stage::Abandoned;
        inbox.clear();
    }

    /// What could not be written goes before what came in meanwhile.
    pub(super) fn put_back(&self, failed: Inbox) {
        let mut inbox = self.inbox();
        let newer = mem::replace(&mut inbox.orders, failed.orders);
        inbox.orders.extend(newer);
        for (key, record) in failed.records {
            inbox.records.entry(key).or_insert(record);
        }
    }
}

//! Carrying a start out: the intent goes to the disk, then the request leaves.

use tokio::time::Instant;

use crate::domain::{Failure, FailureKind, MachineType, RecordId, Retry, Settled, StartLimits, StartOrder, Timestamp};
use crate::gateway::Clients;
use crate::start::attempts::{Attempts, Next};
use crate::start::pace::Pace;
use crate::store::{Phase, Store};

/// What came of a start, and where it is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct StartReport {
    /// Its record, unless nothing is kept.
    pub record: Option<RecordId>,
    /// What came of it.
    pub settled: Settled,
}

/// Carries starts out. Clones share everything.
#[derive(Debug, Clone)]
pub struct Starter {
    clients: Clients,
    store: Option<Store>,
    clock: fn() -> Timestamp,
    pace: Pace,
}

impl Starter {
    /// Starts go through these clients; with a store none leaves without a record.
    pub fn new(clients: Clients, store: Option<Store>, clock: fn() -> Timestamp) -> Self {
        Self { pace: Pace::new(store.clone()), clients, store, clock }
    }

    /// Waits until one more of many starts may be sent at the place of an order, and spends it. To be dropped and
    /// called again at will.
    pub(super) async fn turn(&self, order: &StartOrder) {
        let client = self.clients.at(&order.place, &order.endpoint);
        let limits = client.map_or(StartLimits::default(), |client| client.endpoint().start);
        self.pace.turn(&order.place, limits).await;
    }

    /// Starts an execution: a new one, or one whose intent is in the store already.
    pub async fn start(&self, order: &StartOrder, intent: Option<RecordId>) -> StartReport {
        let report = self.carry_out(order, intent).await;
        match &report.settled {
            // What was to be started after all, and could not just now, can be tried again.
            Settled::Refused(failure) if intent.is_some() && failure.retry() != Retry::Never => {
                self.settle(&StartReport { settled: Settled::NeverStarted, ..report.clone() });
            }
            _ => self.settle(&report),
        }
        report
    }

    /// The same, with the last word left to the caller: [`Self::settle`], or nothing if it is to wait again.
    pub(super) async fn carry_out(&self, order: &StartOrder, intent: Option<RecordId>) -> StartReport {
        let record = match self.write_down(order, intent).await {
            Ok(record) => record,
            Err(failure) => return StartReport { record: None, settled: Settled::Refused(failure) },
        };
        let settled = self.send(order, record).await;
        StartReport { record, settled }
    }

    /// Writes down what came of a start.
    pub(super) fn settle(&self, report: &StartReport) {
        if let (Some(store), Some(id)) = (&self.store, report.record) {
            store.settle(id, report.settled.clone(), (self.clock)());
        }
    }

    /// `Ok(None)` when nothing is kept, which the user knows by now.
    async fn write_down(&self, order: &StartOrder, intent: Option<RecordId>) -> Result<Option<RecordId>, Failure> {
        let Some(store) = &self.store else { return Ok(None) };
        let was_failing = store.health().borrow().is_some();
        let now = (self.clock)();
        let written = if let Some(id) = intent {
            store.sending(id, now).await.map(|()| Some(id))
        } else {
            let ids = store.intend(vec![order.clone()], Phase::Sent, now).await;
            ids.map(|ids| ids.first().copied())
        };
        match written {
            Ok(record) => Ok(record),
            // It was on the screen that nothing is kept, and the user starts all the same. An EXPRESS intent
            // that looks as if it had not been sent would be sent twice.
            Err(_) if was_failing && (intent.is_none() || order.machine_type == MachineType::Standard) => Ok(intent),
            Err(error) => Err(Failure::without_answer(FailureKind::NotRecorded, error.to_string())),
        }
    }

    async fn send(&self, order: &StartOrder, record: Option<RecordId>) -> Settled {
        let client = match self.clients.at(&order.place, &order.endpoint) {
            Ok(client) => client,
            Err(failure) => return Settled::Refused(failure),
        };
        let began = Instant::now();
        let mut attempts = Attempts::default();
        loop {
            tracing::debug!(machine = %order.machine, name = %order.name, "a start is sent");
            let asked = Instant::now();
            let answer = client.start(order).await;
            if let Err(Failure { kind: FailureKind::Throttled, .. }) = &answer {
                self.pace.throttled(&order.place, asked);
            }
            let pause = match attempts.answered(order, answer, began.elapsed(), fastrand::f64()) {
                Next::Over(settled) => return settled,
                Next::Again(pause) => pause,
            };
            tokio::time::sleep(pause).await;
            // Whoever looks after a crash must know how late the last attempt may still arrive.
            if let (Some(store), Some(id)) = (&self.store, record)
                && let Err(error) = store.sending(id, (self.clock)()).await
            {
                return attempts.stopped(Failure::without_answer(FailureKind::NotRecorded, error.to_string()));
            }
        }
    }
}

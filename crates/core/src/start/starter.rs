//! Sends a start: its record goes to the disk, then the request is sent. `lifecycle` decides what its responses mean.

mod knowledge;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::domain::{
    ExecutionName, Failure, FailureKind, GatewayId, MachineType, NameHandling, Permit, Route, RouteSettings, Settled,
    StartLimits, StartOrder, StartRequestId, Started, StateMachineArn, Timestamp, UnresolvedStart,
};
use crate::gateway::{Client, Clients, StartRequest};
use crate::lifecycle::attempts::{Attempts, Next};
use crate::lifecycle::start_outcome::{
    Outcome, learned_facts, may_be_sent_later, may_send_unrecorded, without_outcome,
};
use crate::rate_limit::StartRateLimits;
use crate::start::claimed_names::Claims;
use crate::start::unsent::Waiting;
use crate::store::{Phase, Store};

/// How often to check whether starts still wait for credentials.
const HELD: Duration = Duration::from_millis(50);

/// The result of a start, and its record.
#[derive(Debug, Clone, PartialEq)]
pub struct StartReport {
    /// The store's id, if recorded.
    pub request_id: Option<StartRequestId>,
    /// The result.
    pub settled: Settled,
    /// Whether it could be retried, and was as long as useful.
    pub is_idempotent: bool,
}

/// Executions that this process has started, besides those in the store.
#[derive(Debug, Default)]
struct Seen {
    types: HashMap<(GatewayId, StateMachineArn), MachineType>,
    claims: Claims,
}

/// Sends starts. Clones share everything.
#[derive(Debug, Clone)]
pub struct Starter {
    clients: Clients,
    store: Option<Store>,
    clock: fn() -> Timestamp,
    rate_limits: StartRateLimits,
    seen: Arc<Mutex<Seen>>,
    trouble: watch::Sender<Option<Failure>>,
    waiting: Waiting,
    /// Whether a request of this process may have been sent.
    has_sent: watch::Sender<bool>,
}

impl Starter {
    /// Returns a starter with these clients; with a store, no start is sent without a record.
    pub fn new(clients: Clients, store: Option<Store>, clock: fn() -> Timestamp) -> Self {
        let (seen, trouble, has_sent) = (Arc::default(), watch::Sender::default(), watch::Sender::default());
        let waiting = Waiting::default();
        Self {
            rate_limits: StartRateLimits::new(store.as_ref().map(|store| store.folder().to_owned())),
            clients,
            store,
            clock,
            seen,
            trouble,
            waiting,
            has_sent,
        }
    }

    /// Returns whether a start request may have been sent. Before that it waits for the store or for credentials.
    pub fn has_sent(&self) -> bool {
        *self.has_sent.borrow()
    }

    /// Sends no more starts. Returns those that were waiting, whose records are about to be settled.
    pub fn close(&self) -> Vec<(GatewayId, ExecutionName)> {
        self.waiting.close()
    }

    /// Returns the last failure that was retried.
    pub fn trouble(&self) -> watch::Receiver<Option<Failure>> {
        self.trouble.subscribe()
    }

    /// Returns whether it is unknown how the order's gateway treats names: then a single start goes ahead of others.
    pub(super) fn is_unknown(&self, order: &StartOrder) -> bool {
        let client = self.clients.at(&order.gateway, &order.endpoint);
        client.is_ok_and(|client| Self::knowledge(&client, MachineType::Unknown).names() == NameHandling::Unknown)
    }

    /// Returns the route of a start whose machine has the type that the start request says.
    pub(super) fn expected_route(&self, order: &StartOrder) -> Route {
        let client = self.clients.at(&order.gateway, &order.endpoint);
        client.map_or(Route::Start, |client| client.endpoint().route_to_start(order.machine_type))
    }

    /// Returns whether all starts at the gateway of an order fail until there are new credentials.
    pub(super) fn needs_credentials(&self, order: &StartOrder) -> bool {
        self.clients.at(&order.gateway, &order.endpoint).is_ok_and(|client| client.needs_credentials())
    }

    /// Waits for new credentials.
    pub(super) async fn credentials_renewed(&self, order: &StartOrder) {
        if let Ok(client) = self.clients.at(&order.gateway, &order.endpoint) {
            client.credentials_renewed().await;
        }
    }

    /// Returns whether a repeated start leads to the same execution, as far as known.
    pub async fn is_idempotent(&self, order: &StartOrder) -> bool {
        let Ok(client) = self.clients.at(&order.gateway, &order.endpoint) else { return false };
        Self::knowledge(&client, self.machine_type(order).await).is_idempotent(order)
    }

    /// Returns the route that a start is sent on.
    pub async fn route(&self, order: &StartOrder) -> Route {
        match self.clients.at(&order.gateway, &order.endpoint) {
            Ok(client) => self.route_at(&client, order).await,
            Err(_) => Route::Start,
        }
    }

    async fn route_at(&self, client: &Client, order: &StartOrder) -> Route {
        let known = Self::knowledge(client, self.machine_type(order).await);
        client.endpoint().route_to_start(known.machine_type(order))
    }

    /// Waits until another start of a batch may be sent to the order's gateway, and spends it. Cancel-safe.
    pub(super) async fn wait_for_turn(&self, order: &StartOrder) {
        let client = self.clients.at(&order.gateway, &order.endpoint);
        // Starts waiting together for credentials would be sent together.
        while client.as_ref().is_ok_and(|client| client.awaits_credentials()) {
            tokio::time::sleep(HELD).await;
        }
        let limits = client.map_or(StartLimits::default(), |client| client.endpoint().start);
        self.rate_limits.wait_for_turn(&order.gateway, limits).await;
    }

    /// Starts an execution: with a new record, or with one in the store.
    pub async fn start(&self, order: &StartOrder, request_id: Option<StartRequestId>, _permit: &Permit) -> StartReport {
        let report = self.carry_out(order, request_id).await;
        match &report.settled {
            // A start that failed for now can be tried again later.
            Settled::Refused(failure) if request_id.is_some() && may_be_sent_later(failure) => {
                self.settle(&StartReport { settled: Settled::NeverStarted, ..report.clone() });
            }
            _ => self.settle(&report),
        }
        report
    }

    /// Like [`Self::start`], but the caller settles it with [`Self::settle`], or lets it wait again.
    pub(super) async fn carry_out(&self, order: &StartOrder, request_id: Option<StartRequestId>) -> StartReport {
        let refused = |record, failure| StartReport {
            request_id: record,
            settled: Settled::Refused(failure),
            is_idempotent: false,
        };
        let client = self.clients.at(&order.gateway, &order.endpoint);
        // Before the record says that it may have been sent: a filter may take its time.
        let prepared = match &client {
            Ok(client) => client.prepare_start(order, self.route_at(client, order).await).await,
            Err(failure) => Err(failure.clone()),
        };
        let (client, request) = match (client, prepared) {
            (Ok(client), Ok(request)) => (client, request),
            (_, Err(failure)) | (Err(failure), _) => return refused(request_id, failure),
        };
        if request.route == Route::Start && !request.has_name {
            self.learn_names_are_ignored(&client);
        }
        match self.write_down(order, request_id).await {
            Ok(record) => self.send(&client, order, &request, record).await,
            Err(failure) => refused(None, failure),
        }
    }

    /// Records the result of a start.
    pub(super) fn settle(&self, report: &StartReport) {
        if let (Some(store), Some(id)) = (&self.store, report.request_id) {
            store.settle(id, report.settled.clone(), (self.clock)());
        }
    }

    /// `Ok(None)` if nothing is stored, which the user knows by then.
    async fn write_down(
        &self,
        order: &StartOrder,
        request_id: Option<StartRequestId>,
    ) -> Result<Option<StartRequestId>, Failure> {
        let Some(store) = &self.store else { return Ok(None) };
        let was_failing = store.health().borrow().is_some();
        let now = (self.clock)();
        let written = if let Some(id) = request_id {
            store.mark_sending(id, now).await.map(|()| Some(id))
        } else {
            let ids = store.plan_starts(vec![order.clone()], Phase::Sent, now).await;
            ids.map(|ids| ids.first().copied())
        };
        match written {
            Ok(record) => Ok(record),
            Err(_) if may_send_unrecorded(was_failing, request_id.is_some(), order) => Ok(request_id),
            Err(error) => Err(Failure::without_response(FailureKind::NotRecorded, error.to_string())),
        }
    }

    async fn send(
        &self,
        client: &Client,
        order: &StartOrder,
        request: &StartRequest,
        record: Option<StartRequestId>,
    ) -> StartReport {
        let unsent = self.waiting.add(order, self.store.as_ref(), record, self.clock);
        let mut ready = Some(client.ready().await);
        if !unsent.may_be_sent() {
            return StartReport { request_id: record, settled: Settled::NeverStarted, is_idempotent: false };
        }
        self.has_sent.send_replace(true);
        let (began, first_sent) = (Instant::now(), (self.clock)());
        let (mut attempts, mut sent) = (Attempts::default(), first_sent);
        let (outcome, known) = loop {
            tracing::debug!(machine = %order.machine, name = %order.name, "a start is sent");
            let attempt_began = Instant::now();
            let response = match ready.take() {
                Some(Err(failure)) => Err(failure),
                _ => client.send_start(request).await,
            };
            if response.as_ref().is_err_and(Failure::is_throttled) {
                self.rate_limits.throttled(&order.gateway, attempt_began);
            }
            let known = Self::knowledge(client, self.machine_type(order).await);
            let evidence = self.evidence(client, order, record, &response, first_sent).await;
            // What the route `sync` does with names shows nothing about `start`.
            if request.route == Route::Start
                && let Some(facts) = learned_facts(order, &response, client.facts(), evidence)
            {
                self.learn(client, facts);
            }
            let failure = response.as_ref().err().cloned();
            let pause = match attempts.on_response(order, response, (known, evidence), began.elapsed(), fastrand::f64())
            {
                Next::Done(outcome) => break (outcome, known),
                Next::RetryAfter(pause) => pause,
            };
            self.trouble.send_replace(failure);
            tokio::time::sleep(pause).await;
            sent = (self.clock)();
            // After a crash, the time of the last attempt decides how late it may still arrive.
            if let (Some(store), Some(id)) = (&self.store, record)
                && let Err(error) = store.mark_sending(id, sent).await
            {
                let failure = Failure::without_response(FailureKind::NotRecorded, error.to_string());
                break (attempts.stop(failure), known);
            }
        };
        let settled = match outcome {
            Outcome::Confirmed(mut started) => {
                if request.route == Route::Sync {
                    // Without the date, the time of the response would be taken for it.
                    started.start_date = started.start_date.or(Some(sent));
                }
                self.claim(order, &started.execution_arn);
                let has_logs = client.endpoint().route(Route::Logs).is_some();
                Settled::Confirmed(Started { has_logs, ..started })
            }
            Outcome::Refused(failure) => Settled::Refused(failure),
            Outcome::Unresolved(reason) => {
                let timeout = client.endpoint().route(request.route).map(RouteSettings::sync_timeout);
                let reason = match timeout.filter(|_| request.route == Route::Sync) {
                    Some(timeout) => without_outcome(reason, timeout),
                    None => reason,
                };
                // With the machine type learned meanwhile.
                let order = StartOrder { machine_type: known.machine_type(order), ..order.clone() };
                Settled::Unresolved(Box::new(UnresolvedStart {
                    order,
                    request_id: record,
                    first_sent,
                    sent,
                    reason: Some(reason),
                }))
            }
        };
        StartReport { request_id: record, settled, is_idempotent: known.is_idempotent(order) }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Polls one endpoint: which execution to poll when, and what each response means.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use crate::domain::{
    ExecutionArn, ExecutionId, Failure, GatewayFacts, HistoryQuery, MachineType, Observation, StateMachineArn,
    Timestamp, Verdict,
};
use crate::lifecycle::tracked::PollResult;
use crate::lifecycle::{Change, Context, Tracked};
use crate::watch::schedule::Schedule;
use crate::watch::status_source::StatusSource;

/// One endpoint, and what is watched there.
pub(super) struct EndpointPoller<S> {
    pub(super) source: Arc<S>,
    pub(super) schedule: Schedule,
    /// Watched executions and starts, as far as they decide what a response means.
    pub(super) tracked: BTreeMap<ExecutionId, Tracked>,
    pub(super) ids: BTreeMap<ExecutionArn, ExecutionId>,
    /// Machines whose earlier durations have been requested.
    pub(super) machines: HashSet<StateMachineArn>,
    /// Machines with a described execution: only STANDARD ones can be.
    standard: HashSet<StateMachineArn>,
    /// Pages of histories to read.
    pub(super) background_requests: VecDeque<(u64, HistoryQuery)>,
    /// Pages of histories to read from logs.
    pub(super) logged_histories: VecDeque<(u64, HistoryQuery)>,
    /// The task that waits for new credentials, if they were rejected.
    pub(super) renewal: Option<AbortHandle>,
    /// The task that waits for a successful request while status requests are paused.
    pub(super) recovery: Option<AbortHandle>,
}

/// The result of a status request.
pub(super) struct StatusResult {
    pub(super) change: Change,
    pub(super) verdict: Verdict,
    pub(super) machine: StateMachineArn,
    /// New facts about the gateway, if any.
    pub(super) learned: Option<GatewayFacts>,
}

impl<S: StatusSource> EndpointPoller<S> {
    pub(super) fn new(source: Arc<S>, schedule: Schedule) -> Self {
        let (tracked, ids, machines, standard) = Default::default();
        let (background_requests, logged_histories) = Default::default();
        let (renewal, recovery) = (None, None);
        Self {
            source,
            schedule,
            tracked,
            ids,
            machines,
            standard,
            background_requests,
            logged_histories,
            renewal,
            recovery,
        }
    }

    /// Returns whether to start waiting for new credentials, which is pointless while nothing is watched.
    pub(super) fn start_waiting_for_credentials(&mut self) -> bool {
        let is_wanted = self.schedule.is_paused() && !self.schedule.is_empty();
        self.renewal = self.renewal.take().filter(|waiting| !waiting.is_finished());
        match &self.renewal {
            Some(waiting) if !is_wanted => {
                waiting.abort();
                self.renewal = None;
                false
            }
            Some(_) => false,
            None => is_wanted && self.source.needs_credentials(),
        }
    }

    /// Returns whether to start waiting for a successful request by others, which shows that the endpoint is back.
    pub(super) fn start_waiting_for_success(&mut self) -> bool {
        let is_wanted = self.schedule.is_paused() && !self.schedule.is_empty();
        self.recovery = self.recovery.take().filter(|waiting| !waiting.is_finished());
        if let Some(waiting) = self.recovery.take_if(|_| !is_wanted) {
            waiting.abort();
        }
        is_wanted && self.recovery.is_none()
    }

    /// Starts to watch, or returns why status requests cannot settle it.
    pub(super) fn begin(
        &mut self,
        id: ExecutionId,
        age: Duration,
        mut tracked: Tracked,
        time: Timestamp,
        now: Instant,
    ) -> Result<(), Failure> {
        let arn = tracked.arn();
        let context = self.context(&arn.machine(), time);
        if let Some(failure) = tracked.objection(&context) {
            return Err(failure);
        }
        if tracked.is_logged(&context) {
            self.begin_logged(id, age, &tracked, time, now);
        } else {
            let grace = tracked.begin(age, &context);
            self.schedule.add(id, &arn.machine(), age, grace, now);
        }
        self.ids.insert(arn, id);
        self.tracked.insert(id, tracked);
        Ok(())
    }

    /// Stops watching.
    pub(super) fn forget(&mut self, id: ExecutionId) {
        if let Some(tracked) = self.tracked.remove(&id) {
            self.ids.remove(&tracked.arn());
        }
        self.schedule.forget(id);
    }

    /// Handles the response to a status request; `None` if it is no longer watched.
    pub(super) fn on_response(
        &mut self,
        id: ExecutionId,
        response: Result<Observation, Failure>,
        time: Timestamp,
        now: Instant,
    ) -> Option<StatusResult> {
        let machine = self.tracked.get(&id)?.arn().machine();
        let context = self.context(&machine, time);
        let tracked = self.tracked.get_mut(&id)?;
        let (result, facts) = tracked.on_response(response, &context);
        let learned = (facts != context.facts).then_some(facts);
        if learned.is_some() {
            self.source.learn(facts);
        }
        let verdict = match &result {
            PollResult::Seen { seen, .. } => self.schedule.on_response(id, &Ok((**seen).clone()), now, fastrand::f64()),
            PollResult::Failed(failure) => self.schedule.on_response(id, &Err(failure.clone()), now, fastrand::f64()),
            PollResult::RetryAfter(pause, _) => self.schedule.retry_after(id, *pause, now),
            PollResult::Contradicted(_) => Verdict::Ended,
            PollResult::NameTaken(_) | PollResult::Unclear(_) => Verdict::GivenUp,
        };
        if let (PollResult::Failed(failure), Verdict::GivenUp) = (&result, &verdict)
            && tracked.needs_more_time(failure, &context)
        {
            let grace = tracked.begin(Duration::ZERO, &context);
            self.schedule.add(id, &machine, Duration::ZERO, grace, now);
            let change = Change::Failed(failure.clone());
            return Some(StatusResult { change, verdict: Verdict::Watching(Duration::ZERO), machine, learned });
        }
        if matches!(result, PollResult::Seen { .. }) {
            self.standard.insert(machine.clone());
        }
        let change = tracked.change(result, &verdict, &context);
        if matches!(verdict, Verdict::Ended | Verdict::GivenUp) {
            self.forget(id);
        }
        Some(StatusResult { change, verdict, machine, learned })
    }

    /// Reads a page of a history once the budget allows it.
    pub(super) fn add_history(&mut self, number: u64, query: HistoryQuery) {
        if !query.execution.is_describable() && self.source.reads_logs() {
            self.logged_histories.push_back((number, query));
            self.schedule.add_logged_history();
        } else {
            self.background_requests.push_back((number, query));
            self.schedule.add_background_request();
        }
    }

    pub(super) fn context(&self, machine: &StateMachineArn, time: Timestamp) -> Context {
        let shown = if self.standard.contains(machine) { MachineType::Standard } else { MachineType::Unknown };
        Context { now: time, machine: shown, reads_logs: self.source.reads_logs(), ..self.source.context() }
    }
}

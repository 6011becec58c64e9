//! Polls one endpoint: decides when to ask about which execution, and what each response means.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;

use crate::domain::{
    ExecutionArn, ExecutionId, Failure, GatewayFacts, HistoryQuery, MachineType, Observation, StateMachineArn,
    Timestamp, Verdict,
};
use crate::lifecycle::tracked::Heard;
use crate::lifecycle::{Change, Context, Tracked};
use crate::watch::schedule::Schedule;
use crate::watch::source::StatusSource;

/// One endpoint, and what is watched there.
pub(super) struct EndpointPoller<S> {
    pub(super) source: Arc<S>,
    pub(super) schedule: Schedule,
    /// What is watched, as far as it decides what a response means.
    pub(super) tracked: HashMap<ExecutionId, Tracked>,
    pub(super) ids: HashMap<ExecutionArn, ExecutionId>,
    /// Machines whose past was asked for.
    pub(super) machines: HashSet<StateMachineArn>,
    /// Machines of which an execution was described: only STANDARD ones can be.
    standard: HashSet<StateMachineArn>,
    /// Pages of histories that are to be read.
    pub(super) errands: VecDeque<(u64, HistoryQuery)>,
    /// The task that waits for new credentials, if they are bad.
    pub(super) renewal: Option<AbortHandle>,
    /// Waits for a request that is answered, while questions are held back.
    pub(super) recovery: Option<AbortHandle>,
}

/// What the response to a question has led to.
pub(super) struct Answered {
    pub(super) change: Change,
    pub(super) verdict: Verdict,
    pub(super) machine: StateMachineArn,
    /// What is known of the gateway now, if that is news.
    pub(super) learned: Option<GatewayFacts>,
}

impl<S: StatusSource> EndpointPoller<S> {
    pub(super) fn new(source: Arc<S>, schedule: Schedule) -> Self {
        let (tracked, ids, machines, standard, errands) = Default::default();
        Self { source, schedule, tracked, ids, machines, standard, errands, renewal: None, recovery: None }
    }

    /// Returns whether to begin waiting for new credentials. Nothing waits for them if nothing is watched.
    pub(super) fn begins_to_wait_for_credentials(&mut self) -> bool {
        let is_wanted = self.schedule.is_held_back() && !self.schedule.is_empty();
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

    /// Whether to begin to wait for an answer to a request of somebody else: it shows that the endpoint is there again.
    pub(super) fn begins_to_wait_for_answers(&mut self) -> bool {
        let is_wanted = self.schedule.is_held_back() && !self.schedule.is_empty();
        self.recovery = self.recovery.take().filter(|waiting| !waiting.is_finished());
        if let Some(waiting) = self.recovery.take_if(|_| !is_wanted) {
            waiting.abort();
        }
        is_wanted && self.recovery.is_none()
    }

    /// Begins to watch, or says why asking cannot find anything out.
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
        let grace = tracked.begin(age, &context);
        self.schedule.add(id, &arn.machine(), age, grace, now);
        self.ids.insert(arn, id);
        self.tracked.insert(id, tracked);
        Ok(())
    }

    /// Watches no more.
    pub(super) fn forget(&mut self, id: ExecutionId) {
        if let Some(tracked) = self.tracked.remove(&id) {
            self.ids.remove(&tracked.arn());
        }
        self.schedule.forget(id);
    }

    /// Takes the response to a question; `None` if that is not watched any more.
    pub(super) fn answered(
        &mut self,
        id: ExecutionId,
        response: Result<Observation, Failure>,
        time: Timestamp,
        now: Instant,
    ) -> Option<Answered> {
        let machine = self.tracked.get(&id)?.arn().machine();
        let context = self.context(&machine, time);
        let tracked = self.tracked.get_mut(&id)?;
        let (heard, facts) = tracked.hear(response, &context);
        let learned = (facts != context.facts).then_some(facts);
        if learned.is_some() {
            self.source.learn(facts);
        }
        let verdict = match &heard {
            Heard::Seen { seen, .. } => self.schedule.answered(id, &Ok((**seen).clone()), now, fastrand::f64()),
            Heard::Failed(failure) => self.schedule.answered(id, &Err(failure.clone()), now, fastrand::f64()),
            Heard::Again(pause, _) => self.schedule.ask_again(id, *pause, now),
            Heard::Contradicted(_) => Verdict::Ended,
            Heard::Taken(_) | Heard::Unclear(_) => Verdict::GivenUp,
        };
        if let (Heard::Failed(failure), Verdict::GivenUp) = (&heard, &verdict)
            && tracked.deserves_more_time(failure, &context)
        {
            let grace = tracked.begin(Duration::ZERO, &context);
            self.schedule.add(id, &machine, Duration::ZERO, grace, now);
            let change = Change::Failed(failure.clone());
            return Some(Answered { change, verdict: Verdict::Watching(Duration::ZERO), machine, learned });
        }
        if matches!(heard, Heard::Seen { .. }) {
            self.standard.insert(machine.clone());
        }
        let change = tracked.change(heard, &verdict, &context);
        if matches!(verdict, Verdict::Ended | Verdict::GivenUp) {
            self.forget(id);
        }
        Some(Answered { change, verdict, machine, learned })
    }

    fn context(&self, machine: &StateMachineArn, time: Timestamp) -> Context {
        let shown = if self.standard.contains(machine) { MachineType::Standard } else { MachineType::Unknown };
        Context { now: time, machine: shown, ..self.source.context() }
    }
}

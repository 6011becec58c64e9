//! Executions and unresolved starts in the watcher, and what a response to a status request means for the front ends.

use std::time::Duration;

use crate::domain::{
    ClockOffset, EndpointName, ExecutionArn, ExecutionId, ExecutionRecord, Failure, FailureKind, GRACE, GatewayFacts,
    HistoryEvent, MachineType, NameHandling, Observation, Started, Status, Timestamp, UnresolvedStart, Verdict,
    Warning,
};
use crate::lifecycle::backlog::Backlog;
use crate::lifecycle::execution::{KnownExecution, Reading};
use crate::lifecycle::logged::Logged;
use crate::lifecycle::unresolved::{self, Found};
use crate::lifecycle::{Knowledge, attribution};

/// An item to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Identifies it in the watcher's reports.
    pub id: ExecutionId,
    /// The endpoint to poll.
    pub endpoint: EndpointName,
    /// Time since it was started or sent.
    pub age: Duration,
    /// What it is.
    pub tracked: Tracked,
}

/// An execution, or a start request that may have led to one.
#[derive(Debug, Clone, PartialEq)]
pub enum Tracked {
    /// An execution.
    Execution(Box<KnownExecution>, ExecutionArn),
    /// A start request whose outcome is open.
    Start {
        /// The request.
        start: Box<UnresolvedStart>,
        /// Whether its grace period suffices to prove that there is no execution.
        had_whole_grace: bool,
    },
}

/// What is known beside the response itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context {
    /// The local time.
    pub now: Timestamp,
    /// How far the gateway's clock is ahead of the local one.
    pub offset: Option<ClockOffset>,
    /// What responses have shown about the gateway.
    pub facts: GatewayFacts,
    /// The endpoint's configured `names`.
    pub configured: Option<NameHandling>,
    /// The machine's type by the ARNs of its executions.
    pub machine: MachineType,
    /// Whether the gateway has a route to the logs of EXPRESS machines.
    pub reads_logs: bool,
    /// Whether the endpoint has the route `list`.
    pub has_list: bool,
}

impl Context {
    fn knowledge(&self) -> Knowledge {
        Knowledge { facts: self.facts, configured: self.configured, machine: self.machine, has_list: self.has_list }
    }
}

/// What the response to a status request means for the schedule.
#[derive(Debug, Clone, PartialEq)]
pub enum PollResult {
    /// A current observation.
    Seen {
        /// The observation.
        seen: Box<Observation>,
        /// Its most recent suspicion.
        warning: Option<Warning>,
        /// The execution, if the request was about a start.
        started: Option<Started>,
    },
    /// No news: the response was incomplete or lags. With the execution, if the request was about a start.
    RetryAfter(Duration, Option<(Started, Option<Warning>)>),
    /// The response contradicts the known outcome, which stands.
    Contradicted(Status),
    /// No response, or one without information.
    Failed(Failure),
    /// Another execution has the name of the start request.
    NameTaken(Failure),
    /// It is unclear whether the execution belongs to the start request.
    Unclear(Failure),
}

/// What a response changes for the front end.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The execution's new state.
    Seen(Box<Observation>, Option<Warning>),
    /// No change: the response lags or is incomplete. The request is repeated.
    Nothing,
    /// No change: the gateway reports this status, but the earlier outcome stands.
    Contradicted(Status),
    /// The start request has led to this execution, perhaps with its state.
    Confirmed(Started, Option<Box<Observation>>, Option<Warning>),
    /// The start request has led to no execution: its name belongs to another one.
    Refused(Failure),
    /// The start request has led to no execution.
    NotStarted,
    /// The start request stays unresolved: status requests cannot settle it.
    Unknown(Failure),
    /// The request failed, and is retried.
    Failed(Failure),
    /// The request failed, and is not retried: the service has no information about this execution.
    GivenUp(Failure),
}

/// The result of a status request.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusReport {
    /// The endpoint.
    pub endpoint: EndpointName,
    /// The execution or start.
    pub id: ExecutionId,
    /// What has changed.
    pub change: Change,
    /// What it means for the watch.
    pub verdict: Verdict,
    /// Whether status requests to this endpoint are paused after a failure.
    pub is_paused: bool,
    /// The current rate in requests per second: lower than configured after throttling.
    pub rate: f64,
    /// How far the watcher is behind for this endpoint.
    pub backlog: Backlog,
}

impl Tracked {
    /// Restores an execution from a record.
    pub fn from_record(record: &ExecutionRecord) -> Self {
        Self::Execution(Box::new(KnownExecution::from_record(record)), record.arn.clone())
    }

    /// Returns an execution that was started elsewhere, at an unknown time.
    pub fn external(record: &ExecutionRecord) -> Self {
        Self::Execution(Box::new(KnownExecution::external(record)), record.arn.clone())
    }

    /// Returns an unresolved start.
    pub fn from_start(start: UnresolvedStart) -> Self {
        Self::Start { start: Box::new(start), had_whole_grace: false }
    }

    /// Returns the ARN to poll.
    pub fn arn(&self) -> ExecutionArn {
        match self {
            Self::Execution(_, arn) => arn.clone(),
            Self::Start { start, .. } => start.order.machine.execution(&start.order.name),
        }
    }

    /// Returns why status requests cannot settle it; `None` if they can.
    pub fn objection(&self, context: &Context) -> Option<Failure> {
        match self {
            Self::Execution(..) => None,
            Self::Start { .. } if self.is_logged(context) => None,
            Self::Start { start, .. } => unresolved::objection(start, context.knowledge()),
        }
    }

    /// Returns whether the log of its machine is read for it.
    pub(crate) fn is_logged(&self, context: &Context) -> bool {
        let is_logged = match self {
            Self::Execution(_, arn) => !arn.is_describable(),
            Self::Start { start, .. } => unresolved::may_be_logged(start, context.knowledge()),
        };
        is_logged && context.reads_logs
    }

    /// Returns for how long from now the service may not know it. Called once, when the watch begins.
    pub fn begin(&mut self, age: Duration, context: &Context) -> Duration {
        match self {
            Self::Execution(..) => GRACE.saturating_sub(age),
            Self::Start { start, had_whole_grace } => {
                let known = context.knowledge();
                *had_whole_grace = unresolved::has_whole_grace(start, known);
                unresolved::grace(start, known, context.now)
            }
        }
    }

    /// Returns whether a start request that was not found gets more time: now its absence would prove something, which
    /// was unknown when the watch began. Then [`Self::begin`] says how much.
    pub(crate) fn needs_more_time(&self, failure: &Failure, context: &Context) -> bool {
        let Self::Start { start, had_whole_grace: false } = self else { return false };
        unresolved::is_expected(failure) && unresolved::has_whole_grace(start, context.knowledge())
    }

    /// Applies the response to a status request. Also returns what it shows about the gateway.
    pub fn on_response(
        &mut self,
        response: Result<Observation, Failure>,
        context: &Context,
    ) -> (PollResult, GatewayFacts) {
        let mut facts = context.facts;
        let requested = self.arn();
        let seen = match response {
            Ok(seen) => seen,
            Err(failure) => return (PollResult::Failed(attribution::check_failure(&requested, failure)), facts),
        };
        let mut started = None;
        if let Self::Start { start, .. } = self {
            if let Some(failure) = attribution::check_status(&requested, &seen.subject) {
                return (PollResult::Failed(failure), facts);
            }
            match unresolved::classify_found(start, &seen, context.offset) {
                Found::Other(failure) => return (PollResult::NameTaken(failure), facts),
                Found::Unclear(failure) => return (PollResult::Unclear(failure), facts),
                Found::Ours(found, warning) => {
                    // The service knows the name that was sent. A response without the ARN does not show this: it may be
                    // about a job of the gateway that has this name as its id.
                    if seen.subject.execution_arn.is_some() {
                        facts.names = NameHandling::PassedOn;
                    }
                    started = Some((found, warning));
                }
            }
            *self = Self::Execution(Box::new(KnownExecution::new(requested.clone(), None)), requested);
        }
        let Self::Execution(known, _) = self else { return (PollResult::RetryAfter(Duration::ZERO, started), facts) };
        let (reading, facts) = known.apply(&seen, facts, context.now);
        let result = match reading {
            Reading::Seen(seen, warning) => {
                let (started, of_start) = started.map_or((None, None), |(started, warning)| (Some(started), warning));
                PollResult::Seen { seen, warning: warning.or(of_start), started }
            }
            Reading::RetryAfter(pause) => PollResult::RetryAfter(pause, started),
            Reading::Contradicted(status) => PollResult::Contradicted(status),
            Reading::Misattributed(failure) => PollResult::Failed(failure),
        };
        (result, facts)
    }

    /// Applies log events of an EXPRESS execution; `None` if they show nothing new.
    ///
    /// For an unresolved start, they are those of the execution that has its generated name, which shows that it was started.
    pub fn on_logged(&mut self, arn: &ExecutionArn, events: &[&HistoryEvent]) -> Option<Change> {
        let digest = match self {
            Self::Execution(known, _) => {
                let (seen, warning) = known.apply_logged(events)?;
                return Some(Change::Seen(Box::new(seen), warning));
            }
            Self::Start { start, .. } => start.order.input.digest(),
        };
        let mut known = KnownExecution::new(arn.clone(), digest);
        let (seen, warning) = known.apply_logged(events)?;
        *self = Self::Execution(Box::new(known), arn.clone());
        let started = Started { has_logs: true, ..Started::new(arn.clone(), seen.start_date) };
        Some(Change::Confirmed(started, Some(Box::new(seen)), warning))
    }

    /// Returns the change if the log has no end of the execution, which does not prove that it has not ended.
    pub fn without_logged_end(&self) -> Change {
        match self {
            Self::Execution(known, _) => Change::GivenUp(known.logged().conclusion()),
            Self::Start { .. } => Change::Unknown(Logged::default().conclusion()),
        }
    }

    /// Returns the change if no request about it will succeed.
    pub(crate) fn given_up(&self, failure: Failure) -> Change {
        match self {
            Self::Execution(..) => Change::GivenUp(failure),
            Self::Start { .. } => Change::Unknown(failure),
        }
    }

    /// Returns whether it is an execution whose start date is unknown.
    pub(crate) fn is_external(&self) -> bool {
        matches!(self, Self::Execution(known, _) if known.is_external())
    }

    /// Returns what has changed, after the schedule has decided about a retry.
    pub fn change(&self, result: PollResult, verdict: &Verdict, context: &Context) -> Change {
        match result {
            PollResult::Seen { seen, warning, started: None } => Change::Seen(seen, warning),
            PollResult::Seen { seen, warning, started: Some(started) } => {
                Change::Confirmed(started, Some(seen), warning)
            }
            PollResult::RetryAfter(_, Some((started, warning))) => Change::Confirmed(started, None, warning),
            PollResult::RetryAfter(_, None) => Change::Nothing,
            PollResult::Contradicted(status) => Change::Contradicted(status),
            PollResult::NameTaken(failure) => Change::Refused(failure),
            PollResult::Unclear(failure) => Change::Unknown(failure),
            PollResult::Failed(failure) if *verdict != Verdict::GivenUp => Change::Failed(failure),
            PollResult::Failed(failure) => match self {
                Self::Start { start, had_whole_grace } if failure.kind == FailureKind::ExecutionDoesNotExist => {
                    match unresolved::classify_absent(start, context.knowledge(), *had_whole_grace) {
                        None => Change::NotStarted,
                        Some(failure) => Change::Unknown(failure),
                    }
                }
                Self::Start { .. } => Change::Unknown(failure),
                Self::Execution(..) => Change::GivenUp(failure),
            },
        }
    }
}

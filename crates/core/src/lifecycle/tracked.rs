//! What the watcher holds of each execution and each unresolved start, and what a response to its question means for
//! the front ends.

use std::time::Duration;

use crate::domain::{
    ClockOffset, EndpointName, ExecutionArn, ExecutionId, ExecutionRecord, Failure, FailureKind, GRACE, GatewayFacts,
    MachineType, NameHandling, Observation, Started, Status, Timestamp, UnresolvedStart, Verdict, Warning,
};
use crate::lifecycle::backlog::Backlog;
use crate::lifecycle::execution::{KnownExecution, Reading};
use crate::lifecycle::unresolved::{self, Found};
use crate::lifecycle::{Knowledge, attribution};

/// Something to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Identifies it in the watcher's reports.
    pub id: ExecutionId,
    /// Which endpoint is asked.
    pub endpoint: EndpointName,
    /// How long ago it was started or sent.
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
        /// Whether the grace that it was given suffices to prove that there is no execution.
        had_whole_grace: bool,
    },
}

/// What is known beside the response itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context {
    /// The time by our clock.
    pub now: Timestamp,
    /// How far the gateway's clock is ahead of ours.
    pub offset: Option<ClockOffset>,
    /// What responses have shown about the gateway.
    pub facts: GatewayFacts,
    /// What the configuration says about names.
    pub configured: Option<NameHandling>,
    /// What executions have shown about the machine that was asked about.
    pub machine: MachineType,
}

impl Context {
    fn knowledge(&self) -> Knowledge {
        Knowledge { facts: self.facts, configured: self.configured, machine: self.machine }
    }
}

/// What the response to a question says, for the schedule.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// An observation that stands.
    Seen {
        /// What was observed.
        seen: Box<Observation>,
        /// What is suspicious about it.
        warning: Option<Warning>,
        /// Set if the question was about a start request: this is its execution.
        started: Option<Started>,
    },
    /// Nothing yet: the response was incomplete or lags. With an execution, if the question was about a start request.
    Again(Duration, Option<(Started, Option<Warning>)>),
    /// This contradicts the outcome that is known, which stands.
    Contradicted(Status),
    /// No response, or one that says nothing about this.
    Failed(Failure),
    /// The name of the start request belongs to another execution.
    Taken(Failure),
    /// It is unclear which start request the found execution belongs to.
    Unclear(Failure),
}

/// What a response changes for the front end.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// This is known of the execution now.
    Seen(Box<Observation>, Option<Warning>),
    /// Nothing: the response lags or is incomplete. It is asked about again.
    Nothing,
    /// Nothing: the gateway reports this now, but the outcome that it reported before stands.
    Contradicted(Status),
    /// The start request has led to this execution; maybe with what is known of it.
    Confirmed(Started, Option<Box<Observation>>, Option<Warning>),
    /// The start request has led to no execution: its name belongs to another one.
    Refused(Failure),
    /// The start request has led to no execution.
    NotStarted,
    /// The start request stays open: asking cannot settle it.
    Unknown(Failure),
    /// The question failed, and will be asked again.
    Failed(Failure),
    /// The question failed, and will not be asked again: the service has no information about this execution.
    GivenUp(Failure),
}

/// What came of a status question.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusAnswer {
    /// Which endpoint was asked.
    pub endpoint: EndpointName,
    /// About what.
    pub id: ExecutionId,
    /// What has changed.
    pub change: Change,
    /// What it means for the watch.
    pub verdict: Verdict,
    /// Whether questions to this endpoint are held back.
    pub is_held_back: bool,
    /// Requests a second that may be spent on this endpoint now: less than its budget after it has throttled.
    pub rate: f64,
    /// How far the watcher is behind for this endpoint.
    pub backlog: Backlog,
}

impl Tracked {
    /// An execution as a record has it.
    pub fn of_record(record: &ExecutionRecord) -> Self {
        Self::Execution(Box::new(KnownExecution::of_record(record)), record.arn.clone())
    }

    /// A start request whose outcome is open.
    pub fn of_start(start: UnresolvedStart) -> Self {
        Self::Start { start: Box::new(start), had_whole_grace: false }
    }

    /// The ARN that is asked about.
    pub fn arn(&self) -> ExecutionArn {
        match self {
            Self::Execution(_, arn) => arn.clone(),
            Self::Start { start, .. } => start.order.machine.execution(&start.order.name),
        }
    }

    /// Why asking cannot settle it; nothing if it can.
    pub fn objection(&self, context: &Context) -> Option<Failure> {
        match self {
            Self::Execution(..) => None,
            Self::Start { start, .. } => unresolved::objection(start, context.knowledge()),
        }
    }

    /// For how long from now the service may not know it. To be called once, when the watch begins.
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

    /// Whether a start request that was not found is worth more time: by now it is known that its absence would prove
    /// something, which it was not when the watch began. Then [`Self::begin`] says how much.
    pub fn deserves_more_time(&self, failure: &Failure, context: &Context) -> bool {
        let Self::Start { start, had_whole_grace: false } = self else { return false };
        unresolved::is_expected(failure) && unresolved::has_whole_grace(start, context.knowledge())
    }

    /// Takes the response to a question. Also returns what it has shown about the gateway.
    pub fn hear(&mut self, response: Result<Observation, Failure>, context: &Context) -> (Heard, GatewayFacts) {
        let mut facts = context.facts;
        let asked = self.arn();
        let seen = match response {
            Ok(seen) => seen,
            Err(failure) => return (Heard::Failed(attribution::of_failure(&asked, failure)), facts),
        };
        let mut started = None;
        if let Self::Start { start, .. } = self {
            if let Some(failure) = attribution::of_status(&asked, &seen.subject) {
                return (Heard::Failed(failure), facts);
            }
            match unresolved::found(start, &seen, context.offset) {
                Found::Other(failure) => return (Heard::Taken(failure), facts),
                Found::Unclear(failure) => return (Heard::Unclear(failure), facts),
                Found::Ours(found, warning) => {
                    // The service knows the name that was sent.
                    facts.names = NameHandling::PassedOn;
                    started = Some((found, warning));
                }
            }
            *self = Self::Execution(Box::new(KnownExecution::started(asked.clone(), None)), asked);
        }
        let Self::Execution(known, _) = self else { return (Heard::Again(Duration::ZERO, started), facts) };
        let (reading, facts) = known.read(&seen, facts, context.now);
        let heard = match reading {
            Reading::Seen(seen, warning) => {
                let (started, of_start) = started.map_or((None, None), |(started, warning)| (Some(started), warning));
                Heard::Seen { seen, warning: warning.or(of_start), started }
            }
            Reading::Again(pause) => Heard::Again(pause, started),
            Reading::Contradicted(status) => Heard::Contradicted(status),
            Reading::Foreign(failure) => Heard::Failed(failure),
        };
        (heard, facts)
    }

    /// What has changed, after the schedule has decided whether the question is asked again.
    pub fn change(&self, heard: Heard, verdict: &Verdict, context: &Context) -> Change {
        match heard {
            Heard::Seen { seen, warning, started: None } => Change::Seen(seen, warning),
            Heard::Seen { seen, warning, started: Some(started) } => Change::Confirmed(started, Some(seen), warning),
            Heard::Again(_, Some((started, warning))) => Change::Confirmed(started, None, warning),
            Heard::Again(_, None) => Change::Nothing,
            Heard::Contradicted(status) => Change::Contradicted(status),
            Heard::Taken(failure) => Change::Refused(failure),
            Heard::Unclear(failure) => Change::Unknown(failure),
            Heard::Failed(failure) if *verdict != Verdict::GivenUp => Change::Failed(failure),
            Heard::Failed(failure) => match self {
                Self::Start { start, had_whole_grace } if failure.kind == FailureKind::ExecutionDoesNotExist => {
                    match unresolved::absent(start, context.knowledge(), *had_whole_grace) {
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

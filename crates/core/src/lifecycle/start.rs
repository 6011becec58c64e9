//! The responses to one start request: what has become of it, or when it is sent again.

use std::time::Duration;

use crate::domain::{
    Failure, FailureKind, GatewayFacts, MachineType, NameHandling, NameOrigin, Observation, StartOrder, StartResponse,
    Started,
};
use crate::lifecycle::Knowledge;
use crate::lifecycle::attribution::{self, Attribution, Evidence};
use crate::lifecycle::retry;

/// For how long a start is sent again before it is left to be asked about.
const PATIENCE: Duration = Duration::from_secs(60);

/// A batch stops after this many unresolved starts in a row where none may be sent twice.
const MOST_UNRESOLVED: u32 = 50;

/// What follows from a response.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// The same request again after this time.
    Again(Duration),
    /// Nothing more is sent.
    Over(Outcome),
}

/// What has become of a start request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// There is an execution.
    Confirmed(Started),
    /// There is none, for this reason.
    Refused(Failure),
    /// There may be one.
    Unresolved(Failure),
}

/// Whether a start that cannot be recorded is sent nevertheless: only after a message that nothing is kept. One that is in
/// the store already would look unsent there, and be sent twice unless its name prevents that.
pub fn goes_without_record(is_reported: bool, has_record: bool, order: &StartOrder) -> bool {
    is_reported && (!has_record || order.machine_type == MachineType::Standard)
}

/// The attempts at one start request so far.
#[derive(Debug, Clone, Default)]
pub struct Attempts {
    failed: u32,
    /// Why the first attempt that may have been carried out is open. No later response can close it.
    open: Option<Failure>,
}

impl Attempts {
    /// Takes the response to an attempt that came `spent` after the first one was sent. `jitter` is a random number
    /// from 0 to 1.
    pub fn responded(
        &mut self,
        order: &StartOrder,
        response: Result<StartResponse, Failure>,
        (known, evidence): (Knowledge, Evidence),
        spent: Duration,
        jitter: f64,
    ) -> Next {
        match response {
            Ok(response) => Next::Over(accepted(order, response, known, evidence)),
            Err(failure) if failure.kind == FailureKind::ExecutionAlreadyExists => {
                Next::Over(self.name_is_taken(order, failure, known))
            }
            Err(failure) => self.failed(order, failure, known, spent, jitter),
        }
    }

    /// Nothing is sent any more, for this reason.
    pub fn stopped(&mut self, failure: Failure) -> Outcome {
        match self.open.take() {
            Some(open) => Outcome::Unresolved(open),
            None => Outcome::Refused(failure),
        }
    }

    fn failed(&mut self, order: &StartOrder, failure: Failure, known: Knowledge, spent: Duration, jitter: f64) -> Next {
        self.failed += 1;
        if may_have_started(order, &failure) && self.open.is_none() {
            self.open = Some(failure.clone());
        }
        let may_pass =
            failure.kind == FailureKind::Throttled || (failure.leaves_outcome_open() && !is_readable(&failure));
        let pause = retry::delay(self.failed, jitter);
        if may_pass && known.is_idempotent(order) && spent + pause <= PATIENCE {
            return Next::Again(pause);
        }
        Next::Over(self.stopped(failure))
    }

    /// `ExecutionAlreadyExists`: this attempt has started nothing.
    fn name_is_taken(&mut self, order: &StartOrder, failure: Failure, known: Knowledge) -> Outcome {
        let ours = order.machine.execution(&order.name);
        // A generated name is nobody else's; a chosen one may be, also when an attempt of ours is open.
        if order.origin == NameOrigin::Chosen {
            return self.stopped(failure);
        }
        match attribution::named_in(&failure.said) {
            Some(arn) if arn == ours.as_str() => Outcome::Confirmed(Started::new(ours, None)),
            Some(_) => self.stopped(failure),
            // The service spoke about the name that was sent, if the gateway passes it on.
            None if known.names() == NameHandling::PassedOn => Outcome::Confirmed(Started::new(ours, None)),
            // If it does, it has sent the request twice itself.
            None => self.stopped_open(Failure { kind: FailureKind::OwnershipUnclear, ..failure }),
        }
    }

    /// Nothing is sent any more, and this leaves open whether something was started.
    fn stopped_open(&mut self, failure: Failure) -> Outcome {
        Outcome::Unresolved(self.open.take().unwrap_or(failure))
    }
}

/// Whether an execution may exist although the response is a failure. Two kinds are not obvious: an error that
/// `StartExecution` cannot return is from a Lambda function that goes on after the start, and 409 is how such functions
/// pass `ExecutionAlreadyExists` on, which a generated name only meets after a start of its own.
fn may_have_started(order: &StartOrder, failure: &Failure) -> bool {
    let is_of_another_action = matches!(
        failure.kind,
        FailureKind::ExecutionDoesNotExist | FailureKind::NotRedrivable | FailureKind::ExpressNotDescribable
    );
    let is_conflict = failure.http_status == Some(409) && order.origin == NameOrigin::Generated;
    failure.leaves_outcome_open() || is_of_another_action || is_conflict
}

/// A 2xx with a JSON body says that the request was carried out, whatever else is wrong with it.
fn is_readable(failure: &Failure) -> bool {
    failure.kind == FailureKind::Undecodable && failure.http_status.is_some_and(|status| (200..300).contains(&status))
}

fn accepted(order: &StartOrder, response: StartResponse, known: Knowledge, evidence: Evidence) -> Outcome {
    let attribution = attribution::of_start(order, &response, known.names(), evidence);
    if let Some(failure) = attribution::misattributed(order, &attribution) {
        return Outcome::Unresolved(failure);
    }
    let StartResponse { start_date, seen, others, excerpt, .. } = response;
    match attribution {
        Attribution::Ours(execution_arn) => {
            let seen = seen.filter(|seen| !execution_arn.is_describable() || is_an_end(seen));
            Outcome::Confirmed(Started { execution_arn, start_date, seen, others })
        }
        // An outcome is all there is to know.
        _ if seen.as_ref().is_some_and(|seen| {
            seen.is_ended() && (known.shown_type(order) != MachineType::Standard || is_an_end(seen))
        }) =>
        {
            Outcome::Confirmed(Started {
                execution_arn: order.machine.execution(&order.name),
                start_date,
                seen,
                others,
            })
        }
        _ => Outcome::Unresolved(Failure::without_answer(FailureKind::NoExecutionArn, excerpt)),
    }
}

/// The status in the response to the start of a STANDARD execution is its outcome only with the date of its end: many
/// Lambda functions answer "SUCCEEDED" to say that they have started it.
fn is_an_end(seen: &Observation) -> bool {
    seen.is_ended() && seen.stop_date.is_some()
}

/// Whether a batch stops at a start that is unresolved for this reason, after so many in a row: because all others
/// would meet the same.
pub fn stops_batch(reason: &FailureKind, is_idempotent: bool, in_a_row: u32) -> bool {
    match reason {
        FailureKind::OtherMachine | FailureKind::OtherExecution => true,
        // The request was accepted.
        FailureKind::NoExecutionArn => false,
        // It was sent again for a minute: the gateway is not there.
        _ => is_idempotent || in_a_row >= MOST_UNRESOLVED,
    }
}

/// What the response has shown about the gateway, if that is news.
pub fn learned(
    order: &StartOrder,
    response: &Result<StartResponse, Failure>,
    facts: GatewayFacts,
    evidence: Evidence,
) -> Option<GatewayFacts> {
    let names = attribution::shown_names(order, response.as_ref().ok()?, evidence)?;
    (names != facts.names).then_some(GatewayFacts { names, ..facts })
}

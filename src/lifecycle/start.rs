//! The responses to one start request: what has become of it, or when it is sent again.

use std::time::Duration;

use crate::domain::{Failure, FailureKind, GatewayFacts, NameHandling, NameOrigin, StartOrder, StartResponse, Started};
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
        if failure.leaves_doubt() && self.open.is_none() {
            self.open = Some(failure.clone());
        }
        let may_pass = failure.kind == FailureKind::Throttled || (failure.leaves_doubt() && !is_readable(&failure));
        let pause = retry::delay(self.failed, jitter);
        if may_pass && known.is_idempotent(order) && spent + pause <= PATIENCE {
            return Next::Again(pause);
        }
        Next::Over(self.stopped(failure))
    }

    /// `ExecutionAlreadyExists`: this attempt has started nothing.
    fn name_is_taken(&mut self, order: &StartOrder, failure: Failure, known: Knowledge) -> Outcome {
        let ours = order.machine.execution(&order.name);
        let is_ours = match attribution::named_in(&failure.said) {
            Some(arn) => arn == ours.as_str(),
            // The service spoke about the name that was sent, if the gateway passes it on.
            None => known.names() == NameHandling::PassedOn,
        };
        // A generated name is nobody else's; a chosen one may be, also when an attempt of ours is open.
        if is_ours && order.origin == NameOrigin::Generated {
            return Outcome::Confirmed(Started::new(ours, None));
        }
        self.stopped(failure)
    }
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
    let StartResponse { start_date, seen, excerpt, .. } = response;
    match attribution {
        Attribution::Ours(execution_arn) => Outcome::Confirmed(Started { execution_arn, start_date, seen }),
        // An outcome is all there is to know.
        _ if seen.as_ref().is_some_and(|seen| seen.is_ended()) => {
            Outcome::Confirmed(Started { execution_arn: order.machine.execution(&order.name), start_date, seen })
        }
        _ => Outcome::Unresolved(Failure::without_answer(FailureKind::NoExecutionArn, excerpt)),
    }
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

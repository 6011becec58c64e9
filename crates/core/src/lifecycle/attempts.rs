//! The attempts at a start request: its outcome, or when to retry.

use std::time::Duration;

use crate::domain::{Failure, FailureKind, NameHandling, NameOrigin, StartOrder, StartResponse, Started};
use crate::lifecycle::Knowledge;
use crate::lifecycle::attribution::{self, Evidence};
use crate::lifecycle::backoff;
use crate::lifecycle::start_outcome::{self, Outcome};

/// How long a start is retried before the watcher looks for its execution.
const RETRY_PERIOD: Duration = Duration::from_secs(60);

/// What follows from a response.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Retry after this time.
    RetryAfter(Duration),
    /// No further attempt.
    Done(Outcome),
}

/// The attempts at a start request so far.
#[derive(Debug, Clone, Default)]
pub struct Attempts {
    failed: u32,
    /// Failure of the first attempt that may have been executed. No later response can settle it.
    open: Option<Failure>,
}

impl Attempts {
    /// Applies the response to an attempt, which arrived `spent` after the first one was sent. `jitter` is a random
    /// number from 0 to 1.
    pub fn on_response(
        &mut self,
        order: &StartOrder,
        response: Result<StartResponse, Failure>,
        (known, evidence): (Knowledge, Evidence),
        spent: Duration,
        jitter: f64,
    ) -> Next {
        match response {
            Ok(response) => Next::Done(start_outcome::accepted(order, response, known, evidence)),
            Err(failure) if failure.kind == FailureKind::ExecutionAlreadyExists => {
                Next::Done(self.name_is_taken(order, failure, known))
            }
            Err(failure) => self.on_failure(order, failure, known, spent, jitter),
        }
    }

    /// Ends the attempts, for this reason.
    pub fn stop(&mut self, failure: Failure) -> Outcome {
        match self.open.take() {
            Some(open) => Outcome::Unresolved(open),
            None => Outcome::Refused(failure),
        }
    }

    fn on_failure(
        &mut self,
        order: &StartOrder,
        failure: Failure,
        known: Knowledge,
        spent: Duration,
        jitter: f64,
    ) -> Next {
        self.failed += 1;
        if may_have_started(order, &failure) && self.open.is_none() {
            self.open = Some(failure.clone());
        }
        let may_pass = failure.is_throttled() || (failure.leaves_outcome_open() && !is_readable(&failure));
        let pause = backoff::delay(self.failed, jitter);
        if may_pass && known.is_idempotent(order) && spent + pause <= RETRY_PERIOD {
            return Next::RetryAfter(pause);
        }
        Next::Done(self.stop(failure))
    }

    /// `ExecutionAlreadyExists`: this attempt has started nothing.
    fn name_is_taken(&mut self, order: &StartOrder, failure: Failure, known: Knowledge) -> Outcome {
        let ours = order.machine.execution(&order.name);
        // A generated name is unique; a chosen one may be another program's, even if an earlier attempt is open.
        if order.origin == NameOrigin::Chosen {
            return self.stop(failure);
        }
        match attribution::named_in(&failure.message) {
            Some(arn) if arn == ours.as_str() => Outcome::Confirmed(Started::new(ours, None)),
            Some(_) => self.stop(failure),
            // The service's message is about the name that was sent, if the gateway passes it on.
            None if known.names() == NameHandling::PassedOn => Outcome::Confirmed(Started::new(ours, None)),
            // Then the gateway has sent the request twice itself.
            None => self.stopped_open(Failure { kind: FailureKind::OwnershipUnclear, ..failure }),
        }
    }

    /// No further attempt, and it remains open whether an execution was started.
    fn stopped_open(&mut self, failure: Failure) -> Outcome {
        Outcome::Unresolved(self.open.take().unwrap_or(failure))
    }
}

/// Whether an execution may exist despite the failure. Three kinds are not obvious: an error that `StartExecution` cannot
/// return is from a Lambda function that failed after the start; an unknown error with HTTP 2xx may be a member of an output;
/// and such functions return 409 for `ExecutionAlreadyExists`, which a generated name only causes after an earlier attempt.
fn may_have_started(order: &StartOrder, failure: &Failure) -> bool {
    let is_of_another_action = matches!(
        failure.kind,
        FailureKind::ExecutionDoesNotExist | FailureKind::NotRedrivable | FailureKind::ExpressNotDescribable
    );
    let is_foreign_error = matches!(failure.kind, FailureKind::StepFunctions(_))
        && failure.http_status.is_some_and(|status| (200..300).contains(&status));
    let is_conflict = failure.http_status == Some(409) && order.origin == NameOrigin::Generated;
    failure.leaves_outcome_open() || is_of_another_action || is_foreign_error || is_conflict
}

/// A 2xx with a JSON body says that the request was executed, whatever else is wrong with it.
fn is_readable(failure: &Failure) -> bool {
    failure.kind == FailureKind::Undecodable && failure.http_status.is_some_and(|status| (200..300).contains(&status))
}

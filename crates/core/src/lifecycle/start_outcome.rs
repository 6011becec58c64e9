//! The outcome of a start request, and what it means for a batch.

use std::time::Duration;

use crate::domain::{
    Failure, FailureKind, GatewayFacts, MachineType, Observation, StartOrder, StartResponse, Started, Unreachable,
    elapsed,
};
use crate::lifecycle::attribution::{self, Attribution, Evidence};
use crate::lifecycle::{Knowledge, Retry};

/// Advice for an execution that has outlived the timeout.
const LATE: &str = "The execution may still be running. Its outcome is unknown, and it is not started again. If executions take longer, raise the timeout of the API's integration and `timeout` of the route `sync`.";
/// Advice for an execution without a readable response.
const OPEN: &str = "It may have been executed. Its outcome is unknown, and it is not started again.";
/// A batch stops after this many unresolved starts in a row that may not be sent twice.
const MOST_UNRESOLVED: u32 = 50;

/// The outcome of a start request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// There is an execution.
    Confirmed(Started),
    /// There is none, for this reason.
    Refused(Failure),
    /// There may be one.
    Unresolved(Failure),
}

/// Returns whether a start that cannot be recorded is sent anyway: only after a message that nothing is stored. A
/// start already in the store would look unsent there, and be sent twice unless its name prevents that.
pub(crate) fn may_send_unrecorded(is_reported: bool, has_record: bool, order: &StartOrder) -> bool {
    is_reported && (!has_record || order.machine_type == MachineType::Standard)
}

/// Returns whether a start was not sent because it could not be recorded.
pub fn is_unrecorded(failure: &Failure) -> bool {
    failure.kind == FailureKind::NotRecorded
}

/// Returns whether a refused start is worth sending again once the cause is gone: its record then stays unsent.
pub(crate) fn may_be_sent_later(failure: &Failure) -> bool {
    failure.retry() != Retry::Never
}

/// Returns the outcome of a 2xx response.
pub(super) fn accepted(order: &StartOrder, response: StartResponse, known: Knowledge, evidence: Evidence) -> Outcome {
    let attribution = attribution::classify_start(order, &response, known.names(), evidence);
    if let Some(failure) = attribution::misattributed(order, &attribution) {
        return Outcome::Unresolved(failure);
    }
    let StartResponse { start_date, seen, others, excerpt, .. } = response;
    if let Some(failure) = seen.as_ref().and_then(|seen| attribution::of_other_machine(order, &seen.subject)) {
        return Outcome::Unresolved(failure);
    }
    match attribution {
        Attribution::Ours(execution_arn) => {
            // Nothing reports the end of an EXPRESS execution that this response says is running.
            let can_describe = execution_arn.is_describable();
            let seen = seen.filter(|seen| if can_describe { has_ended(seen) } else { seen.is_ended() });
            Outcome::Confirmed(Started { seen, others, ..Started::new(execution_arn, start_date) })
        }
        // An outcome is final.
        _ if seen.as_ref().is_some_and(|seen| {
            seen.is_ended() && (known.shown_type(order) != MachineType::Standard || has_ended(seen))
        }) =>
        {
            let execution_arn = match known.shown_type(order) {
                MachineType::Express => order.machine.unnamed_express_execution(&order.name),
                MachineType::Standard | MachineType::Unknown => order.machine.execution(&order.name),
            };
            Outcome::Confirmed(Started { seen, others, ..Started::new(execution_arn, start_date) })
        }
        _ => Outcome::Unresolved(Failure::without_response(FailureKind::NoExecutionArn, excerpt)),
    }
}

/// The status in the response to a STANDARD start is only an outcome with a stop date: many Lambda functions return
/// "SUCCEEDED" to report a successful start.
fn has_ended(seen: &Observation) -> bool {
    seen.is_ended() && seen.stop_date.is_some()
}

/// Returns why the response on the route `sync` has brought no outcome. `timeout` is the route's.
pub(crate) fn without_outcome(reason: Failure, timeout: Duration) -> Failure {
    let is_late = matches!(reason.kind, FailureKind::GatewayTimedOut | FailureKind::Unreachable(Unreachable::Deadline));
    let advice = if is_late { LATE } else { OPEN };
    let message = match reason.kind {
        FailureKind::Unreachable(Unreachable::Deadline) => {
            format!("no response within {}, the timeout of the route `sync`", elapsed::rounded(timeout))
        }
        _ => reason.message.clone(),
    };
    Failure { message, ..reason }.with_remedy(advice)
}

/// Returns whether a batch stops at a start that is unresolved for this reason, after `in_a_row` of them, because all
/// others would be, too.
pub(crate) fn stops_batch(reason: &FailureKind, is_idempotent: bool, in_a_row: u32) -> bool {
    match reason {
        FailureKind::OtherMachine | FailureKind::OtherExecution => true,
        // The request was accepted.
        FailureKind::NoExecutionArn => false,
        // After a minute of retries, the gateway is down.
        _ => is_idempotent || in_a_row >= MOST_UNRESOLVED,
    }
}

/// Returns the facts about the gateway, if the response changes them.
pub(crate) fn learned_facts(
    order: &StartOrder,
    response: &Result<StartResponse, Failure>,
    facts: GatewayFacts,
    evidence: Evidence,
) -> Option<GatewayFacts> {
    let names = attribution::shown_names(order, response.as_ref().ok()?, evidence)?;
    (names != facts.names).then_some(GatewayFacts { names, ..facts })
}

//! The outcome of a start request, and what it means for a batch.

use crate::domain::{Failure, FailureKind, GatewayFacts, MachineType, Observation, StartOrder, StartResponse, Started};
use crate::lifecycle::attribution::{self, Attribution, Evidence};
use crate::lifecycle::{Knowledge, Retry};

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
    match attribution {
        Attribution::Ours(execution_arn) => {
            let seen = seen.filter(|seen| !execution_arn.is_describable() || has_ended(seen));
            Outcome::Confirmed(Started { seen, others, ..Started::new(execution_arn, start_date) })
        }
        // An outcome is final.
        _ if seen.as_ref().is_some_and(|seen| {
            seen.is_ended() && (known.shown_type(order) != MachineType::Standard || has_ended(seen))
        }) =>
        {
            let execution_arn = order.machine.execution(&order.name);
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

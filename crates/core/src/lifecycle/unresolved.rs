//! Finding the outcome of an unresolved start: the ARN that its execution would have is polled.

use std::time::Duration;

use crate::domain::{
    ClockOffset, Failure, FailureKind, GRACE, InputDigest, MachineType, NameHandling, NameOrigin, Observation, Started,
    Timestamp, UnresolvedStart, Warning,
};
use crate::lifecycle::{Knowledge, received_input, time_comparison};

/// The longest delay until an attempt is executed: connecting takes up to 10 seconds, a gateway waits for its
/// integration for 29, and reads are eventually consistent.
const LATEST_ARRIVAL: Duration = Duration::from_secs(45);
/// The shortest time for which "does not exist" is not believed.
const SHORTEST_GRACE: Duration = Duration::from_secs(3);

/// Returns why status requests cannot settle a start request; `None` if they can.
pub fn objection(start: &UnresolvedStart, known: Knowledge) -> Option<Failure> {
    let because = |kind| Some(Failure::without_response(kind, ""));
    if known.machine_type(&start.order) == MachineType::Express {
        return because(FailureKind::ExpressNotDescribable);
    }
    match &start.reason {
        // Its own reason says more.
        Some(reason) if reason.kind == FailureKind::OtherMachine => Some(reason.clone()),
        _ if known.names() == NameHandling::Ignored => Some(may_run_under_another_name("", known)),
        _ => None,
    }
}

/// Returns whether the log of an EXPRESS machine can show the execution of a start request. Only a generated name is unique
/// there: two executions of an EXPRESS machine may have the same name.
pub(crate) fn may_be_logged(start: &UnresolvedStart, known: Knowledge) -> bool {
    let is_express = known.machine_type(&start.order) == MachineType::Express;
    is_express && start.order.origin == NameOrigin::Generated && known.names() != NameHandling::Ignored
}

/// Returns for how long from now the service may not know the execution, although it exists or will exist.
pub(crate) fn grace(start: &UnresolvedStart, known: Knowledge, now: Timestamp) -> Duration {
    // Where "does not exist" proves nothing, more time does not help.
    let whole = if proves_absence(start, known) { LATEST_ARRIVAL } else { GRACE };
    whole.saturating_sub(now.since(start.sent)).max(SHORTEST_GRACE)
}

/// Whether the service would know an existing execution by this name.
fn proves_absence(start: &UnresolvedStart, known: Knowledge) -> bool {
    // A readable 2xx says that something was started.
    let is_accepted = start.reason.as_ref().is_some_and(|reason| {
        matches!(reason.kind, FailureKind::NoExecutionArn | FailureKind::OtherExecution | FailureKind::OtherMachine)
            || reason.http_status.is_some_and(|status| (200..300).contains(&status))
    });
    known.is_idempotent(&start.order) && !is_accepted
}

/// Whose execution was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The requested one.
    Ours(Started, Option<Warning>),
    /// Another start's: the name was taken.
    Other(Failure),
    /// Neither can be proven.
    Unclear(Failure),
}

/// Classifies the execution that has the name of a start request. A generated name is unique; for a chosen one the
/// input decides, and then the time.
pub fn classify_found(start: &UnresolvedStart, seen: &Observation, offset: Option<ClockOffset>) -> Found {
    let order = &start.order;
    let arn = order.machine.execution(&order.name);
    let predates = time_comparison::predates_launch(seen.start_date, start.first_sent, offset);
    let digest = order.input.digest();
    let changed =
        digest.as_ref().zip(seen.input.as_ref()).and_then(|(sent, received)| received_input::compare(sent, received));
    let is_ours = order.origin == NameOrigin::Generated || is_same_input(digest.as_ref(), seen, order.input.as_str());
    if is_ours {
        let warning = changed.or(predates.then_some(Warning::StartedEarlier));
        return Found::Ours(Started::new(arn, seen.start_date), warning);
    }
    let failure = |kind, message: String| Failure::without_response(kind, message);
    if predates {
        return Found::Other(failure(FailureKind::ExecutionAlreadyExists, format!("by {arn}")));
    }
    if seen.input.is_none() && offset.is_some() && seen.start_date.is_some() {
        return Found::Ours(Started::new(arn, seen.start_date), None);
    }
    Found::Unclear(failure(FailureKind::OwnershipUnclear, arn.to_string()))
}

fn is_same_input(sent: Option<&InputDigest>, seen: &Observation, text: &str) -> bool {
    seen.input
        .as_ref()
        .is_some_and(|received| received.as_str() == text || (sent.is_some() && received.digest().as_ref() == sent))
}

/// Returns what it means that the service did not know the execution during the grace period: `None` if there is none.
/// `had_whole_grace` says that the period was long enough for the slowest gateway.
pub(crate) fn classify_absent(start: &UnresolvedStart, known: Knowledge, had_whole_grace: bool) -> Option<Failure> {
    let is_proven = had_whole_grace && proves_absence(start, known);
    let hint = match known.names() {
        NameHandling::Unknown => "this gateway is not known to pass names on (if it does, set names = \"passed-on\")",
        NameHandling::PassedOn | NameHandling::Ignored => "",
    };
    (!is_proven).then(|| may_run_under_another_name(hint, known))
}

/// Advises a list only where the endpoint has one.
fn may_run_under_another_name(hint: &str, known: Knowledge) -> Failure {
    let failure = Failure::without_response(FailureKind::MayRunUnderAnotherName, hint);
    if known.has_list {
        failure.with_remedy("Look for it with `stepgate list --remote` or in the Step Functions console.")
    } else {
        failure
    }
}

/// Returns whether a failure is expected while the execution may not exist.
pub fn is_expected(failure: &Failure) -> bool {
    failure.kind == FailureKind::ExecutionDoesNotExist
}

/// Returns whether the reason of an unresolved start means refusal: another execution has the name.
pub fn is_refusal(reason: &Failure) -> bool {
    reason.kind == FailureKind::ExecutionAlreadyExists
}

/// Returns whether the reason is final: status requests cannot change it.
pub fn is_final(reason: &Failure) -> bool {
    is_refusal(reason) || reason.kind == FailureKind::OtherMachine
}

/// Returns whether [`grace`] is long enough to prove that there is no execution.
pub(crate) fn has_whole_grace(start: &UnresolvedStart, known: Knowledge) -> bool {
    proves_absence(start, known)
}

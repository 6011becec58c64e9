//! Finding out what became of a start request whose outcome is open: the ARN that it would have is asked about.

use std::time::Duration;

use crate::domain::{
    ClockOffset, Failure, FailureKind, GRACE, InputDigest, MachineType, NameHandling, NameOrigin, Observation, Started,
    Timestamp, UnresolvedStart, Warning,
};
use crate::lifecycle::{Knowledge, clock, input};

/// An attempt may be carried out so much later than it was noted: connecting takes 10 seconds at most, a
/// gateway waits for its integration for 29, and what was written is readable "eventually".
const LATEST_ARRIVAL: Duration = Duration::from_secs(45);
/// The shortest time for which "does not exist" is not believed.
const SHORTEST_GRACE: Duration = Duration::from_secs(3);

/// Why asking cannot settle a start request; nothing if it can.
pub fn objection(start: &UnresolvedStart, known: Knowledge) -> Option<Failure> {
    let because = |kind| Some(Failure::without_answer(kind, ""));
    if known.machine_type(&start.order) == MachineType::Express {
        return because(FailureKind::ExpressNotDescribable);
    }
    match &start.reason {
        // Its own reason says more.
        Some(reason) if reason.kind == FailureKind::OtherMachine => Some(reason.clone()),
        _ if known.names() == NameHandling::Ignored => because(FailureKind::MayRunUnderAnotherName),
        _ => None,
    }
}

/// For how long from now the service may not know the execution although there is one, or will be.
pub fn grace(start: &UnresolvedStart, known: Knowledge, now: Timestamp) -> Duration {
    // Where "does not exist" proves nothing, waiting longer does not help.
    let whole = if proves_absence(start, known) { LATEST_ARRIVAL } else { GRACE };
    whole.saturating_sub(now.since(start.sent)).max(SHORTEST_GRACE)
}

/// Whether the service would know the execution by this name if there was one.
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
    /// The one that was asked for.
    Ours(Started, Option<Warning>),
    /// Another start's: the name was taken.
    Other(Failure),
    /// Neither can be proven.
    Unclear(Failure),
}

/// Judges the execution that was found under the name of a start request. A generated name is nobody else's; under a
/// chosen one the input decides, and then the time.
pub fn found(start: &UnresolvedStart, seen: &Observation, offset: Option<ClockOffset>) -> Found {
    let order = &start.order;
    let arn = order.machine.execution(&order.name);
    let predates = clock::predates_launch(seen.start_date, start.first_sent, offset);
    let digest = order.input.digest();
    let changed = digest.as_ref().zip(seen.input.as_ref()).and_then(|(sent, received)| input::compare(sent, received));
    let is_ours = order.origin == NameOrigin::Generated || is_same_input(digest.as_ref(), seen, order.input.as_str());
    if is_ours {
        let warning = changed.or(predates.then_some(Warning::StartedEarlier));
        return Found::Ours(Started::new(arn, seen.start_date), warning);
    }
    let failure = |kind, said: String| Failure::without_answer(kind, said);
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

/// What it means that the service did not know the execution until the grace was over: `None` if there is none.
/// `had_whole_grace` says that it was long enough for the slowest gateway.
pub fn absent(start: &UnresolvedStart, known: Knowledge, had_whole_grace: bool) -> Option<Failure> {
    let is_proven = had_whole_grace && proves_absence(start, known);
    let hint = match known.names() {
        NameHandling::Unknown => "this gateway is not known to pass names on (if it does, set names = \"passed-on\")",
        NameHandling::PassedOn | NameHandling::Ignored => "",
    };
    (!is_proven).then(|| Failure::without_answer(FailureKind::MayRunUnderAnotherName, hint))
}

/// Whether a failure is expected while it is open whether the execution exists.
pub fn is_expected(failure: &Failure) -> bool {
    failure.kind == FailureKind::ExecutionDoesNotExist
}

/// Whether the reason of an unresolved start is the last word: another execution has the name.
pub fn is_refusal(reason: &Failure) -> bool {
    reason.kind == FailureKind::ExecutionAlreadyExists
}

/// Whether the reason is final: asking about the execution cannot change it.
pub fn is_final(reason: &Failure) -> bool {
    is_refusal(reason) || reason.kind == FailureKind::OtherMachine
}

/// Whether [`grace`] is long enough to prove that there is no execution.
pub fn has_whole_grace(start: &UnresolvedStart, known: Knowledge) -> bool {
    proves_absence(start, known)
}

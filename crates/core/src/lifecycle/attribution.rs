//! Whether a response is about the requested execution. Caches, fixed ARNs in integrations and mappings that derive a
//! name from the input all return readable responses about something else.

use crate::domain::{
    ExecutionArn, Failure, FailureKind, ListedExecution, NameHandling, StartOrder, StartResponse, StateMachineArn,
    Subject,
};

/// What a readable response to a start request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribution {
    /// The requested execution.
    Ours(ExecutionArn),
    /// An execution that the response does not name.
    Unnamed,
    /// An execution of another machine, account, region or partition.
    OtherMachine(ExecutionArn),
    /// Another execution of the same machine.
    OtherExecution(ExecutionArn),
}

/// Evidence that an execution with another name does not belong to this start request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Another start request has led to this execution.
    pub is_claimed: bool,
    /// The execution began before the request was sent.
    pub predates: bool,
}

impl Evidence {
    fn is_foreign(self) -> bool {
        self.is_claimed || self.predates
    }
}

/// Classifies the response to a start request.
pub(crate) fn classify_start(
    order: &StartOrder,
    response: &StartResponse,
    names: NameHandling,
    evidence: Evidence,
) -> Attribution {
    let Some(arn) = response.execution_arn.clone() else { return Attribution::Unnamed };
    if arn.machine() != order.machine.unqualified() {
        return Attribution::OtherMachine(arn);
    }
    let is_ours = arn.name() == order.name.as_str() || (names != NameHandling::PassedOn && !evidence.is_foreign());
    if is_ours { Attribution::Ours(arn) } else { Attribution::OtherExecution(arn) }
}

/// Returns what the response to a start request shows about names; `None` if it is about another machine or execution.
pub(crate) fn shown_names(order: &StartOrder, response: &StartResponse, evidence: Evidence) -> Option<NameHandling> {
    let arn = response.execution_arn.as_ref().filter(|arn| arn.machine() == order.machine.unqualified())?;
    if arn.name() == order.name.as_str() {
        // The gateway may only have repeated the name, and an `answer` filter made an ARN of it.
        return (!response.is_arn_composed).then_some(NameHandling::PassedOn);
    }
    (!evidence.is_foreign()).then_some(NameHandling::Ignored)
}

/// Returns the failure for a response about another machine or execution.
pub(crate) fn misattributed(order: &StartOrder, attribution: &Attribution) -> Option<Failure> {
    let requested = order.machine.execution(&order.name);
    let failure = |kind, message| Some(Failure::without_response(kind, message));
    match attribution {
        Attribution::Ours(_) | Attribution::Unnamed => None,
        Attribution::OtherMachine(arn) => failure(FailureKind::OtherMachine, format!("{arn}, not {}", order.machine)),
        Attribution::OtherExecution(arn) => {
            failure(FailureKind::OtherExecution, format!("asked for {requested}, the response names {arn}"))
        }
    }
}

/// Returns a failure if the outcome in the response to a start names another machine. Absent members prove nothing.
pub(crate) fn of_other_machine(order: &StartOrder, subject: &Subject) -> Option<Failure> {
    let named = StateMachineArn::parse(subject.machine_arn.as_deref()?).ok()?;
    let is_same = named.unqualified() == order.machine.unqualified();
    let failure = || Failure::without_response(FailureKind::OtherMachine, format!("{named}, not {}", order.machine));
    (!is_same).then(failure)
}

/// Returns a failure if a status response is about another execution. Absent members prove nothing.
pub fn check_status(requested: &ExecutionArn, subject: &Subject) -> Option<Failure> {
    let foreign = |named: &str| {
        let message = format!("asked about {requested}, the response is about {named}");
        Some(Failure::without_response(FailureKind::OtherExecution, message))
    };
    if let Some(arn) = &subject.execution_arn {
        return if arn == requested.as_str() { None } else { foreign(arn) };
    }
    if let Some(name) = subject.name.as_deref().filter(|name| *name != requested.name()) {
        return foreign(name);
    }
    let machine = subject.machine_arn.as_deref()?;
    let is_same = StateMachineArn::parse(machine).is_ok_and(|arn| arn.unqualified() == requested.machine());
    if is_same { None } else { foreign(machine) }
}

/// Returns the failure unchanged, or [`FailureKind::OtherExecution`] where the service's message is about another
/// execution: a cached error proves nothing.
pub fn check_failure(requested: &ExecutionArn, failure: Failure) -> Failure {
    match named_in(&failure.message) {
        Some(arn) if failure.kind == FailureKind::ExecutionDoesNotExist && arn != requested.as_str() => {
            let message = format!("asked about {requested}, the response is about {arn}");
            Failure { kind: FailureKind::OtherExecution, message, ..failure }
        }
        _ => failure,
    }
}

/// Returns whether an item of a list belongs to the requested machine.
pub fn is_of_machine(requested: &StateMachineArn, listed: &ListedExecution) -> bool {
    listed.arn.machine() == requested.unqualified()
}

/// Returns the ARN that a message of Step Functions quotes: `Execution Already Exists: 'arn:..'`.
pub(crate) fn named_in(message: &str) -> Option<&str> {
    let from = message.find("'arn:")? + 1;
    let text = &message[from..];
    Some(&text[..text.find('\'')?])
}

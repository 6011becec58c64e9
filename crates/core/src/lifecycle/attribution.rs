//! Whether a response is about what was asked for. Caches, fixed ARNs in integrations and mappings that derive a name
//! from the input all return readable responses about something else.

use crate::domain::{
    ExecutionArn, Failure, FailureKind, Listed, NameHandling, StartOrder, StartResponse, StateMachineArn, Subject,
};

/// What a readable response to a start request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribution {
    /// The execution that was asked for.
    Ours(ExecutionArn),
    /// It does not say which execution.
    Unnamed,
    /// An execution of another machine, account, region or partition.
    OtherMachine(ExecutionArn),
    /// Another execution of the same machine.
    OtherExecution(ExecutionArn),
}

/// What shows that an execution with another name does not belong to this start request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Another start request of ours has this execution.
    pub is_claimed: bool,
    /// The execution began before the request was sent.
    pub predates: bool,
}

impl Evidence {
    fn is_foreign(self) -> bool {
        self.is_claimed || self.predates
    }
}

/// Judges the response to a start request.
pub fn of_start(order: &StartOrder, response: &StartResponse, names: NameHandling, evidence: Evidence) -> Attribution {
    let Some(arn) = response.execution_arn.clone() else { return Attribution::Unnamed };
    if arn.machine() != order.machine.unqualified() {
        return Attribution::OtherMachine(arn);
    }
    let is_ours = arn.name() == order.name.as_str() || (names != NameHandling::PassedOn && !evidence.is_foreign());
    if is_ours { Attribution::Ours(arn) } else { Attribution::OtherExecution(arn) }
}

/// What the response to a start request shows about names; nothing if it is about another machine or execution.
pub fn shown_names(order: &StartOrder, response: &StartResponse, evidence: Evidence) -> Option<NameHandling> {
    let arn = response.execution_arn.as_ref().filter(|arn| arn.machine() == order.machine.unqualified())?;
    if arn.name() == order.name.as_str() {
        return Some(NameHandling::PassedOn);
    }
    (!evidence.is_foreign()).then_some(NameHandling::Ignored)
}

/// The failure that a response about another machine or execution is.
pub fn misattributed(order: &StartOrder, attribution: &Attribution) -> Option<Failure> {
    let asked = order.machine.execution(&order.name);
    let failure = |kind, said| Some(Failure::without_answer(kind, said));
    match attribution {
        Attribution::Ours(_) | Attribution::Unnamed => None,
        Attribution::OtherMachine(arn) => failure(FailureKind::OtherMachine, format!("{arn}, not {}", order.machine)),
        Attribution::OtherExecution(arn) => {
            failure(FailureKind::OtherExecution, format!("asked for {asked}, the response names {arn}"))
        }
    }
}

/// Why a status response is not a response to this request. The members decide as far as there are any.
pub fn of_status(asked: &ExecutionArn, subject: &Subject) -> Option<Failure> {
    let foreign = |named: &str| {
        let said = format!("asked about {asked}, the response is about {named}");
        Some(Failure::without_answer(FailureKind::OtherExecution, said))
    };
    if let Some(arn) = &subject.execution_arn {
        return if arn == asked.as_str() { None } else { foreign(arn) };
    }
    if let Some(name) = subject.name.as_deref().filter(|name| *name != asked.name()) {
        return foreign(name);
    }
    let machine = subject.machine_arn.as_deref()?;
    let is_same = StateMachineArn::parse(machine).is_ok_and(|arn| arn.unqualified() == asked.machine());
    if is_same { None } else { foreign(machine) }
}

/// A failure as it stands, or as [`FailureKind::OtherExecution`] where the service's message is about another
/// execution than the one that was asked about: a cached error proves nothing.
pub fn of_failure(asked: &ExecutionArn, failure: Failure) -> Failure {
    match named_in(&failure.said) {
        Some(arn) if failure.kind == FailureKind::ExecutionDoesNotExist && arn != asked.as_str() => {
            let said = format!("asked about {asked}, the response is about {arn}");
            Failure { kind: FailureKind::OtherExecution, said, ..failure }
        }
        _ => failure,
    }
}

/// Whether an item of a list belongs to the machine that was asked about.
pub fn of_listed(asked: &StateMachineArn, listed: &Listed) -> bool {
    listed.arn.machine() == asked.unqualified()
}

/// The ARN that a message of Step Functions quotes: `Execution Already Exists: 'arn:..'`.
pub fn named_in(message: &str) -> Option<&str> {
    let from = message.find("'arn:")? + 1;
    let text = &message[from..];
    Some(&text[..text.find('\'')?])
}

//! A row of the list: an execution or a start request without a known execution.

use std::borrow::Cow;
use std::sync::Arc;

pub use crate::app::list::payload_location::PayloadLocation;
use crate::format::severity::Severity;
use crate::format::text::visible;
use stepgate_core::domain::{
    EndpointName, ExecutionArn, ExecutionId, ExecutionRecord, Failure, GatewayId, InputDigest, Observation,
    OtherMembers, Outcome, Payload, StateMachineArn, Status, StoredPayloads, Timestamp, UnresolvedStart, Warning,
};

/// The state of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowState {
    /// Started, without an observation so far.
    Started,
    /// Observed; polled until it ends.
    Seen(Observation),
    /// No longer polled although it has not ended, with the reason and the last observation.
    Lost(Failure, Option<Observation>),
    /// Sent without a usable response: polled until it is known whether there is an execution. For an EXPRESS machine this
    /// is never known.
    Unresolved(Box<UnresolvedStart>),
    /// Sent on the route `sync`, whose response is the outcome: neither polled nor stored.
    Synchronous(Box<UnresolvedStart>),
    /// Sent without a usable response and known not to have started: it can be started now.
    NeverStarted(Box<UnresolvedStart>),
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The id within the program.
    pub id: ExecutionId,
    /// The machine name in the configuration.
    pub machine_name: Arc<str>,
    /// The state machine, with version or alias.
    pub machine: StateMachineArn,
    /// The endpoint to poll: the current name of the one with `gateway`.
    pub endpoint: EndpointName,
    /// The gateway that it was started through.
    pub gateway: GatewayId,
    /// The ARN; that of an unresolved start is derived from machine and name.
    pub arn: ExecutionArn,
    /// The input that the execution received, or before the first response, the one that was sent. `None` if not read or not
    /// stored.
    pub input: Option<Payload>,
    /// The input that was sent, if the execution received a different one.
    pub sent_input: Option<Payload>,
    /// The digest of the input that was sent.
    pub input_digest: Option<InputDigest>,
    /// A warning about it.
    pub warning: Option<Warning>,
    /// Whether it is known only from a list: the user has neither started nor named it.
    pub is_others: bool,
    /// The start time: by the service's clock once known.
    pub started: Timestamp,
    /// The state.
    pub state: RowState,
    /// The location of input and output.
    pub payloads: PayloadLocation,
    /// The time of the last response.
    pub answered: Option<Timestamp>,
    /// The earliest time of the next status request.
    pub next_poll: Option<Timestamp>,
    /// Why the last status request failed, unless the whole endpoint is down.
    pub poll_failure: Option<Failure>,
}

/// The groups that the header counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Running.
    Running,
    /// SUCCEEDED.
    Done,
    /// FAILED.
    Failed,
    /// `TIMED_OUT`.
    TimedOut,
    /// ABORTED.
    Aborted,
    /// Unknown.
    Lost,
    /// Not started.
    NotStarted,
}

impl Group {
    /// Returns how good or bad it is.
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Running => Severity::Running,
            Self::Done => Severity::of(Outcome::Succeeded),
            Self::Failed => Severity::of(Outcome::Failed),
            Self::TimedOut => Severity::of(Outcome::TimedOut),
            Self::Aborted => Severity::of(Outcome::Aborted),
            Self::Lost | Self::NotStarted => Severity::Warning,
        }
    }

    /// Returns whether it is an outcome other than SUCCEEDED.
    pub fn is_unsuccessful(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut | Self::Aborted)
    }
}

impl Row {
    /// Returns a row for a stored execution, with the current name of its endpoint.
    pub fn from_record(record: ExecutionRecord, endpoint: EndpointName) -> Self {
        let state = match (record.given_up, record.seen) {
            (Some(failure), seen) => RowState::Lost(failure, seen),
            (None, Some(seen)) => RowState::Seen(seen),
            (None, None) => RowState::Started,
        };
        Self {
            id: ExecutionId(0),
            machine_name: record.machine_name,
            machine: record.machine,
            endpoint,
            gateway: record.gateway,
            arn: record.arn,
            input: None,
            sent_input: None,
            input_digest: record.input_digest,
            warning: record.warning,
            is_others: record.is_others,
            started: record.started,
            state,
            payloads: PayloadLocation::InStore,
            answered: record.last_response,
            next_poll: None,
            poll_failure: None,
        }
    }

    /// Returns a row for an unresolved start, or for one that is known not to have started.
    pub fn from_unresolved(unresolved: UnresolvedStart, state: fn(Box<UnresolvedStart>) -> RowState) -> Self {
        let order = &unresolved.order;
        Self {
            id: ExecutionId(0),
            machine_name: order.machine_name.clone(),
            machine: order.machine.clone(),
            endpoint: order.endpoint.clone(),
            gateway: order.gateway.clone(),
            arn: order.machine.execution(&order.name),
            input: Some(order.input.clone()),
            sent_input: None,
            input_digest: None,
            warning: None,
            is_others: false,
            started: unresolved.first_sent,
            state: state(Box::new(unresolved)),
            payloads: PayloadLocation::Here,
            answered: None,
            next_poll: None,
            poll_failure: None,
        }
    }

    /// Returns the record to store; `None` without an execution.
    pub fn record(&self) -> Option<ExecutionRecord> {
        let (seen, given_up) = match &self.state {
            RowState::Started => (None, None),
            RowState::Seen(seen) => (Some(seen.clone()), None),
            RowState::Lost(failure, seen) => (seen.clone(), Some(failure.clone())),
            RowState::Synchronous(_) | RowState::Unresolved(_) | RowState::NeverStarted(_) => return None,
        };
        Some(ExecutionRecord {
            gateway: self.gateway.clone(),
            endpoint: self.endpoint.clone(),
            machine_name: self.machine_name.clone(),
            machine: self.machine.clone(),
            arn: self.arn.clone(),
            started: self.started,
            last_response: self.answered,
            seen,
            given_up,
            input_digest: self.input_digest.clone(),
            warning: self.warning.clone(),
            is_others: self.is_others,
            start_members: OtherMembers::default(),
        })
    }

    /// Applies the record after an observation.
    pub(in crate::app) fn observe(&mut self, record: ExecutionRecord) {
        self.started = record.started;
        self.answered = record.last_response;
        if let Some(received) = record.seen.as_ref().and_then(|seen| seen.input.clone()) {
            if matches!(record.warning, Some(Warning::InputChanged(_))) && self.sent_input.is_none() {
                self.sent_input = self.input.take();
            }
            self.input = Some(received);
        }
        self.warning = record.warning;
        self.state = record.seen.map_or(RowState::Started, RowState::Seen);
        self.payloads = PayloadLocation::Here;
        self.poll_failure = None;
    }

    /// Returns the bytes of input, output and cause. The input of a start request without an execution does not count.
    pub fn held(&self) -> usize {
        if self.start().is_some() {
            return 0;
        }
        let bytes = |payload: &Option<Payload>| payload.as_ref().map_or(0, |payload| payload.as_str().len());
        bytes(&self.input) + bytes(&self.sent_input) + self.seen().map_or(0, Observation::bytes)
    }

    /// Releases input, output and cause.
    pub(in crate::app) fn release(&mut self, location: PayloadLocation) {
        (self.input, self.sent_input, self.payloads) = (None, None, location);
        if let RowState::Seen(seen) | RowState::Lost(_, Some(seen)) = &mut self.state {
            (seen.input, seen.output, seen.cause) = (None, None, None);
            (seen.others, seen.subject) = Default::default();
        }
    }

    /// Returns the input for starting it again: the one that was sent.
    pub fn input_to_send(&self) -> Option<&Payload> {
        self.sent_input.as_ref().or(self.input.as_ref())
    }

    /// Sets the payloads read from the store.
    pub(in crate::app) fn set_payloads(&mut self, payloads: StoredPayloads) {
        self.payloads = if payloads.input.is_some() { PayloadLocation::Here } else { PayloadLocation::NotStored };
        self.input = payloads.input.or(self.input.take());
        self.sent_input = payloads.sent.or(self.sent_input.take());
        if let RowState::Seen(seen) | RowState::Lost(_, Some(seen)) = &mut self.state {
            seen.output = payloads.output.or(seen.output.take());
            seen.cause = payloads.cause.or(seen.cause.take());
            seen.others = seen.others.or(&payloads.others);
        }
    }

    /// Returns the last observation.
    pub fn seen(&self) -> Option<&Observation> {
        match &self.state {
            RowState::Seen(seen) => Some(seen),
            RowState::Lost(_, seen) => seen.as_ref(),
            _ => None,
        }
    }

    /// Returns the start request while no execution is known.
    pub fn start(&self) -> Option<&UnresolvedStart> {
        match &self.state {
            RowState::Synchronous(start) | RowState::Unresolved(start) | RowState::NeverStarted(start) => Some(start),
            RowState::Started | RowState::Seen(_) | RowState::Lost(..) => None,
        }
    }

    /// Returns the status for display. A gateway may return any text as a status.
    pub fn status_text(&self) -> Cow<'_, str> {
        match &self.state {
            RowState::Started => "STARTED".into(),
            RowState::Synchronous(_) => Status::Running.as_str().to_owned().into(),
            RowState::Seen(seen) => visible(seen.status.as_str()),
            RowState::Lost(..) => "UNKNOWN".into(),
            RowState::Unresolved(_) => "UNRESOLVED".into(),
            RowState::NeverStarted(_) => "NOT STARTED".into(),
        }
    }

    /// Returns the group that counts it.
    pub fn group(&self) -> Group {
        match &self.state {
            RowState::Started | RowState::Synchronous(_) => Group::Running,
            RowState::Lost(..) | RowState::Unresolved(_) => Group::Lost,
            RowState::NeverStarted(_) => Group::NotStarted,
            RowState::Seen(seen) => match seen.status.outcome() {
                Some(Outcome::Succeeded) => Group::Done,
                Some(Outcome::Failed) => Group::Failed,
                Some(Outcome::TimedOut) => Group::TimedOut,
                Some(Outcome::Aborted) => Group::Aborted,
                None if seen.is_ended() => Group::Lost,
                None => Group::Running,
            },
        }
    }

    /// Returns the note in the list: the error name or the warning.
    pub fn note(&self) -> Option<&str> {
        self.error().or_else(|| self.warning.as_ref().map(Warning::short))
    }

    /// Returns the error name.
    pub fn error(&self) -> Option<&str> {
        self.seen().and_then(|seen| seen.error.as_deref())
    }
}

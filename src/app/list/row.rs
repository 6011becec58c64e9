//! One row of the list: an execution, or a start of which nobody knows whether there is one.

use std::sync::Arc;

use stepgate_core::domain::{
    EndpointName, ExecutionArn, ExecutionId, ExecutionRecord, Failure, GatewayId, InputDigest, Observation,
    OtherMembers, Outcome, Payload, StateMachineArn, StoredPayloads, Timestamp, UnresolvedStart, Warning,
};

/// What is known of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowState {
    /// Started; nothing has been seen of it yet.
    Started,
    /// Seen, and asked about again until it ends.
    Seen(Observation),
    /// Not asked about any more although no end was seen, with the reason and what was seen last.
    Lost(Failure, Option<Observation>),
    /// Sent without a good answer: asked about until it is known whether there is an execution. Of an
    /// EXPRESS machine that is never known.
    Unresolved(Box<UnresolvedStart>),
    /// Sent without a good answer, and not carried out: it can be started now.
    NeverStarted(Box<UnresolvedStart>),
}

/// Where the large members of a row are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadLocation {
    /// In the row, as far as there are any.
    Here,
    /// In the store.
    InStore,
    /// On their way from there.
    Reading,
    /// Nowhere: the configuration says so.
    NotStored,
    /// In the store, which cannot be read.
    Unreadable,
    /// No longer kept: there is no store, and newer payloads need the memory.
    Dropped,
}

impl PayloadLocation {
    /// Returns whether they will be read from the store.
    pub fn is_coming(self) -> bool {
        matches!(self, Self::InStore | Self::Reading)
    }

    /// Returns what to say in the place of an input that the row does not have.
    pub fn why_absent(self) -> &'static str {
        match self {
            Self::Here => "It comes with the first answer.",
            Self::InStore | Self::Reading => "It is being read.",
            Self::NotStored => "Not kept: [store] payloads = false, or the disk was full.",
            Self::Unreadable => "It cannot be read from the history; the messages (m) say why.",
            Self::Dropped => "No longer in memory: without a store only the latest inputs and outputs are kept.",
        }
    }
}

/// One execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The program's number for it.
    pub id: ExecutionId,
    /// The profile that it was started from.
    pub machine_name: Arc<str>,
    /// The state machine, with version or alias.
    pub machine: StateMachineArn,
    /// The endpoint that is asked: the one at `gateway`, by today's name.
    pub endpoint: EndpointName,
    /// Where it was started.
    pub gateway: GatewayId,
    /// Its ARN; that of a start in doubt follows from machine and name.
    pub arn: ExecutionArn,
    /// What the execution received; what was sent, before the first response. `None` while it is not read or not kept.
    pub input: Option<Payload>,
    /// What was sent, if the execution received something else.
    pub sent_input: Option<Payload>,
    /// Identifies what was sent.
    pub input_digest: Option<InputDigest>,
    /// What is suspicious about it.
    pub warning: Option<Warning>,
    /// When it was started: by the service's clock as soon as that is known.
    pub started: Timestamp,
    /// What is known of it.
    pub standing: RowState,
    /// Where input and output are.
    pub kept: PayloadLocation,
    /// When the last answer came.
    pub answered: Option<Timestamp>,
    /// When it is asked about again, at the earliest.
    pub next_question: Option<Timestamp>,
    /// Why the last question about it, and only it, failed.
    pub trouble: Option<Failure>,
}

/// The groups of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Not ended, as far as is known.
    Running,
    /// SUCCEEDED.
    Done,
    /// FAILED.
    Failed,
    /// `TIMED_OUT`.
    TimedOut,
    /// ABORTED.
    Aborted,
    /// Nobody can tell.
    Lost,
    /// There is no execution.
    NotStarted,
}

impl Group {
    /// Whether it is an outcome other than SUCCEEDED.
    pub fn is_unsuccessful(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut | Self::Aborted)
    }
}

impl Row {
    /// A row for an execution that is kept, asked about at this endpoint.
    pub fn of_record(record: ExecutionRecord, endpoint: EndpointName) -> Self {
        let standing = match (record.given_up, record.seen) {
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
            started: record.started,
            standing,
            kept: PayloadLocation::InStore,
            answered: record.last_response,
            next_question: None,
            trouble: None,
        }
    }

    /// A row for a start in doubt, or for one that is known not to have been carried out.
    pub fn of_doubt(unresolved: UnresolvedStart, standing: fn(Box<UnresolvedStart>) -> RowState) -> Self {
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
            started: unresolved.first_sent,
            standing: standing(Box::new(unresolved)),
            kept: PayloadLocation::Here,
            answered: None,
            next_question: None,
            trouble: None,
        }
    }

    /// What is to be kept of it; `None` while there is no execution.
    pub fn record(&self) -> Option<ExecutionRecord> {
        let (seen, given_up) = match &self.standing {
            RowState::Started => (None, None),
            RowState::Seen(seen) => (Some(seen.clone()), None),
            RowState::Lost(failure, seen) => (seen.clone(), Some(failure.clone())),
            RowState::Unresolved(_) | RowState::NeverStarted(_) => return None,
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
            start_members: OtherMembers::default(),
        })
    }

    /// Takes what is known now, after an observation.
    pub fn observe(&mut self, record: ExecutionRecord) {
        self.started = record.started;
        self.answered = record.last_response;
        if let Some(received) = record.seen.as_ref().and_then(|seen| seen.input.clone()) {
            if matches!(record.warning, Some(Warning::InputChanged(_))) && self.sent_input.is_none() {
                self.sent_input = self.input.take();
            }
            self.input = Some(received);
        }
        self.warning = record.warning;
        self.standing = record.seen.map_or(RowState::Started, RowState::Seen);
        self.kept = PayloadLocation::Here;
        self.trouble = None;
    }

    /// Returns the bytes of input, output and cause. The input of a start request without an execution does not count.
    pub fn held(&self) -> usize {
        if matches!(self.standing, RowState::Unresolved(_) | RowState::NeverStarted(_)) {
            return 0;
        }
        let bytes = |payload: &Option<Payload>| payload.as_ref().map_or(0, |payload| payload.as_str().len());
        bytes(&self.input) + bytes(&self.sent_input) + self.seen().map_or(0, Observation::bytes)
    }

    /// Releases input, output and cause.
    pub fn release(&mut self, kept: PayloadLocation) {
        (self.input, self.sent_input, self.kept) = (None, None, kept);
        if let RowState::Seen(seen) | RowState::Lost(_, Some(seen)) = &mut self.standing {
            (seen.input, seen.output, seen.cause) = (None, None, None);
            (seen.others, seen.subject) = Default::default();
        }
    }

    /// The input to start it again with: the one that was sent.
    pub fn input_to_send(&self) -> Option<&Payload> {
        self.sent_input.as_ref().or(self.input.as_ref())
    }

    /// Takes the large members as they came from the store.
    pub fn take_payloads(&mut self, payloads: StoredPayloads) {
        self.kept = if payloads.input.is_some() { PayloadLocation::Here } else { PayloadLocation::NotStored };
        self.input = payloads.input.or(self.input.take());
        self.sent_input = payloads.sent.or(self.sent_input.take());
        if let RowState::Seen(seen) | RowState::Lost(_, Some(seen)) = &mut self.standing {
            seen.output = payloads.output.or(seen.output.take());
            seen.cause = payloads.cause.or(seen.cause.take());
            seen.others = seen.others.or(&payloads.others);
        }
    }

    /// What was seen last.
    pub fn seen(&self) -> Option<&Observation> {
        match &self.standing {
            RowState::Started | RowState::Unresolved(_) | RowState::NeverStarted(_) => None,
            RowState::Seen(seen) => Some(seen),
            RowState::Lost(_, seen) => seen.as_ref(),
        }
    }

    /// The word for where it stands.
    pub fn word(&self) -> &str {
        match &self.standing {
            RowState::Started => "STARTED",
            RowState::Seen(seen) => seen.status.word(),
            RowState::Lost(..) => "UNKNOWN",
            RowState::Unresolved(_) => "UNRESOLVED",
            RowState::NeverStarted(_) => "UNSTARTED",
        }
    }

    /// Which group it counts in.
    pub fn group(&self) -> Group {
        match &self.standing {
            RowState::Started => Group::Running,
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

    /// What the list says of it beside its status: the error's name, or what is suspicious.
    pub fn note(&self) -> Option<&str> {
        self.error().or_else(|| self.warning.as_ref().map(Warning::short))
    }

    /// The error's name, if it failed with one.
    pub fn error(&self) -> Option<&str> {
        self.seen().and_then(|seen| seen.error.as_deref())
    }
}

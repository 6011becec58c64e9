//! The status responses of an execution whose ARN is known.

use std::time::Duration;

use crate::domain::{
    ExecutionArn, ExecutionRecord, Failure, GatewayFacts, HistoryEvent, InputDigest, Member, Observation, Outcome,
    StartOrder, Started, Status, Timestamp, Warning,
};
use crate::lifecycle::logged::Logged;
use crate::lifecycle::merge::{self, Age};
use crate::lifecycle::{attribution, received_input};

/// How long to repeat status requests for an outcome that lacks its output or stop date, where the route has returned
/// these members before: `DescribeExecution` is eventually consistent.
const INCOMPLETE: Duration = Duration::from_secs(6);
/// The same, where the route may never return them.
const MAYBE_INCOMPLETE: Duration = Duration::from_secs(3);
/// How long responses may lag. After this, an end without dates that follows a redrive is accepted.
const LAG: Duration = Duration::from_secs(10);
/// The time between these requests.
const SOON: Duration = Duration::from_secs(1);
/// The longest of these times, after which requests become less frequent.
const LONGEST_LAG: Duration = Duration::from_secs(30);

/// What is known of an execution, as far as it decides what the next response means.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownExecution {
    arn: ExecutionArn,
    /// Digest of the sent input, until it has been compared.
    input_digest: Option<InputDigest>,
    seen: Option<Observation>,
    /// Time of the first response from before the redrive.
    stale_since: Option<Timestamp>,
    /// Time of the first incomplete response.
    incomplete_since: Option<Timestamp>,
    /// What the log of an EXPRESS execution has shown.
    logged: Logged,
    /// Whether its start date is unknown.
    is_external: bool,
}

/// What a status response means.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The new state.
    Seen(Box<Observation>, Option<Warning>),
    /// No change. The next status request is due after this time.
    RetryAfter(Duration),
    /// The response has contradicted the known outcome for longer than a lag. The outcome stands.
    Contradicted(Status),
    /// The response is about another execution.
    Misattributed(Failure),
}

impl KnownExecution {
    /// Restores the state from a record.
    pub fn from_record(record: &ExecutionRecord) -> Self {
        let is_new = record.last_response.is_none();
        Self {
            arn: record.arn.clone(),
            input_digest: record.input_digest.clone().filter(|_| is_new),
            seen: record.seen.as_ref().map(without_payloads),
            stale_since: None,
            incomplete_since: None,
            logged: Logged::default(),
            is_external: false,
        }
    }

    /// Returns the state of an execution that was started elsewhere, at an unknown time.
    pub fn external(record: &ExecutionRecord) -> Self {
        Self { is_external: true, ..Self::from_record(record) }
    }

    /// Returns the state of an execution right after its start.
    pub fn new(arn: ExecutionArn, input_digest: Option<InputDigest>) -> Self {
        let (logged, is_external) = (Logged::default(), false);
        Self { arn, input_digest, seen: None, stale_since: None, incomplete_since: None, logged, is_external }
    }

    /// Applies a readable response; returns what it means and what it shows about the gateway.
    pub fn apply(&mut self, seen: &Observation, facts: GatewayFacts, now: Timestamp) -> (Reading, GatewayFacts) {
        if let Some(failure) = attribution::check_status(&self.arn, &seen.subject) {
            return (Reading::Misattributed(failure), facts);
        }
        let waited = |since: Option<Timestamp>| since.map_or(Duration::ZERO, |since| now.since(since));
        let stale = waited(self.stale_since);
        let is_stale = self.seen.as_ref().is_some_and(|known| match merge::age(known, seen) {
            Age::Unclear if !known.is_ended() => stale < LAG,
            _ => !merge::replaces(known, seen),
        });
        if is_stale {
            self.stale_since.get_or_insert(now);
            if stale >= LAG && self.seen.as_ref().is_some_and(Observation::is_ended) {
                return (Reading::Contradicted(seen.status.clone()), facts);
            }
            return (Reading::RetryAfter((stale / 10).clamp(SOON, LONGEST_LAG)), facts);
        }
        let mut facts = returned(seen, facts);
        self.stale_since = None;
        if waited(self.incomplete_since) < time_to_complete(seen, facts) {
            self.incomplete_since.get_or_insert(now);
            return (Reading::RetryAfter(SOON), facts);
        }
        facts = omitted(seen, facts, self.incomplete_since.is_some());
        self.incomplete_since = None;
        let (seen, warning) = self.accept(seen);
        (Reading::Seen(Box::new(seen), warning), facts)
    }

    /// Applies log events; returns the new state, or `None` if they contain nothing new. They say nothing about the gateway,
    /// and members that they lack are not waited for.
    pub fn apply_logged(&mut self, events: &[&HistoryEvent]) -> Option<(Observation, Option<Warning>)> {
        let seen = self.logged.add(&self.arn, events)?;
        let is_news = match &self.seen {
            Some(known) => {
                merge::replaces(known, &seen)
                    && without_payloads(&merge::combined(known, seen.clone())) != without_payloads(known)
            }
            None => true,
        };
        is_news.then(|| self.accept(&seen))
    }

    /// Returns what all log events so far show, or why they do not show its status.
    pub fn logged_status(
        &mut self,
        events: &[HistoryEvent],
        started: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(Observation, Option<Warning>), Failure> {
        let events: Vec<&HistoryEvent> = events.iter().collect();
        let (seen, warning) = self.apply_logged(&events).ok_or_else(|| self.logged.conclusion())?;
        match self.logged.objection(&seen, started, now) {
            Some(failure) => Err(failure),
            None => Ok((seen, warning)),
        }
    }

    /// Returns whether its start date is unknown.
    pub(crate) fn is_external(&self) -> bool {
        self.is_external && self.seen.as_ref().is_none_or(|seen| seen.start_date.is_none())
    }

    /// Returns what the log has shown about the execution.
    pub(crate) fn logged(&self) -> Logged {
        self.logged
    }

    /// Replaces the known state by a newer one.
    fn accept(&mut self, seen: &Observation) -> (Observation, Option<Warning>) {
        let seen = self.seen.as_ref().map_or_else(|| seen.clone(), |known| merge::combined(known, seen.clone()));
        self.seen = Some(without_payloads(&seen));
        let compared = seen.input.as_ref().and_then(|received| Some((self.input_digest.take()?, received)));
        let warning = compared.and_then(|(sent, received)| received_input::compare(&sent, received));
        (seen, warning)
    }
}

/// Payloads decide nothing, and can be large.
fn without_payloads(seen: &Observation) -> Observation {
    Observation { input: None, output: None, cause: None, ..seen.clone() }
}

fn lacks_output(seen: &Observation) -> bool {
    seen.status == Status::Succeeded && seen.output.is_none()
}

/// Returns whether a stop date may come with a later response. A response with an output or error is up to date: the route,
/// or its filter, omits the date for this execution, even if it returns those of others.
fn awaits_stop_date(seen: &Observation) -> bool {
    seen.is_ended() && seen.stop_date.is_none() && seen.output.is_none() && seen.error.is_none()
}

/// Returns how long to repeat requests for an outcome that lacks a member.
fn time_to_complete(seen: &Observation, facts: GatewayFacts) -> Duration {
    let of = |is_missing: bool, member: Member| match member {
        _ if !is_missing => Duration::ZERO,
        Member::Returned => INCOMPLETE,
        Member::Unknown => MAYBE_INCOMPLETE,
        Member::Omitted => Duration::ZERO,
    };
    of(lacks_output(seen), facts.output).max(of(awaits_stop_date(seen), facts.stop_date))
}

fn returned(seen: &Observation, facts: GatewayFacts) -> GatewayFacts {
    let returns_output = seen.status.outcome() == Some(Outcome::Succeeded) && seen.output.is_some();
    GatewayFacts {
        output: if returns_output { Member::Returned } else { facts.output },
        stop_date: if seen.stop_date.is_some() { Member::Returned } else { facts.stop_date },
        ..facts
    }
}

/// Learns from a response that stayed incomplete. An output that was returned once is waited for each time, since an outcome
/// is not complete without it. A stop date is not: the route's mapping may have changed, and all outcomes would be late.
fn omitted(seen: &Observation, facts: GatewayFacts, has_waited: bool) -> GatewayFacts {
    let after = |is_missing: bool, member: Member, is_over: bool| match member {
        Member::Unknown if is_missing => Member::Omitted,
        Member::Returned if is_missing && is_over => Member::Omitted,
        member => member,
    };
    GatewayFacts {
        output: after(lacks_output(seen), facts.output, false),
        stop_date: after(awaits_stop_date(seen), facts.stop_date, has_waited),
        ..facts
    }
}

/// Merges a new record into the stored one; `None` if the stored one remains unchanged.
pub fn merged(known: &ExecutionRecord, new: ExecutionRecord) -> Option<ExecutionRecord> {
    let seen = match (&known.seen, new.seen) {
        (Some(before), Some(seen)) if merge::replaces(before, &seen) => Some(merge::combined(before, seen)),
        (Some(before), _) if before.is_ended() => return None,
        (Some(before), None) => Some(before.clone()),
        // Both are running, and one of them lacks the last redrive.
        (Some(_), Some(_)) => return None,
        (None, seen) => seen,
    };
    // Only a redrive revokes an outcome.
    let given_up = new.given_up.filter(|_| !seen.as_ref().is_some_and(Observation::is_ended));
    Some(ExecutionRecord {
        given_up,
        warning: new.warning.or_else(|| known.warning.clone()),
        input_digest: new.input_digest.or_else(|| known.input_digest.clone()),
        last_response: new.last_response.or(known.last_response),
        is_others: known.is_others && new.is_others,
        seen,
        ..new
    })
}

/// Returns the record after an observation.
#[must_use]
pub fn with_observation(
    record: ExecutionRecord,
    seen: Observation,
    warning: Option<Warning>,
    now: Timestamp,
) -> ExecutionRecord {
    // An end in a log does not repeat the input.
    let known = record.seen.as_ref().and_then(|known| known.input.clone());
    let seen = Observation { input: seen.input.or(known), ..seen };
    ExecutionRecord {
        started: seen.start_date.unwrap_or(record.started),
        last_response: Some(now),
        warning: warning.or(record.warning),
        given_up: None,
        seen: Some(seen),
        ..record
    }
}

/// Returns the record right after the response to the start request, which may contain the outcome.
pub fn new_record(order: &StartOrder, started: &Started, now: Timestamp) -> ExecutionRecord {
    let (gateway, endpoint, machine_name) = (&order.gateway, &order.endpoint, &order.machine_name);
    let (arn, start_date) = (started.execution_arn.clone(), started.start_date.unwrap_or(now));
    let record = ExecutionRecord {
        machine: order.machine.clone(),
        input_digest: order.input.digest(),
        start_members: started.others.clone(),
        ..ExecutionRecord::unanswered(gateway.clone(), endpoint.clone(), machine_name.clone(), arn, start_date)
    };
    let Some(seen) = started.seen.as_deref() else {
        return ExecutionRecord { given_up: started.why_not_followed(), ..record };
    };
    let compared = record.input_digest.as_ref().zip(seen.input.as_ref());
    let warning = compared.and_then(|(sent, received)| received_input::compare(sent, received));
    let seen = Observation { start_date: seen.start_date.or(started.start_date), ..seen.clone() };
    with_observation(record, seen, warning, now)
}

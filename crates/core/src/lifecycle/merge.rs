//! Which of two observations of an execution is current. Responses arrive late, twice and out of order, and
//! `DescribeExecution` lags behind a redrive.

use std::cmp::Ordering;
use std::time::Duration;

use crate::domain::{Observation, Outcome, Redrive, Subject, Timestamp};

/// The coarsest resolution of dates.
const RESOLUTION: Duration = Duration::from_secs(1);

/// When an observation was made, compared with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// Before the last redrive in the other one.
    BeforeRedrive,
    /// Between the same redrives.
    Same,
    /// After a later redrive.
    AfterRedrive,
    /// An end without dates, which may be from before the redrive.
    Unclear,
}

/// Compares a new observation with the known one.
pub(crate) fn age(known: &Observation, new: &Observation) -> Age {
    if let Some(order) = later(&new.redrive, &known.redrive) {
        return order;
    }
    if let Some(order) = later_end(known, new) {
        return order;
    }
    // One of them has no redrive count.
    match (known.redrive.date, new.redrive.date) {
        (None, Some(date)) if is_after(date, known) => return Age::AfterRedrive,
        (Some(redriven), None) if new.is_ended() => {
            return match new.stop_date {
                Some(stop) => from_stop(stop, redriven),
                None if known.is_ended() => Age::Same,
                None => Age::Unclear,
            };
        }
        _ => {}
    }
    match (known.redrive.count, new.redrive.count) {
        (None | Some(0), Some(1..)) if known.redrive.date.is_none() => Age::AfterRedrive,
        _ => Age::Same,
    }
}

/// `None` if a member is missing.
fn later(new: &Redrive, known: &Redrive) -> Option<Age> {
    if let (Some(new), Some(known)) = (new.date, known.date) {
        // The same redrive, where a gateway has truncated the fraction of the second.
        let is_same = new.since(known) < RESOLUTION && known.since(new) < RESOLUTION;
        return Some(if is_same { Age::Same } else { from_order(new.cmp(&known)) });
    }
    new.count.zip(known.count).map(|(new, known)| from_order(new.cmp(&known)))
}

/// An execution that ends twice was redriven in between, which is only possible unless it has SUCCEEDED.
fn later_end(known: &Observation, new: &Observation) -> Option<Age> {
    let can_be_redriven =
        |seen: &Observation| seen.status.outcome().is_some_and(|outcome| outcome != Outcome::Succeeded);
    let is_same_start = known.start_date.zip(new.start_date).is_none_or(|(known, new)| known == new);
    let (before, after) = (known.stop_date?, new.stop_date?);
    if !is_same_start || !known.is_ended() || !new.is_ended() {
        return None;
    }
    match from_order(after.cmp(&before)) {
        Age::AfterRedrive if can_be_redriven(known) && after.since(before) >= RESOLUTION => Some(Age::AfterRedrive),
        Age::BeforeRedrive if can_be_redriven(new) && before.since(after) >= RESOLUTION => Some(Age::BeforeRedrive),
        _ => None,
    }
}

fn from_order(order: Ordering) -> Age {
    match order {
        Ordering::Less => Age::BeforeRedrive,
        Ordering::Equal => Age::Same,
        Ordering::Greater => Age::AfterRedrive,
    }
}

/// Whether an end is from after a redrive.
fn from_stop(stop: Timestamp, redriven: Timestamp) -> Age {
    let is_whole_second = stop.as_millis() % 1_000 == 0;
    if is_whole_second && stop <= redriven && redriven.since(stop) < RESOLUTION {
        return Age::Unclear;
    }
    if stop > redriven { Age::Same } else { Age::BeforeRedrive }
}

fn is_after(redriven: Timestamp, known: &Observation) -> bool {
    known.stop_date.is_none_or(|stop| redriven >= stop)
}

/// Returns whether a new observation replaces the known one: only a later redrive revokes an outcome.
pub(crate) fn replaces(known: &Observation, new: &Observation) -> bool {
    match age(known, new) {
        Age::AfterRedrive => true,
        Age::BeforeRedrive => false,
        Age::Unclear | Age::Same => !known.is_ended() || new.status == known.status,
    }
}

/// Returns the new observation, completed with members of the known one: a complete outcome stays complete, and a
/// response with fewer members, such as that of `ListExecutions`, erases none.
#[must_use]
pub(crate) fn combined(known: &Observation, new: Observation) -> Observation {
    let age = age(known, &new);
    let is_same_end = known.is_ended() && new.is_ended();
    let is_same_status = known.status == new.status;
    let subject = Subject {
        execution_arn: new.subject.execution_arn.or_else(|| known.subject.execution_arn.clone()),
        machine_arn: new.subject.machine_arn.or_else(|| known.subject.machine_arn.clone()),
        name: new.subject.name.or_else(|| known.subject.name.clone()),
    };
    if age != Age::Same {
        return Observation { subject, others: new.others.or(&known.others.fixed()), ..new };
    }
    let kept = |member: &Option<_>| if is_same_end { member.clone() } else { None };
    let same = |member: &Option<String>| member.clone().filter(|_| is_same_status);
    Observation {
        start_date: new.start_date.or(known.start_date),
        stop_date: new.stop_date.or(known.stop_date.filter(|_| is_same_end)),
        output: new.output.or_else(|| kept(&known.output)),
        error: new.error.or_else(|| known.error.clone().filter(|_| is_same_end)),
        cause: new.cause.or_else(|| known.cause.clone().filter(|_| is_same_end)),
        input: new.input.or_else(|| known.input.clone()),
        redrive: Redrive {
            count: new.redrive.count.or(known.redrive.count),
            date: new.redrive.date.or(known.redrive.date),
            status: new.redrive.status.or_else(|| same(&known.redrive.status)),
            status_reason: new.redrive.status_reason.or_else(|| same(&known.redrive.status_reason)),
        },
        others: new.others.or(&known.others),
        subject,
        status: new.status,
    }
}

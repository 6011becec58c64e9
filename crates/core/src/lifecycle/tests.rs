//! One property for each guarantee: responses in any order, late, duplicated, lagging, misattributed, unreadable, and
//! with clocks that jump.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;

use crate::domain::{
    ClockOffset, EndpointName, ExecutionName, Failure, FailureKind, GatewayFacts, GatewayId, MachineType, NameHandling,
    NameOrigin, Observation, Outcome, Payload, Redrive, StartOrder, StartResponse, Started, StateMachineArn, Status,
    Subject, Timestamp, Unreachable, UnresolvedStart, Verdict, Warning,
};
use crate::lifecycle::attempts::{Attempts, Next};
use crate::lifecycle::attribution::Evidence;
use crate::lifecycle::execution::{self, KnownExecution, Reading};
use crate::lifecycle::start_outcome;
use crate::lifecycle::tracked::{PollResult, Tracked};
use crate::lifecycle::{Change, Context, Knowledge, merge};

mod attribution;
mod logged;
mod members;
mod outcomes;
mod starts;
mod strategies;

use strategies::{any_failure, any_knowledge, any_observation};

const NOW: Timestamp = Timestamp::from_millis(1_701_838_931_000);
const LOST: FailureKind = FailureKind::Unreachable(Unreachable::Broken);

fn machine() -> StateMachineArn {
    StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M:PROD").expect("an ARN")
}

fn order(origin: NameOrigin, machine_type: MachineType) -> StartOrder {
    StartOrder {
        endpoint: EndpointName::new("e"),
        gateway: GatewayId::new("https://example.com/dev"),
        machine_name: "m".into(),
        machine: machine(),
        machine_type,
        name: ExecutionName::parse("run-1").expect("a name"),
        origin,
        input: Payload::received("{\"order\": 1}"),
    }
}

fn knowledge(names: NameHandling, machine: MachineType) -> Knowledge {
    Knowledge { facts: GatewayFacts { names, ..GatewayFacts::default() }, configured: None, machine, has_list: false }
}

fn failure(kind: FailureKind) -> Failure {
    Failure::without_response(kind, "")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + seconds * 1_000)
}

/// An execution that runs, ends, is redriven at the tenth second, and ends again, as `DescribeExecution` reports each
/// state.
fn history(dates: bool, counts: bool) -> [Observation; 4] {
    let before = Redrive { count: counts.then_some(0), ..Redrive::default() };
    let after = Redrive { count: counts.then_some(1), date: counts.then_some(at(10)), ..Redrive::default() };
    let stop = |seconds| dates.then_some(Timestamp::from_millis(at(seconds).as_millis() + 7));
    let seen = |status, redrive: &Redrive| Observation { redrive: redrive.clone(), ..Observation::new(status, NOW) };
    let output = Some(Payload::empty_object());
    [
        seen(Status::Running, &before),
        Observation { stop_date: stop(5), ..seen(Status::Failed, &before) },
        seen(Status::Running, &after),
        Observation { stop_date: stop(20), output, ..seen(Status::Succeeded, &after) },
    ]
}

fn known_execution() -> KnownExecution {
    KnownExecution::new(machine().execution(&ExecutionName::parse("run-1").expect("a name")), None)
}

proptest! {
    /// Guarantee: an outcome is only revoked by a later redrive.
    #[test]
    fn an_outcome_is_only_revoked_by_a_later_redrive(
        seen in prop::collection::vec((any_observation(), 0_i64..60), 1..40), jumps in prop::collection::vec(-400_i64..400, 40),
    ) {
        let mut known = known_execution();
        let mut outcome: Option<Observation> = None;
        let mut now = 0;
        for ((seen, pause), jump) in seen.iter().zip(jumps) {
            now += pause + jump * 86_400;
            let (reading, _) = known.apply(seen, GatewayFacts::default(), at(now));
            if let Reading::Seen(new, _) = reading {
                if let Some(before) = &outcome
                    && before.status != new.status
                {
                    let is_later = match (before.redrive.date, new.redrive.date) {
                        (Some(before), Some(after)) => after > before,
                        (None, Some(after)) => before.stop_date.is_none_or(|stop| after >= stop)
                            || new.redrive.count > before.redrive.count,
                        _ => new.redrive.count > before.redrive.count,
                    };
                    // An ended execution that ends again was redriven.
                    let is_same_start = before.start_date.zip(new.start_date).is_none_or(|(before, new)| before == new);
                    let can_be_redriven = before.status != Status::Succeeded && is_same_start;
                    let ends_again = can_be_redriven && before.stop_date.is_some() && new.stop_date > before.stop_date;
                    let is_later = is_later || ends_again;
                    prop_assert!(is_later, "{before:?} was replaced by {new:?}");
                }
                outcome = new.is_ended().then_some(*new);
            }
        }
    }

    /// Guarantee: a response about something else changes nothing.
    #[test]
    fn a_misattributed_response_changes_nothing(seen in prop::collection::vec(any_observation(), 1..20), kind in 0_u8..3) {
        let mut known = known_execution();
        for mut seen in seen {
            seen.subject = match kind {
                0 => Subject { execution_arn: Some("arn:aws:states:us-east-1:111122223333:execution:M:other".into()), ..Subject::default() },
                1 => Subject { name: Some("other".into()), ..Subject::default() },
                _ => Subject { machine_arn: Some("arn:aws:states:eu-west-1:111122223333:stateMachine:M".into()), ..Subject::default() },
            };
            let before = known.clone();
            let (reading, facts) = known.apply(&seen, GatewayFacts::default(), NOW);
            prop_assert!(matches!(reading, Reading::Misattributed(_)), "{reading:?}");
            prop_assert_eq!((&known, facts), (&before, GatewayFacts::default()));
        }
    }

    /// Guarantee: "not started" is only reported when it is proven.
    #[test]
    fn not_started_is_only_reported_when_it_is_proven(
        known in any_knowledge(), origin in prop::sample::select(vec![NameOrigin::Generated, NameOrigin::Chosen]),
        reason in any_failure(), responses in prop::collection::vec(prop_oneof![
            any_observation().prop_map(Ok), any_failure().prop_map(Err),
        ], 1..12), ago in -400_i64..400, jump in -400_i64..400,
    ) {
        let order = order(origin, known.machine);
        let (first_sent, sent) = (at(-ago * 86_400), at(-ago));
        let start = UnresolvedStart { order: order.clone(), request_id: None, first_sent, sent, reason: Some(reason.clone()) };
        let mut tracked = Tracked::from_start(start);
        let context = Context { now: at(jump * 86_400), facts: known.facts, configured: known.configured, ..Context::default() };
        prop_assume!(tracked.objection(&context).is_none());
        let grace = tracked.begin(Duration::ZERO, &context);
        for response in responses {
            let was_absent = matches!(&response, Err(failure) if failure.kind == FailureKind::ExecutionDoesNotExist);
            let (result, _) = tracked.on_response(response, &context);
            let was_seen = matches!(result, PollResult::Seen { .. } | PollResult::RetryAfter(..));
            let change = tracked.change(result, &Verdict::GivenUp, &context);
            if change == Change::NotStarted {
                prop_assert!(was_absent, "the service has to say so");
                prop_assert_eq!(known.names(), NameHandling::PassedOn);
                prop_assert_eq!(known.machine_type(&order), MachineType::Standard);
                let was_accepted = reason.http_status.is_some_and(|status| (200..300).contains(&status));
                prop_assert!(!was_accepted, "a 2xx says that something was started");
                prop_assert!(grace >= Duration::from_secs(45).saturating_sub(context.now.since(sent)));
            }
            if was_seen {
                break;
            }
        }
    }

    /// Guarantee: a retry has identical bytes, and never starts a second execution.
    #[test]
    fn a_start_is_only_retried_where_that_is_harmless(
        known in any_knowledge(), declared in prop::sample::select(vec![MachineType::Unknown, MachineType::Standard, MachineType::Express]),
        failures in prop::collection::vec(any_failure(), 1..8),
    ) {
        let order = order(NameOrigin::Generated, declared);
        let mut attempts = Attempts::default();
        for failure in failures {
            let is_open = failure.leaves_outcome_open() || failure.kind == FailureKind::Throttled;
            match attempts.on_response(&order, Err(failure.clone()), (known, Evidence::default()), Duration::ZERO, 0.5) {
                Next::Done(_) => break,
                Next::RetryAfter(_) => {
                    prop_assert!(is_open, "{failure:?}");
                    prop_assert_eq!(known.names(), NameHandling::PassedOn);
                    prop_assert!(known.machine != MachineType::Express && declared != MachineType::Express);
                    let is_standard = known.machine == MachineType::Standard || declared == MachineType::Standard;
                    prop_assert!(is_standard || known.configured == Some(NameHandling::PassedOn));
                    prop_assert!(!(failure.kind == FailureKind::Undecodable && failure.http_status == Some(200)));
                }
            }
        }
    }

    /// Guarantee: every planned start is reported, and an open attempt is never reported as refused.
    #[test]
    fn every_start_is_reported_and_an_open_one_stays_open(
        known in any_knowledge(), failures in prop::collection::vec(any_failure(), 1..12),
    ) {
        let order = order(NameOrigin::Chosen, MachineType::Standard);
        let (mut attempts, mut was_open, mut outcome, mut spent) = (Attempts::default(), false, None, Duration::ZERO);
        for failure in failures.into_iter().chain(std::iter::repeat_with(|| failure(LOST)).take(20)) {
            was_open |= failure.leaves_outcome_open() || failure.kind == FailureKind::ExecutionDoesNotExist;
            match attempts.on_response(&order, Err(failure), (known, Evidence::default()), spent, 1.0) {
                Next::Done(over) => {
                    outcome = Some(over);
                    break;
                }
                Next::RetryAfter(pause) => spent += pause,
            }
        }
        match outcome.expect("it ends within a minute") {
            start_outcome::Outcome::Confirmed(_) => prop_assert!(false, "a chosen name may be another program's"),
            start_outcome::Outcome::Refused(_) => prop_assert!(!was_open),
            start_outcome::Outcome::Unresolved(_) => prop_assert!(was_open),
        }
    }

    /// Guarantee: a response about another machine or execution is never attributed to a start.
    #[test]
    fn a_start_is_only_confirmed_by_its_own_execution(
        known in any_knowledge(), same_machine in any::<bool>(), same_name in any::<bool>(), is_claimed in any::<bool>(),
        predates in any::<bool>(), has_outcome in any::<bool>(),
    ) {
        let order = order(NameOrigin::Generated, MachineType::Unknown);
        let machine = if same_machine { "M" } else { "Other" };
        let name = if same_name { "run-1" } else { "made-up" };
        let arn = format!("arn:aws:states:us-east-1:111122223333:execution:{machine}:{name}");
        let seen = has_outcome.then(|| Box::new(Observation::new(Status::Succeeded, NOW)));
        let execution_arn = crate::domain::ExecutionArn::parse(&arn).ok();
        let response = StartResponse { execution_arn: execution_arn.clone(), seen, ..StartResponse::default() };
        let evidence = Evidence { is_claimed, predates };
        let next = Attempts::default().on_response(&order, Ok(response), (known, evidence), Duration::ZERO, 0.5);
        match next {
            Next::Done(start_outcome::Outcome::Confirmed(started)) => {
                prop_assert_eq!(Some(started.execution_arn), execution_arn);
                prop_assert!(same_machine);
                let may_be_made_up = known.names() != NameHandling::PassedOn && !is_claimed && !predates;
                prop_assert!(same_name || may_be_made_up);
            }
            Next::Done(start_outcome::Outcome::Unresolved(failure)) => {
                let has_both = failure.message.contains(&arn) && failure.message.contains("stateMachine:M") || failure.message.contains(":M:run-1");
                prop_assert!(has_both, "both ARNs: {}", failure.message);
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }

    /// Guarantee: the stored record does not depend on the order in which two processes write.
    #[test]
    fn two_processes_store_the_newer_observation(first in 0_usize..4, second in 0_usize..4, dates in any::<bool>()) {
        let all = history(dates, true);
        let record = |index: usize| {
            let started = Started::new(machine().execution(&order(NameOrigin::Generated, MachineType::Standard).name), None);
            let new_record = execution::new_record(&order(NameOrigin::Generated, MachineType::Standard), &started, NOW);
            execution::with_observation(new_record, all[index].clone(), None, NOW)
        };
        let write = |known, new| execution::merged(&known, new).unwrap_or(known);
        let (one, other) = (write(record(first), record(second)), write(record(second), record(first)));
        let last = |record: &crate::domain::ExecutionRecord| record.seen.as_ref().map(|seen| (seen.status.clone(), seen.redrive.count));
        prop_assert_eq!(last(&one), last(&other));
        let newest = &all[first.max(second)];
        prop_assert_eq!(last(&one), Some((newest.status.clone(), newest.redrive.count)));
    }
}

//! One property for each guarantee: responses in any order, late, doubled, lagging, foreign, unreadable, and by clocks
//! that jump.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;

use crate::domain::{
    ClockOffset, Doubt, EndpointName, ExecutionName, Failure, FailureKind, GatewayFacts, MachineType, NameHandling,
    NameOrigin, Observation, Outcome, Payload, Place, Redrive, StartOrder, StartResponse, Started, StateMachineArn,
    Status, Subject, Timestamp, Unreachable, Verdict, Warning,
};
use crate::lifecycle::attribution::Evidence;
use crate::lifecycle::execution::{self, KnownExecution, Reading};
use crate::lifecycle::start::{self, Attempts, Next};
use crate::lifecycle::tracked::{Heard, Tracked};
use crate::lifecycle::{Change, Context, Knowledge, merge};

mod members;
mod starts;

const NOW: Timestamp = Timestamp::from_millis(1_701_838_931_000);
const LOST: FailureKind = FailureKind::Unreachable(Unreachable::Broken);

fn machine() -> StateMachineArn {
    StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M:PROD").expect("an ARN")
}

fn order(origin: NameOrigin, machine_type: MachineType) -> StartOrder {
    StartOrder {
        endpoint: EndpointName::new("e"),
        place: Place::new("https://example.com/dev"),
        profile: "m".into(),
        machine: machine(),
        machine_type,
        name: ExecutionName::parse("run-1").expect("a name"),
        origin,
        input: Payload::received("{\"order\": 1}"),
    }
}

fn knowledge(names: NameHandling, machine: MachineType) -> Knowledge {
    Knowledge { facts: GatewayFacts { names, ..GatewayFacts::default() }, configured: None, machine }
}

fn failure(kind: FailureKind) -> Failure {
    Failure::without_answer(kind, "")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + seconds * 1_000)
}

/// An execution that runs, ends, is redriven at the tenth second, and ends again: what `DescribeExecution` says of each
/// time.
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
    KnownExecution::started(machine().execution(&ExecutionName::parse("run-1").expect("a name")), None)
}

fn any_status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Running),
        Just(Status::Succeeded),
        Just(Status::Failed),
        Just(Status::TimedOut),
        Just(Status::Aborted),
        Just(Status::Unknown("PAUSED".into())),
    ]
}

fn any_observation() -> impl Strategy<Value = Observation> {
    (
        any_status(),
        proptest::option::of(-100_i64..100),
        proptest::option::of(-100_i64..100),
        proptest::option::of(0_u32..3),
        proptest::option::of(-100_i64..100),
        any::<bool>(),
        0_u8..4,
    )
        .prop_map(|(status, start, stop, count, redriven, has_output, subject)| Observation {
            subject: Subject {
                execution_arn: match subject {
                    0 => Some("arn:aws:states:us-east-1:111122223333:execution:M:other".into()),
                    1 => Some("arn:aws:states:us-east-1:111122223333:execution:M:run-1".into()),
                    _ => None,
                },
                name: (subject == 2).then(|| "run-1".into()),
                machine_arn: None,
            },
            start_date: start.map(at),
            stop_date: stop.map(at),
            output: has_output.then(Payload::empty_object),
            redrive: Redrive { count, date: redriven.map(at), ..Redrive::default() },
            ..Observation::new(status, None)
        })
}

fn any_failure() -> impl Strategy<Value = Failure> {
    let kinds = [
        LOST,
        FailureKind::Throttled,
        FailureKind::GatewayTimedOut,
        FailureKind::Unreadable,
        FailureKind::Undecodable,
        FailureKind::Forbidden,
        FailureKind::Redirected,
        FailureKind::Rejected,
        FailureKind::ExecutionDoesNotExist,
        FailureKind::ExecutionAlreadyExists,
        FailureKind::MachineDoesNotExist,
        FailureKind::Unreachable(Unreachable::Refused),
    ];
    (prop::sample::select(kinds.to_vec()), any::<bool>())
        .prop_map(|(kind, is_ok)| Failure { http_status: is_ok.then_some(200), ..failure(kind) })
}

fn any_knowledge() -> impl Strategy<Value = Knowledge> {
    use MachineType::{Express, Standard, Unknown};
    use NameHandling::{Ignored, PassedOn};
    let names = prop::sample::select(vec![NameHandling::Unknown, PassedOn, Ignored]);
    let configured = prop::sample::select(vec![None, Some(PassedOn), Some(Ignored)]);
    let machine = prop::sample::select(vec![Unknown, Standard, Express]);
    (names, configured, machine)
        .prop_map(|(names, configured, machine)| Knowledge { configured, ..knowledge(names, machine) })
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
            let (reading, _) = known.read(seen, GatewayFacts::default(), at(now));
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
                    // What can be redriven, and ends once more, was.
                    let is_same_start = before.start_date.zip(new.start_date).is_none_or(|(before, new)| before == new);
                    let can_be_redriven = before.status != Status::Succeeded && is_same_start;
                    let ends_again = can_be_redriven && before.stop_date.is_some() && new.stop_date > before.stop_date;
                    let is_later = is_later || ends_again;
                    prop_assert!(is_later, "{before:?} gave way to {new:?}");
                }
                outcome = new.is_ended().then_some(*new);
            }
        }
    }

    /// Guarantee: a response about something else changes nothing.
    #[test]
    fn a_foreign_response_changes_nothing(seen in prop::collection::vec(any_observation(), 1..20), kind in 0_u8..3) {
        let mut known = known_execution();
        for mut seen in seen {
            seen.subject = match kind {
                0 => Subject { execution_arn: Some("arn:aws:states:us-east-1:111122223333:execution:M:other".into()), ..Subject::default() },
                1 => Subject { name: Some("other".into()), ..Subject::default() },
                _ => Subject { machine_arn: Some("arn:aws:states:eu-west-1:111122223333:stateMachine:M".into()), ..Subject::default() },
            };
            let before = known.clone();
            let (reading, facts) = known.read(&seen, GatewayFacts::default(), NOW);
            prop_assert!(matches!(reading, Reading::Foreign(_)), "{reading:?}");
            prop_assert_eq!((&known, facts), (&before, GatewayFacts::default()));
        }
    }

    /// Guarantee: "not started" is only reported when it is proven.
    #[test]
    fn not_started_is_only_reported_when_it_is_proven(
        known in any_knowledge(), origin in prop::sample::select(vec![NameOrigin::Generated, NameOrigin::Chosen]),
        reason in any_failure(), answers in prop::collection::vec(prop_oneof![
            any_observation().prop_map(Ok), any_failure().prop_map(Err),
        ], 1..12), ago in -400_i64..400, jump in -400_i64..400,
    ) {
        let order = order(origin, known.machine);
        let (first_sent, sent) = (at(-ago * 86_400), at(-ago));
        let start = Doubt { order: order.clone(), record: None, first_sent, sent, reason: Some(reason.clone()) };
        let mut tracked = Tracked::of_start(start);
        let context = Context { now: at(jump * 86_400), facts: known.facts, configured: known.configured, ..Context::default() };
        prop_assume!(tracked.objection(&context).is_none());
        let grace = tracked.begin(Duration::ZERO, &context);
        for answer in answers {
            let was_absent = matches!(&answer, Err(failure) if failure.kind == FailureKind::ExecutionDoesNotExist);
            let (heard, _) = tracked.hear(answer, &context);
            let was_seen = matches!(heard, Heard::Seen { .. } | Heard::Again(..));
            let change = tracked.change(heard, &Verdict::GivenUp, &context);
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

    /// Guarantee: a start is sent again only with identical bytes, where that cannot start a second execution.
    #[test]
    fn a_start_is_only_sent_again_where_that_is_harmless(
        known in any_knowledge(), declared in prop::sample::select(vec![MachineType::Unknown, MachineType::Standard, MachineType::Express]),
        failures in prop::collection::vec(any_failure(), 1..8),
    ) {
        let order = order(NameOrigin::Generated, declared);
        let mut attempts = Attempts::default();
        for failure in failures {
            let is_open = failure.leaves_doubt() || failure.kind == FailureKind::Throttled;
            match attempts.responded(&order, Err(failure.clone()), (known, Evidence::default()), Duration::ZERO, 0.5) {
                Next::Over(_) => break,
                Next::Again(_) => {
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

    /// Guarantee: every planned start ends in a report, and an open attempt is never reported as refused.
    #[test]
    fn every_start_is_reported_and_what_is_open_stays_open(
        known in any_knowledge(), failures in prop::collection::vec(any_failure(), 1..12),
    ) {
        let order = order(NameOrigin::Chosen, MachineType::Standard);
        let (mut attempts, mut was_open, mut outcome, mut spent) = (Attempts::default(), false, None, Duration::ZERO);
        for failure in failures.into_iter().chain(std::iter::repeat_with(|| failure(LOST)).take(20)) {
            was_open |= failure.leaves_doubt() || failure.kind == FailureKind::ExecutionDoesNotExist;
            match attempts.responded(&order, Err(failure), (known, Evidence::default()), spent, 1.0) {
                Next::Over(over) => {
                    outcome = Some(over);
                    break;
                }
                Next::Again(pause) => spent += pause,
            }
        }
        match outcome.expect("it ends within a minute") {
            start::Outcome::Confirmed(_) => prop_assert!(false, "a chosen name may be somebody else's"),
            start::Outcome::Refused(_) => prop_assert!(!was_open),
            start::Outcome::Unresolved(_) => prop_assert!(was_open),
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
        let next = Attempts::default().responded(&order, Ok(response), (known, evidence), Duration::ZERO, 0.5);
        match next {
            Next::Over(start::Outcome::Confirmed(started)) => {
                prop_assert_eq!(Some(started.execution_arn), execution_arn);
                prop_assert!(same_machine);
                let may_be_made_up = known.names() != NameHandling::PassedOn && !is_claimed && !predates;
                prop_assert!(same_name || may_be_made_up);
            }
            Next::Over(start::Outcome::Unresolved(failure)) => {
                let is_told = failure.said.contains(&arn) && failure.said.contains("stateMachine:M") || failure.said.contains(":M:run-1");
                prop_assert!(is_told, "both ARNs: {}", failure.said);
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }

    /// Guarantee: what the store keeps does not depend on the order in which two processes write.
    #[test]
    fn two_processes_leave_the_newer_observation_in_the_store(first in 0_usize..4, second in 0_usize..4, dates in any::<bool>()) {
        let all = history(dates, true);
        let record = |index: usize| {
            let started = Started::new(machine().execution(&order(NameOrigin::Generated, MachineType::Standard).name), None);
            let begun = execution::begun(&order(NameOrigin::Generated, MachineType::Standard), &started, NOW);
            execution::observed(begun, all[index].clone(), None, NOW)
        };
        let write = |known, new| execution::kept(&known, new).unwrap_or(known);
        let (one, other) = (write(record(first), record(second)), write(record(second), record(first)));
        let last = |record: &crate::domain::Record| record.seen.as_ref().map(|seen| (seen.status.clone(), seen.redrive.count));
        prop_assert_eq!(last(&one), last(&other));
        let newest = &all[first.max(second)];
        prop_assert_eq!(last(&one), Some((newest.status.clone(), newest.redrive.count)));
    }
}

#[test]
fn the_responses_around_a_redrive_are_told_apart_whatever_the_route_returns() {
    for (dates, counts) in [(true, true), (true, false), (false, true)] {
        let all = history(dates, counts);
        let record = execution::begun(
            &order(NameOrigin::Generated, MachineType::Standard),
            &Started::new(machine().execution(&ExecutionName::parse("run-1").expect("a name")), None),
            NOW,
        );
        let failed = execution::observed(record, all[1].clone(), None, at(5));
        let redriven = super::control::redriven(failed, at(10));
        let mut known = KnownExecution::of_record(&redriven);
        let mut read = |seen: &Observation, now: i64| known.read(seen, GatewayFacts::default(), at(now)).0;
        for now in 11..14 {
            assert!(matches!(read(&all[1], now), Reading::Again(_)), "it lags: {dates} {counts}");
        }
        assert!(matches!(read(&all[2], 14), Reading::Seen(seen, _) if seen.status == Status::Running));
        assert!(matches!(read(&all[1], 15), Reading::Again(_)), "late: {dates} {counts}");
        let mut end = read(&all[3], 21);
        if !dates {
            end = read(&all[3], 25);
        }
        assert!(matches!(end, Reading::Seen(seen, _) if seen.status == Status::Succeeded), "{dates} {counts}");
    }
}

#[test]
fn an_end_without_dates_after_a_redrive_is_believed_after_a_while() {
    let mut known = known_execution();
    let [_, failed, ..] = history(false, false);
    let redriven = Observation {
        redrive: Redrive { date: Some(at(10)), ..Redrive::default() },
        ..Observation::new(Status::Running, NOW)
    };
    assert!(matches!(known.read(&redriven, GatewayFacts::default(), at(10)).0, Reading::Seen(..)));
    let mut facts = GatewayFacts::default();
    let mut last = Reading::Again(Duration::ZERO);
    for now in 11..40 {
        (last, facts) = known.read(&failed, facts, at(now));
        if !matches!(last, Reading::Again(_)) {
            assert!(now >= 21, "{now}");
            break;
        }
    }
    assert!(matches!(last, Reading::Seen(seen, _) if seen.status == Status::Failed));
}

#[test]
fn an_outcome_is_completed_where_the_route_completes_it_and_accepted_where_not() {
    let complete = Observation {
        stop_date: Some(at(2)),
        output: Some(Payload::empty_object()),
        ..Observation::new(Status::Succeeded, NOW)
    };
    let bare = Observation::new(Status::Succeeded, NOW);
    // Late: the members come with the second response.
    let mut known = known_execution();
    let (reading, facts) = known.read(&bare, GatewayFacts::default(), at(2));
    assert!(matches!(reading, Reading::Again(pause) if pause <= Duration::from_secs(1)), "{reading:?}");
    let (reading, facts) = known.read(&complete, facts, at(3));
    assert!(matches!(reading, Reading::Seen(seen, _) if seen.output.is_some()));
    // A route that returned them once is waited for longer.
    let waits = |facts: GatewayFacts| {
        let (mut known, mut facts) = (known_execution(), facts);
        (0..60).find(|second| {
            let (reading, learned) = known.read(&bare, facts, at(*second));
            facts = learned;
            matches!(reading, Reading::Seen(..))
        })
    };
    assert_eq!((waits(facts), waits(GatewayFacts::default())), (Some(6), Some(3)));
    // A route that never returns them is not waited for twice.
    let mut known = known_execution();
    let (_, learned) = known.read(&bare, GatewayFacts::default(), at(0));
    let (_, learned) = known.read(&bare, learned, at(4));
    assert_eq!(waits(learned), Some(0));
}

#[test]
fn a_chosen_name_is_ours_by_its_input_whatever_the_clocks_say() {
    use super::unresolved::Found;
    use NameOrigin::{Chosen, Generated};
    let seen = |input: Option<&str>, start: i64| Observation {
        input: input.map(Payload::received),
        ..Observation::new(Status::Running, at(start))
    };
    let start = |origin| Doubt {
        order: order(origin, MachineType::Standard),
        record: None,
        first_sent: at(360),
        sent: at(670),
        reason: Some(failure(LOST)),
    };
    // Our clock is six minutes fast, and the laptop slept for 310 s between the attempts.
    let fast = Some(ClockOffset::between(at(0), at(360)));
    let right = Some(ClockOffset::between(at(0), at(0)));
    let found = |origin, seen: &Observation, offset| super::unresolved::found(&start(origin), seen, offset);
    let is_ours = |found: super::unresolved::Found| match found {
        super::unresolved::Found::Ours(_, warning) => Some(warning),
        _ => None,
    };
    for offset in [fast, right, None] {
        let ours = is_ours(found(Chosen, &seen(Some("{ \"order\":1.0 }"), 1), offset));
        assert!(ours.is_some(), "{offset:?}");
        assert!(is_ours(found(Generated, &seen(Some("[]"), 1), offset)).is_some());
    }
    assert_eq!(is_ours(found(Chosen, &seen(Some("{\"order\":1}"), 1), fast)), Some(None));
    assert_eq!(
        is_ours(found(Chosen, &seen(Some("{\"order\":1}"), -9_000), right)),
        Some(Some(Warning::StartedEarlier))
    );
    assert_eq!(is_ours(found(Chosen, &seen(None, 1), fast)), Some(None));
    // Another input: somebody else's if it began before, and otherwise nobody can tell.
    assert!(matches!(found(Chosen, &seen(Some("[]"), -9_000), fast), Found::Other(_)));
    assert!(matches!(found(Chosen, &seen(Some("[]"), 1), fast), Found::Unclear(_)));
    assert!(matches!(found(Chosen, &seen(Some("[]"), -9_000), None), Found::Unclear(_)));
    assert!(matches!(found(Chosen, &seen(None, -9_000), None), Found::Unclear(_)));
}

#[test]
fn an_order_of_observations_needs_no_dates_to_be_total() {
    let all = history(true, true);
    let mut pairs = HashSet::new();
    for (one, known) in all.iter().enumerate() {
        for (other, new) in all.iter().enumerate() {
            if merge::replaces(known, new) {
                pairs.insert((one, other));
            }
        }
    }
    for (one, other) in [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)] {
        assert!(pairs.contains(&(one, other)) && !pairs.contains(&(other, one)), "{one} {other}: {pairs:?}");
    }
    assert_eq!(all[3].status.outcome(), Some(Outcome::Succeeded));
}

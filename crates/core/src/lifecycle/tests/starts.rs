//! What follows from each kind of response to a start request, as a table.

use super::*;
use crate::domain::ExecutionArn;
use crate::lifecycle::unresolved::objection;

fn word(next: &Next) -> &'static str {
    match next {
        Next::Done(start_outcome::Outcome::Confirmed(_)) => "confirmed",
        Next::Done(start_outcome::Outcome::Refused(_)) => "refused",
        Next::Done(start_outcome::Outcome::Unresolved(_)) => "unresolved",
        Next::RetryAfter(_) => "again",
    }
}

/// The result of a start whose attempts fail like this, one per second.
fn after(order: &StartOrder, known: Knowledge, failures: &[Failure]) -> Next {
    let mut attempts = Attempts::default();
    let mut last = None;
    for (index, failure) in failures.iter().enumerate() {
        assert!(!matches!(last, Some(Next::Done(_))), "no attempt after the end");
        let spent = Duration::from_secs(u64::try_from(index).expect("small"));
        last = Some(attempts.on_response(order, Err(failure.clone()), (known, Evidence::default()), spent, 0.5));
    }
    last.expect("a response")
}

#[test]
fn what_follows_from_each_kind_of_failure() {
    use MachineType::{Express, Standard, Unknown};
    use NameHandling::{Ignored, PassedOn};
    use NameOrigin::{Chosen, Generated};
    let ours = "Execution Already Exists: 'arn:aws:states:us-east-1:111122223333:execution:M:run-1'";
    let other = "Execution Already Exists: 'arn:aws:states:us-east-1:111122223333:execution:M:derived'";
    let taken = |message: &str| Failure::without_response(FailureKind::ExecutionAlreadyExists, message);
    let conflict = Failure { http_status: Some(409), ..failure(FailureKind::Rejected) };
    let json_200 = Failure { http_status: Some(200), ..failure(FailureKind::Undecodable) };
    for (origin, machine, names, failures, expected) in [
        (Generated, Standard, PassedOn, vec![failure(LOST)], "again"),
        (Generated, Standard, PassedOn, vec![failure(FailureKind::Throttled)], "again"),
        (Generated, Standard, PassedOn, vec![failure(FailureKind::GatewayUnavailable), failure(LOST)], "again"),
        (Generated, Standard, PassedOn, vec![failure(FailureKind::Unreadable)], "again"),
        (Generated, Standard, PassedOn, vec![json_200], "unresolved"),
        (Generated, Standard, NameHandling::Unknown, vec![failure(LOST)], "unresolved"),
        (Generated, Standard, NameHandling::Unknown, vec![failure(FailureKind::Throttled)], "refused"),
        (Generated, Standard, Ignored, vec![failure(LOST)], "unresolved"),
        (Generated, Unknown, PassedOn, vec![failure(LOST)], "unresolved"),
        (Generated, Express, PassedOn, vec![failure(LOST)], "unresolved"),
        (Generated, Express, PassedOn, vec![failure(FailureKind::Throttled)], "refused"),
        (Generated, Standard, PassedOn, vec![taken(ours)], "confirmed"),
        (Generated, Standard, PassedOn, vec![failure(LOST), taken(ours)], "confirmed"),
        (Generated, Standard, NameHandling::Unknown, vec![taken(ours)], "confirmed"),
        (Generated, Standard, PassedOn, vec![taken("")], "confirmed"),
        (Generated, Standard, NameHandling::Unknown, vec![taken("")], "unresolved"),
        (Chosen, Standard, NameHandling::Unknown, vec![taken("")], "refused"),
        (Generated, Standard, Ignored, vec![taken(other)], "refused"),
        (Generated, Standard, PassedOn, vec![conflict.clone()], "unresolved"),
        (Chosen, Standard, PassedOn, vec![conflict], "refused"),
        (Chosen, Standard, PassedOn, vec![failure(FailureKind::ExecutionDoesNotExist)], "unresolved"),
        (Generated, Standard, PassedOn, vec![taken(other)], "refused"),
        (Generated, Standard, PassedOn, vec![failure(LOST), taken(other)], "unresolved"),
        (Chosen, Standard, PassedOn, vec![taken(ours)], "refused"),
        (Chosen, Standard, PassedOn, vec![failure(LOST), taken(ours)], "unresolved"),
        (Generated, Standard, PassedOn, vec![failure(LOST), failure(FailureKind::Forbidden)], "unresolved"),
        (
            Generated,
            Standard,
            PassedOn,
            vec![failure(FailureKind::Throttled), failure(FailureKind::Forbidden)],
            "refused",
        ),
        (Generated, Standard, PassedOn, vec![failure(FailureKind::Redirected)], "refused"),
        (Generated, Standard, PassedOn, vec![failure(FailureKind::Rejected)], "refused"),
        (Generated, Standard, PassedOn, vec![failure(FailureKind::MachineDoesNotExist)], "refused"),
        (Generated, Standard, PassedOn, vec![failure(FailureKind::Unreachable(Unreachable::Refused))], "refused"),
    ] {
        let known = knowledge(names, machine);
        let next = after(&order(origin, Unknown), known, &failures);
        assert_eq!(word(&next), expected, "{origin:?} {machine:?} {names:?} {failures:?}");
    }
}

#[test]
fn retries_end_after_a_while_and_an_open_attempt_stays_open() {
    let (order, known) =
        (order(NameOrigin::Generated, MachineType::Standard), knowledge(NameHandling::PassedOn, MachineType::Standard));
    let mut attempts = Attempts::default();
    let (mut spent, mut count) = (Duration::ZERO, 1);
    let end = loop {
        let kind = if count == 1 { LOST } else { FailureKind::Throttled };
        match attempts.on_response(&order, Err(failure(kind)), (known, Evidence::default()), spent, 1.0) {
            Next::RetryAfter(pause) => spent += pause,
            Next::Done(settled) => break settled,
        }
        count += 1;
    };
    assert!(spent <= Duration::from_secs(60) && count > 4, "{count} attempts in {spent:?}");
    assert_eq!(end, start_outcome::Outcome::Unresolved(failure(LOST)));
}

#[test]
fn a_response_shows_how_names_are_treated_and_nothing_else() {
    let order = order(NameOrigin::Generated, MachineType::Unknown);
    let response = |machine: &str, name: &str| {
        let arn = format!("arn:aws:states:us-east-1:111122223333:execution:{machine}:{name}");
        Ok(StartResponse { execution_arn: ExecutionArn::parse(&arn).ok(), ..StartResponse::default() })
    };
    let claimed = Evidence { is_claimed: true, predates: false };
    let shown = |response: Result<StartResponse, Failure>, evidence| {
        start_outcome::learned_facts(&order, &response, GatewayFacts::default(), evidence).map(|facts| facts.names)
    };
    assert_eq!(shown(response("M", "run-1"), Evidence::default()), Some(NameHandling::PassedOn));
    assert_eq!(shown(response("M", "made-up"), Evidence::default()), Some(NameHandling::Ignored));
    assert_eq!(shown(response("M", "made-up"), claimed), None);
    assert_eq!(shown(response("Other", "run-1"), Evidence::default()), None);
    assert_eq!(shown(Ok(StartResponse::default()), Evidence::default()), None);
    assert_eq!(shown(Err(failure(LOST)), Evidence::default()), None);
}

#[test]
fn a_synchronous_response_is_the_outcome() {
    let order = order(NameOrigin::Generated, MachineType::Express);
    let arn = ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:express:M:run-1:0d1f").expect("an ARN");
    let seen =
        Observation { error: Some("Boom".into()), stop_date: Some(at(1)), ..Observation::new(Status::Failed, NOW) };
    let response = StartResponse {
        others: crate::domain::OtherMembers::default(),
        execution_arn: Some(arn.clone()),
        is_arn_composed: false,
        start_date: Some(NOW),
        seen: Some(Box::new(seen)),
        excerpt: String::new(),
    };
    let known = Knowledge::default();
    let next = Attempts::default().on_response(&order, Ok(response), (known, Evidence::default()), Duration::ZERO, 0.0);
    let Next::Done(start_outcome::Outcome::Confirmed(started)) = next else { panic!("{next:?}") };
    let record = execution::new_record(&order, &started, NOW);
    assert_eq!((record.arn, record.given_up), (arn, None));
    assert_eq!(record.seen.map(|seen| (seen.status, seen.error)), Some((Status::Failed, Some("Boom".into()))));
}

#[test]
fn a_configuration_that_responses_contradict_allows_no_retry() {
    let order = order(NameOrigin::Generated, MachineType::Standard);
    let configured = Some(NameHandling::PassedOn);
    for (shown, expected) in
        [(NameHandling::Unknown, "again"), (NameHandling::PassedOn, "again"), (NameHandling::Ignored, "unresolved")]
    {
        let known = Knowledge { configured, ..knowledge(shown, MachineType::Standard) };
        assert_eq!(word(&after(&order, known, &[failure(LOST)])), expected, "{shown:?}");
    }
}

#[test]
fn a_status_in_a_standard_start_response_is_only_an_outcome_with_a_stop_date() {
    let execution = ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:execution:M:run-1").ok();
    let done = Observation::new(Status::Succeeded, None);
    let ended = Observation { stop_date: Some(at(1)), ..done.clone() };
    for (arn, machine, seen, confirmed, has_outcome) in [
        (execution.clone(), MachineType::Unknown, &done, true, false),
        (execution, MachineType::Unknown, &ended, true, true),
        (None, MachineType::Standard, &done, false, false),
        (None, MachineType::Standard, &ended, true, true),
        (None, MachineType::Unknown, &done, true, true),
        (None, MachineType::Express, &done, true, true),
    ] {
        let response = StartResponse {
            execution_arn: arn.clone(),
            seen: Some(Box::new(seen.clone())),
            ..StartResponse::default()
        };
        let order = order(NameOrigin::Generated, MachineType::Unknown);
        let known = knowledge(NameHandling::PassedOn, machine);
        let next =
            Attempts::default().on_response(&order, Ok(response), (known, Evidence::default()), Duration::ZERO, 0.5);
        let outcome = match &next {
            Next::Done(start_outcome::Outcome::Confirmed(started)) => Some(started.seen.is_some()),
            _ => None,
        };
        assert_eq!(outcome, confirmed.then_some(has_outcome), "{arn:?} {machine:?} {seen:?}");
    }
}

#[test]
fn an_execution_that_ends_a_second_time_was_redriven_unless_it_had_succeeded() {
    let ended = |status, second| Observation { stop_date: Some(at(second)), ..Observation::new(status, NOW) };
    let replaces = |before, after| merge::replaces(&before, &after);
    assert!(replaces(ended(Status::Failed, 5), ended(Status::Succeeded, 20)));
    assert!(!replaces(ended(Status::Succeeded, 20), ended(Status::Failed, 5)), "late");
    assert!(!replaces(ended(Status::Succeeded, 5), ended(Status::Failed, 20)), "it cannot be redriven");
    assert!(!replaces(ended(Status::Failed, 20), ended(Status::Aborted, 5)));
    let other = Observation { start_date: Some(at(1)), ..ended(Status::Succeeded, 20) };
    assert!(!replaces(ended(Status::Failed, 5), other), "another execution");
}

#[test]
fn an_outcome_that_responses_contradict_stands_and_ends_polling() {
    let mut known = known_execution();
    known.apply(&history(true, false)[3], GatewayFacts::default(), NOW);
    let running = Observation::new(Status::Running, NOW);
    let read = |known: &mut KnownExecution, second| known.apply(&running, GatewayFacts::default(), at(second)).0;
    assert!(matches!(read(&mut known, 1), Reading::RetryAfter(_)));
    assert!(matches!(read(&mut known, 8), Reading::RetryAfter(_)));
    assert_eq!(read(&mut known, 12), Reading::Contradicted(Status::Running));
}

#[test]
fn a_start_is_only_sent_unrecorded_after_a_message_and_if_it_cannot_be_sent_twice() {
    use MachineType::{Express, Standard, Unknown};
    for (is_reported, has_record, machine, expected) in [
        (false, false, Standard, false),
        (false, true, Standard, false),
        (true, false, Standard, true),
        (true, false, Unknown, true),
        (true, false, Express, true),
        (true, true, Standard, true),
        (true, true, Unknown, false),
        (true, true, Express, false),
    ] {
        let order = order(NameOrigin::Generated, machine);
        let goes = start_outcome::may_send_unrecorded(is_reported, has_record, &order);
        assert_eq!(goes, expected, "{is_reported} {has_record} {machine:?}");
    }
}

#[test]
fn a_list_is_only_advised_where_the_endpoint_has_one() {
    let order = order(NameOrigin::Generated, MachineType::Standard);
    let start = UnresolvedStart { order, request_id: None, first_sent: NOW, sent: NOW, reason: None };
    for has_list in [false, true] {
        let known = Knowledge { has_list, ..knowledge(NameHandling::Ignored, MachineType::Standard) };
        let failure = objection(&start, known).expect("the name is not passed on");
        assert_eq!(failure.kind, FailureKind::MayRunUnderAnotherName);
        assert_eq!(failure.to_string().contains("list --remote"), has_list, "{failure}");
    }
}

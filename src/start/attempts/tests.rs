use crate::domain::{EndpointName, ExecutionName, Payload, Place, StateMachineArn, Timestamp, Unreachable};

use super::*;

fn order(origin: NameOrigin, machine_type: MachineType) -> StartOrder {
    StartOrder {
        endpoint: EndpointName::new("e"),
        place: Place::new("https://example.com/dev"),
        profile: "m".into(),
        machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M:PROD").expect("an ARN"),
        machine_type,
        name: ExecutionName::parse("run-1").expect("a name"),
        origin,
        input: Payload::empty_object(),
    }
}

fn failure(kind: FailureKind) -> Result<Started, Failure> {
    Err(Failure::without_answer(kind, ""))
}

const LOST: FailureKind = FailureKind::Unreachable(Unreachable::Broken);

/// What becomes of a start that is answered so, one answer a second.
fn settled(origin: NameOrigin, machine_type: MachineType, kinds: &[FailureKind]) -> Next {
    let order = order(origin, machine_type);
    let mut attempts = Attempts::default();
    let mut last = None;
    for (index, kind) in kinds.iter().enumerate() {
        assert!(!matches!(last, Some(Next::Over(_))), "no attempt after the end");
        let spent = Duration::from_secs(u64::try_from(index).expect("small"));
        last = Some(attempts.answered(&order, failure(kind.clone()), spent, 0.5));
    }
    last.expect("an answer")
}

#[test]
fn what_follows_from_each_kind_of_answer() {
    use MachineType::{Express, Standard};
    use NameOrigin::{Chosen, Generated};
    let exists = FailureKind::ExecutionAlreadyExists;
    let over = |next: Next| match next {
        Next::Over(Settled::Confirmed(_)) => "confirmed",
        Next::Over(Settled::Refused(_)) => "refused",
        Next::Over(Settled::Unresolved(_)) => "unresolved",
        Next::Over(Settled::NeverStarted) => "never started",
        Next::Again(_) => "again",
    };
    for (origin, machine_type, kinds, wanted) in [
        (Generated, Standard, vec![LOST], "again"),
        (Generated, Standard, vec![FailureKind::Throttled], "again"),
        (Generated, Standard, vec![FailureKind::GatewayUnavailable, LOST], "again"),
        (Generated, Standard, vec![exists.clone()], "confirmed"),
        (Generated, Standard, vec![LOST, exists.clone()], "confirmed"),
        (Chosen, Standard, vec![exists.clone()], "refused"),
        (Chosen, Standard, vec![LOST, exists.clone()], "unresolved"),
        (Generated, Standard, vec![LOST, FailureKind::Forbidden], "unresolved"),
        (Generated, Standard, vec![FailureKind::Throttled, FailureKind::Forbidden], "refused"),
        (Generated, Standard, vec![FailureKind::MachineDoesNotExist], "refused"),
        (Generated, Standard, vec![FailureKind::Unreachable(Unreachable::Refused)], "refused"),
        (Generated, Express, vec![LOST], "unresolved"),
        (Generated, Express, vec![FailureKind::GatewayTimedOut], "unresolved"),
        (Generated, Express, vec![FailureKind::Throttled], "refused"),
    ] {
        assert_eq!(over(settled(origin, machine_type, &kinds)), wanted, "{origin:?} {machine_type:?} {kinds:?}");
    }
}

#[test]
fn it_gives_up_after_a_while_and_the_doubt_stays() {
    let order = order(NameOrigin::Generated, MachineType::Standard);
    let mut attempts = Attempts::default();
    let mut spent = Duration::ZERO;
    let mut count = 1;
    let end = loop {
        let kind = if count == 1 { LOST } else { FailureKind::Throttled };
        match attempts.answered(&order, failure(kind), spent, 1.0) {
            Next::Again(pause) => spent += pause,
            Next::Over(settled) => break settled,
        }
        count += 1;
    };
    assert!(spent <= PATIENCE && count > 4, "{count} attempts in {spent:?}");
    assert_eq!(end, Settled::Unresolved(Failure::without_answer(LOST, "")));
}

#[test]
fn an_own_earlier_attempt_is_found_by_the_rule_of_its_arn() {
    let order = order(NameOrigin::Generated, MachineType::Standard);
    let next = Attempts::default().answered(&order, failure(FailureKind::ExecutionAlreadyExists), Duration::ZERO, 0.0);
    let Next::Over(Settled::Confirmed(started)) = next else { panic!("{next:?}") };
    assert_eq!(started.execution_arn.as_str(), "arn:aws:states:us-east-1:111122223333:execution:M:run-1");
    assert_eq!(started.start_date, None);
    let at = Timestamp::from_millis(1);
    let answer = Started { start_date: Some(at), ..started };
    let next = Attempts::default().answered(&order, Ok(answer.clone()), Duration::ZERO, 0.0);
    assert_eq!(next, Next::Over(Settled::Confirmed(answer)));
}

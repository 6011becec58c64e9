//! ARNs of every shape, and texts that are not ARNs.

use super::*;

const BASE: &str = "arn:aws:states:ap-northeast-1:111122223333:stateMachine:Order";

#[test]
fn machines_of_every_partition_and_qualifier_are_parsed() {
    for (text, name, qualifier) in [
        (BASE.to_owned(), "Order", None),
        (format!("{BASE}:7"), "Order", Some("7")),
        (format!("{BASE}:PROD"), "Order", Some("PROD")),
        (format!("{BASE}/Each"), "Order", None),
        ("arn:aws-cn:states:cn-north-1:111122223333:stateMachine:注文".into(), "注文", None),
        ("arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:a.b".into(), "a.b", None),
        ("arn:aws-iso-b:states:us-isob-east-1:111122223333:stateMachine:x".into(), "x", None),
    ] {
        let arn = StateMachineArn::parse(&text).expect(&text);
        assert_eq!((arn.name(), arn.qualifier(), arn.as_str()), (name, qualifier, &*text));
    }
}

#[test]
fn other_texts_are_rejected_as_state_machines() {
    for text in [
        "",
        "PassStateMachine",
        "arn:aws:states:ap-northeast-1:111122223333",
        "arn:aws:lambda:ap-northeast-1:111122223333:function:f",
        "arn:aws:states:ap-northeast-1:111122223333:execution:Order:run-1",
        "arn:aws:states:ap-northeast-1:111122223333:express:Order:run-1:u",
        "arn:aws:states:ap-northeast-1:111122223333:stateMachine:",
        "arn:aws:states:ap-northeast-1:111122223333:stateMachine:a b",
        "arn:aws:states:ap-northeast-1:111122223333:stateMachine:a:1:2",
        "arn:aws:states::111122223333:stateMachine:a",
        "arn:aws:states:ap-northeast-1:123:stateMachine:a",
        "arn:gcp:states:ap-northeast-1:111122223333:stateMachine:a",
    ] {
        assert!(StateMachineArn::parse(text).is_err(), "{text}");
    }
    let long = format!("{BASE}{}", "x".repeat(250));
    assert!(matches!(StateMachineArn::parse(&long), Err(ArnError::TooLong { .. })));
    let labelled = StateMachineArn::parse_startable(&format!("{BASE}/Each"));
    assert!(matches!(labelled, Err(ArnError::Labelled { label, .. }) if label == "Each"));
}

#[test]
fn the_execution_arn_follows_from_machine_and_name() {
    let name = ExecutionName::parse("run-1").expect("name");
    for qualified in [BASE.to_owned(), format!("{BASE}:7"), format!("{BASE}:PROD")] {
        let arn = StateMachineArn::parse(&qualified).expect("machine");
        let execution = arn.execution(&name);
        assert_eq!(execution.as_str(), "arn:aws:states:ap-northeast-1:111122223333:execution:Order:run-1");
        assert_eq!(execution.name(), "run-1");
        assert_eq!(arn.unqualified().as_str(), BASE);
        assert_eq!(ExecutionArn::parse(execution.as_str()), Ok(execution));
    }
}

#[test]
fn an_express_execution_that_no_response_has_named_has_an_arn() {
    let machine =
        StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:execution:3").expect("an ARN");
    let name = ExecutionName::parse("run-1").expect("a name");
    let arn = machine.unnamed_express_execution(&name);
    assert_eq!(arn.as_str(), "arn:aws:states:us-east-1:111122223333:express:execution:run-1:unknown");
    assert_eq!(ExecutionArn::parse(arn.as_str()).as_ref(), Ok(&arn));
    assert_eq!((arn.name(), arn.is_describable()), ("run-1", false));
}

#[test]
fn express_executions_are_recognized_by_their_arn() {
    let prefix = "arn:aws:states:ap-northeast-1:111122223333";
    let describable = |rest: &str| {
        ExecutionArn::parse(&format!("{prefix}:{rest}")).map(|arn| (arn.name().to_owned(), arn.is_describable()))
    };
    assert_eq!(describable("execution:Order:run-1"), Ok(("run-1".into(), true)));
    assert_eq!(describable("execution:Order/Each:c"), Ok(("c".into(), true)));
    assert_eq!(describable("express:Order:run-1:9f2e"), Ok(("run-1".into(), false)));
    assert_eq!(describable("express:Order/Each:c:9f2e"), Ok(("c".into(), true)));
    assert!(describable("express:Order:run-1").is_err());
    assert!(describable("execution:Order").is_err());
    assert!(describable("mapRun:Order/Each:9f2e").is_err());
}

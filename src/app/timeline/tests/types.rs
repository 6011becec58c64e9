//! Every type of event, and types and details that Step Functions does not send today.

use super::*;

/// Every type of `HistoryEvent` in the API reference.
pub(super) const TYPES: [&str; 62] = [
    "ActivityFailed",
    "ActivityScheduled",
    "ActivityScheduleFailed",
    "ActivityStarted",
    "ActivitySucceeded",
    "ActivityTimedOut",
    "ChoiceStateEntered",
    "ChoiceStateExited",
    "ExecutionAborted",
    "ExecutionFailed",
    "ExecutionStarted",
    "ExecutionSucceeded",
    "ExecutionTimedOut",
    "ExecutionRedriven",
    "FailStateEntered",
    "LambdaFunctionFailed",
    "LambdaFunctionScheduled",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStarted",
    "LambdaFunctionStartFailed",
    "LambdaFunctionSucceeded",
    "LambdaFunctionTimedOut",
    "MapIterationAborted",
    "MapIterationFailed",
    "MapIterationStarted",
    "MapIterationSucceeded",
    "MapStateAborted",
    "MapStateEntered",
    "MapStateExited",
    "MapStateFailed",
    "MapStateStarted",
    "MapStateSucceeded",
    "ParallelStateAborted",
    "ParallelStateEntered",
    "ParallelStateExited",
    "ParallelStateFailed",
    "ParallelStateStarted",
    "ParallelStateSucceeded",
    "PassStateEntered",
    "PassStateExited",
    "SucceedStateEntered",
    "SucceedStateExited",
    "TaskFailed",
    "TaskScheduled",
    "TaskStarted",
    "TaskStartFailed",
    "TaskSubmitFailed",
    "TaskSubmitted",
    "TaskSucceeded",
    "TaskTimedOut",
    "TaskStateAborted",
    "TaskStateEntered",
    "TaskStateExited",
    "WaitStateAborted",
    "WaitStateEntered",
    "WaitStateExited",
    "MapRunAborted",
    "MapRunFailed",
    "MapRunStarted",
    "MapRunSucceeded",
    "MapRunRedriven",
    "EvaluationFailed",
];

#[test]
fn every_type_does_what_its_name_says() {
    for event_type in TYPES {
        let mut history = HistoryBuilder::default();
        history.after(0, "ExecutionStarted", Value::Null);
        let of = event_type.split_once("State").map_or("Task", |(of, _)| of);
        let of = if event_type.starts_with("MapIteration") || event_type.starts_with("MapRun") { "Map" } else { of };
        let of = if event_type == "FailStateEntered" { "Pass" } else { of };
        let entered = history.after(0, &format!("{of}StateEntered"), name("First"));
        let mut last = entered;
        if event_type.starts_with("MapIteration") && event_type != "MapIterationStarted" {
            last = history.after(last, "MapIterationStarted", json!({ "index": 0 }));
        }
        let details = json!({ "name": if event_type.ends_with("Entered") { "Second" } else { "First" }, "index": 0,
            "error": "E", "cause": "C", "resource": "r", "redriveCount": 1, "mapRunArn": "arn" });
        history.after(last, event_type, details);
        let steps = history.steps();
        let first = steps.get(0).expect("the first state");
        let iteration = steps.all().iter().find(|step| step.kind == StepKind::Iteration);
        let (is_end, has_error) = (event_type.starts_with("Execution"), first.error() == Some("E"));
        match event_type {
            "ExecutionStarted" => assert_eq!(first.status, StepStatus::Running),
            "ExecutionRedriven" => assert_eq!(steps.all().last().map(|step| step.kind), Some(StepKind::Redrive)),
            "ExecutionSucceeded" => assert_eq!(first.status, StepStatus::Succeeded),
            "ExecutionFailed" => assert!(first.status == StepStatus::Failed && has_error),
            "ExecutionTimedOut" => assert_eq!(first.status, StepStatus::TimedOut),
            "ExecutionAborted" => assert_eq!(first.status, StepStatus::Aborted),
            "MapIterationStarted" => assert!(iteration.is_some_and(|step| step.status == StepStatus::Running)),
            "MapIterationSucceeded" => assert!(iteration.is_some_and(|step| step.status == StepStatus::Succeeded)),
            "MapIterationFailed" => assert!(iteration.is_some_and(|step| step.status == StepStatus::Failed)),
            "MapIterationAborted" => assert!(iteration.is_some_and(|step| step.status == StepStatus::Aborted)),
            "EvaluationFailed" => assert!(has_error && first.status == StepStatus::Running),
            _ if event_type.ends_with("StateEntered") => {
                assert_eq!(steps.all().last().map(|step| &*step.name), Some("Second"));
            }
            _ if event_type.ends_with("StateExited") => {
                assert_eq!((first.status, first.exited), (StepStatus::Succeeded, Some(3)), "{event_type}");
            }
            _ if event_type.ends_with("StateAborted") => assert_eq!(first.status, StepStatus::Aborted, "{event_type}"),
            _ if event_type.ends_with("Scheduled") => {
                assert_eq!((first.attempts.len(), first.last().resource.as_deref()), (1, Some("arn")));
            }
            "ParallelStateFailed" | "MapStateFailed" => assert!(has_error && first.status == StepStatus::Failed),
            _ if ["Failed", "TimedOut"].iter().any(|end| event_type.ends_with(end)) => {
                assert!(has_error && first.status == StepStatus::Running, "{event_type}");
            }
            "MapRunStarted" | "MapRunRedriven" => assert_eq!(first.last().resource.as_deref(), Some("arn")),
            _ => {
                let nothing =
                    ["Started", "Succeeded", "Submitted", "MapRunAborted"].iter().any(|end| event_type.ends_with(end));
                assert!(nothing && !has_error && first.status == StepStatus::Running, "{event_type}");
            }
        }
        assert_eq!(steps.has_ended(), is_end && !matches!(event_type, "ExecutionStarted" | "ExecutionRedriven"));
    }
    assert_eq!(TYPES.iter().collect::<BTreeSet<_>>().len(), 62);
}

#[test]
fn unknown_types_and_missing_events_are_harmless() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let last = history
        .then(0, &[("TaskStateEntered", name("A")), ("SomethingNew", json!({})), ("TaskStateExited", name("A"))]);
    history.after(last + 100, "PassStateExited", name("unknown"));
    history.after(last, "MapIterationSucceeded", Value::Null);
    assert_eq!(history.lines(), ["A SUCCEEDED 2-4"]);
}

#[test]
fn details_of_any_kind_are_accepted() {
    let mut history = HistoryBuilder::default();
    let odd = Value::Object(Map::from_iter([("name".to_owned(), json!(7)), ("index".to_owned(), json!("x"))]));
    history.then(
        0,
        &[("PassStateEntered", odd.clone()), ("MapIterationStarted", odd.clone()), ("ExecutionRedriven", odd)],
    );
    assert_eq!(history.steps().all().len(), 2);
}

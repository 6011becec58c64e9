//! Failures that cancel parallel steps, and redrives after them.

use serde_json::{Value, json};

use super::{HistoryBuilder, error, name};

fn iteration(index: u64) -> Value {
    json!({ "name": "Map", "index": index })
}

/// In a Parallel state, a Map with a Catch whose first of two iterations fails, in parallel with a running Task. The abort of the
/// second iteration comes before that of the state in it, as AWS writes it.
fn caught_beside_a_running_task() -> HistoryBuilder {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history.after(0, "ParallelStateEntered", name("Both"));
    let both = history.after(2, "ParallelStateStarted", Value::Null);
    history.after(both, "MapStateEntered", name("Map"));
    let map = history.after(4, "MapStateStarted", json!({ "length": 2 }));
    history.after(map, "MapIterationStarted", iteration(0));
    history.after(map, "MapIterationStarted", iteration(1));
    history.after(both, "TaskStateEntered", name("Long"));
    history.after(8, "TaskScheduled", Value::Null);
    for iteration in [6, 7] {
        let entered = history.after(iteration, "TaskStateEntered", name("Do"));
        history.after(entered, "TaskScheduled", Value::Null);
    }
    let failed = history.after(11, "TaskFailed", error("Refused"));
    for (event_type, details) in [
        ("MapIterationFailed", iteration(0)),
        ("TaskStateAborted", Value::Null),
        ("MapIterationAborted", iteration(1)),
        ("TaskStateAborted", Value::Null),
        ("MapStateFailed", Value::Null),
    ] {
        history.after(failed, event_type, details);
    }
    history.after(19, "MapStateExited", name("Map"));
    history
}

#[test]
fn the_abort_of_a_cancelled_state_does_not_end_another_one() {
    let mut history = caught_beside_a_running_task();
    assert_eq!(
        history.lines(),
        [
            "Both RUNNING 2--",
            "  Map SUCCEEDED 4-20",
            "    Map CAUGHT 4-20 Refused",
            "      [0] FAILED 6-15 Refused",
            "        Do FAILED 10-14 Refused",
            "      [1] ABORTED 7-17",
            "        Do ABORTED 12-17",
            "  Long RUNNING 8--",
            "    Long RUNNING 8--",
        ]
    );
    let failed = history.after(9, "TaskFailed", error("Flaky"));
    history.then(
        failed,
        &[("TaskScheduled", Value::Null), ("TaskSucceeded", Value::Null), ("TaskStateExited", name("Long"))],
    );
    assert_eq!(history.lines()[7..], ["  Long SUCCEEDED 8-24", "    Long SUCCEEDED 8-24 x2"]);
}

#[test]
fn a_failure_in_an_inner_map_leaves_other_iterations_of_the_outer_one_alone() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history.after(0, "MapStateEntered", name("Outer"));
    history.after(2, "MapStateStarted", json!({ "length": 2 }));
    for index in 0..2 {
        history.after(3, "MapIterationStarted", json!({ "name": "Outer", "index": index }));
    }
    for outer in [4, 5] {
        let entered = history.after(outer, "MapStateEntered", name("Map"));
        let inner = history.after(entered, "MapStateStarted", json!({ "length": 2 }));
        for index in 0..2 {
            let started = history.after(inner, "MapIterationStarted", iteration(index));
            history.after(started, "WaitStateEntered", name("Wait"));
        }
    }
    let failed = history.after(9, "EvaluationFailed", json!({ "state": "Wait", "error": "Refused" }));
    for (event_type, details) in [
        ("MapIterationFailed", iteration(0)),
        ("WaitStateAborted", Value::Null),
        ("MapIterationAborted", iteration(1)),
        ("WaitStateAborted", Value::Null),
        ("MapStateFailed", Value::Null),
    ] {
        history.after(failed, event_type, details);
    }
    let lines = history.lines();
    assert_eq!(lines.iter().filter(|line| line.contains("ABORTED")).count(), 2, "{lines:#?}");
    assert!(lines[lines.len() - 6..].iter().all(|line| line.contains("RUNNING")), "{lines:#?}");
}

/// A Parallel state with the Tasks `A`, which fails, and `B`, which is cancelled, and then a redrive. The end of the
/// execution follows that of the Parallel state, or directly the failure.
fn redriven_in_a_parallel_state(is_direct: bool) -> (HistoryBuilder, u64) {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history.after(0, "ParallelStateEntered", name("Both"));
    history.after(2, "ParallelStateStarted", Value::Null);
    for task in ["A", "B"] {
        let entered = history.after(3, "TaskStateEntered", name(task));
        history.after(entered, "TaskScheduled", json!({ "resourceType": "lambda", "resource": task }));
    }
    let failed = history.after(5, "TaskFailed", error("Refused"));
    history.after(failed, "TaskStateAborted", Value::Null);
    history.after(failed, "TaskStateAborted", Value::Null);
    let ended = history.after(failed, "ParallelStateFailed", Value::Null);
    let ended = history.after(if is_direct { failed } else { ended }, "ExecutionFailed", error("Refused"));
    let redriven = history.after(ended, "ExecutionRedriven", json!({ "redriveCount": 1 }));
    (history, redriven)
}

#[test]
fn a_redrive_schedules_the_interrupted_task_not_its_container() {
    for (order, is_direct) in [(["A", "B"], true), (["B", "A"], true), (["A", "B"], false), (["B", "A"], false)] {
        let (mut history, redriven) = redriven_in_a_parallel_state(is_direct);
        let scheduled = order.map(|task| {
            (task, history.after(redriven, "TaskScheduled", json!({ "resourceType": "lambda", "resource": task })))
        });
        assert_eq!(history.lines()[0], "Both RUNNING 2--", "what runs again has no error");
        let mut last = 0;
        for (task, scheduled) in scheduled {
            last = history.then(scheduled, &[("TaskSucceeded", Value::Null), ("TaskStateExited", name(task))]);
        }
        history.then(last, &[("ParallelStateSucceeded", Value::Null), ("ParallelStateExited", name("Both"))]);
        let status: Vec<String> =
            history.lines().iter().map(|line| line.replace(|c: char| c.is_ascii_digit() || c == '-', "")).collect();
        assert_eq!(
            status,
            ["Both SUCCEEDED ", "  A SUCCEEDED ", "    A SUCCEEDED  x", "  B SUCCEEDED ", "    B SUCCEEDED  x"],
            "{order:?}"
        );
    }
}

#[test]
fn an_iteration_that_a_redrive_starts_again_enters_its_state_again() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history.after(0, "MapStateEntered", name("Map"));
    history.after(2, "MapStateStarted", json!({ "length": 1 }));
    history.after(3, "MapIterationStarted", iteration(0));
    let failed = history
        .then(4, &[("TaskStateEntered", name("Do")), ("TaskScheduled", Value::Null), ("TaskFailed", error("Refused"))]);
    let failed = history.then(
        failed,
        &[("MapIterationFailed", iteration(0)), ("MapStateFailed", Value::Null), ("ExecutionFailed", Value::Null)],
    );
    let redriven = history.after(failed, "ExecutionRedriven", json!({ "redriveCount": 1 }));
    history.then(
        redriven,
        &[
            ("MapIterationStarted", iteration(0)),
            ("TaskStateEntered", name("Do")),
            ("TaskScheduled", Value::Null),
            ("TaskSucceeded", Value::Null),
            ("TaskStateExited", name("Do")),
            ("MapIterationSucceeded", iteration(0)),
        ],
    );
    assert_eq!(history.lines(), ["Map RUNNING 2--", "  [0] SUCCEEDED 4-17", "    Do SUCCEEDED 5-16 x2"]);
}

#[test]
fn each_failed_evaluation_is_an_attempt_until_something_is_scheduled() {
    let failed = json!({ "state": "Do", "error": "States.QueryEvaluationError" });
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history.after(0, "TaskStateEntered", name("Do"));
    let evaluated = history.then(2, &[("EvaluationFailed", failed.clone()), ("EvaluationFailed", failed.clone())]);
    assert_eq!(history.lines(), ["Do RUNNING 2-- x2 States.QueryEvaluationError"]);
    history.then(
        evaluated,
        &[("TaskScheduled", Value::Null), ("TaskSucceeded", Value::Null), ("EvaluationFailed", failed)],
    );
    assert_eq!(history.steps().all()[0].attempts.len(), 3, "the expression of its output failed in the third attempt");

    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let entered = history.after(0, "ParallelStateEntered", name("Both"));
    history.after(1, "EvaluationFailed", json!({ "state": "Both", "error": "States.QueryEvaluationError" }));
    let begun = history.then(
        entered,
        &[("ParallelStateStarted", Value::Null), ("PassStateEntered", name("A")), ("PassStateExited", name("A"))],
    );
    history.then(begun, &[("ParallelStateSucceeded", Value::Null), ("ParallelStateExited", name("Both"))]);
    assert_eq!(history.lines()[0], "Both SUCCEEDED 2-8 x2");
}

//! `stepgate timeline` on histories in the service's form: rules that are easy to get wrong, and histories that no
//! service sends.
#![cfg(unix)]

use std::fmt::Write as _;

use crate::support::cli::{Home, Ran, ran};
use crate::support::histories::{date, events, execution, gateway, home, paged};
use crate::support::odd::OddGateway;
use crate::support::terminal::{Terminal, is_at_the_prompt};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A gateway with this history, and a home that knows it.
fn served(events: Vec<Value>) -> (Runtime, OddGateway, Home) {
    answering(paged(events))
}

fn answering(answer: impl Fn(&Value) -> String + Send + Sync + 'static) -> (Runtime, OddGateway, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let gateway = runtime.block_on(gateway(answer));
    let home = home(&gateway);
    (runtime, gateway, home)
}

fn timeline(home: &Home) -> Ran {
    home.run(&["timeline", &execution(), "--output", "json"])
}

/// An object as a line: path, type, status, attempts if there are several, ids of the events that it began and ended
/// with, error.
fn line(object: &Value) -> String {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let path: Vec<&str> = object["path"].as_array().expect("a path").iter().filter_map(Value::as_str).collect();
    let event = |name: &str| {
        let found = (1..200).find(|id| object[name].as_str() == Some(&date(*id)));
        found.map_or("-".to_owned(), |id: u64| id.to_string())
    };
    let mut line = format!("{} {} {}", path.join("/"), text("type"), text("status"));
    if object["attempts"] != 1 {
        write!(line, " x{}", object["attempts"]).expect("written");
    }
    write!(line, " {}-{}", event("startDate"), event("stopDate")).expect("written");
    if let Some(error) = object["error"].as_str() {
        write!(line, " {error}").expect("written");
    }
    line
}

fn check(what: &str, history: &str, steps: &str) {
    let (_runtime, _gateway, home) = served(events(history));
    let found: Vec<String> = timeline(&home).expect(0).objects().iter().map(line).collect();
    let expected: Vec<&str> = steps.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(found, expected, "{what}");
}

#[test]
fn a_state_that_cannot_be_evaluated_failed_wherever_the_event_says_it_follows() {
    check(
        "it follows what came before the state",
        "2 <0 PassStateEntered name=A
         3 <2 PassStateExited name=A
         4 <3 TaskStateEntered name=B
         5 <3 EvaluationFailed state=B error=States.QueryEvaluationError location=Arguments
         6 <5 ExecutionFailed error=States.QueryEvaluationError",
        "A Pass SUCCEEDED 2-3
         B Task FAILED 4-5 States.QueryEvaluationError",
    );
    check(
        "the first state follows nothing, and a Map may fail before it begins",
        "2 <0 MapStateEntered name=M
         3 <0 EvaluationFailed state=M error=Q location=Items
         4 <3 MapStateFailed
         5 <4 ExecutionFailed error=Q",
        "M Map FAILED 2-4 Q",
    );
    check(
        "it follows the state itself, and a Catch handles it",
        "2 <0 WaitStateEntered name=W
         3 <2 EvaluationFailed state=W error=Q
         4 <3 WaitStateExited name=W
         5 <4 PassStateEntered name=P
         6 <5 PassStateExited name=P
         7 <6 ExecutionSucceeded",
        "W Wait CAUGHT 2-4 Q
         P Pass SUCCEEDED 5-6",
    );
    check(
        "of two iterations in the state with this name, the one behind the same event; retried, then caught by the Map",
        "2 <0 MapStateEntered name=M
         3 <2 MapStateStarted length=2
         4 <3 MapIterationStarted name=M index=0
         5 <3 MapIterationStarted name=M index=1
         6 <4 TaskStateEntered name=T
         7 <5 TaskStateEntered name=T
         8 <5 EvaluationFailed state=T error=Q
         9 <8 TaskScheduled resource=f
         10 <9 TaskSucceeded
         11 <9 EvaluationFailed state=T error=R
         12 <11 MapIterationFailed name=M index=1
         13 <11 TaskStateAborted
         14 <11 MapIterationAborted name=M index=0
         15 <11 TaskStateAborted
         16 <11 MapStateFailed
         17 <16 MapStateExited name=M
         18 <17 ExecutionSucceeded",
        "M Map CAUGHT 2-17 R
         M/[0] Iteration ABORTED 4-14
         M/[0]/T Task ABORTED 6-14
         M/[1] Iteration FAILED 5-12 R
         M/[1]/T Task FAILED x2 7-11 R",
    );
}

#[test]
fn the_iteration_that_failed_has_failed_and_its_siblings_were_cut_off() {
    check(
        "every abort event follows the failing one",
        "2 <0 MapStateEntered name=Lines
         3 <2 MapStateStarted length=4
         4 <3 MapIterationStarted name=Lines index=0
         5 <3 MapIterationStarted name=Lines index=1
         6 <3 MapIterationStarted name=Lines index=2
         7 <4 TaskStateEntered name=Book
         8 <5 TaskStateEntered name=Book
         9 <6 TaskStateEntered name=Book
         10 <7 TaskScheduled resource=invoke resourceType=lambda
         11 <8 TaskScheduled resource=invoke resourceType=lambda
         12 <9 TaskScheduled resource=invoke resourceType=lambda
         13 <12 TaskSucceeded
         14 <13 TaskStateExited name=Book
         15 <14 MapIterationSucceeded name=Lines index=2
         16 <14 MapIterationStarted name=Lines index=3
         17 <16 WaitStateEntered name=Rest
         18 <11 TaskFailed error=Sold.Out cause=none_left
         19 <18 MapIterationFailed name=Lines index=1
         20 <18 TaskStateAborted
         21 <18 MapIterationAborted name=Lines index=0
         22 <18 TaskStateAborted
         23 <18 MapIterationAborted name=Lines index=3
         24 <18 WaitStateAborted
         25 <18 MapStateFailed
         26 <25 ExecutionFailed error=Sold.Out cause=none_left",
        "Lines Map FAILED 2-25 Sold.Out
         Lines/[0] Iteration ABORTED 4-21
         Lines/[0]/Book Task ABORTED 7-21
         Lines/[1] Iteration FAILED 5-19 Sold.Out
         Lines/[1]/Book Task FAILED 8-18 Sold.Out
         Lines/[2] Iteration SUCCEEDED 6-15
         Lines/[2]/Book Task SUCCEEDED 9-14
         Lines/[3] Iteration ABORTED 16-23
         Lines/[3]/Rest Wait ABORTED 17-23",
    );
    check(
        "a state whose task timed out has failed, also in an iteration that was aborted",
        "2 <0 MapStateEntered name=M
         3 <2 MapStateStarted length=2
         4 <3 MapIterationStarted name=M index=0
         5 <3 MapIterationStarted name=M index=1
         6 <4 TaskStateEntered name=T
         7 <5 TaskStateEntered name=T
         8 <6 LambdaFunctionScheduled resource=f
         9 <7 LambdaFunctionScheduled resource=f
         10 <8 LambdaFunctionStarted
         11 <9 LambdaFunctionStarted
         12 <11 LambdaFunctionTimedOut error=States.Timeout
         13 <10 LambdaFunctionTimedOut
         14 <12 MapIterationFailed name=M index=1
         15 <12 TaskStateAborted
         16 <12 MapIterationAborted name=M index=0
         17 <12 TaskStateAborted
         18 <12 MapStateFailed
         19 <18 ExecutionFailed error=States.Timeout",
        "M Map FAILED 2-18 States.Timeout
         M/[0] Iteration ABORTED 4-16
         M/[0]/T Task FAILED 6-13 States.Timeout
         M/[1] Iteration FAILED 5-14 States.Timeout
         M/[1]/T Task FAILED 7-12 States.Timeout",
    );
}

#[test]
fn abort_events_of_nested_maps_find_their_own() {
    check(
        "two outer iterations with an inner Map of the same name; the second inner iteration of the first one fails",
        "2 <0 MapStateEntered name=Out
         3 <2 MapStateStarted length=2
         4 <3 MapIterationStarted name=Out index=0
         5 <3 MapIterationStarted name=Out index=1
         6 <4 MapStateEntered name=In
         7 <5 MapStateEntered name=In
         8 <6 MapStateStarted length=2
         9 <7 MapStateStarted length=2
         10 <8 MapIterationStarted name=In index=0
         11 <8 MapIterationStarted name=In index=1
         12 <9 MapIterationStarted name=In index=0
         13 <10 PassStateEntered name=P
         14 <13 PassStateExited name=P
         15 <14 MapIterationSucceeded name=In index=0
         16 <12 WaitStateEntered name=W
         17 <11 FailStateEntered name=F
         18 <17 MapIterationFailed name=In index=1
         19 <17 MapStateFailed
         20 <17 MapIterationFailed name=Out index=0
         21 <17 MapIterationAborted name=Out index=1
         22 <17 MapStateAborted
         23 <17 MapIterationAborted name=In index=0
         24 <17 WaitStateAborted
         25 <17 MapStateFailed
         26 <25 ExecutionFailed error=E",
        "Out Map FAILED 2-25 E
         Out/[0] Iteration FAILED 4-20 E
         Out/[0]/In Map FAILED 6-19 E
         Out/[0]/In/[0] Iteration SUCCEEDED 10-15
         Out/[0]/In/[0]/P Pass SUCCEEDED 13-14
         Out/[0]/In/[1] Iteration FAILED 11-18 E
         Out/[0]/In/[1]/F Fail FAILED 17-17 E
         Out/[1] Iteration ABORTED 5-21
         Out/[1]/In Map ABORTED 7-21
         Out/[1]/In/[0] Iteration ABORTED 12-21
         Out/[1]/In/[0]/W Wait ABORTED 16-21",
    );
}

#[test]
fn each_attempt_at_a_parallel_or_map_state_has_branches_and_iterations_of_its_own() {
    check(
        "a Parallel state, retried twice from deep inside, and caught in the end",
        "2 <0 ParallelStateEntered name=Ship
         3 <2 ParallelStateStarted
         4 <3 PassStateEntered name=Label
         5 <4 PassStateExited name=Label
         6 <5 FailStateEntered name=NoStamp
         7 <3 WaitStateEntered name=Dry
         8 <6 WaitStateAborted
         9 <6 ParallelStateStarted
         10 <9 PassStateEntered name=Label
         11 <10 PassStateExited name=Label
         12 <9 WaitStateEntered name=Dry
         13 <11 FailStateEntered name=NoStamp
         14 <13 WaitStateAborted
         15 <13 ParallelStateStarted
         16 <15 WaitStateEntered name=Dry
         17 <16 WaitStateExited name=Dry
         18 <15 FailStateEntered name=NoStamp
         19 <18 ParallelStateFailed
         20 <19 ParallelStateExited name=Ship
         21 <20 SucceedStateEntered name=Done
         22 <21 SucceedStateExited name=Done
         23 <22 ExecutionSucceeded",
        "Ship Parallel CAUGHT x3 2-20
         Ship/Label Branch FAILED x2 4-13
         Ship/Label/Label Pass SUCCEEDED x2 4-11
         Ship/Label/NoStamp Fail FAILED x2 6-13
         Ship/Dry Branch SUCCEEDED x3 7-17
         Ship/Dry/Dry Wait SUCCEEDED x3 7-17
         Ship/NoStamp Branch FAILED 18-18
         Ship/NoStamp/NoStamp Fail FAILED 18-18
         Done Succeed SUCCEEDED 21-22",
    );
    check(
        "a Map state that succeeds the second time, with a task that is retried in it",
        "2 <0 MapStateEntered name=M
         3 <2 MapStateStarted length=2
         4 <3 MapIterationStarted name=M index=0
         5 <4 TaskStateEntered name=T
         6 <5 TaskScheduled resource=f
         7 <6 TaskFailed error=Busy
         8 <7 TaskScheduled resource=f
         9 <8 TaskFailed error=Busy
         10 <9 MapIterationFailed name=M index=0
         11 <9 TaskStateAborted
         12 <9 MapStateStarted length=2
         13 <12 MapIterationStarted name=M index=0
         14 <13 TaskStateEntered name=T
         15 <14 TaskScheduled resource=f
         16 <15 TaskSucceeded
         17 <16 TaskStateExited name=T
         18 <17 MapIterationSucceeded name=M index=0
         19 <17 MapIterationStarted name=M index=1
         20 <19 PassStateEntered name=P
         21 <20 PassStateExited name=P
         22 <21 MapIterationSucceeded name=M index=1
         23 <22 MapStateSucceeded
         24 <22 MapStateExited name=M
         25 <24 ExecutionSucceeded",
        "M Map SUCCEEDED x2 2-24
         M/[0] Iteration SUCCEEDED x2 4-18
         M/[0]/T Task SUCCEEDED x3 5-17
         M/[1] Iteration SUCCEEDED 19-22
         M/[1]/P Pass SUCCEEDED 20-21",
    );
    check(
        "a loop is not an attempt",
        "2 <0 WaitStateEntered name=W
         3 <2 WaitStateExited name=W
         4 <3 ChoiceStateEntered name=C
         5 <4 ChoiceStateExited name=C
         6 <5 WaitStateEntered name=W
         7 <6 WaitStateExited name=W
         8 <7 ExecutionAborted",
        "W Wait SUCCEEDED 2-3
         C Choice SUCCEEDED 4-5
         W Wait SUCCEEDED 6-7",
    );
}

#[test]
fn a_redrive_continues_in_the_states_that_were_entered() {
    check(
        "a Parallel state of which one branch had succeeded; the exit follows the last branch",
        "2 <0 ParallelStateEntered name=P
         3 <2 ParallelStateStarted
         4 <3 TaskStateEntered name=A
         5 <3 TaskStateEntered name=B
         6 <3 TaskStateEntered name=C
         7 <4 ActivityScheduled resource=a timeoutInSeconds=60
         8 <5 ActivityScheduled resource=a
         9 <6 ActivityScheduled resource=a
         10 <7 ActivityStarted workerName=w
         11 <10 ActivitySucceeded
         12 <11 TaskStateExited name=A
         13 <8 ActivityStarted
         14 <13 ActivityFailed error=E
         15 <14 TaskStateAborted
         16 <14 TaskStateAborted
         17 <14 ParallelStateFailed
         18 <17 ExecutionFailed error=E
         19 <18 ExecutionRedriven redriveCount=1
         20 <5 ActivityScheduled resource=a
         21 <6 ActivityScheduled resource=a
         22 <21 ActivityStarted
         23 <22 ActivitySucceeded
         24 <23 TaskStateExited name=C
         25 <20 ActivityStarted
         26 <25 ActivitySucceeded
         27 <26 TaskStateExited name=B
         28 <27 ParallelStateSucceeded
         29 <27 ParallelStateExited name=P
         30 <29 ExecutionSucceeded",
        "P Parallel SUCCEEDED 2-29
         P/A Branch SUCCEEDED 4-12
         P/A/A Task SUCCEEDED 4-12
         P/B Branch SUCCEEDED 5-27
         P/B/B Task SUCCEEDED x2 5-27
         P/C Branch SUCCEEDED 6-24
         P/C/C Task SUCCEEDED x2 6-24",
    );
    check(
        "an iteration continues, and the next one begins; then a Map Run",
        "2 <0 MapStateEntered name=M
         3 <2 MapStateStarted length=2
         4 <3 MapIterationStarted name=M index=0
         5 <4 TaskStateEntered name=T
         6 <5 TaskScheduled resource=f
         7 <6 TaskFailed error=E
         8 <7 MapIterationFailed name=M index=0
         9 <7 TaskStateAborted
         10 <7 MapStateFailed
         11 <10 ExecutionFailed error=E
         12 <11 ExecutionRedriven redriveCount=1
         13 <5 TaskScheduled resource=f
         14 <13 TaskSucceeded
         15 <14 TaskStateExited name=T
         16 <15 MapIterationSucceeded name=M index=0
         17 <15 MapIterationStarted name=M index=1
         18 <17 TaskStateEntered name=T
         19 <18 TaskScheduled resource=f
         20 <19 TaskSucceeded
         21 <20 TaskStateExited name=T
         22 <21 MapIterationSucceeded name=M index=1
         23 <22 MapStateSucceeded
         24 <22 MapStateExited name=M
         25 <24 MapStateEntered name=D
         26 <25 MapStateStarted length=6
         27 <26 MapRunStarted mapRunArn=arn:run
         28 <27 MapRunFailed error=States.ExceedToleratedFailureThreshold cause=x
         29 <28 MapStateFailed
         30 <29 ExecutionFailed error=States.ExceedToleratedFailureThreshold
         31 <30 ExecutionRedriven redriveCount=2
         32 <26 MapRunRedriven mapRunArn=arn:run redriveCount=1
         33 <32 MapRunSucceeded
         34 <33 MapStateSucceeded
         35 <33 MapStateExited name=D
         36 <35 ExecutionSucceeded",
        "M Map SUCCEEDED 2-24
         M/[0] Iteration SUCCEEDED 4-16
         M/[0]/T Task SUCCEEDED x2 5-15
         M/[1] Iteration SUCCEEDED 17-22
         M/[1]/T Task SUCCEEDED 18-21
         D Map SUCCEEDED x2 25-35",
    );
}

#[test]
fn what_is_open_ends_with_the_execution_as_the_execution_did() {
    let open = "2 <0 ParallelStateEntered name=P
         3 <2 ParallelStateStarted
         4 <3 WaitStateEntered name=W
         5 <3 TaskStateEntered name=T
         6 <5 TaskScheduled resource=f
         7 <3 PassStateEntered name=N
         8 <7 PassStateExited name=N";
    let steps = |status: &str, until: &str| {
        format!(
            "P Parallel {status} 2-{until}
             P/W Branch {status} 4-{until}
             P/W/W Wait {status} 4-{until}
             P/T Branch {status} 5-{until}
             P/T/T Task {status} 5-{until}
             P/N Branch SUCCEEDED 7-8
             P/N/N Pass SUCCEEDED 7-8"
        )
    };
    check("it runs", open, &steps("RUNNING", "-"));
    for (event, status) in
        [("TimedOut", "TIMED_OUT"), ("Aborted", "ABORTED"), ("Failed", "ABORTED"), ("Succeeded", "SUCCEEDED")]
    {
        // The service gives no previous event for a stop.
        check(event, &format!("{open}\n9 <0 Execution{event} error=E"), &steps(status, "9"));
    }
    check(
        "a state without an event of its own fails with the execution",
        "2 <0 MapStateEntered name=M
         3 <2 MapStateStarted length=1
         4 <3 ExecutionFailed error=States.DataLimitExceeded cause=large",
        "M Map FAILED 2-4 States.DataLimitExceeded",
    );
    check(
        "a result that cannot be used",
        "2 <0 TaskStateEntered name=T
         3 <2 LambdaFunctionScheduled resource=f
         4 <3 LambdaFunctionSucceeded
         5 <4 ExecutionFailed error=States.Runtime",
        "T Task FAILED 2-5 States.Runtime",
    );
}

#[test]
fn the_tree_is_right_at_every_moment_of_a_running_execution() {
    let history = "2 <0 TaskStateEntered name=A
         3 <2 TaskScheduled resource=f
         4 <3 TaskFailed error=Busy
         5 <4 TaskScheduled resource=f
         6 <5 TaskSucceeded
         7 <6 TaskStateExited name=A
         8 <7 ParallelStateEntered name=P
         9 <8 ParallelStateStarted
         10 <9 PassStateEntered name=B
         11 <10 PassStateExited name=B
         12 <11 PassStateEntered name=C";
    let lines: Vec<&str> = history.lines().collect();
    for (events, steps) in [
        (0, ""),
        (2, "A Task RUNNING 2--"),
        (3, "A Task RUNNING 2-- Busy"),
        (4, "A Task RUNNING x2 2--"),
        (7, "A Task SUCCEEDED x2 2-7\nP Parallel RUNNING 8--"),
        (9, "A Task SUCCEEDED x2 2-7\nP Parallel RUNNING 8--\nP/B Branch RUNNING 10--\nP/B/B Pass RUNNING 10--"),
        (10, "A Task SUCCEEDED x2 2-7\nP Parallel RUNNING 8--\nP/B Branch SUCCEEDED 10-11\nP/B/B Pass SUCCEEDED 10-11"),
        (
            11,
            "A Task SUCCEEDED x2 2-7\nP Parallel RUNNING 8--\nP/B Branch RUNNING 10--\nP/B/B Pass SUCCEEDED 10-11
             P/B/C Pass RUNNING 12--",
        ),
    ] {
        check(&format!("{events} events"), &lines[..events].join("\n"), steps);
    }
}

#[test]
fn the_order_in_which_events_arrive_does_not_matter() {
    let history = events(
        "2 <0 ParallelStateEntered name=P
         3 <2 ParallelStateStarted
         4 <3 PassStateEntered name=A
         5 <3 PassStateEntered name=B
         6 <4 PassStateExited name=A
         7 <5 FailStateEntered name=F
         8 <7 ParallelStateFailed
         9 <8 ExecutionFailed error=E",
    );
    let (_runtime, _gateway, known) = served(history.clone());
    let expected = timeline(&known).expect(0).out;
    let mut reversed = history.clone();
    reversed.reverse();
    let mut doubled = [history.clone(), history.clone()].concat();
    doubled.rotate_left(5);
    for events in [reversed, doubled] {
        let (_runtime, _gateway, home) = served(events);
        assert_eq!(timeline(&home).expect(0).out, expected);
    }
    // Numbers as texts and in Java's notation, as some gateways print them.
    let mut texts = history;
    for event in &mut texts {
        event["id"] = event["id"].to_string().into();
        event["previousEventId"] = format!("{}E0", event["previousEventId"]).parse::<f64>().expect("a number").into();
    }
    let (_runtime, _gateway, home) = served(texts);
    assert_eq!(timeline(&home).expect(0).out, expected);
}

#[test]
fn events_that_are_missing_are_made_up_for() {
    let history = events(
        "2 <0 TaskStateEntered name=A
         3 <2 TaskScheduled resource=f
         4 <3 TaskSucceeded
         5 <4 TaskStateExited name=A
         6 <5 MapStateEntered name=M
         7 <6 MapStateStarted length=1
         8 <7 MapIterationStarted name=M index=0
         9 <8 PassStateEntered name=P
         10 <9 PassStateExited name=P
         11 <10 MapIterationSucceeded name=M index=0
         12 <11 MapStateSucceeded
         13 <11 MapStateExited name=M
         14 <13 ParallelStateEntered name=B
         15 <14 ParallelStateStarted
         16 <15 PassStateEntered name=C
         17 <16 PassStateExited name=C
         18 <17 ParallelStateSucceeded
         19 <17 ParallelStateExited name=B
         20 <19 PassStateEntered name=Z
         21 <20 PassStateExited name=Z
         22 <21 ExecutionSucceeded",
    );
    let paths = ["A", "M", "M/[0]", "M/[0]/P", "B", "B/C", "B/C/C", "Z"];
    for missing in [&[5][..], &[4, 5], &[3], &[7], &[10], &[11, 12], &[12, 13], &[13], &[15], &[17], &[19], &[21]] {
        let is_there = |event: &&Value| !missing.iter().any(|id| event["id"] == *id);
        let (_runtime, _gateway, home) = served(history.iter().filter(is_there).cloned().collect());
        let steps = timeline(&home).expect(0).objects();
        let found: Vec<String> = steps.iter().map(line).collect();
        let names: Vec<&str> = found.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names, paths, "without {missing:?}");
        assert!(steps.iter().all(|step| step["status"] == "SUCCEEDED"), "without {missing:?}: {found:?}");
    }
}

#[test]
fn numbers_that_no_service_sends_take_no_memory_and_end_with_a_message() {
    let entered = |id: Value| {
        json!([{ "id": id, "previousEventId": 0, "timestamp": 1.5, "type": "PassStateEntered",
        "stateEnteredEventDetails": { "name": "A" } }])
    };
    for id in [json!(0), json!(100_000_000_000_000_u64), json!(u64::MAX)] {
        let (_runtime, _gateway, home) = served(entered(id.clone()).as_array().expect("events").clone());
        let found: Vec<String> = timeline(&home).expect(0).objects().iter().map(line).collect();
        assert_eq!(found, ["A Pass RUNNING ---"], "{id}");
        home.run(&["history", &execution()]).expect(0);
    }
    let (_runtime, _gateway, home) = served(entered(json!(-1)).as_array().expect("events").clone());
    // The request is repeated, since a response may be broken by chance.
    let ran = timeline(&home).expect(4);
    assert!(ran.err.contains("expected an event id, found -1") && ran.out.is_empty(), "{ran:?}");
    check(
        "a length and an index",
        "2 <0 MapStateEntered name=M
         3 <2 MapStateStarted length=1000000000000000
         4 <3 MapIterationStarted name=M index=1000000000000000
         5 <4 MapIterationSucceeded name=M index=1000000000000000
         6 <999999999999999 MapStateExited name=M",
        "M Map SUCCEEDED 2-6
         M/[1000000000000000] Iteration SUCCEEDED 4-5",
    );
}

#[test]
fn the_progress_of_a_long_history_is_shown() {
    // Two events a page, and always one more page.
    let (_runtime, gateway, _home) = answering(|query| {
        let from = query["nextToken"].as_str().map_or(1, |token| token.parse::<u64>().expect("a token"));
        let event = |id: u64| json!({ "id": id, "previousEventId": 0, "timestamp": 1.5, "type": "WaitStateEntered" });
        json!({ "events": [event(from), event(from + 1)], "nextToken": (from + 2).to_string() }).to_string()
    });
    let routes = "[endpoints.e.routes]\nhistory = \"/execution/history\"";
    let config = crate::support::odd::config(&gateway, routes, "");
    for command in ["timeline", "history"] {
        let mut terminal = Terminal::open(140, 24, &[("STEPGATE_CONFIG", "c.toml")]);
        terminal.write("c.toml", &config);
        terminal.send(&format!("{} {command} {} >out\r", Terminal::program(), execution()));
        terminal.wait_for_text("stepgate: reading the history: ");
        terminal.wait_for_text(" pages so far");
        terminal.send("\x03");
        terminal.wait_for("the prompt", is_at_the_prompt);
    }
}

#[test]
fn a_history_that_does_not_end_is_given_up_with_what_was_read() {
    // The same page forever; a new event a page; empty pages.
    let page = |id: u64| {
        let event = json!({ "id": id, "previousEventId": 0, "timestamp": 1.5, "type": "PassStateEntered",
            "stateEnteredEventDetails": { "name": "A" } });
        json!({ "events": [event], "nextToken": "t" }).to_string()
    };
    let (_runtime, same, home) = answering(move |_| page(1));
    for command in ["timeline", "history"] {
        let ran = home.run(&[command, &execution()]).expect(4);
        assert!(ran.err.contains("the history does not end") && ran.out.contains('A'), "{ran:?}");
    }
    assert!(same.requests() < 10, "{}", same.requests());
    let (_runtime, _gateway, home) = answering(|_| json!({ "events": [], "nextToken": "t" }).to_string());
    let ran = timeline(&home).expect(4);
    assert!(ran.err.contains("the history does not end") && ran.out.is_empty(), "{ran:?}");
    let endless = |query: &Value| {
        let from = query["nextToken"].as_str().map_or(1, |token| token.parse::<u64>().expect("a token"));
        let events: Vec<Value> = (from..from + 1_000)
            .map(|id| {
                json!({ "id": id, "previousEventId": id - 1, "timestamp": 1.5, "type": "PassStateEntered",
                    "stateEnteredEventDetails": { "name": "A" } })
            })
            .collect();
        json!({ "events": events, "nextToken": (from + 1_000).to_string() }).to_string()
    };
    let (_runtime, gateway, home) = answering(endless);
    let ran = timeline(&home).expect(4);
    assert!(ran.err.contains("the history does not end") && ran.err.contains("25000 events were read"), "{}", ran.err);
    assert_eq!((ran.out.lines().count(), gateway.requests()), (25_000, 26));
}

#[test]
fn ten_thousand_nested_states_are_all_there_and_no_path_is_endless() {
    let mut history = String::new();
    for level in 0..10_000 {
        let id = 2 + level * 2;
        let before = if level == 0 { 0 } else { id - 1 };
        writeln!(history, "{id} <{before} ParallelStateEntered name=P\n{} <{id} ParallelStateStarted", id + 1)
            .expect("written");
    }
    let (_runtime, _gateway, home) = served(events(&history));
    let ran = home.run(&["timeline", &execution(), "--no-headers"]).expect(0);
    assert_eq!(ran.out.lines().count(), 19_999);
    let steps = timeline(&home).expect(0).objects();
    let longest = steps.iter().map(|step| step["path"].as_array().map_or(0, Vec::len)).max();
    assert_eq!((steps.len(), longest), (19_999, Some(256)));
}

#[test]
fn people_read_a_tree_with_the_error_where_it_began() {
    let mut history = events(
        "2 <0 PassStateEntered name=Receive
         3 <2 PassStateExited name=Receive
         4 <3 MapStateEntered name=Lines
         5 <4 MapStateStarted length=1
         6 <5 MapIterationStarted name=Lines index=0
         7 <6 TaskStateEntered name=Book
         8 <7 TaskScheduled resource=f
         9 <8 TaskFailed error=Busy
         10 <9 TaskScheduled resource=f
         11 <10 TaskFailed error=Sold.Out
         12 <11 MapIterationFailed name=Lines index=0
         13 <11 MapStateFailed
         14 <13 ExecutionFailed error=Sold.Out",
    );
    history[10]["someEventDetails"]["cause"] = "{\"errorMessage\":\"None\\nleft \\u001b]0;x\\u0007\"}".into();
    let (_runtime, _gateway, home) = served(history);
    let out = ran(home.command(&["timeline", &execution()]).env("TZ", "UTC")).expect(0).out;
    let expected = "\
STATUS     STEP      STARTED              DURATION  ATTEMPTS  ERROR
SUCCEEDED  Receive   2025-11-26 23:33:21  500 ms           1
FAILED     Lines     2025-11-26 23:33:22  4.5 s            1
FAILED       [0]     2025-11-26 23:33:23  3.0 s            1
FAILED         Book  2025-11-26 23:33:23  2.0 s            2  Sold.Out: None left ␛]0;x␇
";
    assert_eq!(out, expected);
    let coloured = home.run(&["timeline", &execution(), "--color", "always"]).expect(0).out;
    assert!(coloured.contains("\u{1b}[32mSUCCEEDED\u{1b}[0m") && coloured.contains("\u{1b}[31mFAILED\u{1b}[0m"));
}

#[test]
fn an_error_or_cause_that_is_not_a_string_is_shown_as_json() {
    let mut history = events(
        "2 <0 TaskStateEntered name=Book
         3 <2 TaskScheduled resource=f
         4 <3 TaskFailed error=E
         5 <4 ExecutionFailed error=E",
    );
    for event in [3, 4] {
        history[event]["someEventDetails"]["cause"] = json!({ "status": 503 });
        history[event]["someEventDetails"]["error"] = json!(["Busy"]);
    }
    let (_runtime, _gateway, home) = served(history);
    let step = &timeline(&home).expect(0).objects()[0];
    assert_eq!((&step["error"], &step["cause"]), (&json!("[\"Busy\"]"), &json!("{\"status\":503}")));
    for command in ["history", "timeline"] {
        let ran = home.run(&[command, &execution()]).expect(0);
        assert!(ran.out.contains("[\"Busy\"]") && ran.out.contains("{\"status\":503}"), "{command}: {ran:?}");
    }
}

#[test]
fn it_says_what_the_steps_do_not_tell_of_the_end() {
    for (history, message) in [
        (
            "2 <1 ExecutionFailed error=States.Runtime cause=denied",
            "failed before its first state: States.Runtime: denied",
        ),
        ("2 <1 ExecutionTimedOut", "timed out before its first state"),
        ("2 <1 ExecutionAborted error=ByHand", "was stopped before its first state: ByHand"),
        (
            "2 <0 WaitStateEntered name=Wait
             3 <2 ExecutionAborted error=ByHand cause=enough",
            "the execution was stopped: ByHand: enough",
        ),
    ] {
        let (_runtime, _gateway, home) = served(events(history));
        let ran = home.run(&["timeline", &execution()]).expect(0);
        assert!(ran.err.contains(message), "{message}: {ran:?}");
    }
}

#[test]
fn it_says_what_is_missing() {
    let (_runtime, gateway, home) = served(events(""));
    let ran = home.run(&["timeline", &execution()]).expect(0);
    assert!(ran.out.is_empty() && ran.err.contains("no state has been entered yet"), "{ran:?}");
    home.write("config.toml", &crate::support::odd::config(&gateway, "", ""));
    let ran = home.run(&["timeline", &execution()]).expect(2);
    assert!(ran.err.contains("declares no route `history`") && ran.out.is_empty(), "{ran:?}");
}

/// What becomes of an event on its way.
type Change = fn(&mut Value);

/// A gateway may leave `previousEventId` out, set it to 0, or mix it up.
#[test]
fn broken_links_are_replaced_by_the_event_before_and_the_uncertainty_is_shown() {
    let sequence = "2 <0 TaskStateEntered name=A
         3 <2 TaskScheduled
         4 <3 TaskFailed error=E
         5 <4 TaskScheduled
         6 <5 TaskSucceeded
         7 <6 TaskStateExited name=A
         8 <7 PassStateEntered name=B
         9 <8 PassStateExited name=B
         10 <9 ExecutionSucceeded";
    let steps = ["A Task SUCCEEDED x2 2-7", "B Pass SUCCEEDED 8-9"];
    let nested = "2 <0 ParallelStateEntered name=P
         3 <2 ParallelStateStarted
         4 <3 PassStateEntered name=A
         5 <3 PassStateEntered name=B
         6 <4 PassStateExited name=A
         7 <5 PassStateExited name=B
         8 <6 ParallelStateSucceeded
         9 <8 ParallelStateExited name=P
         10 <9 ExecutionSucceeded";
    let broken: [(&str, Change); 7] = [
        ("missing", |event| drop(event.as_object_mut().expect("an event").remove("previousEventId"))),
        ("null", |event| event["previousEventId"] = Value::Null),
        ("0", |event| event["previousEventId"] = json!(0)),
        ("no number", |event| event["previousEventId"] = json!("x")),
        ("negative", |event| event["previousEventId"] = json!(-7)),
        ("itself", |event| event["previousEventId"] = event["id"].clone()),
        ("later", |event| event["previousEventId"] = json!(100_000_000_000_000_u64)),
    ];
    for (what, change) in broken {
        let mut changed = events(sequence);
        changed.iter_mut().for_each(change);
        let (_runtime, _gateway, home) = served(changed);
        let ran = timeline(&home).expect(0);
        assert_eq!(ran.objects().iter().map(line).collect::<Vec<_>>(), steps, "{what}");
        assert!(!ran.err.contains("history"), "{what}: without branches there is one place: {ran:?}");
        let mut changed = events(nested);
        changed.iter_mut().for_each(change);
        let (_runtime, _gateway, home) = served(changed);
        for output in ["text", "json"] {
            let ran = home.run(&["timeline", &execution(), "--output", output]).expect(0);
            assert!(
                ran.err.contains("the nesting is uncertain: ") && ran.err.contains("previousEventId"),
                "{what}: {ran:?}"
            );
            assert!(ran.out.contains('P') && ran.out.contains('B'), "{what}: {ran:?}");
        }
    }
    // As received, nothing is uncertain.
    let (_runtime, _gateway, home) = served(events(nested));
    let ran = timeline(&home).expect(0);
    assert!(!ran.err.contains("uncertain") && !ran.err.contains("incomplete"), "{ran:?}");
    // Events are missing.
    let mut gaps = events(sequence);
    gaps.remove(5);
    let (_runtime, _gateway, home) = served(gaps);
    let ran = timeline(&home).expect(0);
    assert!(ran.err.contains("the history is incomplete: it has 9 events, and the last one has the id 10"), "{ran:?}");
    assert_eq!(ran.objects().iter().map(line).collect::<Vec<_>>(), steps, "{ran:?}");
}

//! Ends and events of executions.

use serde_json::Value;

use super::*;
use crate::asl::Definition;

fn ends(definition: &str, input: &str) -> (i64, End) {
    let definition = Definition::load(definition).expect("a definition");
    let start = Timestamp::from_millis(1_701_837_432_549);
    let run =
        Run { definition: &definition, input, start, machine: "M", arn: "arn", name: "run-1", interventions: &[] };
    let timeline = timeline(&run);
    (timeline.stop.as_millis() - start.as_millis(), timeline.end)
}

fn machine(states: &str) -> String {
    format!(r#"{{"StartAt": "A", "States": {{{states}}}}}"#)
}

#[test]
fn the_pass_machine_takes_69_ms_and_keeps_its_input_byte_for_byte() {
    let definition = include_str!("../machines/pass.asl.json");
    let input = r#"{ "b":1.0, "a":12345678901234567890123, "a":1e400, "e":"\u3042😀" }"#;
    assert_eq!(ends(definition, input), (69, End::Succeeded(input.into())));
}

#[test]
fn the_order_takes_half_a_minute_with_parallel_branches() {
    let definition = include_str!("../machines/order.asl.json");
    let (millis, end) = ends(definition, r#"{"total": 5}"#);
    assert!((26_000..30_000).contains(&millis), "{millis}");
    let End::Succeeded(output) = end else { panic!("{end:?}") };
    let output: Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!(output["payment"], json!({"paid": true}));
    assert_eq!(output["received"], "2023-12-06T04:37:12.572Z");
    let (longer, _) = ends(definition, r#"{"total": 5000}"#);
    assert_eq!(longer, millis + 15_000 + 2 * EVENT_MILLIS);
    let (_, end) = ends(definition, r#"{"total": -1}"#);
    assert!(matches!(end, End::Failed(Some(error), Some(_)) if error == "NegativeTotal"));
}

#[test]
fn the_timeout_of_the_machine_ends_it() {
    assert_eq!(ends(include_str!("../machines/timeout.asl.json"), "{}"), (5_000, End::TimedOut));
}

#[test]
fn a_wait_uses_its_input_and_reports_a_missing_value() {
    let definition = include_str!("../machines/wait.asl.json");
    assert_eq!(ends(definition, r#"{"seconds": 3}"#).0, 3_069);
    let (_, end) = ends(definition, "{}");
    let End::Failed(Some(error), Some(cause)) = end else { panic!("{end:?}") };
    assert_eq!(error, "States.Runtime");
    assert_eq!(
        cause,
        "An error occurred while executing the state 'Wait' (entered at the event id #2). The SecondsPath parameter does not reference an input value: $.seconds"
    );
    let until = machine(r#""A": {"Type": "Wait", "Timestamp": "2023-12-06T04:38:12.549Z", "End": true}"#);
    assert_eq!(ends(&until, "{}").0, 60_000 + 2 * EVENT_MILLIS);
}

#[test]
fn a_fail_state_without_error_and_cause_has_neither() {
    assert_eq!(ends(&machine(r#""A": {"Type": "Fail"}"#), "{}").1, End::Failed(None, None));
}

#[test]
fn all_four_data_fields_apply() {
    let pass = machine(
        r#""A": {"Type": "Pass", "InputPath": "$.in", "Parameters": {"v.$": "$.x", "n.$": "$$.Execution.Name"},
            "ResultPath": "$.out", "OutputPath": "$.out", "End": true}"#,
    );
    assert_eq!(ends(&pass, r#"{"in": {"x": 1}}"#).1, End::Succeeded(r#"{"v":1,"n":"run-1"}"#.into()));
    let discard = machine(r#""A": {"Type": "Pass", "Result": 1, "ResultPath": null, "End": true}"#);
    assert_eq!(ends(&discard, "[7]").1, End::Succeeded("[7]".into()));
    let nothing = machine(r#""A": {"Type": "Pass", "InputPath": null, "End": true}"#);
    assert_eq!(ends(&nothing, "[7]").1, End::Succeeded("{}".into()));
}

#[test]
fn the_first_branch_that_fails_ends_a_parallel_state() {
    let branch = |seconds: u8, error: &str| {
        format!(
            r#"{{"StartAt": "W", "States": {{"W": {{"Type": "Wait", "Seconds": {seconds}, "Next": "F"}},
                "F": {{"Type": "Fail", "Error": "{error}"}}}}}}"#
        )
    };
    let states = format!(
        r#""A": {{"Type": "Parallel", "End": true, "Branches": [{}, {}]}}"#,
        branch(5, "Late"),
        branch(2, "Early")
    );
    let (millis, end) = ends(&machine(&states), "{}");
    assert!(matches!(end, End::Failed(Some(error), None) if error == "Early"));
    assert!((2_000..3_000).contains(&millis));
}

#[test]
fn endless_loops_and_unmatched_choices_fail() {
    let endless = machine(r#""A": {"Type": "Pass", "Next": "A"}"#);
    assert!(matches!(ends(&endless, "{}").1, End::Failed(Some(error), _) if error == "States.Runtime"));
    let choice = r#""A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "B"}]},
        "B": {"Type": "Succeed"}"#;
    assert!(
        matches!(ends(&machine(choice), r#"{"a": 2}"#).1, End::Failed(Some(error), _) if error == "States.NoChoiceMatched")
    );
    assert!(matches!(ends(&machine(choice), r#"{"a": 1}"#).1, End::Succeeded(_)));
}

#[test]
fn histories_respect_the_maximum_number_of_events() {
    let side = r#"{"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}"#;
    let endless = r#"{"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "B"}}}"#;
    for states in [
        r#""A": {"Type": "Pass", "Next": "A"}"#.to_owned(),
        format!(r#""A": {{"Type": "Parallel", "Branches": [{side}, {side}], "ResultPath": null, "Next": "A"}}"#),
        format!(r#""A": {{"Type": "Parallel", "Branches": [{endless}], "Next": "A"}}"#),
    ] {
        let definition = Definition::load(&machine(&states)).expect("a definition");
        let run = Run {
            definition: &definition,
            input: "{}",
            start: at(0),
            machine: "M",
            arn: "a",
            name: "r",
            interventions: &[],
        };
        let events = history(&run, Timestamp::from_millis(i64::MAX));
        assert!((24_990..=25_000).contains(&events.len()), "{}: {states}", events.len());
        assert_eq!(events.last().map(|event| event.event_type.as_str()), Some("ExecutionFailed"));
    }
}

#[test]
fn growing_data_ends_the_execution() {
    let side = r#"{"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}"#;
    let doubling = format!(r#""A": {{"Type": "Parallel", "Branches": [{side}, {side}], "Next": "A"}}"#);
    let (_, end) = ends(&machine(&doubling), "{}");
    assert!(matches!(end, End::Failed(Some(error), Some(_)) if error == "States.DataLimitExceeded"));
}

/// A minute and a half in two states.
const TWO_WAITS: &str = r#"{"StartAt": "A", "States": {
    "A": {"Type": "Wait", "Seconds": 30, "Next": "B"}, "B": {"Type": "Wait", "Seconds": 60, "End": true}}}"#;

#[test]
fn data_nested_ever_deeper_ends_the_execution() {
    let branch = r#"{"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}"#;
    let parallel = format!(r#""A": {{"Type": "Parallel", "Branches": [{branch}], "Next": "A"}}"#);
    let path = r#""A": {"Type": "Pass", "Parameters": {"a.$": "$"}, "Next": "A"}"#;
    for states in [parallel.as_str(), path] {
        let (_, end) = ends(&machine(states), "{}");
        let End::Failed(Some(error), Some(cause)) = end else { panic!("{end:?}") };
        assert_eq!(error, "States.Runtime");
        assert!(cause.contains("nested"), "{cause}");
    }
    // Data that only passes through is not parsed.
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    assert_eq!(ends(&machine(r#""A": {"Type": "Pass", "End": true}"#), &deep).1, End::Succeeded(deep));
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
}

fn simulated(definition: &str, interventions: &[Intervention]) -> (Timeline, Vec<String>) {
    let definition = Definition::load(definition).expect("a definition");
    let (start, machine) = (at(0), "M");
    let run =
        Run { definition: &definition, input: "{\"a\":1.0}", start, machine, arn: "arn", name: "run-1", interventions };
    let events = history(&run, at(1_000));
    let format = |event: &Event| {
        let name = event.details.as_ref().and_then(|(_, details)| details.get("name")?.as_str());
        let millis = event.at.as_millis() - start.as_millis();
        format!("{} <{} {millis} {} {}", event.id, event.previous, event.event_type, name.unwrap_or_default())
    };
    (timeline(&run), events.iter().map(format).collect())
}

#[test]
fn a_redrive_continues_in_the_stopped_state() {
    let stop = Intervention::Stop { at: at(40), error: Some("E".into()), cause: None };
    let (stopped, events) = simulated(TWO_WAITS, std::slice::from_ref(&stop));
    assert_eq!((stopped.stop, &stopped.end), (at(40), &End::Aborted(Some("E".into()), None)));
    let before = [
        "1 <0 0 ExecutionStarted ",
        "2 <0 23 WaitStateEntered A",
        "3 <2 30046 WaitStateExited A",
        "4 <3 30069 WaitStateEntered B",
        "5 <0 40000 ExecutionAborted ",
    ];
    assert_eq!(events, before);
    let (redriven, events) = simulated(TWO_WAITS, &[stop, Intervention::Redrive { at: at(100) }]);
    assert_eq!((redriven.stop.as_millis() - at(100).as_millis(), redriven.redrives), (60_069, 1));
    assert!(matches!(redriven.end, End::Succeeded(output) if output == "{\"a\":1.0}"));
    assert_eq!(events[..5], before);
    assert_eq!(
        events[5..],
        [
            "6 <5 100000 ExecutionRedriven ",
            "7 <6 100023 WaitStateEntered B",
            "8 <7 160046 WaitStateExited B",
            "9 <8 160069 ExecutionSucceeded ",
        ]
    );
}

#[test]
fn ended_executions_do_not_stop_and_a_redrive_restarts_the_timeout() {
    let late = Intervention::Stop { at: at(200), error: None, cause: None };
    assert!(matches!(simulated(TWO_WAITS, &[late]).0.end, End::Succeeded(_)));
    let definition = include_str!("../machines/timeout.asl.json");
    let (timeline, events) = simulated(definition, &[Intervention::Redrive { at: at(100) }]);
    assert_eq!((timeline.stop, timeline.end), (at(105), End::TimedOut));
    let ends = events.iter().filter(|event| event.contains("ExecutionTimedOut")).count();
    assert_eq!(ends, 2, "{events:?}");
}

#[test]
fn events_of_branches_are_in_chronological_order() {
    let definition = Definition::load(include_str!("../machines/order.asl.json")).expect("a definition");
    let (input, start) = (r#"{"total": 5}"#, at(0));
    let run = Run { definition: &definition, input, start, machine: "M", arn: "arn", name: "n", interventions: &[] };
    let whole = history(&run, at(1_000));
    assert!(whole.windows(2).all(|pair| pair[0].at <= pair[1].at && pair[0].id + 1 == pair[1].id));
    assert!(whole.iter().all(|event| event.previous < event.id));
    let now = at(10);
    let so_far = history(&run, now);
    assert!(so_far.len() < whole.len() && so_far.iter().all(|event| event.at <= now));
    assert_eq!(so_far[..], whole[..so_far.len()], "past events do not change");
    let started = whole.iter().find(|event| event.event_type == "ParallelStateStarted").expect("it has branches");
    assert_eq!(whole.iter().filter(|event| event.previous == started.id).count(), 2);
    assert_eq!(whole.last().map(|event| event.event_type.as_str()), Some("ExecutionSucceeded"));
}

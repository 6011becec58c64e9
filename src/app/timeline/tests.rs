//! Histories as Step Functions returns them, and the steps that they describe.

use serde_json::{Map, Value, json};

use super::*;

mod failures;
mod looking;
mod properties;
mod reading;
mod types;

/// A history under construction: time advances by a second with each event.
#[derive(Default)]
struct HistoryBuilder {
    events: Vec<HistoryEvent>,
}

impl HistoryBuilder {
    /// Adds an event that follows another one, and returns its id.
    fn after(&mut self, previous: u64, event_type: &str, details: Value) -> u64 {
        let id = self.events.len() as u64 + 1;
        let details = match details {
            Value::Object(members) => Some(("someEventDetails".to_owned(), members)),
            _ => None,
        };
        let at = Timestamp::from_millis(i64::try_from(id).expect("small") * 1_000);
        self.events.push(HistoryEvent { id, previous, at, event_type: event_type.to_owned(), details });
        id
    }

    /// Adds an event of each of these types; each follows the one before.
    fn then(&mut self, mut previous: u64, events: &[(&str, Value)]) -> u64 {
        for (event_type, details) in events {
            previous = self.after(previous, event_type, details.clone());
        }
        previous
    }

    fn steps(&self) -> Steps {
        let mut history = History::default();
        history.add(self.events.clone());
        history.steps().clone()
    }

    /// The entries as lines: indent, name, status, start, end, attempts, error.
    fn lines(&self) -> Vec<String> {
        lines(&self.steps())
    }
}

fn lines(steps: &Steps) -> Vec<String> {
    let second = |at: Timestamp| at.as_millis() / 1_000;
    let line = |entry: Entry<'_>| {
        let (first, last) = (entry.first(), entry.last());
        let until = last.ended.map_or("-".to_owned(), |at| second(at).to_string());
        let attempts = if entry.attempts() > 1 { format!(" x{}", entry.attempts()) } else { String::new() };
        let error = last.error().map(|error| format!(" {error}")).unwrap_or_default();
        let (indent, name, began) = ("  ".repeat(entry.depth), &first.name, second(first.began));
        format!("{indent}{name} {} {began}-{until}{attempts}{error}", last.status.word())
    };
    steps.outline().map(line).collect()
}

fn name(name: &str) -> Value {
    json!({ "name": name, "input": "{}", "output": "{}" })
}

fn error(error: &str) -> Value {
    json!({ "error": error, "cause": "since" })
}

#[test]
fn a_task_is_retried_and_its_failure_caught() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", json!({ "input": "{}" }));
    let call = json!({ "resourceType": "lambda", "resource": "invoke", "parameters": "{}" });
    let last = history.then(
        0,
        &[
            ("TaskStateEntered", name("Charge")),
            ("TaskScheduled", call.clone()),
            ("TaskStarted", call.clone()),
            ("TaskFailed", error("Busy")),
            ("TaskScheduled", call.clone()),
            ("TaskTimedOut", json!({ "resource": "invoke" })),
            ("TaskScheduled", call),
            ("TaskStarted", Value::Null),
        ],
    );
    assert_eq!(history.lines(), ["Charge RUNNING 2-- x3"]);
    assert_eq!(
        history.steps().get(0).and_then(|step| step.last().resource.clone()).as_deref(),
        Some("lambda · invoke")
    );
    let last = history.then(last, &[("TaskFailed", error("Refused")), ("TaskStateExited", name("Charge"))]);
    history.then(last, &[("PassStateEntered", name("Tell")), ("PassStateExited", name("Tell"))]);
    assert_eq!(history.lines(), ["Charge CAUGHT 2-11 x3 Refused", "Tell SUCCEEDED 12-13"]);
    let whole = history.lines();
    history.after(13, "ExecutionSucceeded", json!({ "output": "{}" }));
    assert!(history.steps().has_ended() && history.lines() == whole);
}

#[test]
fn branches_of_a_parallel_inside_a_map_stay_in_their_iteration() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let map = history.then(0, &[("MapStateEntered", name("Each")), ("MapStateStarted", json!({ "length": 2 }))]);
    let start = |index: u64| json!({ "name": "Each", "index": index });
    // In parallel, one event of each in turn.
    let mut places: Vec<u64> = (0..2).map(|index| history.after(map, "MapIterationStarted", start(index))).collect();
    for event in ["ParallelStateEntered", "ParallelStateStarted"] {
        places = places.iter().map(|place| history.after(*place, event, name("Both"))).collect();
    }
    let mut branches: Vec<u64> = Vec::new();
    for branch in ["Left", "Right"] {
        branches.extend(places.iter().map(|place| history.after(*place, "WaitStateEntered", name(branch))));
    }
    for (place, branch) in branches.iter_mut().zip(["Left", "Left", "Right", "Right"]) {
        *place = history.after(*place, "WaitStateExited", name(branch));
    }
    for (index, place) in branches[2..].iter().enumerate() {
        let done =
            history.then(*place, &[("ParallelStateSucceeded", Value::Null), ("ParallelStateExited", name("Both"))]);
        history.after(done, "MapIterationSucceeded", start(index as u64));
    }
    let last = history.events.len() as u64;
    history.then(last, &[("MapStateSucceeded", Value::Null), ("MapStateExited", name("Each"))]);
    assert_eq!(
        history.lines(),
        [
            "Each SUCCEEDED 2-25",
            "  [0] SUCCEEDED 4-20",
            "    Both SUCCEEDED 6-19",
            "      Left SUCCEEDED 10-14",
            "        Left SUCCEEDED 10-14",
            "      Right SUCCEEDED 12-16",
            "        Right SUCCEEDED 12-16",
            "  [1] SUCCEEDED 5-23",
            "    Both SUCCEEDED 7-22",
            "      Left SUCCEEDED 11-15",
            "        Left SUCCEEDED 11-15",
            "      Right SUCCEEDED 13-17",
            "        Right SUCCEEDED 13-17",
        ]
    );
}

/// A Parallel state with a branch that fails while the other one waits.
fn failed_in_a_branch() -> HistoryBuilder {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let both = history.then(0, &[("ParallelStateEntered", name("Both")), ("ParallelStateStarted", Value::Null)]);
    let waiting = history.after(both, "WaitStateEntered", name("Wait"));
    let failing = history.then(
        both,
        &[("TaskStateEntered", name("Charge")), ("TaskScheduled", Value::Null), ("TaskFailed", error("Refused"))],
    );
    history.after(waiting, "WaitStateAborted", Value::Null);
    history.then(failing, &[("ParallelStateFailed", error("Refused")), ("ExecutionFailed", error("Refused"))]);
    history
}

#[test]
fn the_first_failure_is_found_and_parallel_steps_are_aborted() {
    let history = failed_in_a_branch();
    assert_eq!(
        history.lines(),
        [
            "Both FAILED 2-9 Refused",
            "  Wait ABORTED 4-8",
            "    Wait ABORTED 4-8",
            "  Charge FAILED 5-7 Refused",
            "    Charge FAILED 5-7 Refused",
        ]
    );
    let steps = history.steps();
    let failed = steps.first_failed().and_then(|step| steps.get(step));
    assert_eq!(failed.map(|step| step.name.as_str()), Some("Charge"));
}

#[test]
fn a_redriven_execution_continues_in_the_states_that_it_failed_in() {
    // The service schedules a task again from the event that entered its state; no state is entered again.
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let entered = history.after(0, "TaskStateEntered", name("Charge"));
    let failed = history.then(entered, &[("TaskScheduled", Value::Null), ("TaskFailed", error("Refused"))]);
    let ended = history.after(failed, "ExecutionFailed", error("Refused"));
    history.after(ended, "ExecutionRedriven", json!({ "redriveCount": 1 }));
    assert_eq!(history.lines(), ["Charge FAILED 2-4 Refused"], "what is tried again is not known yet");
    let called = history.then(entered, &[("TaskScheduled", Value::Null), ("TaskStarted", Value::Null)]);
    assert_eq!(history.lines(), ["Charge RUNNING 2-- x2"]);
    assert!(!history.steps().has_ended());
    history.then(
        called,
        &[("TaskSucceeded", Value::Null), ("TaskStateExited", name("Charge")), ("ExecutionSucceeded", Value::Null)],
    );
    assert_eq!(history.lines(), ["Charge SUCCEEDED 2-10 x2"]);

    // In a Parallel state only the branches that failed or were aborted continue.
    let mut history = failed_in_a_branch();
    history.after(10, "ExecutionRedriven", json!({ "redriveCount": 1 }));
    let waited = history.after(4, "WaitStateExited", name("Wait"));
    let charged = history.then(5, &[("TaskScheduled", Value::Null), ("TaskStateExited", name("Charge"))]);
    assert_eq!((waited, charged), (12, 14));
    assert_eq!(history.lines()[0], "Both RUNNING 2--");
    history.then(charged, &[("ParallelStateSucceeded", Value::Null), ("ParallelStateExited", name("Both"))]);
    assert_eq!(
        history.lines(),
        [
            "Both SUCCEEDED 2-16",
            "  Wait SUCCEEDED 4-12",
            "    Wait SUCCEEDED 4-12 x2",
            "  Charge SUCCEEDED 5-14",
            "    Charge SUCCEEDED 5-14 x2",
        ]
    );
}

#[test]
fn a_redrive_that_enters_a_state_again_is_another_attempt_at_it() {
    // As the local gateway writes it.
    let mut history = failed_in_a_branch();
    let redriven = history.after(10, "ExecutionRedriven", json!({ "redriveCount": 2 }));
    let both = history.then(redriven, &[("ParallelStateEntered", name("Both")), ("ParallelStateStarted", Value::Null)]);
    history.then(both, &[("TaskStateEntered", name("Charge")), ("TaskStateExited", name("Charge"))]);
    assert_eq!(
        history.lines(),
        [
            "Both RUNNING 2-- x2",
            "  Wait ABORTED 4-8",
            "    Wait ABORTED 4-8",
            "  Charge SUCCEEDED 5-15 x2",
            "    Charge SUCCEEDED 5-15 x2",
        ]
    );
    // A state that has ended since the redrive is not entered again: the same event once more is another state.
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let failed = history.then(0, &[("TaskStateEntered", name("Pay")), ("ExecutionFailed", error("E"))]);
    let redriven = history.after(failed, "ExecutionRedriven", Value::Null);
    history.then(redriven, &[("TaskStateEntered", name("Pay")), ("TaskStateExited", name("Pay"))]);
    history.after(redriven, "TaskStateEntered", name("Pay"));
    assert_eq!(history.lines(), ["Pay SUCCEEDED 2-6 x2", "Pay RUNNING 7--"]);
    // A Fail state fails again without being entered.
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let failed = history.then(0, &[("FailStateEntered", name("No")), ("ExecutionFailed", error("E"))]);
    history.then(failed, &[("ExecutionRedriven", Value::Null), ("ExecutionFailed", error("E"))]);
    assert_eq!(history.lines(), ["No FAILED 2-2 E"]);
}

#[test]
fn a_timeout_and_a_stop_end_all_open_steps() {
    for (event, word) in [("ExecutionTimedOut", "TIMED_OUT"), ("ExecutionAborted", "ABORTED")] {
        let mut history = HistoryBuilder::default();
        history.after(0, "ExecutionStarted", Value::Null);
        let map = history.then(0, &[("MapStateEntered", name("Each")), ("MapStateStarted", json!({ "length": 1 }))]);
        let iteration = history.after(map, "MapIterationStarted", json!({ "index": 0 }));
        history.after(iteration, "WaitStateEntered", name("Wait"));
        // Recorded ends have no predecessor.
        history.after(0, event, json!({}));
        let expected = [format!("Each {word} 2-6"), format!("  [0] {word} 4-6"), format!("    Wait {word} 5-6")];
        assert_eq!(history.lines(), expected);
    }
}

#[test]
fn a_fail_state_has_the_error_of_the_execution() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history.then(0, &[("FailStateEntered", name("Refuse")), ("ExecutionFailed", error("Refused"))]);
    assert_eq!(history.lines(), ["Refuse FAILED 2-2 Refused"]);
}

#[test]
fn twenty_five_thousand_events_have_all_their_steps() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let map = history.then(0, &[("MapStateEntered", name("Each")), ("MapStateStarted", json!({ "length": 5_000 }))]);
    for index in 0..4_999 {
        let start = history.after(map, "MapIterationStarted", json!({ "index": index }));
        let done = history.then(
            start,
            &[("TaskStateEntered", name("Do")), ("TaskScheduled", Value::Null), ("TaskStateExited", name("Do"))],
        );
        history.after(done, "MapIterationSucceeded", json!({ "index": index }));
    }
    history.then(map, &[("MapStateSucceeded", Value::Null), ("ExecutionFailed", error("TooLong"))]);
    assert_eq!(history.events.len(), 25_000);
    let steps = history.steps();
    assert_eq!((steps.all().len(), steps.rows(|_| false).len()), (9_999, 9_999));
    assert!(steps.all().iter().all(|step| step.ended.is_some()));
}

//! Histories as the service tells them, and the steps that they are of.

use serde_json::{Map, Value, json};

use super::*;

mod failures;
mod looking;
mod properties;

/// A history in the making: time goes on by a second with each event.
#[derive(Default)]
struct Told {
    events: Vec<HistoryEvent>,
}

impl Told {
    /// An event behind another one, which returns its id.
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

    /// Some events of the types in a line, each behind the one before.
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

    /// The entries as lines: indent, name, status, from when until when, attempts, error.
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
fn a_task_is_tried_again_and_its_failure_caught() {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", json!({ "input": "{}" }));
    let call = json!({ "resourceType": "lambda", "resource": "invoke", "parameters": "{}" });
    let last = told.then(
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
    assert_eq!(told.lines(), ["Charge RUNNING 2-- x3"]);
    assert_eq!(told.steps().get(0).and_then(|step| step.last().resource.clone()).as_deref(), Some("lambda · invoke"));
    let last = told.then(last, &[("TaskFailed", error("Refused")), ("TaskStateExited", name("Charge"))]);
    told.then(last, &[("PassStateEntered", name("Tell")), ("PassStateExited", name("Tell"))]);
    assert_eq!(told.lines(), ["Charge CAUGHT 2-11 x3 Refused", "Tell SUCCEEDED 12-13"]);
    let whole = told.lines();
    told.after(13, "ExecutionSucceeded", json!({ "output": "{}" }));
    assert!(told.steps().has_ended() && told.lines() == whole);
}

#[test]
fn a_parallel_inside_a_map_keeps_every_branch_with_its_own() {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    let map = told.then(0, &[("MapStateEntered", name("Each")), ("MapStateStarted", json!({ "length": 2 }))]);
    let start = |index: u64| json!({ "name": "Each", "index": index });
    // All at the same time, one event of each in turn.
    let mut places: Vec<u64> = (0..2).map(|index| told.after(map, "MapIterationStarted", start(index))).collect();
    for event in ["ParallelStateEntered", "ParallelStateStarted"] {
        places = places.iter().map(|place| told.after(*place, event, name("Both"))).collect();
    }
    let mut branches: Vec<u64> = Vec::new();
    for branch in ["Left", "Right"] {
        branches.extend(places.iter().map(|place| told.after(*place, "WaitStateEntered", name(branch))));
    }
    for (place, branch) in branches.iter_mut().zip(["Left", "Left", "Right", "Right"]) {
        *place = told.after(*place, "WaitStateExited", name(branch));
    }
    for (index, place) in branches[2..].iter().enumerate() {
        let done = told.then(*place, &[("ParallelStateSucceeded", Value::Null), ("ParallelStateExited", name("Both"))]);
        told.after(done, "MapIterationSucceeded", start(index as u64));
    }
    let last = told.events.len() as u64;
    told.then(last, &[("MapStateSucceeded", Value::Null), ("MapStateExited", name("Each"))]);
    assert_eq!(
        told.lines(),
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

/// A Parallel state of which one branch fails while the other one waits, and what becomes of it.
fn failed_in_a_branch() -> Told {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    let both = told.then(0, &[("ParallelStateEntered", name("Both")), ("ParallelStateStarted", Value::Null)]);
    let waiting = told.after(both, "WaitStateEntered", name("Wait"));
    let failing = told.then(
        both,
        &[("TaskStateEntered", name("Charge")), ("TaskScheduled", Value::Null), ("TaskFailed", error("Refused"))],
    );
    told.after(waiting, "WaitStateAborted", Value::Null);
    told.then(failing, &[("ParallelStateFailed", error("Refused")), ("ExecutionFailed", error("Refused"))]);
    told
}

#[test]
fn what_failed_first_is_found_and_what_ran_beside_it_was_stopped() {
    let told = failed_in_a_branch();
    assert_eq!(
        told.lines(),
        [
            "Both FAILED 2-9 Refused",
            "  Wait ABORTED 4-8",
            "    Wait ABORTED 4-8",
            "  Charge FAILED 5-7 Refused",
            "    Charge FAILED 5-7 Refused",
        ]
    );
    let steps = told.steps();
    let failed = steps.first_failed().and_then(|step| steps.get(step));
    assert_eq!(failed.map(|step| step.name.as_str()), Some("Charge"));
}

#[test]
fn a_redriven_execution_continues_in_the_states_that_it_failed_in() {
    // The service schedules a task again from the event that entered its state; nothing is entered anew.
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    let entered = told.after(0, "TaskStateEntered", name("Charge"));
    let failed = told.then(entered, &[("TaskScheduled", Value::Null), ("TaskFailed", error("Refused"))]);
    let ended = told.after(failed, "ExecutionFailed", error("Refused"));
    told.after(ended, "ExecutionRedriven", json!({ "redriveCount": 1 }));
    assert_eq!(told.lines(), ["Charge FAILED 2-4 Refused"], "what is tried again is not known yet");
    let called = told.then(entered, &[("TaskScheduled", Value::Null), ("TaskStarted", Value::Null)]);
    assert_eq!(told.lines(), ["Charge RUNNING 2-- x2"]);
    assert!(!told.steps().has_ended());
    told.then(
        called,
        &[("TaskSucceeded", Value::Null), ("TaskStateExited", name("Charge")), ("ExecutionSucceeded", Value::Null)],
    );
    assert_eq!(told.lines(), ["Charge SUCCEEDED 2-10 x2"]);

    // In a Parallel state only the branches that failed or were aborted continue.
    let mut told = failed_in_a_branch();
    told.after(10, "ExecutionRedriven", json!({ "redriveCount": 1 }));
    let waited = told.after(4, "WaitStateExited", name("Wait"));
    let charged = told.then(5, &[("TaskScheduled", Value::Null), ("TaskStateExited", name("Charge"))]);
    assert_eq!((waited, charged), (12, 14));
    assert_eq!(told.lines()[0], "Both RUNNING 2--");
    told.then(charged, &[("ParallelStateSucceeded", Value::Null), ("ParallelStateExited", name("Both"))]);
    assert_eq!(
        told.lines(),
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
    // As the local gateway does it.
    let mut told = failed_in_a_branch();
    let redriven = told.after(10, "ExecutionRedriven", json!({ "redriveCount": 2 }));
    let both = told.then(redriven, &[("ParallelStateEntered", name("Both")), ("ParallelStateStarted", Value::Null)]);
    told.then(both, &[("TaskStateEntered", name("Charge")), ("TaskStateExited", name("Charge"))]);
    assert_eq!(
        told.lines(),
        [
            "Both RUNNING 2-- x2",
            "  Wait ABORTED 4-8",
            "    Wait ABORTED 4-8",
            "  Charge SUCCEEDED 5-15 x2",
            "    Charge SUCCEEDED 5-15 x2",
        ]
    );
    // A Fail state fails again without being entered.
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    let failed = told.then(0, &[("FailStateEntered", name("No")), ("ExecutionFailed", error("E"))]);
    told.then(failed, &[("ExecutionRedriven", Value::Null), ("ExecutionFailed", error("E"))]);
    assert_eq!(told.lines(), ["No FAILED 2-2 E"]);
}

#[test]
fn time_that_is_up_and_a_stop_end_whatever_is_open() {
    for (event, word) in [("ExecutionTimedOut", "TIMED_OUT"), ("ExecutionAborted", "ABORTED")] {
        let mut told = Told::default();
        told.after(0, "ExecutionStarted", Value::Null);
        let map = told.then(0, &[("MapStateEntered", name("Each")), ("MapStateStarted", json!({ "length": 1 }))]);
        let iteration = told.after(map, "MapIterationStarted", json!({ "index": 0 }));
        told.after(iteration, "WaitStateEntered", name("Wait"));
        // Recorded ends name no event before them.
        told.after(0, event, json!({}));
        let expected = [format!("Each {word} 2-6"), format!("  [0] {word} 4-6"), format!("    Wait {word} 5-6")];
        assert_eq!(told.lines(), expected);
    }
}

#[test]
fn a_fail_state_has_the_error_of_the_execution() {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    told.then(0, &[("FailStateEntered", name("Refuse")), ("ExecutionFailed", error("Refused"))]);
    assert_eq!(told.lines(), ["Refuse FAILED 2-2 Refused"]);
}

/// Every type that the API reference has for `HistoryEvent`.
const TYPES: [&str; 62] = [
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
        let mut told = Told::default();
        told.after(0, "ExecutionStarted", Value::Null);
        let of = event_type.split_once("State").map_or("Task", |(of, _)| of);
        let of = if event_type.starts_with("MapIteration") || event_type.starts_with("MapRun") { "Map" } else { of };
        let of = if event_type == "FailStateEntered" { "Pass" } else { of };
        let entered = told.after(0, &format!("{of}StateEntered"), name("First"));
        let mut last = entered;
        if event_type.starts_with("MapIteration") && event_type != "MapIterationStarted" {
            last = told.after(last, "MapIterationStarted", json!({ "index": 0 }));
        }
        let details = json!({ "name": if event_type.ends_with("Entered") { "Second" } else { "First" }, "index": 0,
            "error": "E", "cause": "C", "resource": "r", "redriveCount": 1, "mapRunArn": "arn" });
        told.after(last, event_type, details);
        let steps = told.steps();
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
fn types_that_are_unknown_and_events_that_are_missing_harm_nothing() {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    let last =
        told.then(0, &[("TaskStateEntered", name("A")), ("SomethingNew", json!({})), ("TaskStateExited", name("A"))]);
    told.after(last + 100, "PassStateExited", name("of nobody"));
    told.after(last, "MapIterationSucceeded", Value::Null);
    assert_eq!(told.lines(), ["A SUCCEEDED 2-4"]);
}

#[test]
fn twenty_five_thousand_events_have_all_their_steps() {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    let map = told.then(0, &[("MapStateEntered", name("Each")), ("MapStateStarted", json!({ "length": 5_000 }))]);
    for index in 0..4_999 {
        let start = told.after(map, "MapIterationStarted", json!({ "index": index }));
        let done = told.then(
            start,
            &[("TaskStateEntered", name("Do")), ("TaskScheduled", Value::Null), ("TaskStateExited", name("Do"))],
        );
        told.after(done, "MapIterationSucceeded", json!({ "index": index }));
    }
    told.then(map, &[("MapStateSucceeded", Value::Null), ("ExecutionFailed", error("TooLong"))]);
    assert_eq!(told.events.len(), 25_000);
    let steps = told.steps();
    assert_eq!((steps.all().len(), steps.rows(|_| false).len()), (9_999, 9_999));
    assert!(steps.all().iter().all(|step| step.ended.is_some()));
}

/// A timeline that is fed by a made-up gateway with these events.
struct Fed {
    timeline: Timeline,
    numbers: u64,
    asked: Vec<HistoryQuery>,
}

impl Fed {
    fn new() -> Self {
        let arn = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
        let arn = ExecutionArn::parse(arn).expect("an ARN");
        let timeline = Timeline::new(ExecutionId(1), EndpointName::new("e"), arn);
        Self { timeline, numbers: 0, asked: Vec::new() }
    }

    /// Answers whatever is asked for at this moment, page by page.
    fn feed(&mut self, events: &[HistoryEvent], at: i64, runs: bool) {
        let now = Timestamp::from_millis(at);
        loop {
            self.timeline.open();
            let Some(query) = self.timeline.query(self.numbers + 1, now, runs) else { return };
            self.numbers += 1;
            let mut list: Vec<HistoryEvent> = events.to_vec();
            if query.newest_first {
                list.reverse();
            }
            let from = query.token.as_ref().map_or(0, |token| token.parse::<usize>().expect("a token"));
            let until = (from + query.page).min(list.len());
            let mut items = list[from..until].to_vec();
            if !query.with_data {
                for (_, details) in items.iter_mut().filter_map(|event| event.details.as_mut()) {
                    details.retain(|member, _| {
                        !matches!(member.as_str(), "input" | "output" | "parameters" | "assignedVariables")
                    });
                }
            }
            let next = (until < list.len()).then(|| until.to_string());
            self.asked.push(query);
            self.timeline.take(self.numbers, Ok(Paged { items, next }), now);
        }
    }
}

#[test]
fn a_running_execution_is_read_on_and_only_what_is_new() {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    let mut last = told.after(0, "PassStateEntered", name("A"));
    let mut fed = Fed::new();
    fed.feed(&told.events, 0, true);
    // All events, and the input of the step that is looked at.
    assert_eq!((fed.asked.len(), fed.timeline.rows().len()), (2, 1));
    fed.feed(&told.events, 1_000, true);
    assert_eq!(fed.asked.len(), 2, "not before it is time");
    for state in 0..150 {
        let leave = if state == 0 { "A".to_owned() } else { format!("S{state}") };
        last = told
            .then(last, &[("PassStateExited", name(&leave)), ("PassStateEntered", name(&format!("S{}", state + 1)))]);
    }
    fed.feed(&told.events, 3_000, true);
    let pages: Vec<(bool, usize)> =
        fed.asked[2..].iter().filter(|query| !query.with_data).map(|query| (query.newest_first, query.page)).collect();
    assert_eq!(pages, [(true, 100), (true, 100), (true, 100), (true, 100)], "until one that is known");
    assert_eq!((fed.timeline.rows().len(), fed.timeline.history.last_event()), (151, 302));
    told.then(last, &[("PassStateExited", name("S150")), ("ExecutionSucceeded", Value::Null)]);
    fed.feed(&told.events, 6_000, false);
    let asked = fed.asked.len();
    fed.feed(&told.events, 60_000, false);
    assert_eq!((fed.asked.len(), fed.timeline.steps().has_ended()), (asked, true), "nothing after the end");
}

#[test]
fn inputs_and_outputs_are_read_when_they_are_looked_at_from_the_nearer_end() {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    let mut last = 0;
    for state in 0..1_000 {
        let text = |what: &str| json!({ "name": format!("S{state}"), what: format!("{{\"{what}\":{state}}}") });
        last = told.then(last, &[("PassStateEntered", text("input")), ("PassStateExited", text("output"))]);
    }
    told.after(last, "ExecutionSucceeded", Value::Null);
    let mut fed = Fed::new();
    fed.feed(&told.events, 0, false);
    assert_eq!(fed.timeline.selected(), Some(Row::Step(0)));
    assert_eq!(fed.timeline.document().map(|document| &**document.source()), Some("{\"input\":0}"));
    let pages = fed.asked.len();
    fed.timeline.go(Move::Last, 10);
    fed.timeline.next_text();
    fed.feed(&told.events, 0, false);
    assert_eq!(fed.timeline.document().map(|document| &**document.source()), Some("{\"output\":999}"));
    assert_eq!(fed.asked.len(), pages + 1, "one page from the end");
    fed.timeline.go(Move::By(-20), 10);
    fed.feed(&told.events, 0, false);
    assert_eq!(fed.asked.len(), pages + 1, "what has been passed is known");
    fed.timeline.go(Move::First, 10);
    fed.timeline.go(Move::By(450), 10);
    fed.feed(&told.events, 0, false);
    assert_eq!(fed.timeline.document().map(|document| &**document.source()), Some("{\"output\":450}"));
}

#[test]
fn a_failure_that_may_pass_is_tried_again_and_an_answer_too_large_asked_for_in_parts() {
    let mut told = Told::default();
    told.after(0, "ExecutionStarted", Value::Null);
    told.then(
        0,
        &[("PassStateEntered", name("A")), ("PassStateExited", name("A")), ("ExecutionSucceeded", Value::Null)],
    );
    let mut fed = Fed::new();
    let query = fed.timeline.query(1, Timestamp::from_millis(0), false);
    assert!(query.is_some());
    let failure = |kind| Err(Failure::without_answer(kind, ""));
    fed.timeline.take(1, failure(stepgate_core::domain::FailureKind::GatewayUnavailable), Timestamp::from_millis(0));
    assert!(fed.timeline.trouble().is_some() && fed.timeline.query(2, Timestamp::from_millis(1_000), false).is_none());
    assert_eq!(fed.timeline.query(2, Timestamp::from_millis(5_000), false), query);
    fed.timeline.take(2, Ok(Paged { items: told.events.clone(), next: None }), Timestamp::from_millis(5_000));
    let first = fed.timeline.query(3, Timestamp::from_millis(5_000), false).expect("its input is looked at");
    fed.timeline.take(3, failure(stepgate_core::domain::FailureKind::AnswerTooLarge), Timestamp::from_millis(5_000));
    let second = fed.timeline.query(4, Timestamp::from_millis(5_000), false).expect("again");
    assert_eq!((first.with_data, first.page, second.page), (true, 30, 7));
    // A late answer to an earlier request means nothing.
    fed.timeline.take(3, Ok(Paged { items: Vec::new(), next: None }), Timestamp::from_millis(5_000));
    assert_eq!(fed.timeline.query(5, Timestamp::from_millis(5_000), false), None);
}

#[test]
fn details_of_any_kind_are_taken_as_they_are() {
    let mut told = Told::default();
    let odd = Value::Object(Map::from_iter([("name".to_owned(), json!(7)), ("index".to_owned(), json!("x"))]));
    told.then(
        0,
        &[("PassStateEntered", odd.clone()), ("MapIterationStarted", odd.clone()), ("ExecutionRedriven", odd)],
    );
    assert_eq!(told.steps().all().len(), 2);
}

//! Folded attempts, the failed step, the texts of a step, and responses that no gateway should send.

use serde_json::{Value, json};

use super::reading::Fed;
use super::{HistoryBuilder, error, name};
use crate::app::shell::pane::Step as Move;
use crate::app::timeline::{Row, TextKind};
use stepgate_core::domain::{HistoryEvent, Paged, Timestamp};

/// The rows as lines: indent, name or attempt, and a mark if folded.
fn rows(fed: &Fed) -> Vec<String> {
    let line = |(row, depth): &(Row, usize)| {
        let step = fed.timeline.steps().get(row.step()).expect("a step");
        let name = match row {
            Row::Step(_) => step.name.clone(),
            Row::Attempt(_, attempt) => format!("#{}", attempt + 1),
        };
        let is_folded = fed.timeline.is_folded(*row) && fed.timeline.child_count(*row) > 0;
        format!("{}{name}{}", "  ".repeat(*depth), if is_folded { "…" } else { "" })
    };
    fed.timeline.rows().iter().map(line).collect()
}

fn read(history: &HistoryBuilder) -> Fed {
    let mut fed = Fed::new();
    fed.feed(&history.events, 0, false);
    fed
}

fn selected(fed: &Fed) -> String {
    let row = fed.timeline.selected().expect("a row");
    fed.timeline.steps().get(row.step()).expect("a step").name.clone()
}

/// A Parallel state with two attempts, each with a task that has two attempts.
fn retried() -> HistoryBuilder {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let mut last = history.after(0, "ParallelStateEntered", name("Both"));
    for _ in 0..2 {
        let started = history.after(last, "ParallelStateStarted", Value::Null);
        history.after(started, "WaitStateEntered", name("Wait"));
        last = history.then(
            started,
            &[
                ("TaskStateEntered", name("Charge")),
                ("TaskScheduled", json!({ "timeoutInSeconds": 60, "heartbeatInSeconds": 5 })),
                ("TaskFailed", error("Busy")),
                ("TaskScheduled", json!({ "timeoutInSeconds": 60 })),
                ("TaskFailed", error("Refused")),
            ],
        );
        history.after(last, "WaitStateAborted", Value::Null);
    }
    history.then(last, &[("ParallelStateFailed", Value::Null), ("ExecutionFailed", error("Refused"))]);
    history
}

#[test]
fn attempts_are_numbered_and_those_before_the_last_are_folded() {
    let mut fed = read(&retried());
    assert_eq!(rows(&fed), ["Both", "  #1…", "  #2", "    Wait", "      Wait", "    Charge", "      Charge…"]);
    assert_eq!((selected(&fed).as_str(), fed.timeline.which), ("Charge", TextKind::Cause));
    fed.timeline.toggle_fold();
    assert_eq!(rows(&fed)[6..], ["      Charge", "        #1", "        #2"]);
    // On an attempt, the key folds its state.
    fed.timeline.go(Move::By(2), 10);
    let facts: Vec<String> = fed
        .timeline
        .selected()
        .map(|row| fed.timeline.facts(row))
        .into_iter()
        .flatten()
        .map(|(fact, _)| fact)
        .collect();
    assert_eq!(facts, ["Charge · Task", "attempt 2 of 2 · FAILED", "timeout 60 s", "Refused"]);
    fed.timeline.toggle_fold();
    assert_eq!(rows(&fed).len(), 7);
    fed.timeline.fold_all(true);
    assert_eq!((rows(&fed), selected(&fed).as_str()), (vec!["Both…".to_owned()], "Both"));
    fed.timeline.fold_all(false);
    assert_eq!(rows(&fed).len(), 15);
}

#[test]
fn a_failed_step_is_found_although_folded() {
    let mut fed = read(&retried());
    fed.timeline.fold_all(true);
    for _ in 0..2 {
        assert!(fed.timeline.go_to_failure(true));
        assert_eq!(selected(&fed), "Charge");
        assert!(fed.timeline.rows().iter().any(|(row, _)| Some(*row) == fed.timeline.selected()), "it is shown");
    }
    // A failure that a Catch handled is found, too; without failures there is none.
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let last =
        history.then(0, &[("TaskStateEntered", name("A")), ("TaskFailed", error("E")), ("TaskStateExited", name("A"))]);
    history.then(
        last,
        &[("PassStateEntered", name("B")), ("PassStateExited", name("B")), ("ExecutionSucceeded", Value::Null)],
    );
    let mut fed = read(&history);
    fed.timeline.go(Move::Last, 10);
    assert!(fed.timeline.go_to_failure(true) && selected(&fed) == "A");
    let mut history = HistoryBuilder::default();
    history
        .then(0, &[("PassStateEntered", name("B")), ("PassStateExited", name("B")), ("ExecutionAborted", Value::Null)]);
    assert!(!read(&history).timeline.go_to_failure(true));
}

#[test]
fn next_text_skips_texts_that_a_task_does_not_have() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    let exited = json!({ "name": "Call", "output": "{\"o\":1}", "assignedVariables": { "x": "1.0", "y": "\"z\"" } });
    let call = json!({ "parameters": "{\"p\":1}", "resource": "invoke", "heartbeatInSeconds": 5 });
    let last = history.then(
        0,
        &[
            ("TaskStateEntered", json!({ "name": "Call", "input": "{\"i\":1}" })),
            ("TaskScheduled", call),
            ("TaskSucceeded", json!({ "output": "{\"r\":1}" })),
            ("TaskStateExited", exited),
            ("PassStateEntered", json!({ "name": "Pass", "input": "1" })),
            ("PassStateExited", json!({ "name": "Pass", "output": "2" })),
        ],
    );
    history.after(last, "ExecutionSucceeded", Value::Null);
    let mut fed = read(&history);
    let mut texts = Vec::new();
    for _ in 0..6 {
        fed.feed(&history.events, 0, false);
        let text = fed
            .timeline
            .document()
            .map_or_else(|| fed.timeline.absence_message(), |document| document.source().to_string());
        texts.push((fed.timeline.which.title(), text));
        fed.timeline.step_text(true);
    }
    let expected = [
        ("Input", "{\"i\":1}"),
        ("Parameters", "{\"p\":1}"),
        ("Result", "{\"r\":1}"),
        ("Output", "{\"o\":1}"),
        ("Variables", "{\"x\":1.0,\"y\":\"z\"}"),
        ("Error and cause", "No error."),
    ];
    assert_eq!(texts, expected.map(|(title, text)| (title, text.to_owned())));
    fed.timeline.go(Move::Last, 10);
    let mut titles = Vec::new();
    for _ in 0..3 {
        fed.feed(&history.events, 0, false);
        titles.push(fed.timeline.which.title());
        fed.timeline.step_text(true);
    }
    assert_eq!(titles, ["Input", "Output", "Error and cause"]);
}

#[test]
fn event_ids_of_any_size_are_only_names() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history
        .then(0, &[("PassStateEntered", name("A")), ("PassStateExited", name("A")), ("PassStateEntered", name("B"))]);
    for (event, id) in history.events.iter_mut().skip(1).zip([3, 100_000_000_000_000, u64::MAX]) {
        event.id = id;
    }
    let mut fed = Fed::new();
    for at in [0, 3_000, 6_000] {
        fed.feed(&history.events, at, true);
        assert_eq!(rows(&fed), ["A", "B"]);
        fed.timeline.go(Move::Last, 10);
        assert!(fed.timeline.document().is_some());
    }
}

#[test]
fn endless_pages_are_abandoned_and_the_events_so_far_shown() {
    // The same event on each page, no event on any page, and new events without end.
    for (page, new) in [(1, false), (0, false), (1_000, true)] {
        let mut fed = Fed::new();
        let (mut number, mut id) = (0, 0);
        for at in 0..200 {
            let now = Timestamp::from_millis(at * 1_000);
            if fed.timeline.next_query(number + 1, now, true).is_none() {
                continue;
            }
            number += 1;
            let items: Vec<HistoryEvent> = (0..page)
                .map(|_| {
                    id += u64::from(new || id == 0);
                    let details =
                        Some(("details".to_owned(), serde_json::Map::from_iter([("name".to_owned(), json!("A"))])));
                    HistoryEvent { id, previous: 0, at: now, event_type: "PassStateEntered".into(), details }
                })
                .collect();
            fed.timeline.on_page(number, Ok(Paged { items, next: Some(format!("t{number}")) }), now);
        }
        assert!(number < 100 && fed.timeline.is_whole() && fed.timeline.is_cut(), "{page}: {number}");
        assert_eq!(fed.timeline.rows().len(), if new { 25_000 } else { page });
        assert!(!fed.timeline.is_live());
    }
}

#[test]
fn a_gateway_that_ignores_the_order_is_read_from_the_start_again() {
    let mut history = HistoryBuilder::default();
    history.after(0, "ExecutionStarted", Value::Null);
    history.after(0, "WaitStateEntered", name("A"));
    let mut fed = Fed::new();
    fed.feed(&history.events, 0, true);
    history.then(2, &[("WaitStateExited", name("A")), ("WaitStateEntered", name("B"))]);
    for at in [3_000, 6_000, 9_000] {
        let now = Timestamp::from_millis(at);
        while let Some(_query) = fed.timeline.next_query(at.unsigned_abs(), now, true) {
            fed.timeline.on_page(at.unsigned_abs(), Ok(Paged { items: history.events.clone(), next: None }), now);
        }
    }
    assert_eq!(rows(&fed), ["A", "B"]);
}

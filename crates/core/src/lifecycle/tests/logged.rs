//! What the events in a log mean, in any order and with any part of them missing.

use serde_json::{Value, json};

use super::*;
use crate::domain::{ExecutionArn, HistoryEvent};
use crate::lifecycle::logged::{Logged, is_complete};

fn arn() -> ExecutionArn {
    ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:express:M:run-1:0b3c").expect("an ARN")
}

fn event(id: u64, event_type: &str, details: &Value) -> HistoryEvent {
    let details = details.as_object().map(|details| ("details".to_owned(), details.clone()));
    HistoryEvent {
        id,
        previous: 0,
        at: at(i64::try_from(id).expect("small")),
        event_type: event_type.to_owned(),
        details,
    }
}

fn all() -> Vec<HistoryEvent> {
    vec![
        event(1, "ExecutionStarted", &json!({ "input": "{\"order\": 1}" })),
        event(2, "PassStateEntered", &json!({ "name": "S", "input": "no" })),
        event(3, "PassStateExited", &json!({ "name": "S", "output": "no" })),
        event(4, "ExecutionSucceeded", &json!({ "output": "7" })),
    ]
}

#[test]
fn an_outcome_has_the_members_of_its_events() {
    let mut known = KnownExecution::new(arn(), Payload::received("{\"order\": 2}").digest());
    let events = all();
    let (seen, warning) = known.apply_logged(&events.iter().collect::<Vec<_>>()).expect("news");
    assert_eq!((seen.status.clone(), seen.start_date, seen.stop_date), (Status::Succeeded, Some(at(1)), Some(at(4))));
    let text = |payload: Option<Payload>| payload.map(|payload| payload.as_str().to_owned());
    assert_eq!((text(seen.input).as_deref(), text(seen.output).as_deref()), (Some("{\"order\": 1}"), Some("7")));
    assert!(warning.is_some(), "another input was sent");
    for (event_type, status) in [
        ("ExecutionFailed", Status::Failed),
        ("ExecutionTimedOut", Status::TimedOut),
        ("ExecutionAborted", Status::Aborted),
    ] {
        let end = event(9, event_type, &json!({ "error": "E", "cause": "C" }));
        let (seen, _) = KnownExecution::new(arn(), None).apply_logged(&[&end]).expect("news");
        assert_eq!((seen.status, seen.error.as_deref(), seen.cause.as_deref()), (status, Some("E"), Some("C")));
    }
}

#[test]
fn cut_payloads_are_neither_compared_nor_taken_for_whole() {
    let cut = json!({ "truncated": true });
    let events = [
        event(1, "ExecutionStarted", &json!({ "input": "{\"or", "inputDetails": cut })),
        event(2, "ExecutionSucceeded", &json!({ "output": "{\"to", "outputDetails": cut })),
    ];
    let mut known = KnownExecution::new(arn(), Payload::received("{}").digest());
    let (seen, warning) = known.apply_logged(&[&events[0], &events[1]]).expect("news");
    assert_eq!((seen.input, warning), (None, None));
    assert_eq!(seen.others.iter().next(), Some(("outputDetails", "{\"truncated\":true}")));
}

#[test]
fn a_log_of_failures_proves_nothing_but_a_failure() {
    let logged = |events: &[HistoryEvent]| {
        let mut known = KnownExecution::new(arn(), None);
        known.logged_status(events, Some(at(0)), at(10)).map(|(seen, _)| seen.status).map_err(|failure| failure.kind)
    };
    assert_eq!(logged(&[]), Err(FailureKind::NoErrorLogged));
    assert_eq!(logged(&[event(5, "TaskFailed", &json!({}))]), Err(FailureKind::NoErrorLogged));
    assert_eq!(logged(&[event(5, "ExecutionFailed", &json!({}))]), Ok(Status::Failed));
    assert_eq!(logged(&all()[..1]), Ok(Status::Running));
    let mut known = KnownExecution::new(arn(), None);
    let late = known.logged_status(&all()[..3], Some(at(0)), at(1_000)).map_err(|failure| failure.kind);
    assert_eq!(late.map(drop), Err(FailureKind::EndNotLogged));
    assert_eq!(Logged::default().conclusion().kind, FailureKind::NoErrorLogged);
}

#[test]
fn a_history_is_complete_with_its_end_and_all_before() {
    let events = all();
    assert!(is_complete(events.iter()) && is_complete(events.iter().rev()));
    for missing in 0..4 {
        assert!(!is_complete(events.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, event)| event)));
    }
}

proptest! {
    /// The events arrive in parts, twice and in any order: the outcome is the same, and is reported once.
    #[test]
    fn the_order_of_events_does_not_matter(order in Just((0..4_usize).chain(0..4).collect::<Vec<_>>()).prop_shuffle(), part in 1..8_usize) {
        let (events, mut known, mut reports) = (all(), KnownExecution::new(arn(), None), Vec::new());
        for part in order.chunks(part) {
            let part: Vec<&HistoryEvent> = part.iter().map(|at| &events[*at]).collect();
            reports.extend(known.apply_logged(&part).map(|(seen, _)| seen));
            if reports.last().is_some_and(Observation::is_ended) {
                // It is no longer followed.
                break;
            }
        }
        let ends = reports.iter().filter(|seen| seen.is_ended()).count();
        prop_assert_eq!(ends, 1, "{:?}", reports);
        let last = reports.last().expect("a report");
        prop_assert_eq!((&last.status, last.stop_date), (&Status::Succeeded, Some(at(4))));
        prop_assert!(reports.len() <= 3);
    }
}

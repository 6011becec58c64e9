//! Properties of every history: of any events in any order, and of the events of successful executions.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::types::TYPES;
use crate::app::timeline::{History, Row, StepKind, StepStatus, Steps};
use stepgate_core::domain::{HistoryEvent, Timestamp};

fn event(id: u64, previous: u64, event_type: &str, details: Value) -> HistoryEvent {
    let details = match details {
        Value::Object(members) => Some(("someEventDetails".to_owned(), members)),
        _ => None,
    };
    let at = Timestamp::from_millis(i64::try_from(id).unwrap_or(i64::MAX));
    HistoryEvent { id, previous, at, event_type: event_type.to_owned(), details }
}

/// Any event. Few names and ids, so that events refer to each other.
fn any_event() -> impl Strategy<Value = HistoryEvent> {
    let id = || prop_oneof![20 => 0..60_u64, 1 => any::<u64>()];
    let index = prop_oneof![10 => 0..3_u64, 1 => any::<u64>()];
    (id(), id(), prop::sample::select(TYPES.to_vec()), "[ABC]", index, any::<bool>()).prop_map(
        |(id, previous, event_type, name, index, has_details)| {
            let details = json!({ "name": name, "state": name, "index": index, "error": "E", "redriveCount": index });
            event(id, previous, event_type, if has_details { details } else { Value::Null })
        },
    )
}

/// The types that build trees more often than others.
fn likely_event() -> impl Strategy<Value = HistoryEvent> {
    let types = [
        "ParallelStateEntered",
        "ParallelStateStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapIterationStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskFailed",
        "FailStateEntered",
        "ParallelStateFailed",
        "MapStateFailed",
        "ExecutionFailed",
        "ExecutionRedriven",
    ];
    let event_type = prop::sample::select(types.to_vec());
    (1..60_u64, 1..6_u64, event_type, "[AB]", 0..3_u64).prop_map(|(id, back, event_type, name, index)| {
        let details = json!({ "name": name, "state": name, "index": index, "error": "E" });
        event(id, id.saturating_sub(back), event_type, details)
    })
}

fn steps(events: &[HistoryEvent]) -> Steps {
    let mut history = History::default();
    history.add(events.iter().cloned());
    history.steps().clone()
}

/// Checks what holds for every tree.
fn check(steps: &Steps) -> Result<(), TestCaseError> {
    let mut seen = 0;
    for (number, step) in steps.all().iter().enumerate() {
        let siblings = match step.parent {
            Some(place) => &steps.all()[place.step].attempts[place.attempt].children,
            None => steps.outermost(),
        };
        prop_assert_eq!(siblings.iter().filter(|sibling| **sibling == number).count(), 1);
        prop_assert_eq!(step.status == StepStatus::Running, step.ended.is_none());
        prop_assert!(!step.attempts.is_empty());
        for attempt in &step.attempts {
            seen += attempt.children.len();
            let is_open = |child: &&usize| steps.all()[**child].ended.is_none();
            let open: Vec<usize> = attempt.children.iter().filter(is_open).copied().collect();
            prop_assert_eq!(&open, &attempt.open.iter().copied().collect::<Vec<_>>());
            prop_assert!(open.is_empty() || step.ended.is_none(), "{} ended before what is in it", step.name);
        }
        prop_assert!(step.ended.is_none() || !steps.has_ended() || step.status != StepStatus::Running);
    }
    prop_assert_eq!(seen + steps.outermost().len(), steps.all().len());
    prop_assert!(!steps.has_ended() || steps.all().iter().all(|step| step.ended.is_some()));
    // Every step has a row and is part of an entry.
    let rows = steps.rows(|_| false);
    let attempts: usize = steps.all().iter().map(|step| step.attempts.len()).filter(|count| *count > 1).sum();
    prop_assert_eq!(rows.len(), steps.all().len() + attempts);
    for (row, depth) in rows {
        let above = std::iter::successors(steps.parent_row(row), |row| steps.parent_row(*row)).count();
        prop_assert_eq!(above, depth);
    }
    let tried: usize = steps.outline().map(|entry| entry.attempts()).sum();
    let states = steps.all().iter().filter(|step| step.kind != StepKind::Redrive);
    prop_assert_eq!(tried, states.map(|step| step.attempts.len()).sum::<usize>());
    if let Some(failed) = steps.first_failed() {
        prop_assert!(steps.rows(|_| false).iter().any(|(row, _)| *row == Row::Step(failed)));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_events_make_a_tree(events in prop::collection::vec(prop_oneof![any_event(), likely_event()], 0..80)) {
        check(&steps(&events))?;
    }

    #[test]
    fn the_order_and_the_pages_in_which_events_arrive_do_not_matter(
        events in prop::collection::vec(prop_oneof![any_event(), likely_event()], 0..60),
        page in 1..20_usize,
        order in any::<prop::sample::Index>(),
    ) {
        // Of two events with the same id, the first counts.
        let mut ids = std::collections::BTreeSet::new();
        let events: Vec<HistoryEvent> = events.into_iter().filter(|event| ids.insert(event.id)).collect();
        let whole = steps(&events);
        let mut arriving = events.clone();
        if !arriving.is_empty() {
            arriving.rotate_left(order.index(events.len()));
        }
        arriving.extend(events);
        let mut history = History::default();
        for page in arriving.chunks(page) {
            history.add(page.to_vec());
        }
        prop_assert_eq!(history.steps(), &whole);
    }

    #[test]
    fn every_step_of_an_execution_is_found_however_its_branches_interleave(
        program in program(), picks in prop::collection::vec(any::<prop::sample::Index>(), 300),
    ) {
        let mut history = HistoryBuilder::default();
        let start = history.note(vec![], "ExecutionStarted", Value::Null);
        let last = history.sequence(&program, start, "");
        history.note(vec![last], "ExecutionSucceeded", Value::Null);
        let events = history.events(&picks);
        let steps = steps(&events);
        check(&steps)?;
        let mut path: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for entry in steps.outline() {
            path.truncate(entry.depth);
            path.push(&entry.first().name);
            found.push((format!("/{}", path.join("/")), entry.last().status.word(), entry.attempts()));
        }
        found.sort_unstable();
        history.expected.sort_unstable();
        prop_assert_eq!(found, history.expected);
    }
}

/// A state of a generated definition.
#[derive(Debug, Clone)]
enum Shape {
    Pass,
    /// Fails this many times before it succeeds, or before a Catch.
    Task(usize, bool),
    Parallel(Vec<Vec<Shape>>),
    Map(Vec<Vec<Shape>>),
}

fn program() -> impl Strategy<Value = Vec<Shape>> {
    let leaf = prop_oneof![
        Just(Shape::Pass),
        (0..3_usize, any::<bool>()).prop_map(|(fails, catch)| Shape::Task(fails, catch))
    ];
    let state = leaf.prop_recursive(3, 24, 3, |inner| {
        let branches = prop::collection::vec(prop::collection::vec(inner, 1..3), 1..4);
        prop_oneof![branches.clone().prop_map(Shape::Parallel), branches.prop_map(Shape::Map)]
    });
    prop::collection::vec(state, 1..4)
}

/// The events of an execution, which may occur in any order in which each follows its predecessor.
#[derive(Debug, Default)]
struct HistoryBuilder {
    /// The predecessor, type and details of each.
    notes: Vec<(Vec<usize>, String, Value)>,
    names: usize,
    expected: Vec<(String, &'static str, usize)>,
}

impl HistoryBuilder {
    fn note(&mut self, after: Vec<usize>, event_type: &str, details: Value) -> usize {
        self.notes.push((after, event_type.to_owned(), details));
        self.notes.len() - 1
    }

    fn sequence(&mut self, states: &[Shape], mut after: usize, path: &str) -> usize {
        for state in states {
            after = self.state(state, after, path);
        }
        after
    }

    fn state(&mut self, state: &Shape, after: usize, path: &str) -> usize {
        let name = format!("S{}", self.names);
        self.names += 1;
        let named = json!({ "name": name });
        let path = format!("{path}/{name}");
        let kind = match state {
            Shape::Pass => "Pass",
            Shape::Task(..) => "Task",
            Shape::Parallel(_) => "Parallel",
            Shape::Map(_) => "Map",
        };
        let mut last = self.note(vec![after], &format!("{kind}StateEntered"), named.clone());
        let place = self.expected.len();
        self.expected.push((path.clone(), "SUCCEEDED", 1));
        match state {
            Shape::Pass => {}
            Shape::Task(fails, is_caught) => {
                let failing = fails + usize::from(*is_caught);
                for attempt in 0..=*fails {
                    last = self.note(vec![last], "TaskScheduled", Value::Null);
                    last = self.note(
                        vec![last],
                        if attempt < failing { "TaskFailed" } else { "TaskSucceeded" },
                        Value::Null,
                    );
                }
                self.expected[place].2 = fails + 1;
                self.expected[place].1 = if *is_caught { "CAUGHT" } else { "SUCCEEDED" };
            }
            Shape::Parallel(branches) | Shape::Map(branches) => {
                let started = self.note(vec![last], &format!("{kind}StateStarted"), Value::Null);
                let mut ends = Vec::new();
                for (index, branch) in branches.iter().enumerate() {
                    if kind == "Map" {
                        let of = json!({ "name": name, "index": index });
                        let start = self.note(vec![started], "MapIterationStarted", of.clone());
                        self.expected.push((format!("{path}/[{index}]"), "SUCCEEDED", 1));
                        let end = self.sequence(branch, start, &format!("{path}/[{index}]"));
                        ends.push(self.note(vec![end], "MapIterationSucceeded", of));
                    } else {
                        let first = format!("{path}/S{}", self.names);
                        self.expected.push((first.clone(), "SUCCEEDED", 1));
                        ends.push(self.sequence(branch, started, &first));
                    }
                }
                // The predecessor of the exit is the event that ended last.
                let succeeded = self.note(ends.clone(), &format!("{kind}StateSucceeded"), Value::Null);
                ends.push(succeeded);
                last = self.note(ends, &format!("{kind}StateExited"), named);
                return last;
            }
        }
        self.note(vec![last], &format!("{kind}StateExited"), named)
    }

    /// The events in one of the possible orders.
    fn events(&self, picks: &[prop::sample::Index]) -> Vec<HistoryEvent> {
        let mut ids: Vec<Option<u64>> = vec![None; self.notes.len()];
        let mut events = Vec::new();
        for turn in 0..self.notes.len() {
            let is_ready =
                |note: &usize| ids[*note].is_none() && self.notes[*note].0.iter().all(|after| ids[*after].is_some());
            let ready: Vec<usize> = (0..self.notes.len()).filter(is_ready).collect();
            let note = ready[picks[turn % picks.len()].index(ready.len())];
            let id = events.len() as u64 + 1;
            let (after, event_type, details) = &self.notes[note];
            let mut before: Vec<u64> = after.iter().filter_map(|after| ids[*after]).collect();
            if event_type.ends_with("StateExited") && before.len() > 1 {
                // Its predecessor is not the event that all have succeeded.
                before.pop();
            }
            // The first state has no predecessor.
            let previous = before.into_iter().max().filter(|id| *id > 1).unwrap_or(0);
            events.push(event(id, previous, event_type, details.clone()));
            ids[note] = Some(id);
        }
        events
    }
}

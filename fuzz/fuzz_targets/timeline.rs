//! The timeline of any history.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/response.rs"]
mod response;

use std::collections::BTreeSet;

use stepgate::app::timeline::{History, StepStatus, Steps};

/// The steps are a tree in which every state that was entered appears once, whatever the events say.
pub fn run(data: &[u8]) {
    let (head, body) = response::split(data);
    let Ok(page) = head.history(body) else { return };
    let mut history = History::default();
    let new = history.add(page.items.clone());
    assert!(new <= page.items.len() && new == history.len());
    // Of events with the same id the first one counts.
    let mut known = BTreeSet::new();
    let events: Vec<_> = page.items.iter().filter(|event| known.insert(event.id)).collect();
    let entered = events.iter().filter(|event| event.event_type.ends_with("StateEntered")).count();
    check(history.steps(), entered);
    // The same page again changes nothing, and neither does the order in which events arrive.
    assert_eq!(history.add(page.items.clone()), 0);
    let mut backwards = History::default();
    for event in events.iter().rev() {
        backwards.add([(*event).clone()]);
    }
    assert!(backwards.steps() == history.steps(), "the order of arrival changed the timeline");
}

fn check(steps: &Steps, entered: usize) {
    let all = steps.all();
    let rows = steps.rows(|_| false);
    let shown: BTreeSet<usize> = rows.iter().map(|(row, _)| row.step()).collect();
    assert_eq!(shown.len(), all.len(), "each step stands in the tree");
    assert_eq!(rows.len(), rows.iter().map(|(row, _)| *row).collect::<BTreeSet<_>>().len(), "once");
    for (number, step) in all.iter().enumerate() {
        let siblings = step.parent.map_or(steps.outermost(), |parent| {
            assert!(parent.step < number, "{step:?}");
            &all[parent.step].attempts[parent.attempt].children
        });
        assert_eq!(siblings.iter().filter(|sibling| **sibling == number).count(), 1, "{step:?}");
        assert!(!step.attempts.is_empty());
        assert_eq!(step.ended.is_none(), step.status == StepStatus::Running, "{step:?}");
    }
    for (row, _) in rows {
        assert!(steps.parent_row(row).is_none_or(|parent| steps.child_rows(parent).contains(&row)));
    }
    let states: BTreeSet<u64> = all.iter().filter_map(|step| step.entered).collect();
    // A redrive enters a state again: that is another attempt at the same step.
    let again: usize = all.iter().filter(|step| step.entered.is_some()).map(|step| step.attempts.len() - 1).sum();
    assert!((states.len()..=states.len() + again).contains(&entered), "each state that was entered: {states:?}");
    assert!(steps.first_failed().is_none_or(|failed| failed < all.len()));
    let listed: usize = steps.outline().map(|entry| entry.attempts()).sum();
    assert!(listed <= all.iter().map(|step| step.attempts.len()).sum());
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

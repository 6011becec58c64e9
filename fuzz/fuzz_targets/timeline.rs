//! The timeline of any history.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/response.rs"]
mod response;

use std::collections::BTreeSet;

use stepgate::app::timeline::{StepStatus, Steps};
use stepgate::domain::HistoryEvent;

/// The steps are a tree in which every state that was entered stands once, whatever the events say.
pub fn run(data: &[u8]) {
    let (head, body) = response::split(data);
    let Ok(page) = head.history(body) else { return };
    let mut steps = Steps::default();
    let mut entered = 0;
    for (number, event) in page.items.iter().enumerate() {
        // Ids grow: what comes again is known.
        let is_new = number == 0 || event.id > steps.last_event();
        steps.push(event);
        entered += usize::from(is_new && event.event_type.ends_with("StateEntered"));
    }
    check(&steps, entered);
    let (began, last) = steps.span();
    let _ = last.since(began);
    // The same pages again, as a refresh may bring them, change nothing.
    let before = steps.clone();
    page.items.iter().filter(|event| is_known(event, &before)).for_each(|event| steps.push(event));
    assert!(steps == before, "known events changed the timeline");
}

fn is_known(event: &HistoryEvent, steps: &Steps) -> bool {
    event.id <= steps.last_event() && event.id > 0
}

fn check(steps: &Steps, entered: usize) {
    let order = steps.order(|_| false);
    let distinct: BTreeSet<usize> = order.iter().copied().collect();
    assert_eq!((order.len(), distinct.len()), (steps.all().len(), steps.all().len()), "each step stands once");
    for (number, step) in steps.all().iter().enumerate() {
        let parent = step.parent.map(|parent| &steps.all()[parent]);
        assert_eq!(step.depth, parent.map_or(0, |parent| parent.depth + 1), "{step:?}");
        assert!(parent.is_none_or(|parent| parent.children.contains(&number)), "{step:?}");
        assert_eq!(step.ended.is_none(), step.status == StepStatus::Running, "{step:?}");
        assert!(!step.facts().is_empty());
    }
    let states = steps.all().iter().filter(|step| step.entered.is_some()).count();
    assert_eq!(states, entered, "each state that was entered");
    if let Some(failed) = steps.first_failed() {
        assert!(steps.all()[failed].status.is_bad());
    }
    let folded = steps.order(|_| true);
    assert!(folded.iter().all(|step| steps.all()[*step].parent.is_none()));
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

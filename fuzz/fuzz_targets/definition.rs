//! A definition in the Amazon States Language and an input, separated by a line `---`, for the local gateway.
#![cfg_attr(fuzzing, no_main)]

use stepgate_core::domain::MAX_HISTORY_EVENTS;
use stepgate_local::Timestamp;
use stepgate_local::asl::Definition;
use stepgate_local::engine::{Run, history, timeline};

/// It is refused, or it runs to its end within the events that an execution may have.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (definition, input) = text.split_once("\n---\n").unwrap_or((&text, "{}"));
    let definition = match Definition::load(definition) {
        Ok(definition) => definition,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let run = Run {
        definition: &definition,
        input,
        start: Timestamp::from_millis(1_701_838_931_000),
        machine: "M",
        arn: "arn:aws:states:us-east-1:111122223333:execution:M:run-1",
        name: "run-1",
        interventions: &[],
    };
    let _ = timeline(&run);
    let events = history(&run, Timestamp::from_millis(i64::MAX));
    assert!(!events.is_empty() && events.len() <= MAX_HISTORY_EVENTS, "{} events", events.len());
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

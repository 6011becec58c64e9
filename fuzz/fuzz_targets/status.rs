//! Responses to `DescribeExecution`.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/failure.rs"]
mod failure;
#[path = "support/response.rs"]
mod response;

use serde_json::Value;
use stepgate::domain::{Observation, Payload};

/// What is observed is what the body has, byte for byte, and an error is never an observation.
pub fn run(data: &[u8]) {
    let (head, body) = response::split(data);
    match head.status(body) {
        Err(failure) => failure::check(&failure, body),
        Ok(seen) => {
            assert!((200..300).contains(&head.status) && head.error_type.is_none(), "{head:?}");
            if let Ok(members) = serde_json::from_slice(body) {
                compare(&seen, &members);
            }
        }
    }
}

fn compare(seen: &Observation, members: &Value) {
    assert!(!members["__type"].is_string(), "an error was taken for a status");
    let status = members["status"].as_str().unwrap_or_default();
    assert!(status.trim().eq_ignore_ascii_case(seen.status.word()), "{status} became {}", seen.status.word());
    let payload = |payload: &Option<Payload>| payload.as_ref().map(|payload| payload.as_str().to_owned());
    let texts = [
        ("executionArn", seen.subject.execution_arn.clone()),
        ("name", seen.subject.name.clone()),
        ("stateMachineArn", seen.subject.machine_arn.clone()),
        ("input", payload(&seen.input)),
        ("output", payload(&seen.output)),
        ("error", seen.error.clone()),
        ("cause", seen.cause.clone()),
        ("redriveStatus", seen.redrive.status.clone()),
    ];
    for (name, text) in texts {
        if let Value::String(received) = &members[name] {
            assert_eq!(text.as_ref(), Some(received), "{name}");
        }
        assert!(!members[name].is_null() || text.is_none(), "{name} was made up");
    }
    if let (Some(stop), Some(start)) = (seen.stop_date, seen.start_date) {
        let _ = (stop.since(start), stop.to_string(), start.to_string());
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

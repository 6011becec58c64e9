//! Responses to `DescribeExecution`.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/aws_error.rs"]
mod aws_error;
#[path = "support/failure.rs"]
mod failure;
#[path = "support/limited.rs"]
mod limited;
#[path = "support/response.rs"]
mod response;

use serde_json::Value;
use stepgate_core::domain::{Observation, Payload};

/// What is observed is what the body has, payloads byte for byte, and an error is never an observation.
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
    assert!(!aws_error::is_error(members), "an error was taken for a status");
    let status = members["status"].as_str().unwrap_or_default();
    let word = seen.status.as_str();
    assert!(status.trim().eq_ignore_ascii_case(word) || limited::is_of(word, status), "{status} became {word}");
    for (name, payload) in [("input", &seen.input), ("output", &seen.output)] {
        if let Value::String(received) = &members[name] {
            assert_eq!(payload.as_ref().map(Payload::as_str), Some(received.as_str()), "{name}");
        }
    }
    let texts = [
        ("executionArn", &seen.subject.execution_arn),
        ("name", &seen.subject.name),
        ("stateMachineArn", &seen.subject.machine_arn),
        ("error", &seen.error),
        ("cause", &seen.cause),
        ("redriveStatus", &seen.redrive.status),
    ];
    for (name, text) in texts {
        if let Value::String(received) = &members[name] {
            assert!(text.as_ref().is_some_and(|text| limited::is_of(text, received)), "{name}: {text:?}");
        }
        assert!(!members[name].is_null() || text.is_none(), "{name} was made up");
    }
    if let (Some(stop), Some(start)) = (seen.stop_date, seen.start_date) {
        let _ = (stop.since(start), stop.to_string(), start.to_string());
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

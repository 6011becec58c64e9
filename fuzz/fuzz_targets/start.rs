//! Responses to `StartExecution`.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/aws_error.rs"]
mod aws_error;
#[path = "support/failure.rs"]
mod failure;
#[path = "support/response.rs"]
mod response;

use serde_json::Value;

/// A start is confirmed only with the ARN that the body has, and never by an error.
pub fn run(data: &[u8]) {
    let (head, body) = response::split(data);
    match head.start(body) {
        Err(failure) => failure::check(&failure, body),
        Ok(response) => {
            assert!((200..300).contains(&head.status) && head.error_type.is_none(), "{head:?}");
            assert!(response.excerpt.chars().count() <= 240, "{}", response.excerpt);
            // The oracle refuses deep nesting, which the client need not.
            let Ok(members) = serde_json::from_slice::<Value>(body) else { return };
            assert!(!aws_error::is_error(&members), "an error was taken for a start");
            if let Some(arn) = &response.execution_arn {
                assert_eq!(members["executionArn"].as_str(), Some(arn.as_str()));
            }
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

//! Responses to `StopExecution`, `RedriveExecution` and `DescribeStateMachineForExecution`.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/failure.rs"]
mod failure;
#[path = "support/response.rs"]
mod response;

/// None of them is carried out by an error.
pub fn run(data: &[u8]) {
    let (head, body) = response::split(data);
    let definition = head.definition(body).map(|definition| drop(definition.digest()));
    for result in [head.stop(body).map(drop), head.redrive(body).map(drop), definition] {
        match result {
            Err(failure) => failure::check(&failure, body),
            Ok(()) => assert!((200..300).contains(&head.status) && head.error_type.is_none(), "{head:?}"),
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

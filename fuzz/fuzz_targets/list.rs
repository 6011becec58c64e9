//! Responses to `ListExecutions`.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/failure.rs"]
mod failure;
#[path = "support/response.rs"]
mod response;

use serde_json::Value;

/// Every execution of the body is listed, in its order, and none besides.
pub fn run(data: &[u8]) {
    let (head, body) = response::split(data);
    match head.list(body) {
        Err(failure) => failure::check(&failure, body),
        Ok(page) => {
            let Ok(members) = serde_json::from_slice::<Value>(body) else { return };
            let arns = |value: &Value| value["executionArn"].as_str().map(str::to_owned);
            let received = members["executions"].as_array().map(|items| items.iter().map(arns).collect::<Vec<_>>());
            let listed: Vec<_> = page.items.iter().map(|item| Some(item.arn.as_str().to_owned())).collect();
            assert_eq!(received, Some(listed));
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
